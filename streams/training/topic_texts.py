"""What the topics model learns from: documents with their codes, cleaned of names and formulas."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["weak", "read", "words"]

LABELS_FILE = Path(__file__).with_name("topic_labels.jsonl")
WORDS_FILE = Path(__file__).with_name("topic_words.json")

_LEFT_OUT_SOURCES = ("MASC",)  # its licence is not a named open one
_LEFT_OUT_TIERS = ("rule-raw",)  # its punctuation was guessed
_WORD_LISTS_A_CODE = 40
_WORDS_A_LIST = 12

_WORD = re.compile(r"[^\W\d_]{2,}")
_INSIDE_SENTENCE = re.compile(r"(?<=[a-z,;] )([A-Za-z][^\W\d_]+)")
_ANNOUNCEMENT = re.compile(
    r"^(?:U\.?S\.? )?(?:Sens?|Senators?|Reps?|Congress(?:man|woman))\b\.?[^.:]{0,60}?"
    r"\b(?:announce[sd]?|introduces?|urges?|calls?|applauds?|says?|statement|joins?|secures?|praises?|hails?)\b",
    re.IGNORECASE,
)
_TOPICAL_NAMES = frozenset(
    [
        "bishop",
        "catholic",
        "cdc",
        "ceo",
        "chancellor",
        "christian",
        "church",
        "congress",
        "congressman",
        "corps",
        "council",
        "covid",
        "cup",
        "democrat",
        "democrats",
        "duma",
        "ebola",
        "epa",
        "fbi",
        "fda",
        "federation",
        "gdp",
        "god",
        "hiv",
        "house",
        "hurricane",
        "isis",
        "islam",
        "islamic",
        "jewish",
        "judiciary",
        "kremlin",
        "league",
        "medicaid",
        "medicare",
        "minister",
        "muslim",
        "muslims",
        "nasa",
        "nato",
        "navy",
        "army",
        "nobel",
        "noaa",
        "olympic",
        "olympics",
        "orthodox",
        "paralympic",
        "paralympics",
        "parliament",
        "patriarch",
        "pentagon",
        "pope",
        "president",
        "qaeda",
        "republican",
        "republicans",
        "senate",
        "senator",
        "soviet",
        "supreme",
        "taliban",
        "treasury",
    ]
)
"""Words that are written like names but that say what a text is about, whoever acts in it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its codes.

    `kind` says where the codes are from: "weak" (a source's tags or a rule of the data set), "read"
    (a person read the article) or "words" (a list of words that speak for a code). `family` is who
    wrote the document. `sure_of_absence` is false for texts whose missing codes may just be unsaid.
    """

    document: str
    codes: frozenset[str]
    kind: Kind
    family: str
    sure_of_absence: bool = True


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_examples(folder: Path, *, seed: int) -> list[Example]:
    """All examples: `folder` holds topics/topics_train.jsonl and articles_open.jsonl."""
    return [
        *_weak(read_lines(folder / "topics" / "topics_train.jsonl")),
        *_read(read_lines(folder / "articles_open.jsonl"), read_lines(LABELS_FILE)),
        *_word_lists(json.loads(WORDS_FILE.read_text(encoding="utf-8")), seed=seed),
    ]


def _weak(records: Iterable[dict[str, Any]]) -> list[Example]:
    return [
        Example(
            document=f"{_ANNOUNCEMENT.sub('', record['title'])}\n\n{record['text']}",
            codes=frozenset(record["codes"]),
            kind="weak",
            family=record["source"],
            sure_of_absence=record["label_tier"] == "source",
        )
        for record in records
        if not record["source"].startswith(_LEFT_OUT_SOURCES) and record["label_tier"] not in _LEFT_OUT_TIERS
    ]


def _read(articles: Iterable[dict[str, Any]], labels: Iterable[dict[str, Any]]) -> list[Example]:
    by_id = {article["id"]: article for article in articles}
    return [
        Example(
            document=f"{article['title']}\n\n{article['text']}",
            codes=frozenset(label["codes"]),
            kind="read",
            family=article["source"],
        )
        for label in labels
        for article in [by_id[label["id"]]]
    ]


def _word_lists(words: dict[str, str], *, seed: int) -> list[Example]:
    """Short lists drawn from each code's words: press releases hold no match, no quake, no forecast."""
    rng = random.Random(seed)  # noqa: S311  to be repeated, not to be secret
    examples = []
    for code, line in sorted(words.items()):
        phrases = [phrase.strip() for phrase in line.split(",")]
        for _ in range(_WORD_LISTS_A_CODE):
            drawn = ", ".join(rng.sample(phrases, _WORDS_A_LIST))
            examples.append(Example(document=drawn, codes=frozenset([code]), kind="words", family="words"))
    return examples


def find_names(documents: Iterable[str], *, kept: Iterable[str]) -> frozenset[str]:
    """The words, in lower case, that have a capital nine times in ten inside a sentence.

    Without them a model can't learn that a senator means health and a president means sport. `kept`
    are words that are not taken for names, whatever their case.
    """
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for document in documents:
        for word in _INSIDE_SENTENCE.findall(document):
            (capital if word[0].isupper() else small)[word.lower()] += 1
    names = {word for word, count in capital.items() if count >= 3 and count > 9 * small[word]}
    return frozenset(names - _TOPICAL_NAMES - set(kept))


def known_words(examples: Sequence[Example]) -> frozenset[str]:
    """The words of the word lists, in lower case."""
    listed = (example.document for example in examples if example.kind == "words")
    return frozenset(word for document in listed for word in _WORD.findall(document.lower()))


def without_names(document: str, names: frozenset[str]) -> str:
    """The document with a digit for each name, which is no word to the features."""
    return _WORD.sub(lambda word: "0" if word[0].lower() in names else word[0], document)
