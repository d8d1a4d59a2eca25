"""`make faults`: runs with faults, a line each, and a total; exit code 1 if anything isn't as promised."""

import argparse
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from absent import NotHere
from databases.postgresql import Server, postgresql

from faults.checker import VERDICTS, check
from faults.corpus import entries
from faults.oracle import Oracle
from faults.run import run
from faults.schedule import BROKERS, KINDS, SHORT, STORES, Broker, Fault, StoreKind, schedule, store_of
from faults.site import Site, site
from faults.stores import run_store
from faults.summary import Record, SeedTwice, as_text, line, record, summarise
from faults.surroundings import surroundings

EXAMPLES = """\
examples:
  make faults RUNS=20 SEED=100 BROKER=embedded   seeds 100 to 119
  make faults RUNS=20 SEED=100 RESUME=1          those that summary.jsonl doesn't have yet
  make faults RUNS=20 SEED=100 STORE=postgresql  all on PostgreSQL; else one seed in three is
  make faults RUNS=1 SEED=117                    seed 117 once more: the same corpus and schedule
  make faults-short                              the few that CI does
  PYTHONPATH=tests python -m faults --seed 1 --only kill --only mark
  PYTHONPATH=tests python -m faults --replay build/faults/embedded-117/run.json
  PYTHONPATH=tests python -m faults --summarise build/faults other/folder > docs/faults.json
"""


class Planned(NamedTuple):
    """A run to do."""

    seed: int
    store: StoreKind
    faults: Sequence[Fault]


def main() -> int:
    """Read the options, do the runs."""
    options = _options()
    if options.summarise:
        return _summarise(options.summarise)
    logging.basicConfig(level=logging.ERROR)
    for library in ("kafka", "asyncio", "streams"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    options.out.mkdir(parents=True, exist_ok=True)
    oracle = Oracle()
    total: Counter[str] = Counter()
    missing = False
    for broker in options.brokers:
        try:
            for one in _done(options, broker, oracle):
                total["runs"] += 1
                total.update({name: one[name] for name in ("articles", "faults", *VERDICTS)})
        except NotHere as absent:
            sys.stderr.write(f"{absent}\n")
            missing = missing or not options.short or bool(os.environ.get("CI"))
    names = ("runs", "articles", "faults", *VERDICTS)
    sys.stdout.write(" ".join(f"{name}={total[name]}" for name in names) + "\n")
    return 1 if missing or any(total[verdict] for verdict in VERDICTS) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m faults",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how many seeds (1)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first of them (1)")
    parser.add_argument("--broker", choices=BROKERS, default="embedded")
    parser.add_argument("--store", choices=STORES, help="for all seeds; else one in three has PostgreSQL")
    parser.add_argument("--only", choices=KINDS, action="append", help="this kind of fault; may be repeated")
    parser.add_argument("--short", action="store_true", help="a few chosen seeds on two brokers, for CI")
    parser.add_argument("--resume", action="store_true", help="skip the seeds that the summary has")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="the run that this file was saved of")
    parser.add_argument("--show", action="store_true", help="print the schedules and do nothing")
    parser.add_argument(
        "--summarise", type=Path, nargs="+", metavar="OUT", help="print what these folders hold as one object"
    )
    parser.add_argument("--out", type=Path, default=Path("build/faults"), metavar="FOLDER")
    options = parser.parse_args()
    options.brokers = tuple(SHORT) if options.short else (options.broker,)
    if options.replay:
        options.brokers = (json.loads(options.replay.read_bytes())["broker"],)
    if options.show:
        for broker in options.brokers:
            for seed, store, faults in _planned(options, broker):
                sys.stdout.write(f"{broker} {store} {seed}: {'; '.join(map(str, faults))}\n")
        sys.exit(0)
    return options


