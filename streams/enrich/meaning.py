"""Whom the forms in a text mean.

What a surname of several people means, the article says: whom it names in full, with which title,
beside which words. And an office beside a country means who held it on the article's day.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from streams.core.facets import How
from streams.enrich.boundaries import has_word
from streams.enrich.context import (
    TITLES,
    begin_of_initials,
    common_surnames,
    first_name,
    next_letters,
    word_before,
)
from streams.enrich.disguise import alike
from streams.enrich.forms import Form
from streams.enrich.matches import is_match_report, is_team
from streams.enrich.places import is_in_dateline
from streams.enrich.registry import Registry
from streams.enrich.roles import RoleMention, Roles, is_before_office, is_behind_title, may_be_beside
from streams.enrich.terms import Terms

_NAMES = ("name", "alias")
_OF_RELATIVES = frozenset(("Mrs", "Ms", "Miss", "Lady", "Madam", "Dr"))
"""Titles that a namesake has: "Mrs. Trump"."""
_OF_A_LEADER = (" administration", " presidency", " White House", " campaign", " government", " cabinet")
"""Behind a surname: it isn't a relative's."""
_SENTENCE_BREAK = re.compile(r"[.!?]\s|\n")
_OF_STATES = ("president", "prime minister", "premier", "king")
"""Offices that neither a state of the union nor a man called Jordan has."""

_IN_A_ROW = frozenset((", ", ", the ", " and ", " and the ", ", and ", ", and the "))
_LONGEST_JOINT = max(map(len, _IN_A_ROW))
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


Match = tuple[int, int, Form]
"""Where a form stands in the text, start and end in code points of that."""


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

    def note_namesake(self, end: int) -> None:
        """Note somebody who isn't an actor, whose name ends there."""
        if end >= self.sentence_end:
            stop = _SENTENCE_BREAK.search(self.text, end)
            self.sentence_end = len(self.text) if stop is None else stop.end()

    def title(self, start: int) -> str:
        """The title that stands before a name; else nothing."""
        word = word_before(self.text, start).rstrip(".")
        return word if word in TITLES else ""

    @cached_property
    def times_in_full(self) -> Counter[str]:
        """How often each actor is named by more than a surname."""
        return Counter(
            form.actors[0] for _, _, form in self.matches if form.use in _NAMES and not form.surname
        )

    @cached_property
    def in_full(self) -> frozenset[str]:
        """Who is named by more than a surname: by a first name, or with a title that relatives don't have."""
        return frozenset(
            form.actors[0]
            for start, _, form in self.matches
            if form.use in _NAMES and (not form.surname or self.title(start) not in ("", *_OF_RELATIVES))
        )


