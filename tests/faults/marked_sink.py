"""`summitry sink` that kills itself at a marked point of its work, once it is told to.

It is told by a file of the point's name in the folder FAULTS_MARKS; the file goes before the sink does.
Points lie after each group of statements, around each commit, and around sending and marking what was sent.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from streams.store import store as stores

MARKS = "FAULTS_MARKS"
STATEMENTS = (
    "renew_lease",
    "advance",
    "write_frontiers",
    "keep_greatest",
    "choose_current",
    "note_mixed",
    "replace_evidence",
    "revise_alerts",
    "mark_sent",
)
POINTS = (
    *STATEMENTS,
    "before a commit",
    "after a commit",
    "between commit and send",
    "between send and mark",
    "after mark",
)


def reached(point: str) -> None:
    """Die here if told so."""
    with suppress(FileNotFoundError):
        (Path(os.environ[MARKS]) / point).unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def mark() -> None:
    """Put the points into the sink."""
    for name in STATEMENTS:
        setattr(stores, name, _then(getattr(stores, name), name))
    store: Any = stores.Store
    writing, unsent, mark_sent = store._writing, store.unsent, store.mark_sent  # noqa: SLF001  no hook for it

    @contextmanager
    def marked_writing(self: Any) -> Iterator[Connection]:
        with writing(self) as connection:
            yield connection
            reached("before a commit")
        reached("after a commit")

    def marked_unsent(self: Any) -> Any:
        waiting = unsent(self)
        if waiting:
            reached("between commit and send")
        return waiting

    def marked_mark_sent(self: Any, *arguments: Any) -> None:
        reached("between send and mark")
        mark_sent(self, *arguments)
        reached("after mark")

    store._writing, store.unsent, store.mark_sent = marked_writing, marked_unsent, marked_mark_sent  # noqa: SLF001


def _then(function: Callable[..., Any], point: str) -> Callable[..., Any]:
    def marked(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        reached(point)
        return result

    return marked


if __name__ == "__main__":
    from streams.cli.main import main

    mark()
    main()
