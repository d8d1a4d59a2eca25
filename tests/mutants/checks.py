"""The checks of a mutant: tests, run in a copy of the tree. All that they start imports that copy."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_SECONDS = 900
FAILED = re.compile(r"^FAILED (.+?)(?: - (.*))?$", re.MULTILINE)


class Unclear(Exception):
    """Tests neither passed nor failed: they say nothing of what they were to check."""


@dataclass(frozen=True, slots=True)
class Catch:
    """Which check failed, and what it said."""

    check: str
    said: str


def run(root: Path, checks: Sequence[str]) -> Catch | None:
    """Run these tests in the copy in this folder until one fails: that one, or None. Raises Unclear."""
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "mutants.unshrunk", "--tb=no", "--show-capture=no"]
    done = _run(root, ["pytest", *options, *checks])
    if done.returncode == 0 and " skipped" not in done.stdout:
        return None
    if done.returncode != 1 or not (failed := FAILED.search(done.stdout)):
        raise Unclear(f"{checks[0]} and others ended with code {done.returncode}: {_last(done)}")
    if "Timeout (>" in (said := failed[2] or ""):
        raise Unclear(f"{failed[1]} was cut off, as on a machine that is too busy: {said}")
    return Catch(failed[1], said)


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
