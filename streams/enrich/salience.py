"""How prominent an actor is in an article.

Where and how often a text names somebody are the features that predict best whom it is about
(Dunietz and Gillick, "A new entity salience task", EACL 2014): the headline counts for 400
thousandths, the first mention for up to 300, the share of mentions for up to 300.
"""

from collections.abc import Sequence

from streams.core.facets import How, Mention

_HEADLINE, _FIRST, _SHARE = 400, 300, 300
_WEIGHTS: dict[How, int] = {"name": 2, "alias": 2, "role": 2, "metonym": 1, "demonym": 1}
"""What only stands for an actor counts half."""


def weight(mentions: Sequence[Mention]) -> int:
    """The number of mentions, in halves."""
    return sum(_WEIGHTS[mention.how] for mention in mentions)


def salience(mentions: Sequence[Mention], *, heaviest: int, title_length: int, length: int) -> int:
    """The salience, in thousandths, of the actor with these mentions, sorted by start.

    `heaviest` is the greatest weight of an actor of the document; lengths are in code points.
    All in integers: headline + first · (length - start) / length + share · weight / heaviest.
    """
    headline = max(
        (_HEADLINE * _WEIGHTS[mention.how] // 2 for mention in mentions if mention.end <= title_length),
        default=0,
    )
    first = _FIRST * (length - mentions[0].start) // length
    return headline + first + _SHARE * weight(mentions) // heaviest
