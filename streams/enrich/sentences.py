"""Sentences of a document, by the marks that end them.

A stop ends a sentence unless what stands around it says otherwise: an abbreviation or an initial
before it, a lower-case word behind it. The rules are those that most splitters share (Kiss and
Strunk 2006 describe the cases); only paragraphs that name an actor are split, for speed.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeVar

MAX_LENGTH = 1_000
"""Code points; a longer sentence is cut at a space."""

_FULL_WIDTH = "。！？"
_OPENERS = "\"'“‘«([—–-"
_OTHER_MARKS = f"!?…{_FULL_WIDTH}"
_NEXT = re.compile(rf"\s*+[{re.escape(_OPENERS)}]*+\s*+(\w++)(\.?)")
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")
_NEWLINES = re.compile(r"\n\s*")
_ALL_NEWLINES = re.compile(r"[\r\n]\s*")
"""The same for the few texts with carriage returns; a set is slower to look for than one character."""

_INNER_BREAK = re.compile(r"(?<=\S)\n(?=\S)")
"""A line break that another line follows."""

_NEVER_LAST = frozenset(
    """
    adm amb brig capt cmdr col dr fr gen gov hon lt maj messrs mr mrs ms mx prof rep reps rev sen
    sens sgt sr st supt al cf eg ie fig no nos pp vs v art sec approx dept est
    """.split()  # noqa: SIM905  a list of words is read best as a text
)
"""Abbreviations that a name or a number follows."""

_MAYBE_LAST = frozenset(
    """
    a.m p.m am pm u.s u.k u.n e.u u.s.a u.a.e d.c l.a n.y ph.d b.c a.d jr snr inc corp co ltd llc
    plc bros etc jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thurs fri sat
    sun ave blvd rd i.e e.g
    """.split()  # noqa: SIM905  a list of words is read best as a text
)
"""Abbreviations that may end a sentence: one ends only before a word that likely begins another."""

_FOUR_LAST = sorted(word[-4:] for word in _NEVER_LAST | _MAYBE_LAST if word[-4:].isalpha() and len(word) > 3)


# Possessive, and never begun inside a run of marks: else a text of nothing but marks or spaces
# would take time by the square of its length. The first group is what ends the sentence; the third is
# there where a lower-case word of four letters or more and a capital say enough.
def _end_by(marks: str) -> re.Pattern[str]:
    return re.compile(
        rf"([{marks}](?<![{marks}].)(?:(?<=[a-z]{{4}}\.)(?<!(?:{'|'.join(_FOUR_LAST)})\.)())?"
        rf"[{marks}]*+[\"'”’»)\]」』]*+)(?:(?=\s)|(?<=[{_FULL_WIDTH}」』]))\s*+(?(2)(?:(?=[“\"]?[A-Z])(?<=\s)())?)"
    )


_END = _end_by(f".{_OTHER_MARKS}")
_END_BY_STOP = _end_by(".")
"""The same for the half of all texts that have no other mark: one is looked for faster than a set."""

_STARTERS = frozenset(
    """
    A After Although An And As At Because Before Both But By During Each Even Every For From He Her
    Here His How However I If In It Its Last Later Many Meanwhile More Most Mr Mrs Ms My No Not Now
    On One Only Other Our She Since So Some Such That The Their Then There These They This Those
    Though Through To Two Under Until We What When Where Whether Which While Who Why With Yet You
    """.split()  # noqa: SIM905  a list of words is read best as a text
)


_WIDEST = 100
"""Code points of a line that may be wrapped by width; a line of more is a paragraph."""
_LEAST_JOINTS, _FULL_SHARE = 3, 0.9


class Spanning(Protocol):
    """What takes a half-open range of code points."""

    @property
    def start(self) -> int:
        """Its first code point."""

    @property
    def end(self) -> int:
        """The one behind its last."""


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int


_Span = TypeVar("_Span", bound=Spanning)


class SentenceSpan(NamedTuple):
    """Where a sentence stands, and in which paragraph; 0 is the title."""

    start: int
    end: int
    paragraph: int


def unwrapped(document: str, title_length: int) -> str:
    """The document, with spaces for the line breaks inside its paragraphs if its lines are wrapped by width.

    They are where nearly every line that another follows is so long that the next word had no room.
    Each code point stays in its place.
    """
    begin = title_length + 2
    if not 0 <= document.find("\n", begin) - begin <= _WIDEST:
        return document  # as nearly all are
    lines = document[title_length:].split("\n")
    widest = max(map(len, lines))
    if widest > _WIDEST or len(lines) <= _LEAST_JOINTS:
        return document
    joints = [(len(line) + 1, after) for line, after in pairwise(lines) if line and after]
    full = sum(length + len(after.partition(" ")[0]) > widest for length, after in joints)
    if full < max(_LEAST_JOINTS, _FULL_SHARE * len(joints)):
        return document
    return document[:title_length] + _INNER_BREAK.sub(" ", "\n".join(lines))


def split(document: str, title_length: int) -> list[SentenceSpan]:
    """The sentences of `document` in order, without the white space around them."""
    ends = _ends(document)
    return [
        SentenceSpan(begin, stop, number)
        for number, start, end in _paragraphs(document, title_length)
        for begin, stop, _ in _in_paragraph(document, start, end, ends, ())
    ]


def split_around(
    document: str, title_length: int, spans: Sequence[_Span]
) -> list[tuple[SentenceSpan, Sequence[_Span]]]:
    """The sentences that hold one of `spans`, which are sorted and don't overlap, each with those it holds.

    No sentence ends inside a span; each lies in one, provided it holds no line break.
    """
    ends = _ends(document)
    found: list[tuple[SentenceSpan, Sequence[_Span]]] = []
    position = 0  # of the first span not behind the paragraph
    for number, start, end in _paragraphs(document, title_length):
        first = position
        while position < len(spans) and spans[position].end <= end:
            position += 1
        if position > first:
            found += [
                (SentenceSpan(begin, stop, number), held)
                for begin, stop, held in _in_paragraph(document, start, end, ends, spans[first:position])
                if held
            ]
        if position == len(spans):
            break
    return found


def _ends(document: str) -> re.Pattern[str]:
    return _END if any(mark in document for mark in _OTHER_MARKS) else _END_BY_STOP


def _paragraphs(document: str, title_length: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each; a title with line breaks is several pieces of paragraph 0."""
    start = number = 0
    newlines = _ALL_NEWLINES if "\r" in document else _NEWLINES
    for gap in newlines.finditer(document):
        end, after = gap.span()
        if end > start:
            yield number, start, end
            number += after > title_length
        elif number == 0:
            number += after > title_length
        start = after
    if start < len(document):
        yield number, start, len(document)


