# The image of the workers and the sink. It has no embedded broker: a real one stands beside it.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/summitry
WORKDIR /src
COPY requirements-run.lock ./
RUN /opt/summitry/bin/pip install --only-binary :all: --require-hashes -r requirements-run.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY seeds ./seeds
COPY streams ./streams
RUN /opt/summitry/bin/pip install --no-build-isolation --no-deps .

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/summitry summitry
COPY --from=build /opt/summitry /opt/summitry
# Huge pages for models: docs/performance.md
ENV PATH=/opt/summitry/bin:$PATH PYTHONUNBUFFERED=1 GLIBC_TUNABLES=glibc.malloc.hugetlb=1
WORKDIR /var/lib/summitry
USER summitry
CMD ["summitry", "--help"]
