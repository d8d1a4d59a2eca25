"""PostgreSQL: a server of the tests' own, in a folder that goes with it, with a new database a test.

Its text sorts as people expect it, not by code points: nothing of ours may depend on how.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from pwd import getpwnam
from tempfile import TemporaryDirectory

import psycopg
from absent import NotHere

from streams.embedded import free_port

START_SECONDS = 30
DEBIAN = Path("/usr/lib/postgresql")


class Server:
    """A server, on a port that stays its own when it is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._programs = programs()
        self.log = folder / "server.log"
        self._folder = folder
        self._user = _user()  # the server refuses to be root
        self._numbers = count()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user is not None:
            shutil.chown(folder, self._user)
        order = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        initialise = ["initdb", "-D", self._data, "-U", "summitry", "-A", "trust", "--no-sync", *order]
        self._run(*initialise)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: object) -> None:
        command = [self._programs / program, *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd=self._folder)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        where = ["-D", self._data, "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(
                [self._programs / "postgres", *where, "-F"],
                stdout=said,
                stderr=said,
                user=self._user,
                cwd=self._folder,
            )
        _wait(self, self._process, self.log)

    def stop(self) -> None:
        """End it, with those that still use it."""
        if self._process is not None:
            self._process.terminate()  # no new clients; those that are there are done with
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def signal(self, number: int) -> None:
        """Send a signal to each of its processes."""
        assert self._process is not None
        for process in (self._process.pid, *children(self._process.pid)):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def kill(self) -> None:
        """Kill -9 all of it and wait until it is gone: what it had in memory is lost."""
        assert self._process is not None
        others = children(self._process.pid)
        self.signal(signal.SIGKILL)
        self._process.wait()
        deadline = time.monotonic() + START_SECONDS
        while any(_runs(process) for process in others):
            assert time.monotonic() < deadline, "the server's processes don't end"
            time.sleep(0.01)

    def new_database(self) -> str:
        """The URL of an empty database that nobody else has."""
        name = f"test_{next(self._numbers)}"
        self.make(name)
        return f"postgresql://summitry@127.0.0.1:{self.port}/{name}"

    def make(self, database: str) -> None:
        """Make a database, empty even if there was one, whoever uses that."""
        with self.connect("postgres") as connection:
            connection.execute(f"drop database if exists {database} with (force)".encode())
            connection.execute(f"create database {database}".encode())

    def dump(self, database: str, path: Path) -> None:
        """Write what a database holds to a file, as people make a backup while it is in use."""
        address = ["-h", "127.0.0.1", "-p", self.port, "-U", "summitry"]
        with path.open("wb") as file:
            command = [self._programs / "pg_dump", *map(str, address), database]
            subprocess.run(command, check=True, stdout=file, stderr=subprocess.PIPE)

    def restore(self, database: str, path: Path) -> None:
        """Make a database anew from such a file."""
        self.make(database)
        address = ["-h", "127.0.0.1", "-p", self.port, "-U", "summitry", "-d", database]
        with path.open("rb") as file:
            command = [self._programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", *map(str, address)]
            subprocess.run(command, check=True, stdin=file, capture_output=True)

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection without a transaction."""
        address = {"host": "127.0.0.1", "port": self.port, "user": "summitry"}
        return psycopg.connect(**address, dbname=database, autocommit=True, connect_timeout=5)


@contextmanager
def postgresql() -> Iterator[Server]:
    """A server that is up, and gone when the block is left; raises NotHere where none is installed."""
    with TemporaryDirectory(prefix="summitry-postgresql-") as made:
        server = Server(Path(made))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def children(parent: int) -> list[int]:
    """The processes that this one has started and that still are."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end while it is looked at
            fields = (
                (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            )
            if int(fields[1]) == parent:
                found.append(int(folder.name))
    return found


def _runs(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def programs() -> Path:
    """Where its programs are; raises NotHere."""
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
