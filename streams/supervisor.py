"""Child processes that belong together: started, restarted when they die, ended together."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from streams.core.errors import EXIT_NOTHING_ANSWERS, SummitryError

BACKOFF_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""The wait before each restart; a child that dies once more after these is given up.

But not one that ends because what it needs doesn't answer: that may take long, and pass by itself.
"""
CALM_SECONDS = 60.0
"""A child that has run this long is forgiven its earlier deaths."""
TERMINATE_SECONDS = 15.0
_HUGE_PAGES = "glibc.malloc.hugetlb=1"
"""Models lie in huge pages then: docs/performance.md."""

log = logging.getLogger(__name__)


class GaveUp(SummitryError):
    """A child process died too often, or one that can't be restarted died."""


@dataclass(slots=True, kw_only=True)
class Child:
    """One process to keep running; `restart` is false where its death loses what it held."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    restart: bool = True
    quiet: bool = False
    deaths: int = 0
    in_vain: int = 0
    """How often it ended because what it needs didn't answer."""
    started_at: float = 0.0
    restart_at: float | None = None
    process: "subprocess.Popen[bytes] | None" = None


class Supervisor:
    """Keeps children running between `start` and `stop`; call `look` now and then in between."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, child: Child) -> Child:
        """Start a child and keep it."""
        self.children.append(child)
        self._spawn(child)
        return child

    def look(self) -> None:
        """Restart who has died; raises GaveUp where that is no use."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if child.restart_at is not None and now >= child.restart_at:
                    self._spawn(child)
            elif (code := child.process.poll()) is not None:
                child.process = None
                self._plan_restart(child, code, now)

    def stop(self, which: Callable[[Child], bool] = lambda _child: True) -> None:
        """End the children that `which` picks and keep them no more; kill those that don't end."""
        ending = [child for child in self.children if which(child)]
        self.children = [child for child in self.children if not which(child)]
        for child in ending:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + TERMINATE_SECONDS
        for child in ending:
            if child.process is not None:
                try:
                    child.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.warning("%s doesn't end: killed", child.name)
                    child.process.kill()
                    child.process.wait()
                child.process = None

    def _plan_restart(self, child: Child, code: int, now: float) -> None:
        how = f"ended with code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
        if now - child.started_at >= CALM_SECONDS:
            child.deaths = child.in_vain = 0
        passing = code == EXIT_NOTHING_ANSWERS
        if not child.restart or (child.deaths >= len(BACKOFF_SECONDS) and not passing):
            raise GaveUp(
                f"{child.name} {how}" + (f" {child.deaths + 1} times in a row" if child.restart else "")
            )
        wait = BACKOFF_SECONDS[min(child.deaths + child.in_vain, len(BACKOFF_SECONDS) - 1)]
        child.deaths += not passing
        child.in_vain += passing
        child.restart_at = now + wait
        log.warning("%s %s; restarting in %.1f s", child.name, how, wait)

    def _spawn(self, child: Child) -> None:
        output = subprocess.DEVNULL if child.quiet else None
        child.started_at = time.monotonic()
        child.restart_at = None
        child.process = subprocess.Popen(
            child.command,
            env={"GLIBC_TUNABLES": _HUGE_PAGES, **os.environ, **child.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is the supervisor's: it ends the children in order
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )


def _die_with_parent() -> None:
    # Even where the supervisor itself is killed, nothing is left running (prctl PR_SET_PDEATHSIG).
    with suppress(OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
