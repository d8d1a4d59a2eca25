"""PostgreSQL: a server of the tests' own, in a folder that goes with it, with a new database a test.

Its text sorts as people expect it, not by code points: nothing of ours may depend on how.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from pwd import getpwnam
from tempfile import TemporaryDirectory

import psycopg
from absent import NotHere

from streams.embedded import free_port

START_SECONDS = 30
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    numbers: Iterator[int] = field(default_factory=count)

    def new_database(self) -> str:
        """The URL of an empty database that nobody else has."""
        name = f"test_{next(self.numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(f"create database {name}")
        return f"postgresql://summitry@127.0.0.1:{self.port}/{name}"

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection without a transaction."""
        address = {"host": "127.0.0.1", "port": self.port, "user": "summitry"}
        return psycopg.connect(**address, dbname=database, autocommit=True, connect_timeout=5)


@contextmanager
def postgresql() -> Iterator[Server]:
    """A server that is up, and gone when the block is left; raises NotHere where none is installed."""
    programs = _programs()
    with TemporaryDirectory(prefix="summitry-postgresql-") as made:
        folder = Path(made)
        user = _user()  # the server refuses to be root
        if user is not None:
            shutil.chown(folder, user)
        data, log = folder / "data", folder / "server.log"
        order = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        initialise = [programs / "initdb", "-D", data, "-U", "summitry", "-A", "trust", "--no-sync", *order]
        subprocess.run(initialise, check=True, capture_output=True, user=user, cwd=folder)
        server = Server(free_port())
        where = ["-D", data, "-h", "127.0.0.1", "-p", str(server.port), "-k", ""]
        with log.open("wb") as said:
            process = subprocess.Popen(
                [programs / "postgres", *where, "-F"], stdout=said, stderr=said, user=user, cwd=folder
            )
        try:
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()  # no new clients; those that are there are done with
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _programs() -> Path:
    found = shutil.which("postgres")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(DEBIAN.glob("*/bin"), key=lambda place: int(place.parent.name), reverse=True)
    for place in places:
        if (place / "initdb").is_file() and (place / "postgres").is_file():
            return place
    raise NotHere("PostgreSQL isn't installed: on Debian, apt-get install postgresql")


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return getpwnam(name).pw_name
        except KeyError:
            continue
    raise NotHere("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


def _wait(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.connect("postgres").close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL isn't up: {log.read_text(encoding='utf-8')}") from error
            time.sleep(0.05)
        else:
            return
