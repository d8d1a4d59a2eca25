"""A sink that is killed while it tells of something: the next one sees to it that it was told."""

import sys
from pathlib import Path

import pytest
from conftest import NOW
from faults import marked_sink
from scenario import finish, wait_until
from test_seeds import seeds

from streams.core.alert import Alert
from streams.publish import publish
from streams.replay import differences, pipeline
from streams.settings import Settings
from streams.supervisor import Child

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("point", ["between commit and send", "between send and mark", "after mark"])
def test_the_last_revision_is_told_wherever_the_sink_dies(
    point: str, broker: Settings, expected: list[Alert], tmp_path: Path
) -> None:
    """No later one follows that could make up for it."""
    grows = max(expected, key=lambda alert: alert.counts.articles)
    last = [one for one in seeds() if one.id == grows.evidence[-1].article]
    mark = tmp_path / point
    with pipeline(broker) as running:
        running.supervisor.stop(lambda child: child.name == "sink")
        settings = running.settings.model_copy(update={"instance": "sink"})
        sink = Child(
            name="sink",
            command=[sys.executable, "-m", "faults.marked_sink", "sink"],
            environment=settings.environment() | {"PYTHONPATH": str(TESTS), marked_sink.MARKS: str(tmp_path)},
        )
        running.supervisor.start(sink)
        before = finish(running, [one for one in seeds() if one not in last])
        assert grows.id in {alert.id for alert in before if alert.digest != grows.digest}

        mark.touch()
        assert len(list(publish(last, settings, clock=lambda: NOW))) == 1

        def is_back() -> bool:
            running.supervisor.look()
            return sink.deaths == 1 and sink.process is not None

        wait_until(is_back, 30, f"the sink dies {point} and is started again")
        assert differences(finish(running, []), expected) == []
        assert not mark.exists()
