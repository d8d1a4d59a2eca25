"""Offices in the text: "the Russian president", "Prime Minister Abe", by the article's date."""

import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from streams.enrich.context import beginnings, given_names, word_before
from streams.enrich.registry import Office, RegistryActor
from streams.enrich.registry.actor import Role

_TITLES: dict[Role, tuple[str, ...]] = {
    "president": ("president",),
    "prime_minister": ("prime minister", "premier", "pm", "taoiseach"),
    "chancellor": ("chancellor",),
    "vice_president": ("vice president",),
    "monarch": ("king", "queen", "emperor", "emir", "monarch", "sultan"),
    "pope": ("pope",),
    "supreme_leader": ("supreme leader",),
    "foreign_minister": (
        "foreign minister", "foreign secretary", "top diplomat", "secretary of state", "foreign policy chief",
        "external affairs minister", "secretary",
    ),
    "defence_minister": (
        "defence minister", "defense minister", "defence secretary", "defense secretary",
        "secretary of defense", "defense chief", "secretary",
    ),
}  # fmt: skip
_TITLE_ROLES: dict[str, tuple[Role, ...]] = {
    title: tuple(role for role, titles in _TITLES.items() if title in titles)
    for title in (title for titles in _TITLES.values() for title in titles)
}
_LEADING: tuple[Role, ...] = (
    "president", "prime_minister", "chancellor", "supreme_leader", "monarch", "vice_president",
)  # fmt: skip
_OF_STATE: tuple[Role, ...] = ("monarch", "president")
_OF_GOVERNMENT: tuple[Role, ...] = ("chancellor", "prime_minister", "president")
_HEADS = ("secretary general", "director general", "managing director", "chief", "head", "boss")
_ALL = sorted(
    {*_TITLE_ROLES, *_HEADS, "leader", "head of state", "head of government"} - {"secretary", "pope"},
    key=len,
    reverse=True,
)
_WORDS = "|".join(word.replace(" ", "[ -]") for word in _ALL)
_SUCH = """
    current incumbent new longtime veteran embattled beleaguered outspoken hardline reformist moderate
    conservative liberal populist nationalist socialist centrist leftist far-right right-wing left-wing
    centre-right centre-left pro-Western pro-Russian ailing ageing aging outgoing re-elected reelected
    newly-elected caretaker powerful authoritarian autocratic long-serving youthful
    """.split()  # noqa: SIM905
"""What may be said of the holder between country and office."""

_AFTER = re.compile(rf"(?: ?'s?)? ({_WORDS})\b", re.IGNORECASE)
_AFTER_SUCH = re.compile(rf"(?: ?'s?)? (?:(?:{'|'.join(_SUCH)}),? ){{1,2}}({_WORDS})\b", re.IGNORECASE)
_PLURALS = "|".join(f"{word.replace(' ', '[ -]')}s" for word in _ALL if not word.startswith("head of"))
_BEHIND_BOTH = re.compile(rf" ({_PLURALS})\b", re.IGNORECASE)
_BEFORE_BOTH = re.compile(rf"\b({_PLURALS}) of (?:the )?$", re.IGNORECASE)
_BEFORE = re.compile(rf"\b({_WORDS}) of (?:the )?$", re.IGNORECASE)
_BEGINNINGS = beginnings((*_ALL, *_SUCH))
_NOBODY = """
    a an any every each no another some two three many former ex then late next future previous vice deputy
    acting onetime one-time would-be first assistant shadow possible potential incoming ousted deposed toppled
    overthrown exiled jailed imprisoned slain assassinated murdered
    """.split()  # noqa: SIM905
_NO_HOLDER = frozenset(_NOBODY)
"""Words before that mean somebody who doesn't hold the office, or nobody in particular."""

_BECOMING = frozenset(
    "become becomes became becoming elected appointed inaugurated served installed in be".split()  # noqa: SIM905
)
"""Words before "the" or "as": who becomes it, or was it; the last two of "sworn in" and "to be"."""

_NOBODY_REACH = 24
_NAME_REACH, _COMMA_REACH = 60, 20
_NAME_NEXT = re.compile(r",? [A-Z][^\W\d_]+ [A-Z]")
_NOT_HOLDER = re.compile(
    r"(?:-elect|-designate)| @| (?:[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]|[A-Z]\.|[A-Z]{2} [A-Z])"
    rf"|, (?:[A-Z][\w'-]+|[A-Z]\.) (?!(?i:{_WORDS})\b)(?:[a-z]{{2,3}} )?[A-Z]"
    r"| of (?!state\b|defense\b)|'s? (?:wife|son|daughter|office|spokes)"
    r"| (?:from|between|until) (?:\w+ )?\d{4}| \(\d{4}"
)
"""The same behind: somebody elected, somebody named, something of theirs, a term that is over."""

