"""What the model of target sentiment learns from, beyond the labels."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streams.training.target_sentiment.data import Target, is_choosing
from streams.training.target_sentiment.unlabelled import A_TEXT, MEASURED_FILE, balanced, read_targets

PRAISE = "The committee thanked Senator Ada Quill for all of her work in March. "


def write(folder: Path, *, news: list[dict[str, Any]], labelled: list[dict[str, Any]]) -> Path:
    """A folder of data with these records, without press releases."""
    (folder / "topics").mkdir()
    (folder / "topics" / "topics_train.jsonl").write_text("", encoding="utf-8")
    for name, records in (("articles_open", news), ("sentiment_newsmtsc", labelled)):
        lines = "".join(f"{json.dumps(record)}\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def names(targets: list[Target]) -> list[str]:
    """The targets' own words."""
    return [target.sentence[target.start : target.end] for target in targets]


def sentence(identifier: str, split: str = "train") -> dict[str, Any]:
    """A record of NewsMTSC with one target, and a name that nobody labelled."""
    text = "Yesterday Ada Quill said that the plan of Boris Umber had failed."
    return {"id": identifier, "split": split, "sentence": text, "targets": [{"from": 10, "to": 19}]}


def test_names_are_targets_and_months_are_not(tmp_path: Path) -> None:
    """One name of a sentence; a month is nobody's."""
    folder = write(tmp_path, news=[{"id": "a", "text": PRAISE}], labelled=[])
    assert names(read_targets(folder, 1)) == ["Senator Ada Quill"]


def test_a_long_text_gives_a_few_targets_and_the_same_again(tmp_path: Path) -> None:
    """Four of a text at most, in sentences of their own."""
    text = "".join(f"Number {word} of the list was written by Senator {word} Quill. " for word in "ABCDEFGH")
    folder = write(tmp_path, news=[{"id": "a", "text": text}], labelled=[])
    targets = read_targets(folder, 1)
    assert len({target.sentence for target in targets}) == len(targets) == A_TEXT
    assert targets == read_targets(folder, 1)


def test_articles_to_measure_with_are_left_out(tmp_path: Path) -> None:
    """What the quality command measures is never learnt from."""
    measured = json.loads(MEASURED_FILE.read_text(encoding="utf-8").splitlines()[0])["id"]
    folder = write(tmp_path, news=[{"id": measured, "text": PRAISE}], labelled=[])
    assert read_targets(folder, 1) == []


def test_of_labelled_sentences_only_other_names_of_the_part_to_learn_from(tmp_path: Path) -> None:
    """Neither labelled places, nor the held back splits, nor the articles for calibration."""
    ids = [f"allsides_{number}_1_0_x_0_1" for number in range(40)]
    learnt = next(identity for identity in ids if not is_choosing(identity))
    choosing = next(identity for identity in ids if is_choosing(identity))
    records = [sentence(learnt), sentence(choosing), sentence("b", split="dev-mt")]
    folder = write(tmp_path, news=[], labelled=records)
    assert names(read_targets(folder, 1)) == ["Boris Umber"]


@pytest.mark.parametrize(("each", "expected"), [(2, [2, 2, 1]), (9, [5, 3, 1])])
def test_labels_are_balanced(each: int, expected: list[int]) -> None:
    """As many of each label as there are, up to a number."""
    labels = [0, 0, 0, 0, 0, 1, 1, 1, 2]
    rows = np.eye(3, dtype=np.float32)[labels]
    chosen = balanced(rows, each, random.Random(1))
    count = Counter(labels[index] for index in chosen)
    assert [count[label] for label in range(3)] == expected
    assert len(set(chosen)) == len(chosen)
