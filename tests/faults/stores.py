"""Stores to run with: SQLite on a small disk of its own, or a database on a PostgreSQL server."""

import errno
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import FileIO
from pathlib import Path
from typing import Protocol

from databases.postgresql import Server

from faults.schedule import StoreKind

DISK = "64m"
"""What a store's disk of its own holds; a run needs some megabytes."""


class RunStore(Protocol):
    """What can be done to the store of a run while no sink uses it, or, for a backup, while one does."""

    url: str

    def back_up(self) -> bool:
        """Make a backup; whether there was anything to keep."""

    def restore(self) -> None:
        """Put the backup in the store's place."""

    def delete(self) -> None:
        """Leave nothing of it."""


class SqliteStore:
    """A file; on a disk of its own, where one may be mounted, that can be filled."""

    def __init__(self, folder: Path, *, own_disk: bool) -> None:
        self.own_disk = own_disk
        self._path = folder / "summitry.db"
        self._backup = folder.parent / "backup.db"
        self._filling = folder / "filling"
        self.url = f"sqlite:///{self._path}"

    def back_up(self) -> bool:
        """By SQLite's own means: the file alone lacks what is in its journal."""
        if not self._path.exists():
            return False
        with (
            closing(sqlite3.connect(self._path, timeout=10)) as live,
            closing(sqlite3.connect(self._backup)) as to,
        ):
            live.backup(to)
        return True

    def restore(self) -> None:
        """Put the backup in the store's place."""
        self.delete()
        shutil.copy(self._backup, self._path)

    def delete(self) -> None:
        """The file and its journals."""
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

    def fill(self, sink: int) -> None:
        """Leave no room on the disk; without a disk of its own, let no file of this process grow."""
        if not self.own_disk:
            resource.prlimit(sink, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            return
        with self._filling.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                _write_until_full(file, bytes(size))

    def empty(self, sink: int | None) -> None:
        """Give the room back."""
        self._filling.unlink(missing_ok=True)
        if sink is not None and not self.own_disk:
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(sink, resource.RLIMIT_FSIZE, unlimited)


class PostgresqlStore:
    """A database of a server that can be killed and frozen."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self.url = server.new_database()
        self._name = self.url.rpartition("/")[2]
        self._backup = folder / "backup.sql"

    def back_up(self) -> bool:
        """By pg_dump."""
        self.server.dump(self._name, self._backup)
        return True

    def restore(self) -> None:
        """Put the backup in the store's place."""
        self.server.restore(self._name, self._backup)

    def delete(self) -> None:
        """An empty database is left."""
        self.server.make(self._name)

    def kill(self) -> None:
        """End the server at once, as a power cut of its machine would, but for the disk."""
        self.server.kill()

    def freeze(self) -> None:
        """Nothing that was begun goes on, and nothing begins."""
        self.server.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """All goes on."""
        self.server.signal(signal.SIGCONT)


@contextmanager
def run_store(kind: StoreKind, folder: Path, server: Callable[[], Server]) -> Iterator[RunStore]:
    """An empty store whose files lie in the folder; `server` answers the PostgreSQL server, where one is needed."""
    if kind == "postgresql":
        yield PostgresqlStore(folder, server())
        return
    place = folder / "store"
    place.mkdir()
    with _disk(place) as mounted:
        yield SqliteStore(place, own_disk=mounted)


def _write_until_full(file: FileIO, piece: bytes) -> None:
    try:
        while True:
            file.write(piece)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@contextmanager
def _disk(place: Path) -> Iterator[bool]:
    """A small file system in memory, until the block is left; whether this user may mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "summitry-faults", str(place)]
    mounted = (
        shutil.which("mount") is not None
        and not subprocess.run(mount, check=False, capture_output=True).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)
