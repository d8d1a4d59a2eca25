"""The seeds: what they give was written by hand from reading them."""

import io
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from conftest import NOW, SEEDS

from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.article import Article
from streams.corpus import Reader
from streams.enrich.registry import Registry
from streams.enrich.stage import Enrichment
from streams.rulebook import load_rules

EXPECTED = orjson.loads((Path(__file__).parent / "expected_alerts.json").read_bytes())


def seeds() -> list[Article]:
    """Every seed, in the order of publishing."""
    entries = list(Reader(now=NOW, stdin=io.BytesIO()).read([str(SEEDS)]))
    assert all(isinstance(entry, Article) for entry in entries)
    return [entry for entry in entries if isinstance(entry, Article)]


def figures(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """What the hand-written list says of an alert, said of computed ones."""
    return [
        {
            "rule": alert.rule.id,
            "actors": [actor.id for actor in alert.actors],
            "window_start": alert.model_dump()["window"]["start"],
            "articles": sorted(evidence.article for evidence in alert.evidence),
            "stories": alert.counts.stories,
            "sources": alert.counts.sources,
        }
        for alert in alerts
    ]


def test_the_seeds_give_what_was_written_by_hand(stages: list[Enrichment], registry: Registry) -> None:
    """Every alert with its evidence, stories and sources, and no other alert."""
    found = figures(backtest(seeds(), load_rules(None, registry), stages, now=NOW))
    expected = [{key: value for key, value in alert.items() if key != "because"} for alert in EXPECTED]

    def order(alert: dict[str, Any]) -> tuple[str, str, list[str]]:
        return alert["window_start"], alert["rule"], alert["actors"]

    assert sorted(expected, key=order) == sorted(found, key=order)


def test_order_and_duplicates_change_nothing(stages: list[Enrichment], registry: Registry) -> None:
    """Shuffled and doubled, the seeds give the same bodies, byte for byte."""
    rules = load_rules(None, registry)
    articles = seeds()
    shuffled = articles * 2
    random.Random(7).shuffle(shuffled)
    one = [alert.body_and_id() for alert in backtest(articles, rules, stages, now=NOW)]
    assert one == [alert.body_and_id() for alert in backtest(shuffled, rules, stages, now=NOW)]
