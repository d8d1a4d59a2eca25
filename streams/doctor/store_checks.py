"""Checks of the store: that it can be reached, read and written, and that there is room."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from streams.core.errors import StoreUnavailable
from streams.doctor.findings import CLOCK_SECONDS, Context, Finding
from streams.store.condition import Condition, Server, read_condition, sqlite_file

FREE_BYTES = 1024**3
OLDEST_POSTGRESQL = 14


def store(context: Context) -> Iterator[Finding]:
    """Whether the store answers, and holds tables of this version."""
    settings = context.settings
    url = settings.store.get_secret_value()
    try:
        file = sqlite_file(url)
        if file is not None and not file.exists():
            says = f"{file.absolute()} isn't there yet"
            yield Finding("store", "warning", says, "its sink makes it (run: summitry up)")
            return
        condition = read_condition(url)
    except StoreUnavailable as error:
        yield Finding("store", "wrong", str(error), "set SUMMITRY_STORE to a database that can be used")
        return
    yield _migrated(condition, settings.shown_store)
    if condition.server is not None:
        yield from _server(condition.server, context)


def folder(context: Context) -> Iterator[Finding]:
    """Whether a store on SQLite can be written where it lies."""
    file = _file(context)
    if file is None:
        return
    place, another = file.absolute().parent, "set SUMMITRY_STORE to another file"
    if not place.is_dir():
        yield Finding("store folder", "wrong", f"there is no folder {place}", f"make it, or {another}")
    elif not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        says = f"user {os.geteuid()} can't write in {place}, where the store has its journal too"
        yield Finding("store folder", "wrong", says, f"chown or chmod it, or {another}")
    elif file.exists() and not (file.is_file() and os.access(file, os.R_OK | os.W_OK)):
        says = f"user {os.geteuid()} can't write {file.absolute()}, or it is no file"
        yield Finding("store folder", "wrong", says, f"chown or chmod it, or {another}")
    else:
        yield Finding("store folder", "good", f"{place} can be written")


def disk(context: Context) -> Iterator[Finding]:
    """Whether there is room where the store lies, or else in the working folder."""
    file = _file(context)
    place = file.absolute().parent if file is not None else Path.cwd()
    if not place.is_dir():
        return
    free = shutil.disk_usage(place).free
    says = f"{free / 1e9:.1f} GB are free in {place}"
    if free < FREE_BYTES:
        yield Finding("disk", "warning", says, "make room: the sink stops when the disk is full")
    else:
        yield Finding("disk", "good", says)


def _file(context: Context) -> Path | None:
    try:
        return sqlite_file(context.settings.store.get_secret_value())
    except StoreUnavailable:  # the store's own check says so
        return None


def _migrated(condition: Condition, shown: str) -> Finding:
    if condition.newer:
        return Finding("store", "wrong", f"{shown} was made by a newer version", "upgrade Summitry")
    if condition.empty:
        return Finding(
            "store", "warning", f"{shown} is empty", "its sink makes the tables (run: summitry up)"
        )
    if not condition.migrated:
        says = f"{shown} holds tables of an older version"
        return Finding(
            "store", "warning", says, "the next start of the sink migrates them: make a copy before"
        )
    return Finding("store", "good", f"{shown} answers, its tables are of this version")


def _server(server: Server, context: Context) -> Iterator[Finding]:
    version = ".".join(map(str, server.version))
    if server.version < (OLDEST_POSTGRESQL, 0):
        mend = f"upgrade it to {OLDEST_POSTGRESQL} or later"
        yield Finding("postgresql", "wrong", f"PostgreSQL {version}", mend)
    else:
        yield Finding("postgresql", "good", f"PostgreSQL {version}")
    if not server.may_create:
        says = "this login may not make tables"
        yield Finding(
            "postgresql", "wrong", says, "grant it CREATE on the schema, or let another one migrate"
        )
    if server.encoding != "UTF8":
        says = f"the database is encoded in {server.encoding}"
        yield Finding("postgresql", "wrong", says, "make one with: createdb --encoding=UTF8 -T template0")
    if server.unordered:
        says = f"{', '.join(server.unordered)} sort by a language's rules, not by code points"
        mend = (
            'give them COLLATE "C", as the migrations do: lists may have another order than the backtest\'s'
        )
        yield Finding("postgresql", "warning", says, mend)
    apart = abs((server.now - context.clock()).total_seconds())
    if apart > CLOCK_SECONDS:
        says = f"the database's clock and this machine's are {apart:.0f} s apart"
        yield Finding("postgresql", "warning", says, "set both by NTP")
