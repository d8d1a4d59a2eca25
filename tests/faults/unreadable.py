"""A stage whose model raises on some articles, as any model may: the same in a worker and in the oracle.

Run as a module it is `summitry worker STAGE` with such a stage.
"""

from dataclasses import dataclass

from faults.corpus import UNREADABLE
from streams.core.article import Article
from streams.core.facets import Facet, Stage
from streams.enrich.stage import Enrichment


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Reads as `stage` does, but for what it can't."""

    stage: Enrichment

    @property
    def name(self) -> Stage:
        """The stage that this is."""
        return self.stage.name

    @property
    def version(self) -> int:
        """The stage's."""
        return self.stage.version

    def read(self, article: Article) -> Facet:
        """Read one article; raises ValueError for one that says what this stage can't read."""
        sentence = UNREADABLE.get(self.name)
        if sentence is not None and sentence in article.text:
            raise ValueError("no model reads this")
        return self.stage.read(article)


def main() -> None:
    """Run the worker."""
    from streams.cli.main import main as summitry
    from streams.enrich.stages import load_stage
    from streams.worker import main as worker

    setattr(worker, "load_stage", lambda *arguments: Unreadable(load_stage(*arguments)))  # noqa: B010  mypy
    summitry()


if __name__ == "__main__":
    main()