_NAMED_BEFORE = re.compile(
    r"([A-Z][\w'-]+) (?:[A-Z][\w.'-]* ){0,2}([A-Z][\w'-]+), (?:then |the |a )?(?:\w+ )?$"
)
"""Who is named before a comma is whom the office behind it is said of."""

_TITLE_BEFORE = re.compile(
    r"(?:^|\W)((?:[Ff]ormer|[Ee]x|[Tt]hen|[Ll]ate)[ -](?:[A-Z][\w.]+ ){0,2})?"
    r"((?i:(?:(?:vice|supreme) |prime |foreign |external affairs |defen[cs]e )?"
    r"(?:president|minister|premier|chancellor|secretary|leader|pm)(?: of (?:state|defense))?))"
    r"(?:-elect|-designate)? $"
)
_LAST_WORDS = frozenset(
    "president minister premier chancellor secretary leader pm state defense".split()  # noqa: SIM905
)
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|March|April|May|June|July|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_YEAR = re.compile(r"\b(?:1[5-9]\d\d|20\d\d)\b")
_IN_YEAR = re.compile(
    r"(?:\b(?:[Ii]n|[Bb]y|[Dd]uring|[Oo]n)(?: the)?(?: \w+ of| early| late| mid| [Ss]pring| [Ss]ummer"
    rf"| [Aa]utumn| [Ff]all| [Ww]inter)?(?: {_MONTH},?| \d{{1,2}} {_MONTH}| {_MONTH} \d{{1,2}},)? "
    rf"|^{_MONTH} |^\W?)"
    r"(1[5-9]\d\d|20\d\d)\b(?!-)",
    re.MULTILINE,
)
"""A year that says when something happens; not one that belongs to a noun, as in "the 2015 deal"."""

_ANOTHER_CLAUSE = re.compile(
    r"\b(?:who|whom|whose|which|where|when|that|since|after|until|elected|re-elected|born|appointed"
    r"|(?:said|says|warned|claimed|added)(?! ?$| (?:on|in) ))\b"
)
"""What stands between an office and the year of another deed."""

_LOST = re.compile(r" (?:(?:has|had|was|were|is) )?(?:died|dies|dead|killed|shot|assassinated)\b")
"""Behind an office: who held it until a few days ago is meant."""

_DAYS_AFTER = timedelta(days=3)
_LONG_AGO = re.compile(
    r"\b(?:years|decades?|century|centuries) (?:ago|earlier|before)\b|\b[Ii]n the (?:1[5-9]|20)\d0s\b"
    r"|\b[Ii]n (?:the|a|this|[\w ]{2,30}'s) (?:new )?(?:novel|film|movie|series|play|sketch|book|story)\b"
)
"""Then somebody else held the office, who can't be told, or nobody."""

_SENTENCE_REACH = 240


def may_be_beside(text: str, start: int, following: str) -> bool:
    """Whether the words beside a country at `start` may be an office: a fast no to most.

    `following` are its next_letters.
    """
    return following in _BEGINNINGS or _is_of(text, start)


def _is_of(text: str, start: int) -> bool:
    """Whether "of" or "of the" stands before `start`."""
    before = text[start - 4 : start]
    return before == " of " or (before == "the " and text[start - 8 : start - 4].lower() == " of ")


class RoleMention(NamedTuple):
    """Words that mean who holds an office."""

    actor: str
    start: int
    end: int


class _Term(NamedTuple):
    office: Office
    actor: str


