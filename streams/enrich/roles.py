"""Offices in the text: "the Russian president", "Prime Minister Abe", by the article's date."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from streams.enrich.context import word_before
from streams.enrich.registry import Office, RegistryActor
from streams.enrich.registry.actor import Role

_TITLES: dict[Role, tuple[str, ...]] = {
    "president": ("president",),
    "prime_minister": ("prime minister", "premier"),
    "chancellor": ("chancellor",),
    "vice_president": ("vice president",),
    "monarch": ("king", "queen", "emperor", "emir", "monarch", "sultan"),
    "pope": ("pope",),
    "supreme_leader": ("supreme leader",),
    "foreign_minister": (
        "foreign minister", "foreign secretary", "top diplomat", "secretary of state", "foreign policy chief",
        "secretary",
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
_LEADING: tuple[Role, ...] = ("president", "prime_minister", "chancellor", "supreme_leader", "monarch")
_HEADS = ("secretary general", "director general", "managing director", "chief", "head", "boss")
_ALL = sorted({*_TITLE_ROLES, *_HEADS, "leader"} - {"secretary", "pope"}, key=len, reverse=True)
_WORDS = "|".join(word.replace(" ", "[ -]") for word in _ALL)
_AFTER = re.compile(rf"(?:'s?)? (?:(?:current|incumbent|new|longtime|veteran) )?({_WORDS})\b", re.IGNORECASE)
_BEFORE = re.compile(rf"\b({_WORDS}) of (?:the )?$", re.IGNORECASE)
_BEGINNINGS = frozenset(word[:2] for word in (*_ALL, "current", "incumbent", "new", "longtime", "veteran"))
_NOBODY = """
    a an any every each no another some two three many former ex then late next future previous vice deputy
    acting onetime one-time would-be first assistant shadow possible potential incoming ousted deposed toppled
    overthrown exiled jailed imprisoned slain assassinated murdered
    """.split()  # noqa: SIM905
_NO_HOLDER = re.compile(rf"\b(?:{'|'.join(_NOBODY)})[ -]$", re.IGNORECASE)
"""Words before that mean somebody who doesn't hold the office, or nobody in particular."""

_NAME_NEXT = re.compile(r",? [A-Z][^\W\d_]+ [A-Z]")
_NOT_HOLDER = re.compile(
    r"(?:-elect|-designate)|,? (?:[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]|[A-Z]\.|[A-Z]{2} [A-Z])"
    r"| of (?!state\b|defense\b)|'s? (?:wife|son|daughter|office|spokes)"
)
"""The same behind: somebody elected, somebody named, something of theirs."""

_TITLE_BEFORE = re.compile(
    r"(?:^|\W)((?:[Ff]ormer|[Ee]x|[Tt]hen|[Ll]ate)[ -](?:[A-Z][\w.]+ ){0,2})?"
    r"((?:(?:Vice|Supreme) |Prime |Foreign |Defen[cs]e )?"
    r"(?:President|Minister|Premier|Chancellor|Secretary|Leader|PM)(?: of (?:State|Defense))?)"
    r"(?:-elect|-designate)? $"
)
_LAST_WORDS = frozenset(
    "President Minister Premier Chancellor Secretary Leader PM State Defense".split()  # noqa: SIM905
)
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_SENTENCE_REACH = 240


def may_be_beside(text: str, start: int, following: str) -> bool:
    """Whether the words beside a country at `start` may be an office: a fast no to most.

    `following` are the letters that the next word begins with.
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
        self._led_by: dict[str, Role] = {}
        for actor in actors:
            self._by_actor[actor.id] = actor.offices
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
        after = _AFTER.match(text, end)
        if after is not None:
            span, begin = after.span(1), start
        else:
            if demonym or not _is_of(text, start) or _NAME_NEXT.match(text, end):
                return None
            before = _BEFORE.search(text, max(0, start - 60), start)
            if before is None:
                return None
            span, begin = before.span(1), before.start(1)
        if _NO_HOLDER.search(text, max(0, begin - 20), begin) or (
            after is not None and _NOT_HOLDER.match(text, span[1])
        ):
            return None
        role = self._role(text[slice(*span)].lower().replace("-", " "), of)
        actor = role and self._holder(of, role, self._day(text, span[0], day))
        return RoleMention(actor, *span) if actor else None

    def titled(self, text: str, start: int, actors: Collection[str], of: str | None, day: str) -> str | None:
        """Which of `actors`, who share a surname at `start`, the title before it means, if any.

        Who holds the office on the day goes before who held it last, unless the title is a former one;
        `of` restricts it to a country.
        """
        if (
            word_before(text, start).rpartition("-")[0] not in _LAST_WORDS
            and word_before(text, start) not in _LAST_WORDS
        ):
            return None
        title = _TITLE_BEFORE.search(text, max(0, start - 40), start)
        if title is None:
            return None
        word = {"pm": "prime minister", "leader": "supreme leader"}.get(title[2].lower(), title[2].lower())
        roles = _TITLE_ROLES.get(word.replace("-", " "), ())
        year = self._day(text, start, day)
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

    def leader(self, actors: Collection[str], of: str, day: str) -> str | None:
        """Which of `actors`, who share a surname, leads a country on the day, if just one does."""
        leading = {
            actor
            for actor in actors
            for office in self._by_actor.get(actor, ())
            if office.of == of and office.role in _LEADING and office.held_on(day)
        }
        return leading.pop() if len(leading) == 1 else None

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

    def _day(self, text: str, place: int, day: str) -> str | None:
        """The article's day; the one earlier year of the sentence; None if it has several."""
        begin = max(text.rfind(". ", max(0, place - _SENTENCE_REACH), place), text.rfind("\n", 0, place))
        stop = [
            found
            for found in (text.find(". ", place, place + _SENTENCE_REACH), text.find("\n", place))
            if found >= 0
        ]
        years = set(_YEAR.findall(text, begin + 1, min(stop, default=place + _SENTENCE_REACH)))
        earlier = {year for year in years if year < day[:4]}
        if not earlier:
            return day
        return earlier.pop() if len(years) == 1 else None


def _holding(terms: Iterable[_Term], day: str) -> list[str]:
    return [actor for office, actor in terms if office.held_on(day)]
