"""How prominent an actor is in an article.

Where and how often a text names somebody are the features that predict best whom it is about
(Dunietz and Gillick, "A new entity salience task", EACL 2014). In thousandths: the headline counts for
300, the first paragraph for 150, how early the first mention stands for up to 150, the share of
mentions for up to 250, how often the actor begins a sentence, which is mostly as its subject, for up
to 150. What only stands for an actor counts half, what stands in a quotation half, and what belongs to
the page rather than to the report (links to other articles, captions, the author's line) a quarter.
"""

import re
from collections.abc import Sequence

from streams.core.facets import How
from streams.enrich.finder import Found
from streams.enrich.sentences import SentenceSpan

FULL = 8
"""The weight of a name in the report's own words."""

_HEADLINE, _LEAD, _FIRST, _SHARE, _SUBJECT = 300, 150, 150, 250, 150
_WEIGHTS: dict[How, int] = {
    "name": FULL,
    "alias": FULL,
    "role": FULL,
    "metonym": FULL // 2,
    "demonym": FULL // 2,
}
_SUBJECT_REACH = 30
"""Code points of a sentence in which its subject begins: room for a title or a few words of time."""

_BEGINNINGS = (
    "Related", "Read more", "Read also", "Read next", "See also", "More on", "More from", "More stories",
    "More about", "More:", "Also on", "Also read", "Watch", "Listen", "Photo", "Image", "Picture", "Caption",
    "File photo", "FILE", "Video", "By [A-Z]", "Follow", "Share", "Subscribe", "Sign up", "Click",
    "Advertisement", "Copyright", "©", "Source:", "Sources:", "Tags", "Topics:", "Recommended", "Trending",
    "Most read", "Most popular", "Most viewed", "Newsletter", "Continue reading", "Story continues",
    "Get the", "Contact", "Reporting by", "Editing by", "Additional reporting", "Comment", "Next:",
    "Previous:", "Sister links", "Have an opinion",
)  # fmt: skip
_BOILERPLATE = re.compile(rf"[\s(\[*•–—-]*(?:{'|'.join(_BEGINNINGS)})")
_FIRST_LETTERS = frozenset(beginning[:3] for beginning in _BEGINNINGS)


class Prominence:
    """What an actor's mentions, added in the order of the document, come to."""

    __slots__ = ("_count", "_first", "_headline", "_lead", "_subjects", "total")

    def __init__(self, first: int) -> None:
        """`first` is where the first mention begins."""
        self._first = first
        self._headline = self._lead = self._subjects = self._count = 0
        self.total = 0
        """The weight of the mentions together."""

    def add(self, paragraph: int, weight: int, *, subject: bool) -> None:
        """Count a mention in, of a sentence of that paragraph; `subject` says that it begins it."""
        self._count += 1
        self._subjects += subject
        self.total += weight
        if paragraph == 0:
            self._headline = max(self._headline, weight)
        elif paragraph == 1:
            self._lead = max(self._lead, weight)

    def salience(self, *, heaviest: int, length: int) -> int:
        """The salience in thousandths; all in integers, rounded down.

        `heaviest` is the greatest total of an actor of the document, which has `length` code points.
        """
        return (
            _HEADLINE * self._headline // FULL
            + _LEAD * self._lead // FULL
            + _FIRST * (length - self._first) // length
            + _SHARE * self.total // heaviest
            + _SUBJECT * self._subjects // self._count
        )


def weighed(document: str, sentence: SentenceSpan, places: Sequence[Found]) -> list[tuple[int, bool]]:
    """How much each mention of a sentence counts, and whether it begins the sentence as a subject does."""
    begin, first, last = sentence.start, places[0].start, places[-1].start
    if _is_boilerplate(document, sentence):
        return [(_WEIGHTS[place.how] // 4, False) for place in places]
    quotes = document.find("“", begin, last) >= 0 or document.find('"', begin, last) >= 0
    weights = []
    for place in places:
        weight, start = _WEIGHTS[place.how], place.start
        if quotes and _is_quoted(document, begin, start):
            weights.append((weight // 2, False))
        else:
            weights.append((weight, start == first and start - begin <= _SUBJECT_REACH))
    return weights


def _is_boilerplate(document: str, sentence: SentenceSpan) -> bool:
    """Whether a sentence belongs to the page rather than to the report, by how its line begins."""
    if sentence.paragraph == 0:
        return False
    line = document.rfind("\n", 0, sentence.start) + 1
    if document[line].isalpha() and document[line : line + 3] not in _FIRST_LETTERS:
        return False  # as most do, and it is faster to know
    return _BOILERPLATE.match(document, line) is not None


def _is_quoted(document: str, begin: int, place: int) -> bool:
    opened = document.rfind("“", begin, place)
    if opened >= 0:
        return document.find("”", opened, place) < 0
    return document.count('"', begin, place) % 2 == 1
