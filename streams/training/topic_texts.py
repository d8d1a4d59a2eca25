"""What the topics model learns from: articles that were read, and lists of words."""

import io
import json
import random
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

_HERE = Path(__file__).parent
LABELS_FILE = _HERE / "topic_labels.jsonl"
MEASURED_FILE = _HERE.parents[1] / "benchmarks" / "quality" / "topic_labels.jsonl"
"""The articles that are held back, to measure with."""
REPORTS_FILE = _HERE / "topic_reports.jsonl"
WORDS_FILE = _HERE / "topic_words.json"

POLITICS = "medtop:11000000"
_LIKE_NEWS = {"Wikinews": 2.0, "NewsMTSC": 1.5, "Global Voices": 1.0}
_NOT_LIKE_NEWS = 0.6
_REPORTS_FIELD, _REPORTS_LIKE_NEWS = 2.0, 0.25
"""Reports teach much, being of every field evenly; for the same reason they show little of how news is."""
NEWSMTSC = "sentiment_newsmtsc.jsonl"
_WEAK_FILE = "topics/topics_train.jsonl"
"""Nearly all of it is press releases: of its texts without labels only those of news are learnt from."""

LISTS_A_CODE = 300
_PHRASES = (3, 10)
"""The fewest and the most phrases of a list."""
_NOISE = 10
"""How many words of no topic a list is mixed with, as a report's words are."""


@dataclass(frozen=True, slots=True)
class Example:
    """A document, its codes, and how much it counts.

    What isn't about politics counts thrice in `field`, since two thirds of the articles that were read
    are and the model is for news of every field; `like_news` is greater for sources that are like news.
    """

    document: str
    codes: frozenset[str]
    field: float = 1.0
    like_news: float = 1.0


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_examples(folder: Path) -> list[Example]:
    """The texts that were read, in the order of the labels.

    `folder` holds articles_open.jsonl, sentiment_newsmtsc.jsonl and topics/topics_train.jsonl, of which
    only the texts are used, not the codes. A label's id is an article's or text's, or the beginning of
    the ids of NewsMTSC's training sentences that are of one article.
    """
    texts = _texts(folder)
    return [
        Example(
            text.document,
            frozenset(label["codes"]),
            field=1.0 if POLITICS in label["codes"] else 3.0,
            like_news=_LIKE_NEWS.get(text.source, _NOT_LIKE_NEWS),
        )
        for label in read_lines(LABELS_FILE)
        for text in [texts[label["id"]]]
    ]


def read_reports() -> list[Example]:
    """The short reports of made-up events that were written for training, for every code."""
    return [
        Example(report["text"], frozenset(report["codes"]), _REPORTS_FIELD, _REPORTS_LIKE_NEWS)
        for report in read_lines(REPORTS_FILE)
    ]


def read_unlabelled(folder: Path) -> list[str]:
    """The texts of the same files that nobody labelled, neither to learn from nor to measure with.

    Without those of topics_train.jsonl that aren't news.
    """
    labelled = {label["id"] for file in (LABELS_FILE, MEASURED_FILE) for label in read_lines(file)}
    return [
        text.document
        for identity, text in _texts(folder).items()
        if identity not in labelled and (text.file != _WEAK_FILE or text.source in _LIKE_NEWS)
    ]


def read_all(folder: Path) -> list[str]:
    """Every text but those to measure with: they show which words there are, and how rare each is."""
    measured = {label["id"] for label in read_lines(MEASURED_FILE)}
    return [text.document for identity, text in _texts(folder).items() if identity not in measured]


class _Text(NamedTuple):
    document: str
    source: str
    file: str


def _texts(folder: Path) -> dict[str, _Text]:
    """Every text by its id."""
    texts = {
        record["id"]: _Text(
            f"{record['title']}\n\n{record['text']}", record["source"].partition(" (")[0], file
        )
        for file in ("articles_open.jsonl", _WEAK_FILE)
        for record in read_lines(folder / file)
    }
    sentences: dict[str, list[str]] = {}
    for record in read_lines(folder / NEWSMTSC):
        if record["split"] == "train":
            sentences.setdefault(article_of(record["id"]), []).append(record["sentence"])
    for identity, its in sentences.items():
        texts[identity] = _Text("\n\n".join(dict.fromkeys(its)), "NewsMTSC", NEWSMTSC)
    return texts


def article_of(identifier: str) -> str:
    """The article that a sentence of NewsMTSC is of."""
    return "_".join(identifier.split("_")[:3])


def read_phrases() -> dict[str, tuple[str, ...]]:
    """The words and phrases, in lower case, that speak for each code."""
    words = json.loads(WORDS_FILE.read_text(encoding="utf-8"))
    return {code: tuple(phrase.strip() for phrase in line.split(",")) for code, line in words.items()}


def draw_lists(
    phrases: Mapping[str, Sequence[str]], noise: Sequence[str], *, seed: int, each: int = LISTS_A_CODE
) -> list[tuple[str, str]]:
    """Short documents of a code's phrases among words of no topic, `each` a code, each with the code."""
    chance = random.Random(seed)  # noqa: S311  to be repeated, not to be secret
    drawn = []
    for code, its in sorted(phrases.items()):
        for _ in range(each):
            few, many = _PHRASES
            chosen = chance.sample(its, min(len(its), chance.randint(few, many)))
            drawn.append((code, ", ".join([*chosen, *chance.sample(noise, _NOISE)])))
    return drawn


def archive(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """An npz file, the same bytes for the same numbers: np.savez would write the time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            members.writestr(entry, member.getvalue(), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return file.getvalue()
