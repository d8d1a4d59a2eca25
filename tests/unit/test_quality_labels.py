"""The articles labelled for measuring topics."""

import json
from pathlib import Path

from streams.enrich.topics import labels, parents

ROOT = Path(__file__).parents[2]


def _labels(path: str) -> dict[str, list[str]]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return {label["id"]: label["codes"] for label in map(json.loads, lines)}


def test_none_is_trained_on() -> None:
    """300 articles, of which training knows none."""
    measured = _labels("benchmarks/quality/topic_labels.jsonl")
    assert 300 == len(measured)
    assert not measured.keys() & _labels("streams/training/topic_labels.jsonl").keys()


def test_codes_are_known_and_never_stand_without_the_first_level() -> None:
    """Who has a code of the second level has the one over it."""
    for path in ("benchmarks/quality/topic_labels.jsonl", "streams/training/topic_labels.jsonl"):
        for codes in _labels(path).values():
            assert set(codes) <= labels().keys()
            assert {parents()[code] for code in codes if code in parents()} <= set(codes)
