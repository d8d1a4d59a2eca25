"""Text as it is read: letters that only look right made right, and invisible characters taken out.

Quotation marks, apostrophes and spaces that don't break a line are written in one way, a code point for a
code point. Beyond that (Unicode UTS 39 calls them confusables and default ignorables): letters of another
script inside a word, full-width and mathematical letters, combining marks that a letter has a code
point with, soft hyphens and zero-width characters. These are rare, so that a document without any
costs two searches.
"""

import re
import unicodedata
from dataclasses import dataclass

from streams.core.facets import Disguise

_ALIKE = (
    ("’", "'"),
    ("‘", "'"),
    ("ʼ", "'"),
    ("“", '"'),
    ("”", '"'),
    ("\u00a0", " "),
    ("\u202f", " "),
    ("\u2011", "-"),
    ("\u2010", "-"),
)
_ASCII = bytes(range(128))
_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufeff"
_OTHER = "\u0370-\u03ff\u0400-\u052f"
_NOTABLE = re.compile(rf"[{_INVISIBLE}\u0300-\u052f\uff21-\uff5a\U0001d400-\U0001d7ff]")
"""One of these is in whatever the two below find."""

_SUSPECT = re.compile(
    rf"[{_INVISIBLE}\u0300-\u036f\uff21-\uff5a\U0001d400-\U0001d7ff]"
    rf"|[A-Za-zÀ-ɏ](?=[{_OTHER}])|[{_OTHER}](?=[A-Za-zÀ-ɏ])"
)
_MOVING = re.compile(rf"[{_INVISIBLE}\u0300-\u036f]")
"""What is taken out or joins the letter before, so that all behind it moves."""

_NOT_PLAIN = re.compile("[\uff21-\uff5a\U0001d400-\U0001d7ff]")
_LONE = re.compile(rf"(?<![{_OTHER}\w])[АВЕКМНОРСТХУІЈЅавеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΧΥοανρ]{{2,}}(?![{_OTHER}\w])")
_WORD = re.compile(r"[^\W\d_]+")
_LOOK = dict(
    zip(
        "АВЕКМНОРСТХУІЈЅЁавеёкорсухіјѕԁһԛԝѵΑΒΕΖΗΙΚΜΝΟΡΤΧΥοανρικ",
        "ABEKMHOPCTXYIJSËaвeëкopcyxijsdhqwvABEZHIKMNOPTXYoavpik",
        strict=True,
    )
)
_LOOK |= {"к": "k", "в": "b", "т": "t", "м": "m", "н": "h"}
_TO_LATIN = str.maketrans(_LOOK)
_TO_CYRILLIC = str.maketrans(
    {latin: other for other, latin in _LOOK.items() if "\u0400" <= other <= "\u052f"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as it is read, and for each code point of that where it comes from."""

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    """Start and end in the document of each code point; None where nothing moved."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the document of [start, end) of the text."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def alike(text: str) -> str:
    """Write what is read alike in one way; a code point for a code point, so that offsets hold."""
    if text.isascii():
        return text
    for written, read in _ALIKE:
        text = text.replace(written, read)
    return text


def read(document: str) -> Reading:
    """The document as it is read."""
    text = alike(document)
    if text.isascii() or _NOTABLE.search(_beyond_ascii(text)) is None:
        return Reading(text)
    if _SUSPECT.search(text) is None and _LONE.search(text) is None:
        return Reading(text)
    text = _NOT_PLAIN.sub(lambda match: _plain(match[0]), text)
    if _MOVING.search(text) is None:
        return Reading(_words_alike(text))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, char in enumerate(text):
        if _is_invisible(char):
            continue
        if characters and "\u0300" <= char <= "\u036f":
            whole = unicodedata.normalize("NFC", characters[-1] + char)
            if len(whole) == 1:
                characters[-1], ends[-1] = whole, place + 1
                continue
        characters.append(char)
        starts.append(place)
        ends.append(place + 1)
    return Reading(_words_alike("".join(characters)), tuple(starts), tuple(ends))


def _beyond_ascii(text: str) -> str:
    """Its characters that ASCII doesn't have, which are few: to look at these is ten times faster."""
    return text.encode(errors="surrogatepass").translate(None, _ASCII).decode(errors="surrogatepass")


def disguises(written: str) -> set[Disguise]:
    """How the words of a mention, as the document has them, hide whom they name."""
    if written.isascii():
        return set()
    found: set[Disguise] = set()
    if any(map(_is_invisible, written)):
        found.add("invisible")
    seen = "".join(char for char in alike(written) if not _is_invisible(char))
    if unicodedata.normalize("NFC", seen) != unicodedata.normalize(
        "NFC", _words_alike("".join(map(_plain, seen)))
    ):
        found.add("homoglyph")
    return found


def _is_invisible(char: str) -> bool:
    return char >= "\u00ad" and _ONE_INVISIBLE.match(char) is not None


_ONE_INVISIBLE = re.compile(f"[{_INVISIBLE}]")


def _plain(char: str) -> str:
    """A full-width or mathematical letter as the plain one."""
    if _NOT_PLAIN.match(char) is None:
        return char
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def _words_alike(text: str) -> str:
    """Each word that mixes scripts in the one that most of its letters have."""
    latin = sum("a" <= char <= "z" for char in text)
    other = sum("\u0370" <= char <= "\u052f" for char in text)

    def one_script(match: re.Match[str]) -> str:
        word = match[0]
        if word.isascii():
            return word
        foreign = sum("\u0370" <= char <= "\u052f" for char in word)
        if not foreign:
            return word
        if foreign == len(word):
            lone = latin > 10 * other or (latin > other and len(word) < 4)
            turned = word.translate(_TO_LATIN)
            return turned if lone and turned.isascii() else word
        turned = word.translate(_TO_LATIN)
        if turned.isascii() and 2 * foreign <= len(word):
            return turned
        turned = word.translate(_TO_CYRILLIC)
        return turned if not any(char.isascii() for char in turned) else word

    return _WORD.sub(one_script, text)
