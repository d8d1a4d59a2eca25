"""What a corpus comes to with no broker, no process and no fault."""

from pathlib import Path

from faults.checker import Letter, expected_letters
from faults.corpus import NOW, Entry
from faults.unreadable import Unreadable
from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.facets import FACETS, Facet, Stage
from streams.enrich.registry import load_registry
from streams.enrich.stage import Enrichment
from streams.enrich.stages import load_stage
from streams.rulebook import load_rules

RULES = Path(__file__).with_name("rules.toml")


class _Remembered:
    """A stage that reads each article once: a corpus is read for its alerts and for its dead letters."""

    def __init__(self, stage: Enrichment) -> None:
        self._stage = stage
        self._known: dict[bytes, Facet] = {}

    @property
    def name(self) -> Stage:
        return self._stage.name

    @property
    def version(self) -> int:
        return self._stage.version

    def read(self, article: Article) -> Facet:
        key = article.to_json()
        if key not in self._known:
            self._known[key] = self._stage.read(article)
        return self._known[key]


class Oracle:
    """Computes alerts and dead letters; the models are loaded once."""

    def __init__(self) -> None:
        self._stages: list[Enrichment] = [Unreadable(load_stage(name)) for name in FACETS]
        self._rules = load_rules(RULES, load_registry())

    def expect(self, corpus: list[Entry]) -> tuple[list[Alert], set[Letter]]:
        """The active alerts and the dead letters of a corpus."""
        stages: list[Enrichment] = [_Remembered(stage) for stage in self._stages]
        articles = [entry.article for entry in corpus if entry.article is not None]
        alerts = list(backtest(articles, self._rules, stages, now=NOW))
        return alerts, expected_letters(corpus, stages, NOW)
