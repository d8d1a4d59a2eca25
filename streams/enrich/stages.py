"""The three stages, ready to read."""

from pathlib import Path

from streams.core.facets import Stage
from streams.enrich.registry import load_registry
from streams.enrich.stage import Enrichment

# A worker holds one stage: what the others need (a model's runtime above all) isn't imported.
# ruff: noqa: PLC0415


def load_stage(name: Stage, registry: Path | None = None) -> Enrichment:
    """Load a stage and the data and models it needs.

    `registry` is a file of actors added to the shipped ones; raises InvalidRegistry for a bad one.
    """
    match name:
        case "entities":
            from streams.enrich.entities import EntitiesStage

            return EntitiesStage(load_registry(registry))
        case "sentiment":
            from streams.enrich.sentiment import SentimentStage
            from streams.enrich.tone import TargetTone

            return SentimentStage(load_registry(registry), TargetTone())
        case "topics":
            from streams.enrich.topics import TopicClassifier, TopicsStage

            return TopicsStage(TopicClassifier.load())