class Meaning:
    """Gives forms to actors; safe to share between threads."""

    def __init__(self, registry: Registry, forms: Iterable[Form], own: Mapping[str, Collection[str]]) -> None:
        self._actors = registry.actors
        self._own = own
        self._terms = Terms(registry.actors.values())
        self._roles = Roles(registry.actors.values(), self._terms)
        demonyms = {actor.name: actor.demonyms for actor in registry.actors.values()}
        self._support = {
            actor.id: (
                tuple(
                    dict.fromkeys(
                        alike(form) for word in actor.support for form in (word, *demonyms.get(word, ()))
                    )
                ),
                tuple(map(alike, actor.against)),
            )
            for actor in registry.actors.values()
            if actor.support or actor.against
        }
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
        shared |= {form.text for form in forms if form.use in _NAMES and form.surname}
        self._ending_in = {
            form.text: tuple(name for name in _endings(form.text) if name in shared)
            for form in forms
            if form.use == "not"
        }

    def of(self, text: str, matches: list[Match], day: str) -> list[Found]:
        """Each match as the actor it means, and the holders of offices, sorted by start.

        A short name goes to the actor last named in full before, else to the first named after.
        """
        titled = self._titled(text, matches, day)
        article = _Article(text, day, matches, _in_order(matches, titled))
        roles, teams = self._beside(article, titled)
        article.holders.update(role.actor for role in roles)
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
                article.holder.update(dict.fromkeys(self._ending_in.get(form.text, (form.text,))))
                article.note_namesake(end)
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
            plays = start in teams or (match_report and not self._is_no_team(text, start, end))
            if plays and self._actors[actor].kind == "country" and how in _NAMES:
                how = "metonym"  # for its team
            found.append(Found(actor, start, end, how))
        if not roles:
            return found
        return _without_overlaps([*found, *(Found(*role, "role") for role in roles)])

    def _is_country_in(self, text: str, start: int, end: int, form: Form) -> bool:
        """Whether somebody is in it, which tells a country from a bird and a player: "grew up in Turkey"."""
        return (
            text.endswith(_IN, 0, start)
            and text[end : end + 1] != "'"
            and form.text not in _PLACES_TOO
            and self._actors[form.actors[0]].kind == "country"
        )

    def _is_no_team(self, text: str, start: int, end: int) -> bool:
        """Whether a country is the host, or an office's, in the report of a match."""
        return (
            text.endswith(" in ", 0, start) or is_in_dateline(text, start, end) or is_before_office(text, end)
        )

    def _beside(
        self, article: _Article, titled: Mapping[int, str]
    ) -> tuple[list[RoleMention], frozenset[int]]:
        """The offices beside the countries that are named, with who held them; which countries are teams."""
        text, day = article.text, article.day
        roles: list[RoleMention] = []
        teams = []
        met: dict[int, str | None] = {}
        countries: list[tuple[int, int, str]] = []
        person: str | None = None  # who was last named, or meant by an office
        for match in article.matches:
            start, end, form = match
            role = None
            if form.use == "office":
                role = self._roles.pope(text, (start, end), day)
            elif form.use not in ("metonym", "not") and not form.person:
                following = next_letters(text, end)
                if is_team(text, end, following):
                    teams.append(start)
                elif may_be_beside(text, start, following):
                    role = self._role(match, article)
                    if role is None and person is not None:
                        role = self._roles.counterpart(text, end, form.actors[0], person, day)
                countries.append((start, end, form.actors[0]))
                met[end] = person
            elif form.person and (form.use in _NAMES or start in titled):
                person = titled.get(start, form.actors[0])
            if role is not None:
                roles.append(role)
                person = role.actor
        roles += self._in_rows(article, countries, met)
        return roles, frozenset(teams)

    def _in_rows(
        self, article: _Article, countries: list[tuple[int, int, str]], met: Mapping[int, str | None]
    ) -> list[RoleMention]:
        """Who is meant by one office of several countries; `met` says who was named before each one's end."""
        roles: list[RoleMention] = []
        for row in _rows(article.text, countries):
            article.listed.update(country for _, _, country in row)
            roles += self._roles.several(article.text, row, article.day)
            other = met[row[-1][1]]
            if other is not None:
                roles += self._roles.counterparts(article.text, row, other, article.day)
        return roles

    def _role(self, match: Match, article: _Article) -> RoleMention | None:
        """The holder of an office beside a country; one whose name needs support is supported so too."""
        start, end, form = match
        demonym = form.use == "demonym"
        actor = form.actors[0]
        role = self._roles.mention(article.text, (start, end), actor, article.day, demonym=demonym)
        if role is not None and form.use == "short" and not self._is_supported(actor, article):
            if article.text[role.start : role.end].lower() not in _OF_STATES:
                return None
            article.supported[actor] = True
        return role

    def _named(self, start: int, form: Form, article: _Article) -> str | None:
        """Whose name or stand-in it is; a full name takes its short names over.

        In the sentences after a namesake's a surname alone is that one's, unless the article names the
        actor in full.
        """
        actor = form.actors[0]
        if form.use not in _NAMES:
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
        if holder is None and article.text.startswith(_OF_A_LEADER, start + len(form.text)):
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
        if form.text in article.holder:
            return article.holder[form.text]
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
            if one in form.actors and (one not in self._support or self._is_supported(one, article))
        ]
        if named:
            return self._terms.leader(named, None, article.day) or named[0]
        if form.person and " " in form.text:
            leader = self._terms.leader(form.actors, None, article.day)
            return leader or self._supported(form, article) or self._terms.latest(form.actors, article.day)
        supported = self._supported(form, article)
        return self._in_office(form, article) if supported is None and form.person else supported

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
        return self._terms.leader(rare, countries, article.day)

    def _is_supported(self, actor: str, article: _Article) -> bool:
        """Whether words of the actor's support stand in the text, and more than against it."""
        if actor not in article.supported:
            support, against = self._support[actor]
            wanted = sum(has_word(article.text, word) for word in against) + bool(support)
            for word in support:
                if not wanted:
                    break
                wanted -= has_word(article.text, word)
            article.supported[actor] = not wanted
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
                actor = self._roles.titled(text, start, actors, country[2].actors[0], day)
            actor = actor or self._roles.titled(text, start, actors, None, day)
        elif country is not None and text[country[1] : start] == "'s ":
            actor = self._terms.leader(actors, country[2].actors, day)
        first = first_name(text, name, word_before(text, name)) if actor is None else ""
        own = [one for one in actors if first in self._own[one]] if first else []
        return own[0] if len(own) == 1 else actor


def _rows(text: str, countries: Iterable[tuple[int, int, str]]) -> Iterator[list[tuple[int, int, str]]]:
    """Countries of which one stands behind the other: "Russia, France and the US"."""
    row: list[tuple[int, int, str]] = []
    for country in countries:
        if row and (
            country[0] - row[-1][1] > _LONGEST_JOINT or text[row[-1][1] : country[0]] not in _IN_A_ROW
        ):
            if len(row) > 1:
                yield row
            row = []
        row.append(country)
    if len(row) > 1:
        yield row


def _in_order(matches: Iterable[Match], titled: Mapping[int, str]) -> tuple[str, ...]:
    """Whom an article names in full or with a title, in the order in which it does first."""
    named: dict[str, None] = {}
    for start, _, form in matches:
        if form.use in _NAMES:
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
