"""Whom the forms in a text mean.

What a surname of several people means, the article says: whom it names in full, with which title,
beside which words. And an office beside a country means who held it on the article's day.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from streams.core.facets import How
from streams.enrich.finder.context import (
    TITLES,
    begin_of_initials,
    common_surnames,
    first_name,
    word_before,
)
from streams.enrich.finder.disguise import alike
from streams.enrich.finder.forms import NAMES, Form, Match
from streams.enrich.finder.matches import is_match_report
from streams.enrich.finder.offices import Offices
from streams.enrich.finder.places import is_in_dateline
from streams.enrich.finder.roles import Roles, is_before_office
from streams.enrich.finder.support import Support
from streams.enrich.finder.terms import GOVERNING, Terms
from streams.enrich.finder.titles import Titles, is_behind_title
from streams.enrich.registry import Registry

_OF_RELATIVES = frozenset(("Mrs", "Ms", "Miss", "Lady", "Madam", "Dr"))
"""Titles that a namesake has: "Mrs. Trump"."""
_RULING = "[Aa]dministration|presidency|regime|White House|[Cc]abinet"
_OF_A_RULER = re.compile(
    rf" (?:{_RULING}|doctrine|years|tax cuts)\b|[ -](?:era|appointees?)\b"
    r"| and [A-Z][a-z]+ (?:administration|presidencie|era|year)s\b"
)
"""Behind a surname: it is that of who ruled last of those who bear it."""
_OF_A_LEADER = re.compile(rf" (?:{_RULING}|campaign|government)\b")
"""Behind a surname: it isn't a relative's."""
_SENTENCE_BREAK = re.compile(r"[.!?]\s|\n")
_IN = (" in ", " In ", "\nIn ")
_PLACES_TOO = ("Georgia", "Congo")
"""Countries with a namesake that one can be in."""

_LEAST_RARE = 4
"""Letters that a surname needs for its bearer to be known by a country beside it."""

_BESIDE = 30
"""Code points within which a country is that of a title: "South Korean President Park"."""


class Found(NamedTuple):
    """One place that names an actor, in code points of the document."""

    actor: str
    start: int
    end: int
    how: How


class _Article:
    """What is known of whom an article means, while it is read from its beginning."""

    def __init__(self, text: str, day: str, matches: list[Match], named: Collection[str]) -> None:
        self.text = text
        self.day = day
        self.matches = matches
        self.named = named
        self.holders: set[str] = set()
        """Whom offices in the text mean."""
        self.sentence_end = 0
        """Where the sentence ends in which somebody who isn't an actor was named last."""
        self.namesakes: Counter[str] = Counter()
        """How often each short name was that of somebody who isn't an actor."""
        self.paragraph_end = 0
        """Where the paragraph of that sentence ends."""
        self.holder: dict[str, str | None] = {}
        """Whom each short name was last given to; None if to somebody who isn't an actor."""
        self.supported: dict[str, bool] = {}
        self.listed: set[str] = set()
        """Countries that stand in a row with others."""
        self.backed: dict[str, str | None] = {}
        """Whom the whole article makes of each short name."""

    @cached_property
    def countries(self) -> set[str]:
        """The countries and organisations that the text names in any way."""
        return {form.actors[0] for _, _, form in self.matches if form.actors and not form.person}

    def note_namesake(self, end: int, short_names: Iterable[str]) -> None:
        """Note somebody who isn't an actor, whose name ends there, and what that one is called for short."""
        for text in short_names:
            self.holder[text] = None
            self.namesakes[text] += 1
        if end >= self.sentence_end:
            stop = _SENTENCE_BREAK.search(self.text, end)
            self.sentence_end = len(self.text) if stop is None else stop.end()
            stop_of_line = self.text.find("\n", end)
            self.paragraph_end = len(self.text) if stop_of_line < 0 else stop_of_line

    def title(self, start: int) -> str:
        """The title that stands before a name; else nothing."""
        word = word_before(self.text, start).rstrip(".")
        return word if word in TITLES else ""

    @cached_property
    def times_in_full(self) -> Counter[str]:
        """How often each actor is named by more than a surname."""
        return Counter(
            form.actors[0] for _, _, form in self.matches if form.use in NAMES and not form.surname
        )

    @cached_property
    def in_full(self) -> frozenset[str]:
        """Who is named by more than a surname: by a first name, or with a title that relatives don't have."""
        return frozenset(
            form.actors[0]
            for start, _, form in self.matches
            if form.use in NAMES and (not form.surname or self.title(start) not in ("", *_OF_RELATIVES))
        )


