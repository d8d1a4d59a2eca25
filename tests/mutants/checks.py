"""The checks of a mutant: tests, or a run of the fault runner, in a copy of the tree."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LIMIT_SECONDS = 400
FAILED = re.compile(r"^FAILED (\S+)(?: - (.*))?$", re.MULTILINE)
FINDING = re.compile(r"^  ((?:lost|doubled|different|unexplained): .*)$", re.MULTILINE)


class Unclear(Exception):
    """A check neither passed nor failed: it says nothing of what it was to check."""


@dataclass(frozen=True, slots=True)
class Catch:
    """Which check failed, and what it said."""

    check: str
    said: str


class Check(Protocol):
    """Something that passes on the tree as it is."""

    def run(self, root: Path) -> Catch | None:
        """Check the copy in this folder: what failed, or None. Raises Unclear."""


@dataclass(frozen=True, slots=True)
class ByTest:
    """A test by its pytest id."""

    id: str

    def run(self, root: Path) -> Catch | None:
        """Run it alone; property tests try the same examples each time."""
        return run_tests(root, [self])

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class ByFaults:
    """A run of the fault runner: one that is replayed from a file beside this one."""

    replay: str

    @property
    def file(self) -> Path:
        """What it is replayed from."""
        return Path(__file__).with_name(self.replay)

    def run(self, root: Path) -> Catch | None:
        """Do the run; what it finds first is what it says."""
        replay = str(root / "tests/mutants" / self.replay)
        done = _run(root, ["faults", "--replay", replay, "--out", str(root / "build/faults")])
        if done.returncode not in (0, 1) or "\nruns=1 " not in done.stdout:
            raise Unclear(f"{self} ended with code {done.returncode}: {_last(done)}")
        if done.returncode == 0:
            return None
        return Catch(str(self), FINDING.findall(done.stdout)[0])

    def __str__(self) -> str:
        return f"faults --replay {self.replay}"


def run_tests(root: Path, tests: Sequence[ByTest]) -> Catch | None:
    """Run tests in one process until one fails."""
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "mutants.unshrunk", "--tb=no", "--show-capture=no"]
    done = _run(root, ["pytest", *options, *(test.id for test in tests)])
    if done.returncode == 0 and " skipped" not in done.stdout:
        return None
    if done.returncode != 1 or not (failed := FAILED.search(done.stdout)):
        raise Unclear(f"{tests[0]} and others ended with code {done.returncode}: {_last(done)}")
    return Catch(failed[1], failed[2] or "")


def imported_from(root: Path, module: str) -> Path:
    """The file that a process started in this folder imports under this name.

    Without PYTHONPATH, as a child of a test may be: another tree may be installed in this environment.
    """
    code = "import importlib, sys; print(importlib.import_module(sys.argv[1]).__file__)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code, module],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


def _run(root: Path, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """`python -m` with these arguments; it and what it starts import what is in this folder."""
    path = os.pathsep.join([str(root), str(root / "tests")])
    command = [sys.executable, "-m", *arguments]
    try:
        return subprocess.run(
            command,
            cwd=root,
            env=os.environ | {"PYTHONPATH": path, "COLUMNS": "300"},
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Unclear(f"{' '.join(arguments)} didn't end in {LIMIT_SECONDS} s") from error


def _last(done: "subprocess.CompletedProcess[str]") -> str:
    return "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