class Offices:
    """Who held which office when."""

    def __init__(self, actors: Iterable[RegistryActor]) -> None:
        self._terms: dict[tuple[str, Role], list[_Term]] = defaultdict(list)
        self._by_actor: dict[str, tuple[Office, ...]] = {}
        self._names: dict[str, str] = {}
        self._surnames: set[str] = set()
        self._led_by: dict[str, Role] = {}
        for actor in actors:
            self._by_actor[actor.id] = actor.offices
            self._names[actor.id] = " ".join((actor.name, *actor.aliases))
            self._surnames.add(actor.name.rpartition(" ")[2])
            if actor.led_by is not None:
                self._led_by[actor.id] = actor.led_by
            for office in actor.offices:
                self._terms[office.of, office.role].append(_Term(office, actor.id))
        self._of = {of for of, _ in self._terms}

    def mention(
        self, text: str, place: tuple[int, int], of: str, day: str, *, demonym: bool
    ) -> RoleMention | None:
        """The holder of an office of `of`, which is named at `place`, if the words beside it mean one.

        A year before the article's in the same sentence moves the day; then the office must have
        had one holder through that year.
        """
        start, end = place
        if of not in self._of:
            return None
        after = _AFTER.match(text, end) or _AFTER_SUCH.match(text, end)
        if after is not None:
            span, begin = after.span(1), start
        else:
            if demonym or not _is_of(text, start) or _NAME_NEXT.match(text, end):
                return None
            before = _BEFORE.search(text, max(0, start - 60), start)
            if before is None:
                return None
            span, begin = before.span(1), before.start(1)
        if _is_not_held(text, begin) or (after is not None and _NOT_HOLDER.match(text, span[1])):
            return None
        role = self._role(text[slice(*span)].lower().replace("-", " "), of)
        actor = role and self._holder(of, role, self._day(text, span, day))
        if not actor or not role or self._is_said_of_another(text, begin, of, role, actor):
            return None
        return RoleMention(actor, *span)

    def both(
        self, text: str, one: tuple[int, int, str], other: tuple[int, int, str], day: str
    ) -> list[RoleMention]:
        """Who holds one office in two countries, whose places and ids these are: "presidents of X and Y"."""
        found = _BEHIND_BOTH.match(text, other[1]) or _BEFORE_BOTH.search(text, max(0, one[0] - 60), one[0])
        if found is None or _is_not_held(text, min(one[0], found.start(1))):
            return []
        if (
            found.start() == other[1]
            and found[1] == "leaders"
            and text[one[0] - 4 : one[0]].lower() != "the "
        ):
            return []  # they may be anybody who leads there
        span = found.span(1)
        title = found[1].lower().replace("-", " ").removesuffix("s")
        on = self._day(text, span, day)
        roles = [(of, self._role(title, of)) for _, _, of in (one, other)]
        holders = [self._holder(of, role, on) for of, role in roles if role is not None]
        return [RoleMention(holder, *span) for holder in holders if holder is not None]

    def pope(self, text: str, place: tuple[int, int], day: str) -> RoleMention | None:
        """Who was pope, where the words at `place` mean him: his office stands beside no country."""
        start, end = place
        if _is_not_held(text, start) or _NOT_HOLDER.match(text, end):
            return None
        church = next((of for of, role in self._terms if role == "pope"), "")
        actor = self._holder(church, "pope", self._day(text, place, day))
        return RoleMention(actor, start, end) if actor else None

    def _is_said_of_another(self, text: str, begin: int, of: str, role: Role, holder: str) -> bool:
        """Whether an office at `begin` is said of somebody else: "Neville Chamberlain, the British premier".

        Whom the registry knows and who never held it is somebody else in a list.
        """
        if text.rfind(",", max(0, begin - _COMMA_REACH), begin) < 0:
            return False
        named = _NAMED_BEFORE.search(text, max(0, begin - _NAME_REACH), begin)
        if named is None or named[1] not in given_names() or named[2] in self._names[holder]:
            return False
        held = any(named[2] in self._names[term.actor] for term in self._terms[of, role])
        return held or named[2] not in self._surnames

    def titled(self, text: str, start: int, actors: Collection[str], of: str | None, day: str) -> str | None:
        """Which of `actors`, who share a surname at `start`, the title before it means, if any.

        Who holds the office on the day goes before who held it last, unless the title is a former one;
        `of` restricts it to a country.
        """
        if word_before(text, start).partition("-")[0].lower() not in _LAST_WORDS:
            return None
        title = _TITLE_BEFORE.search(text, max(0, start - 40), start)
        if title is None:
            return None
        word = title[2].lower().replace("-", " ")
        if word == "leader":
            roles: tuple[Role, ...] = (self._led_by.get(of or "", "supreme_leader"),)
        else:
            roles = _TITLE_ROLES.get("prime minister" if word == "pm" else word, ())
        year = self._day(text, (start, start), day)
        day = f"{year}-07-01" if year is not None and len(year) == 4 else day
        terms = [
            (office, actor)
            for actor in sorted(actors)
            for office in self._by_actor.get(actor, ())
            if office.role in roles and office.start <= day and of in (None, office.of)
        ]
        if title[1] and title[1].lower().startswith(("former", "ex")):
            terms = [(office, actor) for office, actor in terms if not office.held_on(day)]
        elif not title[1]:
            current = {actor for office, actor in terms if office.held_on(day)}
            if len(current) == 1:
                return current.pop()
        if not terms:
            return None
        last = max(office.end or "9999" for office, _ in terms)
        latest = {actor for office, actor in terms if (office.end or "9999") == last}
        return latest.pop() if len(latest) == 1 else None

    def leader(self, actors: Iterable[str], countries: Container[str] | None, day: str) -> str | None:
        """Which of `actors`, who share a name, leads one of `countries`, or any; None if several do."""
        leading = {
            actor
            for actor in actors
            for office in self._by_actor.get(actor, ())
            if (countries is None or office.of in countries)
            and office.role in _LEADING
            and office.held_on(day)
        }
        return leading.pop() if len(leading) == 1 else None

    def rather(self, actor: str, others: Iterable[str], day: str) -> str:
        """The one of `others` who leads a country on the day, if `actor` holds no office then; else that."""
        if not others or any(office.held_on(day) for office in self._by_actor.get(actor, ())):
            return actor
        leading = [other for other in others if self.leader([other], None, day)]
        return leading[0] if len(leading) == 1 else actor

    def countries(self, actors: Iterable[str], day: str) -> set[str]:
        """Where `actors` hold an office on the day."""
        return {
            office.of for actor in actors for office in self._by_actor.get(actor, ()) if office.held_on(day)
        }

    def latest(self, actors: Collection[str], day: str) -> str | None:
        """Of people who share a full name, who came into office last before the day."""
        begun = sorted(
            (office.start, actor)
            for actor in actors
            for office in self._by_actor.get(actor, ())
            if office.start <= day
        )
        return begun[-1][1] if begun else None

    def _role(self, title: str, of: str) -> Role | None:
        """Which office a title means beside a country or an organisation."""
        if title == "leader" and of in self._led_by:
            return self._led_by[of]
        if (of, "head") in self._terms and title in ("president", "leader", *_HEADS):
            return "head"
        if title in ("head of state", "head of government"):
            heads = _OF_STATE if title == "head of state" else _OF_GOVERNMENT
            return next((role for role in heads if (of, role) in self._terms), None)
        found = _TITLE_ROLES.get(title)
        return found[0] if found else None

    def _holder(self, of: str, role: Role, day: str | None) -> str | None:
        if day is None:
            return None
        terms = self._terms.get((of, role), ())
        if len(day) == 4:
            holders = {actor for first in ("-01-01", "-12-31") for actor in _holding(terms, day + first)}
            whole = all(len(_holding(terms, day + first)) == 1 for first in ("-01-01", "-12-31"))
            return holders.pop() if whole and len(holders) == 1 else None
        holding = _holding(terms, day)
        return holding[0] if len(holding) == 1 else None

    def _day(self, text: str, place: tuple[int, int], day: str) -> str | None:
        """The article's day; the earlier year of what the sentence tells; None if that can't be told."""
        start, end = place
        begin = max(text.rfind(". ", max(0, start - _SENTENCE_REACH), start), text.rfind("\n", 0, start)) + 1
        begin += text[begin : begin + 1] == " "
        stops = [
            found for mark in (". ", "\n") if (found := text.find(mark, end, end + _SENTENCE_REACH)) >= 0
        ]
        sentence = text[begin : min(stops, default=end + _SENTENCE_REACH)]
        office = start - begin, end - begin
        if any(_is_of_clause(sentence, then, office) for then in _LONG_AGO.finditer(sentence)):
            return None
        if _LOST.match(text, end):
            return str(date.fromisoformat(day) - _DAYS_AFTER)
        if _YEAR.search(sentence) is None:
            return day
        years = {
            then[1]
            for then in _IN_YEAR.finditer(sentence)
            if then[1] < day[:4] and _is_of_clause(sentence, then, office)
        }
        if not years:
            return day
        return years.pop() if len(years) == 1 else None


def _is_not_held(text: str, begin: int) -> bool:
    """Whether the words before an office at `begin` say that nobody in particular holds it, or not yet."""
    before = text[max(0, begin - _NOBODY_REACH) : begin]
    if before[-1:] not in (" ", "-"):
        return False
    words = [word.strip("\"'“‘(-") for word in before.lower().split()]
    while len(words) > 1 and words[-1] in ("the", "as"):
        words.pop()
    if not words or (words[-1] == "in" and "sworn" not in words) or (words[-1] == "be" and "to" not in words):
        return False
    return words[-1] in _BECOMING or (before[-4:].lower() != "the " and words[-1] in _NO_HOLDER)


def _is_of_clause(sentence: str, then: re.Match[str], office: tuple[int, int]) -> bool:
    """Whether no other clause begins between an office and a time behind it, or before one before it."""
    start, end = (office[1], then.start()) if then.start() >= office[1] else (0, then.start())
    return _ANOTHER_CLAUSE.search(sentence, start, end) is None


def _holding(terms: Iterable[_Term], day: str) -> list[str]:
    return [actor for office, actor in terms if office.held_on(day)]