class Meaning:
    """Gives forms to actors; safe to share between threads."""

    def __init__(self, registry: Registry, forms: Iterable[Form], own: Mapping[str, Collection[str]]) -> None:
        self._actors = registry.actors
        self._own = own
        self._terms = Terms(registry.actors.values())
        self._titles = Titles(self._terms)
        self._support = Support(registry.actors.values())
        self._offices = Offices(Roles(registry.actors.values(), self._terms), self._support)
        self._short_names: dict[str, list[str]] = {actor: [] for actor in registry.actors}
        for form in forms:
            if form.use == "short":
                for actor in form.actors:
                    self._short_names[actor].append(form.text)
        self._also: dict[str, list[str]] = {}
        """Whose a surname is too that is somebody's alias."""
        for owner in registry.actors.values():
            known = self._short_names[owner.id]
            for text in map(alike, owner.short_names):
                if text not in known:
                    known.append(text)
                    self._also.setdefault(text, []).append(owner.id)
        shared = {text for texts in self._short_names.values() for text in texts}
        shared |= {form.text for form in forms if form.use in NAMES and form.surname}
        self._ending_in = {
            form.text: tuple(name for name in _endings(form.text) if name in shared)
            for form in forms
            if form.use == "not" or (form.person and " " in form.text)
        }

    def of(self, text: str, matches: list[Match], day: str) -> list[Found]:
        """Each match as the actor it means, and the holders of offices, sorted by start.

        A short name goes to the actor last named in full before, else to the first named after.
        """
        titled = self._titled(text, matches, day)
        article = _Article(text, day, matches, _in_order(matches, titled))
        beside = self._offices.beside(text, matches, titled, day)
        article.holders.update(role.actor for role in beside.roles)
        article.listed.update(beside.listed)
        article.supported.update(dict.fromkeys(beside.supported, True))
        match_report = is_match_report(text)
        found: list[Found] = []
        for match in matches:
            start, end, form = match
            use = form.use
            actor: str | None
            how: How
            if use == "office":
                continue
            if use == "not":
                article.note_namesake(end, self._ending_in.get(form.text, (form.text,)))
                continue
            if use == "short":
                actor = self._short(start, form, titled, article)
                if actor is None and self._is_country_in(text, start, end, form):
                    actor = form.actors[0]
                how = "name" if actor is not None and form.text == self._actors[actor].name else "alias"
            else:
                actor = self._named(start, form, article) if form.person else form.actors[0]
                how = use
            if actor is None:
                continue
            plays = start in beside.teams or (match_report and not _is_no_team(text, start, end))
            if plays and self._actors[actor].kind == "country" and how in NAMES:
                how = "metonym"  # for its team
            found.append(Found(actor, start, end, how))
        if not beside.roles:
            return found
        return _without_overlaps([*found, *(Found(*role, "role") for role in beside.roles)])

    def _is_country_in(self, text: str, start: int, end: int, form: Form) -> bool:
        """Whether somebody is in it, which tells a country from a bird and a player: "grew up in Turkey"."""
        return (
            text.endswith(_IN, 0, start)
            and text[end : end + 1] != "'"
            and form.text not in _PLACES_TOO
            and self._actors[form.actors[0]].kind == "country"
        )

    def _named(self, start: int, form: Form, article: _Article) -> str | None:
        """Whose name or stand-in it is; a full name takes its short names over.

        In the sentences after a namesake's a surname alone is that one's, unless the article names the
        actor in full.
        """
        actor = form.actors[0]
        if form.use not in NAMES:
            return actor
        if not form.surname:
            for text in self._short_names[actor]:
                if not self._is_aside(actor, article.holder.get(text), article):
                    article.holder[text] = actor
            return actor
        if form.text not in article.holder:
            others = self._also.get(form.text)
            return self._terms.rather(actor, others, article.day) if others else actor
        holder = article.holder[form.text]
        if holder is None and _OF_A_LEADER.match(article.text, start + len(form.text)):
            return actor
        if holder is not None or article.title(start) in _OF_RELATIVES:
            return holder
        return actor if start < article.sentence_end or actor in article.in_full else None

    def _is_aside(self, actor: str, other: str | None, article: _Article) -> bool:
        """Whether somebody without an office is named once beside `other`, a namesake who has one."""
        return (
            other not in (None, actor)
            and article.times_in_full[actor] == 1
            and not self._terms.held(actor, article.day)
            and bool(self._terms.held(other, article.day))
        )

    def _short(self, start: int, form: Form, titled: Mapping[int, str], article: _Article) -> str | None:
        """Whom a short name means: by its title, by a name before it, else by the whole article."""
        actor = titled.get(start)
        if actor is not None:
            article.holder.update(dict.fromkeys(self._short_names[actor], actor))
            return actor
        if _OF_A_RULER.match(article.text, start + len(form.text)):
            is_first = article.text.endswith("first ", 0, start)  # "the first Bush administration"
            ruler = self._terms.ruler(form.actors, article.countries, article.day, first=is_first)
            if ruler is not None:
                return ruler
        if form.text in article.holder:
            holder = article.holder[form.text]
            if holder is None and start > article.paragraph_end and article.namesakes[form.text] == 1:
                in_full = article.in_full.intersection(form.actors)
                holder = next(iter(in_full)) if len(in_full) == 1 else None
            return holder
        if form.text not in article.backed:
            article.backed[form.text] = self._backed(form, article)
        return article.backed[form.text]

    def _backed(self, form: Form, article: _Article) -> str | None:
        """Whom of a short name's the article speaks of: by an office, in full, by other words."""
        if form.actors[0] in article.listed:
            return form.actors[0]
        holders = article.holders.intersection(form.actors)
        if len(holders) == 1:
            return holders.pop()
        named = [
            one
            for one in article.named
            if one in form.actors
            and (one not in self._support or one in article.in_full or self._is_supported(one, article))
        ]
        if named:
            return self._terms.leader(named, None, article.day) or named[0]
        if form.person and " " in form.text:
            leader = self._terms.leader(form.actors, None, article.day)
            return leader or self._supported(form, article) or self._terms.latest(form.actors, article.day)
        in_office = self._in_office(form, article) if form.person else None
        return in_office or self._supported(form, article)

    def _supported(self, form: Form, article: _Article) -> str | None:
        """The one of a short name's that words of the article support."""
        backed = [one for one in form.actors if one in self._support and self._is_supported(one, article)]
        return backed[0] if len(backed) == 1 else None

    def _in_office(self, form: Form, article: _Article) -> str | None:
        """Who of those with a surname that few bear leads a country that the text speaks of."""
        if len(form.text) < _LEAST_RARE or form.text in common_surnames():
            return None
        rare = [one for one in form.actors if one not in self._support]
        countries = article.countries | self._terms.countries(article.named, article.day)
        return self._terms.leader(rare, countries, article.day, GOVERNING)

    def _is_supported(self, actor: str, article: _Article) -> bool:
        if actor not in article.supported:
            article.supported[actor] = self._support.holds(actor, article.text)
        return article.supported[actor]

    def _titled(self, text: str, matches: list[Match], day: str) -> dict[int, str]:
        """The short names whose title or first name says whose they are, by their start."""
        titled: dict[int, str] = {}
        country: Match | None = None
        for match in matches:
            start, _, form = match
            if form.use == "short" and form.person:
                actor = self._by_title(text, start, form, country, day)
                if actor is not None:
                    titled[start] = actor
            elif form.use != "metonym" and form.actors and not form.person:
                country = match
        return titled

    def _by_title(self, text: str, name: int, form: Form, country: Match | None, day: str) -> str | None:
        """Whose the surname at `name` is, by the words before it; `country` is the one named last."""
        start, actors = begin_of_initials(text, name), form.actors
        if country is not None and (start - country[1] >= _BESIDE or "." in text[country[1] : start]):
            country = None
        actor = None
        if is_behind_title(text, start):
            if country is not None:
                actor = self._titles.bearer(text, start, actors, country[2].actors[0], day)
            actor = actor or self._titles.bearer(text, start, actors, None, day)
        elif country is not None and text[country[1] : start] == "'s ":
            actor = self._terms.leader(actors, country[2].actors, day)
        first = first_name(text, name, word_before(text, name)) if actor is None else ""
        own = [one for one in actors if first in self._own[one]] if first else []
        return own[0] if len(own) == 1 else actor


def _is_no_team(text: str, start: int, end: int) -> bool:
    """Whether a country is the host, or an office's, in the report of a match."""
    return text.endswith(" in ", 0, start) or is_in_dateline(text, start, end) or is_before_office(text, end)


def _in_order(matches: Iterable[Match], titled: Mapping[int, str]) -> tuple[str, ...]:
    """Whom an article names in full or with a title, in the order in which it does first."""
    named: dict[str, None] = {}
    for start, _, form in matches:
        if form.use in NAMES:
            named[form.actors[0]] = None
        elif start in titled:
            named[titled[start]] = None
    return tuple(named)


def _endings(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[begin:]) for begin in range(1, len(words))]


def _without_overlaps(found: list[Found]) -> list[Found]:
    """Sorted by start; of roles that overlap what is named, or each other, the first stays.

    Two stay that one word in the plural means: "the French and German presidents".
    """
    kept: list[Found] = []
    for place in sorted(found, key=lambda place: (place.start, place.how == "role")):
        last = kept[-1] if kept else None
        both = last is not None and place.how == last.how == "role" and place.start == last.start
        if last is None or both or place.start >= last.end:
            kept.append(place)
    return kept
