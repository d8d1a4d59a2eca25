"""The articles labelled for measuring topics."""

import json
from pathlib import Path

from streams.enrich.topics import labels, parents
from streams.training.topic_texts import read_unlabelled

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


def test_nothing_is_learnt_from_what_is_measured_not_even_without_labels(tmp_path: Path) -> None:
    """Of the texts without labels those stay that nobody labelled, and that are news."""
    measured, learnt = (
        next(iter(_labels(path)))
        for path in ("benchmarks/quality/topic_labels.jsonl", "streams/training/topic_labels.jsonl")
    )
    _write(
        tmp_path / "articles_open.jsonl",
        [
            {"id": name, "title": name, "text": "text", "source": "Wikinews"}
            for name in (measured, learnt, "new")
        ],
    )
    _write(
        tmp_path / "topics/topics_train.jsonl",
        [
            {"id": source, "title": source, "text": "text", "source": source}
            for source in ("US Senate press release (2004)", "President of Russia", "Global Voices (web)")
        ],
    )
    _write(
        tmp_path / "sentiment_newsmtsc.jsonl",
        [{"id": f"a_b_c_{split}", "split": split, "sentence": split} for split in ("train", "dev")],
    )
    assert read_unlabelled(tmp_path) == ["new\n\ntext", "Global Voices (web)\n\ntext", "train"]


def _write(path: Path, records: list[dict[str, str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
