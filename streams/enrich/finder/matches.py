"""Whether a text reports a match, where countries' names stand for their teams."""

import re

from streams.enrich.finder.context import beginnings

_GATES = ("tournament", "coach", "World Cup", "match", "score", "goal")
"""Of these a report has three; the rarest first."""

_LEAST_GATES = 3
_WORDS = (
    "match", "goal", "World Cup", "coach", "scored", "tournament", "striker", "midfield", "defender",
    "goalkeeper", "penalty", "half-time", "halftime", "second half", "first half", "referee", "quarterfinal",
    "quarter-final", "semifinal", "semi-final", "group stage", "kick", "equalis", "equaliz", "innings",
    "wicket", "stadium", "squad", "FIFA", "UEFA", "captain", "teammate", "medal", "fixture", "opener",
)  # fmt: skip
_LEAST_DISTINCT = 7
_LEAST_SHARE = 250
"""A sports word for so many code points at least."""

_SHORT = 600
"""Code points; so few hold two or three sentences."""
_SHORT_WORDS = (
    "match", "World Cup", "Olympic", "champion", "tournament", "team", "squad", "season", "beat", "win over",
    "coach", "captain", "striker", "goalkeeper", "bowler", "batsman", "wicket", "innings", "unbeaten",
    "scored", "medal", "Cup", "semifinal", "semi-final", "quarterfinal", "quarter-final", "playoff",
    "qualifier", "stadium", "injury time", "extra time", "thrash", "world title", "Grand Prix", "athlet",
    "tennis", "on penalties", "shootout", "ubstitute", "close range", "own goal", "free kick", "free-kick",
    "stoppage time", "equalis", "equaliz", "midfield",
)  # fmt: skip
_SCORE = re.compile(r"(?<![\d-])\d{1,2}[-–]\d{1,2}(?![\d-])")
_NO_MONTH = r"\b(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))"
_SCORELINE = re.compile(
    rf"{_NO_MONTH}[A-Z][a-z]+ \d{{1,2}}[-–]\d{{1,2}} [A-Z][a-z]+"
    rf"|(?:^|[.:] ){_NO_MONTH}(?:[A-Z][a-z]+ ){{1,2}}\d{{1,3}},? (?:[A-Z][a-z]+ ){{1,2}}\d{{1,3}}\b"
    r"|\d ?pts\b|Group [A-L]:",
    re.MULTILINE,
)
_TOLD_ALONE = re.compile(
    r"\b(?:beat|won|win|lost|lose)\b[^.\n]{0,60} on penalties|won the toss|bowled out|\bworld titles?\b"
    r"|by (?:\d+|[a-z]+) (?:wickets|runs)\b|\bdrop goals?\b|\d[-–]\d (?:victory|win|defeat|triumph) over\b"
    r"|\bbeat (?:the )?[A-Z]\w+(?: [A-Z]\w+)? \d{1,3}[-–]\d{1,3}\b|\blost \d{1,2}[-–]\d{1,2} to\b"
    r"|\bwon the (?:Rugby )?World Cup on \w+day\b"
)
"""What stands in no other news."""

_BEATEN = ("lost", "defeat", "rout", "crush", "won ", "win ", "edge", "draw", "drew")
"""Beside a score these tell of a match."""

_LEAST_SHORT = 2
_RULERS = (
    "resident", "inister", "hancellor", "overnment", "embass", "Embass", "summit", "talks", "boycott",
    "arrest", "court", "Court", "sentenced", "migrant", "workers", "billion", "rights", "bid ", "hosting",
    "vote", "Vote", "Senate", "parliament", "killed", "quake", "escue", "troops", "police", "airspace",
)  # fmt: skip
"""Who goes to the games, and what is said and done there, are news of states."""

_SPORTS = (
    "football", "soccer", "basketball", "rugby", "cricket", "hockey", "volleyball", "handball", "baseball",
)  # fmt: skip
_SHORT_REPORT = (*_SHORT_WORDS, *_SPORTS)
_PLAYERS = (
    "captain", "coach", "striker", "midfielder", "goalkeeper", "winger", "batsman", "bowler", "skipper",
)  # fmt: skip
_TEAMS = ("team", "side", "squad")
_SPORT = "|".join(_SPORTS)
_TEAM_AFTER = re.compile(
    r"(?: ?'s)?(?: (?:wo)?men's| under-\d\d)*"
    rf" (?:(?:national |(?:{_SPORT}) )+(?:{'|'.join(_TEAMS)})"
    rf"|(?:national |head |(?:{_SPORT}) )*(?:{'|'.join(_PLAYERS)}))\b",
    re.IGNORECASE,
)
_BEGINNINGS = beginnings((*_SPORTS, *_PLAYERS, *_TEAMS, "national", "head", "men's", "women's", "under-"))


def is_match_report(text: str) -> bool:
    """Whether at least seven of the words of play stand in the text, one for 250 code points or more.

    In a text of less than 600, as feeds have, two of those that hardly mean anything else, and no ruler.
    """
    if len(text) < _SHORT:
        if _TOLD_ALONE.search(text) is not None:
            return True
        if any(word in text for word in _RULERS):
            return False
        if _SCORELINE.search(text) is not None:
            return True
        played = sum(word in text for word in _SHORT_REPORT)
        if played < _LEAST_SHORT and _SCORE.search(text) is not None:
            played += 1 + any(word in text for word in _BEATEN)
        return played >= _LEAST_SHORT
    gates = 0
    for left, word in zip(range(len(_GATES), 0, -1), _GATES, strict=True):
        gates += word in text
        if gates + left - 1 < _LEAST_GATES:  # of most texts two thirds of the words say enough
            return False
    counts = [text.count(word) for word in _WORDS]
    return sum(map(bool, counts)) >= _LEAST_DISTINCT and sum(counts) * _LEAST_SHARE >= len(text)


def is_team(text: str, end: int, following: str) -> bool:
    """Whether what follows a country's name at `end` makes it those who play for it: "Italy coach".

    `following` are its next_letters.
    """
    return following in _BEGINNINGS and _TEAM_AFTER.match(text, end) is not None
