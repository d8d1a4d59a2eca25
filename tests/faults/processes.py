"""The processes of a run: kept by Summitry's own supervisor, each death noted."""

import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from faults import marked_sink
from streams.core.facets import FACETS
from streams.settings import Settings
from streams.supervisor import Child, Supervisor

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Death:
    """A process ended: when, in seconds from the start of the run, with which code, whether asked to."""

    at: float
    name: str
    code: int | None
    asked: bool = False


class Processes:
    """Starts, stops and finds processes by name; `look` keeps them alive."""

    def __init__(self, supervisor: Supervisor, settings: Settings, folder: Path) -> None:
        self.deaths: list[Death] = []
        self._supervisor = supervisor
        self._settings = settings
        self._folder = folder
        self._begun = time.monotonic()
        self.marks.mkdir()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._begun

    def start(self, name: str, arguments: list[str], **changes: Any) -> None:
        """Start `python -m` with these arguments, under settings with these changes."""
        # The shell only sends what the process says to a file, and becomes the process.
        log = str(self._folder / f"{name}.log")
        command = ["sh", "-c", 'exec "$@" >>"$0" 2>&1', log, sys.executable, "-m", *arguments]
        settings = self._settings.model_copy(update=changes)
        environment = settings.environment() | {
            "PYTHONPATH": str(TESTS),
            marked_sink.MARKS: str(self.marks),
        }
        self._supervisor.start(Child(name=name, command=command, environment=environment))

    @property
    def marks(self) -> Path:
        """The folder of files that tell a sink where to die."""
        return self._folder / "marks"

    def start_sink(self, name: str = "sink") -> None:
        """Start a sink with a name of its own."""
        self.start(name, ["faults.marked_sink", "sink"], instance=name)

    def start_worker(self, stage: str, name: str | None = None, **changes: Any) -> None:
        """Start a worker of a stage."""
        self.start(name or stage, ["faults.unreadable", "worker", stage], **changes)

    def start_all(self) -> None:
        """The pipeline as it usually is."""
        self.start_sink()
        for stage in FACETS:
            self.start_worker(stage)

    def running(self, name: str) -> "Popen[bytes] | None":
        """The process of this name, if it runs."""
        for child in self._supervisor.children:
            if child.name == name and child.process is not None and child.process.poll() is None:
                return child.process
        return None

    def names(self) -> list[str]:
        """Who is kept."""
        return [child.name for child in self._supervisor.children]

    def look(self) -> None:
        """Restart who has died, and note it. Raises GaveUp."""
        before = [(child, child.process) for child in self._supervisor.children]
        try:
            self._supervisor.look()
        finally:
            for child, process in before:
                if process is not None and process is not child.process:
                    self.deaths.append(Death(self.elapsed, child.name, process.returncode))

    def stop(self, which: Callable[[str], bool]) -> list[str]:
        """End the processes that `which` picks, and keep them no more; their names."""
        ending = [child for child in self._supervisor.children if which(child.name)]
        processes = [(child.name, child.process) for child in ending]
        for _, process in processes:
            if process is not None:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)  # who is frozen can't end
        self._supervisor.stop(lambda child: child in ending)
        for name, process in processes:
            if process is not None:
                self.deaths.append(Death(self.elapsed, name, process.returncode, asked=True))
        return [name for name, _ in processes]
