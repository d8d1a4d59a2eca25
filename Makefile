# Every target works on a fresh machine with Python 3.11 to 3.13: it makes .venv first if need be.
PYTHON ?= python3
# What `make faults` does: so many seeds from this one, on this broker.
RUNS ?= 5
SEED ?= 1
BROKER ?= embedded
OUT ?= build/faults
STORE ?=
# And `make soak`: for so long, so many articles a second.
MINUTES ?= 20
RATE ?= 200
soak: BROKER = kafka
# Huge pages for models (docs/performance.md): glibc reads it when a process begins, others pass it by.
export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
.DEFAULT_GOAL := help
.PHONY: help setup demo broker test check publish-schemas format faults faults-short soak mutants bench quality lock clean

help: ## Show what there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

setup: .venv/.ready ## Make .venv and install everything, pinned by hash

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Summitry needs Python 3.11 to 3.13; set PYTHON=python3.11") if not (3, 11) <= sys.version_info[:2] <= (3, 13) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

demo: setup ## See it work: seeds in, alerts out, on the embedded broker
	$(BIN)/summitry demo

broker: setup ## Start Apache Kafka on this machine, for summitry up, until Ctrl-C (needs Java 17 and Maven)
	PYTHONPATH=tests $(BIN)/python -m brokers

test: setup ## Run the tests
	$(BIN)/python -m pytest

check: setup ## Lint, format, types, floors, schemas: what the hook and CI run too
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mypy schemas/compatibility.py
	$(BIN)/python schemas/compatibility.py
	$(BIN)/python -m pytest --collect-only -qq > /dev/null

publish-schemas: setup ## At a release: freeze the schemas as they are (schemas/README.md)
	$(BIN)/python schemas/compatibility.py --publish

format: setup ## Mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

faults: setup ## Break processes, brokers and stores, and check what is left: RUNS= SEED= BROKER= STORE= RESUME=1 OUT=
	PYTHONPATH=tests $(BIN)/python -m faults --runs $(RUNS) --seed $(SEED) --broker $(BROKER) --out $(OUT) $(if $(STORE),--store $(STORE)) $(if $(RESUME),--resume)

faults-short: setup ## The same for a few chosen seeds on two brokers, in two minutes: what CI does
	PYTHONPATH=tests $(BIN)/python -m faults --short --out build/faults-short

soak: setup ## Steady work with a kill each 20 s: is anything lost, do memory, files and rows grow? MINUTES= RATE= BROKER=
	PYTHONPATH=tests $(BIN)/python -m soak --minutes $(MINUTES) --rate $(RATE) --broker $(BROKER)

mutants: setup ## Break Summitry on purpose, one way at a time, and see which check fails
	PYTHONPATH=tests $(BIN)/python -m mutants

bench: setup ## Measure speed, memory and latency; prints a table, writes benchmarks/results.json
	$(BIN)/python -m benchmarks

quality: setup ## Measure how well it reads: make quality DATA=../shared/data
	$(if $(DATA),,$(error say where the sets are: make quality DATA=../shared/data))
	$(BIN)/python -m benchmarks.quality $(DATA)

lock: setup ## Pin the dependencies of pyproject.toml anew: for development, and for the image
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --extra embedded --extra postgres --extra otel --group dev pyproject.toml -o requirements.lock
	$(LOCK) --extra postgres --extra otel --group build --constraint requirements.lock pyproject.toml -o requirements-run.lock

clean: ## Remove .venv and caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
