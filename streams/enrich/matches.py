"""Whether a text reports a match, where countries' names stand for their teams."""

_GATES = ("match", "goal", "World Cup", "coach", "score", "tournament")
_WORDS = (
    "match", "goal", "World Cup", "coach", "scored", "tournament", "striker", "midfield", "defender",
    "goalkeeper", "penalty", "half-time", "halftime", "second half", "first half", "referee", "quarterfinal",
    "quarter-final", "semifinal", "semi-final", "group stage", "kick", "equalis", "equaliz", "innings",
    "wicket", "stadium", "squad", "FIFA", "UEFA", "captain", "teammate", "medal", "fixture", "opener",
)  # fmt: skip
_LEAST_DISTINCT = 7
_LEAST_SHARE = 250
"""A sports word for so many code points at least."""


def is_match_report(text: str) -> bool:
    """Whether at least seven of the words of play stand in the text, one for 250 code points or more."""
    if sum(word in text for word in _GATES) < 3:
        return False
    counts = [text.count(word) for word in _WORDS]
    return sum(map(bool, counts)) >= _LEAST_DISTINCT and sum(counts) * _LEAST_SHARE >= len(text)
