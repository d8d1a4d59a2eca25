"""In which language an article is, from its script and its commonest words.

Two questions matter: is it English, which is all that tone, roles and sentences know, and if not, what
is it called in the facet. For these a list of function words a language does (the idea is Ingle's and
Dunning's, "Statistical identification of language", 1994): no model, no network, the same answer on
every machine. What the words don't settle is "und" (undetermined), never a guess.
"""

import re
from collections import Counter
from importlib import resources
from typing import NamedTuple

from streams.core.article import Article

UNDETERMINED = "und"
ENGLISH = "en"

_SAMPLE = 800
"""Code points that are looked at."""

_FIRST_LOOK = 400
"""Code points that mostly are enough to know English by."""

_WORD = re.compile(r"[^\W\d_]+")
_NOT_LATIN = re.compile(r"[^\x00-\u024f]")
_LEAST_WORDS = 12
"""Words that a text needs before its want of English words means anything."""

_SHARED = frozenset("in is was not to on he as at be".split())  # noqa: SIM905
"""English words that other languages have too."""


def _function_words() -> dict[str, list[str]]:
    """Each function word with the languages that have it."""
    text = (
        resources.files("streams.enrich").joinpath("data", "function_words.psv").read_text(encoding="utf-8")
    )
    words: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            language, _, listed = line.partition(" | ")
            for word in listed.split():
                words.setdefault(word, []).append(language)
    return words


_WORDS = _function_words()
_ENGLISH = frozenset(word for word, languages in _WORDS.items() if ENGLISH in languages) - _SHARED
_SCRIPTS = (
    ("\u0370", "\u03ff", "Greek"), ("\u0400", "\u052f", "Cyrillic"), ("\u0530", "\u058f", "hy"),
    ("\u0590", "\u05ff", "he"), ("\u0600", "\u06ff", "Arabic"), ("\u0900", "\u097f", "Devanagari"),
    ("\u0980", "\u09ff", "bn"), ("\u0a00", "\u0a7f", "pa"), ("\u0b80", "\u0bff", "ta"),
    ("\u0c00", "\u0c7f", "te"), ("\u0e00", "\u0e7f", "th"), ("\u1000", "\u109f", "my"),
    ("\u10a0", "\u10ff", "ka"), ("\u1200", "\u137f", "am"), ("\u1780", "\u17ff", "km"),
    ("\u3040", "\u30ff", "ja"), ("\u4e00", "\u9fff", "zh"), ("\uac00", "\ud7a3", "ko"),
)  # fmt: skip
"""First and last letter of a script, and its language, or the script where several share it."""

_LETTERS_OF = (
    ("Cyrillic", (("be", "ў"), ("uk", "їєґ"), ("sr", "ђљњћџ"), ("kk", "қңұү"), ("ru", "ыэ"), ("bg", "ъ"))),
    ("Arabic", (("ur", "ٹڈڑے"), ("fa", "پچژگ"), ("ar", "ةأإىي"))),
    ("Devanagari", (("mr", "ळ"), ("hi", "ड़"))),
    ("Greek", (("el", "αο"),)),
)  # fmt: skip
"""Letters that one language of a script has and those listed before it don't."""


class Language(NamedTuple):
    """What an article is in, and whether it can be read as English."""

    code: str
    supported: bool


def language_of(article: Article) -> Language:
    """The language that the text shows; where it shows none, what the article says, else English.

    So a few words of Latin script are read as English, and a longer text without English words isn't.
    """
    found = detect(article.document)
    if found != UNDETERMINED:
        return Language(found, found == ENGLISH)
    claimed = (article.language or "").partition("-")[0].lower()
    if claimed:
        return Language(UNDETERMINED, claimed in ("en", "eng"))
    return Language(UNDETERMINED, not _is_foreign(article.document))


def detect(document: str) -> str:
    """The ISO 639-1 code of the document's language, or "und"."""
    sample = document[:_SAMPLE]
    if _is_english(sample[:_FIRST_LOOK]) or _is_english(sample):
        return ENGLISH
    if not sample.isascii():
        other = Counter(filter(str.isalpha, _NOT_LATIN.findall(sample)))
        if other and other.total() > sum(char.isascii() and char.isalpha() for char in sample):
            return _by_script(other)
    words = _WORD.findall(sample.lower())
    hits: Counter[str] = Counter()
    for word in words:
        for language in _WORDS.get(word, ()):
            hits[language] += 1
    if not hits:
        return UNDETERMINED
    (best, most), *rest = hits.most_common(2)
    second = rest[0][1] if rest else 0
    if most < 4 or most < 0.15 * len(words) or most < 1.25 * second:
        return UNDETERMINED
    return best


def _is_english(sample: str) -> bool:
    """Whether one word of eight is English and of no other language: no other's text has so many."""
    words = sample.lower().split()
    return 8 * sum(map(_ENGLISH.__contains__, words)) > len(words) > _LEAST_WORDS


def _is_foreign(document: str) -> bool:
    """Whether a text of some length has hardly an English function word, or another script's letters."""
    sample = document[:_SAMPLE]
    letters = [char for char in sample if char.isalpha()]
    if letters and sum(char > "\u024f" for char in letters) * 2 > len(letters):
        return True
    words = _WORD.findall(sample.lower())
    english = sum(ENGLISH in _WORDS.get(word, ()) for word in words)
    return len(words) >= 3 * _LEAST_WORDS and english < 0.05 * len(words)


def _by_script(letters: Counter[str]) -> str:
    scripts: Counter[str] = Counter()
    for char, times in letters.items():
        scripts[next((name for first, last, name in _SCRIPTS if first <= char <= last), UNDETERMINED)] += (
            times
        )
    if scripts["ja"] and scripts["ja"] + scripts["zh"] > letters.total() / 2:
        return "ja"  # Chinese has no kana
    script = scripts.most_common(1)[0][0]
    for name, languages in _LETTERS_OF:
        if script == name:
            return next((code for code, own in languages if any(letters[char] for char in own)), UNDETERMINED)
    return script
