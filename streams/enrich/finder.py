"""The gazetteer: where a document names an actor of the registry.

One pass of an Aho-Corasick automaton (Aho and Corasick 1975) proposes every place where a form of
words stands; word boundaries, what stands beside it, and leftmost-longest choice decide.
"""

from dataclasses import replace

from ahocorasick_rs import AhoCorasick

from streams.enrich.boundaries import stands_alone
from streams.enrich.context import (
    has_own_first_name,
    is_address,
    is_institution,
    is_month,
    is_shouted,
    is_somebody_else,
    is_whole_name,
)
from streams.enrich.disguise import read
from streams.enrich.forms import Form, all_forms, own_names
from streams.enrich.meaning import Found, Match, Meaning
from streams.enrich.places import is_place, is_town
from streams.enrich.registry import Registry

__all__ = ["ActorFinder", "Found"]

_MONTH = "May"
_SHOUTED = frozenset(("US", "UN", "EU"))
"""Abbreviations that are words too, where a line is in capitals."""

_MARKS = frozenset("/.@\\=&?")
"""Beside a name they may make it a part of an address."""


class ActorFinder:
    """Finds the actors of one registry; safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        self._forms = all_forms(registry.actors.values())
        self._automaton = AhoCorasick([form.text for form in self._forms])
        self._own = {
            actor.id: own_names(actor) for actor in registry.actors.values() if actor.kind == "person"
        }
        self._places = {form.text.rpartition(" ")[2] for form in self._forms if not form.person}
        self._meaning = Meaning(registry, self._forms, self._own)

    def find(self, document: str, day: str) -> tuple[Found, ...]:
        """Every place that names an actor, sorted by start, none overlapping another.

        `day` is the article's ISO date: offices are read as of it.
        """
        reading = read(document)
        text = reading.text
        forms = self._forms
        matches = []
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            form = forms[index]
            if not stands_alone(text, start, end):
                continue
            if self._fits(text, start, end, form):
                matches.append(Match(start, end, form))
            elif form.use == "short" and form.person and is_somebody_else(text, start, ()):
                matches.append(Match(start, end, replace(form, use="not")))  # who it means from here on
        if not matches:
            return ()
        found = self._meaning.of(text, _leftmost_longest(matches), day)
        if reading.starts is None:
            return tuple(found)
        return tuple(Found(place.actor, *reading.span(place.start, place.end), place.how) for place in found)

    def _fits(self, text: str, start: int, end: int, form: Form) -> bool:
        """Whether what stands around a match lets it be the form that it looks like."""
        use = form.use
        if use == "not":
            return True
        beside = text[end : end + 1]
        if (beside in _MARKS or text[start - 1 : start] in _MARKS) and is_address(text, start, end):
            return False
        if form.person:
            return self._fits_a_person(text, start, end, form)
        if use == "metonym":
            return not is_place(text, start, end, self._places) and not is_somebody_else(text, start, ())
        return use == "demonym" or self._fits_a_country(text, start, end, form)

    def _fits_a_country(self, text: str, start: int, end: int, form: Form) -> bool:
        if text[end : end + 1] == "," and is_town(text, end):
            return False
        if form.use == "short":
            return is_whole_name(text, start, end)
        if form.text in _SHOUTED and is_shouted(text, start):
            return form.text != "US" or text[start - 1 : start] in ("", "\n")
        return not is_somebody_else(text, start, ())

    def _fits_a_person(self, text: str, start: int, end: int, form: Form) -> bool:
        if is_institution(text, end) or (form.text == _MONTH and is_month(text, start, end)):
            return False
        if form.surname and all(is_somebody_else(text, start, self._own[actor]) for actor in form.actors):
            return False
        if form.use != "short" or is_whole_name(text, start, end):
            return True
        return any(has_own_first_name(text, start, self._own[actor]) for actor in form.actors)


def _leftmost_longest(matches: list[Match]) -> list[Match]:
    """Without overlaps; a phrase that isn't a name first takes away all that lies inside it."""
    kept: list[Match] = []
    phrase_end = 0  # the furthest of the phrases begun so far
    for match in sorted(matches, key=lambda match: (match.start, -match.end)):
        inside = match.end <= phrase_end
        if match.form.use == "not":
            phrase_end = max(phrase_end, match.end)
        if not inside and (not kept or match.start >= kept[-1].end):
            kept.append(match)
    return kept
