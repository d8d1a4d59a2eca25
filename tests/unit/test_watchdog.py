"""When the watchdog ends a worker, and when it lets it be."""

from dataclasses import replace

import pytest

from streams.worker.watchdog import JOIN_SECONDS, STALL_SECONDS, Watchdog, Work

IDLE = Work(ends={0: 9, 1: 4}, fetched={0: 9, 1: 4}, handed={0: 9}, taken={0: 9}, in_flight=0, confirmed=9)
AT_THE_BROKER = replace(IDLE, fetched={0: 7, 1: 4}, handed={0: 7}, taken={0: 7})
IN_THE_BUFFER = replace(IDLE, taken={0: 8})
UNCONFIRMED = replace(IDLE, in_flight=2)


@pytest.mark.parametrize(
    ("work", "what"),
    [
        (AT_THE_BROKER, "2 articles at the broker"),
        (IN_THE_BUFFER, "1 articles in the worker's buffer"),
        (UNCONFIRMED, "2 outcomes for the broker's confirmation"),
    ],
)
def test_work_that_waits_and_does_not_move_ends_the_worker(work: Work, what: str) -> None:
    """After a minute, not before; and it says what waits."""
    watchdog = Watchdog()
    assert watchdog.look(work, 100.0) is None
    assert watchdog.look(work, 100.0 + STALL_SECONDS - 1) is None
    assert what in (watchdog.look(work, 100.0 + STALL_SECONDS) or "")


@pytest.mark.parametrize(
    "moved",
    [
        replace(AT_THE_BROKER, fetched={0: 8, 1: 4}),
        replace(AT_THE_BROKER, confirmed=10),
        replace(AT_THE_BROKER, taken={0: 8}),
        IDLE,
    ],
)
def test_any_progress_begins_the_minute_anew(moved: Work) -> None:
    """However little it is; and so does having nothing to do."""
    watchdog = Watchdog()
    watchdog.look(AT_THE_BROKER, 100.0)
    assert watchdog.look(moved, 100.0 + STALL_SECONDS) is None
    assert watchdog.look(AT_THE_BROKER, 101.0 + STALL_SECONDS) is None


def test_idleness_is_no_stall() -> None:
    """For a day, with what was fetched beyond the last record, as behind a transaction's marker."""
    watchdog = Watchdog()
    marker = replace(IDLE, ends={0: 10, 1: 4}, fetched={0: 10, 1: 4})
    for hour in range(1, 25):
        assert watchdog.look(marker, hour * 3600.0) is None


def test_a_group_that_never_forms_ends_the_worker() -> None:
    """After two minutes, unless it formed in between."""
    watchdog = Watchdog()
    assert watchdog.look(None, 100.0) is None
    assert watchdog.look(None, 99.0 + JOIN_SECONDS) is None
    assert "no partitions" in (watchdog.look(None, 100.0 + JOIN_SECONDS) or "")
    assert watchdog.look(IDLE, 101.0 + JOIN_SECONDS) is None
    assert watchdog.look(None, 102.0 + JOIN_SECONDS) is None
