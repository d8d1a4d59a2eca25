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
from typing import NamedTuple

from streams.core.facets import How
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


class Weighted(NamedTuple):
    """Where a mention stands, and how much it counts."""

    start: int
    paragraph: int
    weight: int
    subject: bool


def is_boilerplate(document: str, sentence: SentenceSpan) -> bool:
    """Whether a sentence belongs to the page rather than to the report, by how its line begins."""
    line = document.rfind("\n", 0, sentence.start) + 1
    return sentence.paragraph > 0 and _BOILERPLATE.match(document, line) is not None


def weighed(
    document: str, sentence: SentenceSpan, start: int, how: How, *, first: bool, boilerplate: bool
) -> Weighted:
    """The mention that begins at `start`; `first` says that no other stands before it in its sentence."""
    weight = _WEIGHTS[how]
    if boilerplate:
        return Weighted(start, sentence.paragraph, weight // 4, subject=False)
    if _is_quoted(document, sentence.start, start):
        return Weighted(start, sentence.paragraph, weight // 2, subject=False)
    subject = first and start - sentence.start <= _SUBJECT_REACH
    return Weighted(start, sentence.paragraph, weight, subject)


def total(mentions: Sequence[Weighted]) -> int:
    """The weight of an actor's mentions together."""
    return sum(mention.weight for mention in mentions)


def salience(mentions: Sequence[Weighted], *, heaviest: int, length: int) -> int:
    """The salience, in thousandths, of the actor with these mentions, sorted by start.

    `heaviest` is the greatest total of an actor of the document, which has `length` code points. All
    in integers, rounded down.
    """
    headline = max((mention.weight for mention in mentions if mention.paragraph == 0), default=0)
    lead = max((mention.weight for mention in mentions if mention.paragraph == 1), default=0)
    subjects = sum(mention.subject for mention in mentions)
    return (
        _HEADLINE * headline // FULL
        + _LEAD * lead // FULL
        + _FIRST * (length - mentions[0].start) // length
        + _SHARE * total(mentions) // heaviest
        + _SUBJECT * subjects // len(mentions)
    )


def _is_quoted(document: str, begin: int, place: int) -> bool:
    opened = document.rfind("“", begin, place)
    if opened >= 0:
        return document.find("”", opened, place) < 0
    return document.count('"', begin, place) % 2 == 1