def _planned(options: argparse.Namespace, broker: Broker) -> Iterator[Planned]:
    if options.replay:
        saved = json.loads(options.replay.read_bytes())
        yield Planned(saved["seed"], saved["store"], [Fault(**fault) for fault in saved["schedule"]])
        return
    known = set()
    if options.resume:
        known = {one["seed"] for one in _records(options.out) if one["broker"] == broker}
    seeds: Sequence[int] = range(options.seed, options.seed + options.runs)
    for seed in SHORT[broker] if options.short else seeds:
        if seed not in known:
            store = options.store or store_of(seed)
            yield Planned(seed, store, schedule(seed, broker, store, options.only or KINDS))


def _done(options: argparse.Namespace, broker: Broker, oracle: Oracle) -> Iterator[Record]:
    """Do the runs on one broker, and say, write and, where anything is wrong, keep what came of each."""
    with (
        tempfile.TemporaryDirectory(prefix="summitry-faults-") as scratch,
        _sites(broker, scratch) as sites,
        _server() as server,
    ):
        for seed, store, faults in _planned(options, broker):
            folder = Path(tempfile.mkdtemp(dir=scratch))
            begun = time.monotonic()
            corpus = entries(seed)
            expected = oracle.expect(corpus)
            with sites(folder) as ground, run_store(store, folder, server) as kept:
                outcome = run(seed, faults, ground, kept, folder)
                findings = list(outcome.findings)
                if outcome.left is not None:
                    findings += check(outcome.left, corpus, *expected, outcome.done)
                one = record(seed, broker, store, faults, outcome, findings) | {
                    "articles": len(corpus),
                    "alerts": len(expected[0]),
                    "seconds": round(time.monotonic() - begun, 1),
                    **surroundings(broker, store),
                }
                _say(one)
                if findings:
                    kept.back_up()
                    _keep(one, faults, folder, options.out / f"{broker}-{seed}")
            with _summary(options.out).open("a", encoding="utf-8") as file:
                file.write(json.dumps(one) + "\n")
            shutil.rmtree(folder)
            yield one


@contextmanager
def _sites(broker: Broker, scratch: str) -> Iterator[Callable[[Path], AbstractContextManager[Site]]]:
    """How to get brokers for a run: Apache Kafka stays for all runs, the embedded broker is cheap."""
    if broker == "embedded":
        yield lambda folder: site("embedded", folder)
        return
    with site(broker, Path(scratch)) as lasting:

        @contextmanager
        def same(_folder: Path) -> Iterator[Site]:
            yield lasting

        yield same


@contextmanager
def _server() -> Iterator[Callable[[], Server]]:
    """How to get the PostgreSQL server, which is started by the first run that asks for it."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(postgresql()))


def _say(one: Record) -> None:
    sys.stdout.write(line(one) + "\n")
    for finding in one["findings"][:20]:
        sys.stdout.write(f"  {finding}\n")
    sys.stdout.flush()


def _keep(one: Record, faults: Sequence[Fault], folder: Path, kept: Path) -> None:
    """What is needed to see what happened, and to do it again."""
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept)
    saved = one | {"schedule": [fault.as_json() for fault in faults]}
    (kept / "run.json").write_text(json.dumps(saved, indent=1), encoding="utf-8")
    sys.stdout.write(
        f"  kept in {kept}; again: PYTHONPATH=tests python -m faults --replay {kept / 'run.json'}\n"
    )


def _summary(out: Path) -> Path:
    return out / "summary.jsonl"


def _records(out: Path) -> Iterator[Any]:
    if _summary(out).exists():
        yield from map(json.loads, _summary(out).read_text(encoding="utf-8").splitlines())


def _summarise(folders: Sequence[Path]) -> int:
    for folder in folders:
        if not _summary(folder).is_file():
            sys.exit(f"there is no {_summary(folder)}: make faults OUT={folder} writes one")
    try:
        sys.stdout.write(as_text(summarise(one for folder in folders for one in _records(folder))))
    except SeedTwice as error:
        sys.exit(str(error))
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what runs here is ended either way
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
