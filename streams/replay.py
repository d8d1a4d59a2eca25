"""Replay: a corpus through real streams of its own, compared with the oracle when they are at rest."""

import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine

from streams import broker, embedded
from streams.core.alert import Alert, AlertBody
from streams.core.article import Article
from streams.core.errors import NotDrained
from streams.core.facets import FACETS, Stage
from streams.processes import start_broker, start_pipeline, supervised
from streams.publish import publish
from streams.settings import Settings
from streams.store.database import open_database
from streams.store.progress import Answered
from streams.store.reading import count_untold, read_alerts, read_progress
from streams.supervisor import Supervisor
from streams.topology import ARTICLES

LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A pipeline of its own: its processes, what they were told, and where their tables are."""

    supervisor: Supervisor
    settings: Settings
    engine: Engine
    articles_id: str


@contextmanager
def pipeline(settings: Settings, *, own_broker: bool = False, store: str | None = None) -> Iterator[Running]:
    """Run workers and a sink on streams and a store of their own, which are removed at the end.

    They use the broker at the settings' address, or an embedded one on a free port if none answers
    there or `own_broker` asks for it. `store` is the URL of an empty database to use instead of a
    file; it is left as it is.
    """
    with tempfile.TemporaryDirectory(prefix="summitry-") as folder, supervised() as supervisor:
        store = store or f"sqlite:///{Path(folder) / 'summitry.db'}"
        settings = settings.model_copy(
            update={
                "prefix": f"replay-{secrets.token_hex(4)}.",
                "store": SecretStr(store),
                "http_port": 0,  # it isn't there for long, and may run beside others
            }
        )
        if own_broker or not broker.answers(settings):
            address = f"127.0.0.1:{embedded.free_port()}"
            settings = settings.model_copy(
                update={"bootstrap": address, "session_seconds": embedded.SESSION_SECONDS}
            )
            start_broker(supervisor, settings)
        broker.apply_streams(settings, for_good=True)
        engine = open_database(store)
        try:
            start_pipeline(supervisor, settings)
            yield Running(
                supervisor=supervisor,
                settings=settings,
                engine=engine,
                articles_id=broker.topic_ids(settings)[ARTICLES.name],
            )
        finally:
            engine.dispose()
            stop_pipeline(supervisor)
            broker.delete_streams(settings)


def stop_pipeline(supervisor: Supervisor) -> None:
    """End the workers and the sink, but not the broker that their streams are removed from."""
    supervisor.stop(lambda child: child.restart)


def run(
    running: Running,
    articles: Iterable[Article],
    *,
    clock: Callable[[], datetime],
    timeout_seconds: float,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[Alert]:
    """Publish the articles, wait until the streams are drained, and read the alerts.

    `on_progress` is told how many outcomes there are and how many there will be. Raises NotDrained
    after `timeout_seconds`, naming each stage that lags.
    """
    deadline = time.monotonic() + timeout_seconds
    for _ in publish(articles, running.settings, clock=clock):
        pass
    # Not from what was confirmed: a send that had to be repeated may be confirmed without an offset.
    held = broker.extents(running.settings, [ARTICLES])[ARTICLES]
    ends = {number: extent.end for number, extent in held.items()}
    expected = sum(ends.values()) * len(FACETS)
    while True:
        running.supervisor.look()
        lagging = lag(read_progress(running.engine), running.articles_id, ends)
        untold = count_untold(running.engine, clock())
        on_progress(expected - sum(lagging.values()), expected)
        if not lagging and not untold:
            return list(read_alerts(running.engine))
        if time.monotonic() > deadline:
            stages = ", ".join(f"{stage} lags by {count}" for stage, count in lagging.items())
            raise NotDrained(
                f"not drained after {timeout_seconds:.0f} s: {stages or f'{untold} alerts untold'}"
            )
        time.sleep(LOOK_SECONDS)


def lag(
    answered: Mapping[tuple[Stage, str, int], Answered], articles_id: str, ends: Mapping[int, int]
) -> dict[str, int]:
    """How many articles each stage has yet to answer without a hole; stages that are done are left out.

    `ends` holds, for each partition, the offset after the last article the broker has confirmed.
    """
    behind = {
        stage: sum(
            max(0, end - answered.get((stage, articles_id, partition), Answered()).frontier.next)
            for partition, end in ends.items()
        )
        for stage in FACETS
    }
    return {stage: count for stage, count in behind.items() if count}


def differences(live: Iterable[Alert], oracle: Iterable[Alert]) -> list[str]:
    """How the active live alerts differ from the oracle's, a line each; empty if they are equal."""
    ours = {alert.id: alert for alert in live if alert.state == "active"}
    theirs = {alert.id: alert for alert in oracle}
    lines = [f"- {_label(theirs[key])}: only in the backtest" for key in theirs.keys() - ours.keys()]
    lines += [f"+ {_label(ours[key])}: only in the replay" for key in ours.keys() - theirs.keys()]
    for key in ours.keys() & theirs.keys():
        fields = _different_fields(ours[key], theirs[key])
        if fields:
            lines.append(f"! {_label(ours[key])}: differs in {', '.join(fields)}")
    return sorted(lines, key=lambda line: line[2:])


def _different_fields(one: Alert, other: Alert) -> Sequence[str]:
    if one.digest == other.digest:
        return ()
    return [
        f"{name} (replay {getattr(one, name)!r}, backtest {getattr(other, name)!r})"
        for name in AlertBody.model_fields
        if getattr(one, name) != getattr(other, name)
    ]


def _label(alert: Alert) -> str:
    return f"{alert.window.start:%Y-%m-%d %H:%M} {alert.rule.id} {', '.join(a.name for a in alert.actors)}"
