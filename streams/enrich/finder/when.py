"""When the holder of an office in the text held it: on the article's day, or in the year that is told of."""

import re
from datetime import date, timedelta

_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|March|April|May|June|July|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
_ABBREVIATED = "Jan Feb Mar Apr Aug Sep Sept Oct Nov Dec Mr Mrs Ms Dr Gen Sen Gov St".split()  # noqa: SIM905
_YEAR = re.compile(r"\b(?:1[5-9]\d\d|20\d\d)\b")
_IN_YEAR = re.compile(
    r"(?:\b(?:[Ii]n|[Bb]y|[Dd]uring|[Oo]n)(?: the)?(?: \w+ of| early| late| mid| [Ss]pring| [Ss]ummer"
    rf"| [Aa]utumn| [Ff]all| [Ww]inter)?(?: {_MONTH},?|(?P<day> \d{{1,2}} {_MONTH}| {_MONTH} \d{{1,2}},))? "
    rf"|^{_MONTH} |^\W?)"
    r"(?P<year>1[5-9]\d\d|20\d\d)\b(?!-)"
)
"""A year that says when something happens; not one that belongs to a noun, as in "the 2015 deal"."""

_ANOTHER_CLAUSE = re.compile(
    r";|\b(?:who|whom|whose|which|where|when|that|since|after|until|elected|re-elected|born|appointed"
    r"|(?:said|says|warned|claimed|added)(?! ?$| (?:on|in) ))\b"
    r"|\b(?:signed|ratified|reached|adopted|concluded|launched|annexed|built|founded|negotiated|enacted) $"
)
"""What stands between an office and the year of another deed."""

_NOT_ABBREVIATED = "".join(rf"(?<!{word}\.)" for word in ("[A-Z]", *_ABBREVIATED))
_STOP = re.compile(rf"\n|\.{_NOT_ABBREVIATED} ")
_LOST = re.compile(
    r" (?:(?:has|had|was|were|is|will be) )?(?:died|dies|dead|killed|shot|assassinated|buried|fled|flees"
    r"|ousted|toppled|overthrown|resign(?:ed|s)|quits?|stepp?(?:ed|s) down"
    r"|lost (?:a|his|her) (?:\w+ )?(?:fight|battle))\b"
)
"""Behind an office: who held it until a few days ago is meant."""

_LONG_AGO = re.compile(
    r"\b(?:years|decades?|century|centuries) (?:ago|earlier|before)\b|\b[Ii]n the (?:1[5-9]|20)\d0s\b"
    r"|\b[Ii]n (?:the|a|this|[\w ]{2,30}'s) (?:new )?(?:novel|film|movie|series|play|sketch|book|story)\b"
)
"""Then somebody else held the office, who can't be told, or nobody."""

_SENTENCE_REACH = 240
_A_FEW_DAYS = timedelta(days=3)
_FIRST_DAY = date.min + _A_FEW_DAYS


def a_few_days_before(day: str) -> str:
    """The ISO date three days before another: for so long an office may still mean who has left it."""
    return str(max(date.fromisoformat(day), _FIRST_DAY) - _A_FEW_DAYS)


def when(text: str, place: tuple[int, int], day: str) -> str | None:
    """The ISO date or the year in which what the sentence tells of an office at `place` happens.

    It is the article's `day`, unless the clause names an earlier year; None if that can't be told.
    """
    start, end = place
    floor = max(0, start - _SENTENCE_REACH)
    begin = max((stop.end() for stop in _STOP.finditer(text, floor, start)), default=floor)
    stop = _STOP.search(text, end, end + _SENTENCE_REACH)
    sentence = text[begin : end + _SENTENCE_REACH if stop is None else stop.start()]
    office = start - begin, end - begin
    if any(_is_of_clause(sentence, then, office) for then in _LONG_AGO.finditer(sentence)):
        return None
    today = a_few_days_before(day) if _LOST.match(text, end) else day
    if _YEAR.search(sentence) is None:
        return today
    years = {
        _said(then)
        for then in _IN_YEAR.finditer(sentence)
        if then["year"] < day[:4] and _is_of_clause(sentence, then, office)
    }
    if not years:
        return today
    return years.pop() if len(years) == 1 else None


def _said(then: re.Match[str]) -> str:
    """The day that is named, else the year."""
    if then["day"] is None:
        return then["year"]
    number, name = sorted(then["day"].strip(" ,").split())
    try:
        return str(date(int(then["year"]), _MONTHS.index(name[:3]) + 1, int(number)))
    except ValueError:  # there is no such day
        return then["year"]


def _is_of_clause(sentence: str, then: re.Match[str], office: tuple[int, int]) -> bool:
    """Whether no other clause begins between an office and a time behind it, or before one before it."""
    start, end = (office[1], then.start()) if then.start() >= office[1] else (0, then.start())
    return _ANOTHER_CLAUSE.search(sentence, start, end) is None
