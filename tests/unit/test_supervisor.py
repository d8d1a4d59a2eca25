"""Which children are started again, and which are given up."""

import time
from pathlib import Path

import pytest

from streams import supervisor
from streams.supervisor import BACKOFF_SECONDS, Child, GaveUp, Supervisor

DEADLINE_SECONDS = 20.0


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many restarts, sooner."""
    monkeypatch.setattr(supervisor, "BACKOFF_SECONDS", (0.01,) * len(BACKOFF_SECONDS))


def starts(log: Path, code: int, wanted: int) -> int:
    """Run a child that ends with this code until it was started so often, or is given up; how often it was."""
    keeper = Supervisor()
    keeper.start(Child(name="child", command=["sh", "-c", f"echo >>{log}; exit {code}"]))
    deadline = time.monotonic() + DEADLINE_SECONDS
    try:
        while len(log.read_bytes() if log.exists() else b"") < wanted:
            keeper.look()
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        keeper.stop()
    return len(log.read_bytes())


def test_a_child_that_fails_again_and_again_is_given_up(tmp_path: Path) -> None:
    """As often as there are waits, and once more."""
    log = tmp_path / "log"
    with pytest.raises(GaveUp, match="ended with code 1 6 times in a row"):
        starts(log, 1, 20)
    assert len(log.read_bytes()) == 1 + len(BACKOFF_SECONDS)


def test_a_child_that_only_waits_for_another_is_never_given_up(tmp_path: Path) -> None:
    """A broker may be away for hours: exit code 3 says that nothing else is wrong."""
    assert starts(tmp_path / "log", 3, 20) >= 20