def _in_paragraph(
    document: str, start: int, end: int, ends: re.Pattern[str], spans: Sequence[_Span]
) -> Iterator[tuple[int, int, Sequence[_Span]]]:
    """Start and end of a paragraph's sentences, and which spans each holds.

    None is longer than MAX_LENGTH but for a span that is.
    """
    begin, last = _trimmed(document, start, end)
    if begin == last:
        return
    first = position = 0  # of the spans that aren't behind the sentence's beginning, and its end
    for stop, following in (*_stops(document, begin, last, ends), (last, last)):
        while position < len(spans) and spans[position].end <= stop:
            position += 1
        if position < len(spans) and spans[position].start < stop:
            continue
        held = spans[first:position]
        if stop - begin <= MAX_LENGTH:
            yield begin, stop, held
        else:
            yield from _pieces(document, begin, stop, held)
        begin, first = following, position


def _pieces(
    document: str, begin: int, stop: int, spans: Sequence[_Span]
) -> Iterator[tuple[int, int, Sequence[_Span]]]:
    """A sentence, in pieces if it is too long."""
    while stop - begin > MAX_LENGTH:
        cut = _cut(document, begin, spans)
        yield *_trimmed(document, begin, cut), [span for span in spans if begin <= span.start < cut]
        begin, _ = _trimmed(document, cut, stop)
    if begin < stop:
        yield begin, stop, [span for span in spans if begin <= span.start]


def _trimmed(document: str, start: int, end: int) -> tuple[int, int]:
    while start < end and document[start].isspace():
        start += 1
    while end > start and document[end - 1].isspace():
        end -= 1
    return start, end


def _cut(document: str, begin: int, spans: Sequence[Spanning]) -> int:
    """Where to cut a sentence that is too long: at its last space in reach that no span holds.

    Without one, at the limit, or before the span that crosses it.
    """
    limit = begin + MAX_LENGTH
    near = [span for span in spans if span.end > begin and span.start < limit]
    cut = document.rfind(" ", begin + 1, limit + 1)
    while cut > begin:
        holder = next((span for span in near if span.start < cut < span.end), None)
        if holder is None:
            return cut
        cut = document.rfind(" ", begin + 1, holder.start)
    holder = next((span for span in near if span.start < limit < span.end), None)
    if holder is None:
        return limit
    return holder.start if holder.start > begin else holder.end


def _stops(document: str, start: int, end: int, ends: re.Pattern[str]) -> list[tuple[int, int]]:
    """The ends of sentences before the paragraph's end, which is one anyway, and where the next begins."""
    return [
        (stop, match.end())
        for match in ends.finditer(document, start, end)
        if (stop := match.end(1)) < end and (match.lastindex == 3 or _ends_sentence(document, start, match))
    ]


def _ends_sentence(document: str, start: int, match: re.Match[str]) -> bool:
    following = _NEXT.match(document, match.end())
    if following is None:
        return True
    marks = match[1]
    word = following[1]
    if word[0].islower() and marks[0] not in _FULL_WIDTH:
        return False
    if marks[0] != "." or marks[1:2] in (".", "!", "?"):
        return True
    stop = match.start()
    last = document[max(document.rfind(" ", start, stop) + 1, start) : stop].lstrip(_OPENERS).lower()
    if last in _NEVER_LAST:
        return False
    initials = (len(last) == 1 and last.isalpha()) or ("." in last and _INITIALS.fullmatch(last))
    if initials or last in _MAYBE_LAST:
        return len(marks) > 1 or (word in _STARTERS and not following[2])
    return not (last.isdecimal() and stop - len(last) == start)  # "1. First": a list's number
