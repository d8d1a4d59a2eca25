"""The three stages, ready to read."""

from pathlib import Path

from streams.core.facets import Stage
from streams.enrich.entities import EntitiesStage
from streams.enrich.registry import load_registry
from streams.enrich.sentiment import SentimentStage
from streams.enrich.stage import Enrichment
from streams.enrich.tone import TargetTone
from streams.enrich.topics import TopicClassifier, TopicsStage


def load_stage(name: Stage, registry: Path | None = None) -> Enrichment:
    """Load a stage and the data and models it needs.

    `registry` is a file of actors added to the shipped ones; raises InvalidRegistry for a bad one.
    """
    match name:
        case "entities":
            return EntitiesStage(load_registry(registry))
        case "sentiment":
            return SentimentStage(load_registry(registry), TargetTone())
        case "topics":
            return TopicsStage(TopicClassifier.load())
