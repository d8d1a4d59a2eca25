"""The gazetteer: where a document names an actor of the registry.

One pass of an Aho-Corasick automaton (Aho and Corasick 1975) proposes every place where a form of
words stands; word boundaries, what stands beside it, and leftmost-longest choice decide.
"""

import re
from dataclasses import replace
from operator import itemgetter

from ahocorasick_rs import AhoCorasick

from streams.enrich.finder.boundaries import stands_alone
from streams.enrich.finder.context import (
    NAMED_FOR,
    TITLES,
    first_name,
    given_before,
    given_names,
    is_address,
    is_firm_of,
    is_in_byline,
    is_institution,
    is_major,
    is_month,
    is_namesake,
    is_numeral,
    is_shouted,
    is_whole_name,
    name_behind,
    word_before,
)
from streams.enrich.finder.disguise import read
from streams.enrich.finder.forms import Form, Match, all_forms, lead, own_names
from streams.enrich.finder.meaning import Found, Meaning
from streams.enrich.finder.places import is_joined, is_place, is_town
from streams.enrich.finder.roles import is_behind_office
from streams.enrich.registry import Registry

_MONTH = "May"
_MAJOR = "Major"
_NUMERAL = "XI"
_WORDS = (_MONTH, _MAJOR, _NUMERAL)
_HYPHENATED = re.compile(r"-([A-Z]\w+)")
_LOCALE = re.compile(r"\b(?:[a-z]{2}|PORT)-$")
"""Before "US" it makes the code of a language, before "AU" a town."""

_SHOUTED = frozenset(("US", "UN", "EU"))
"""Abbreviations that are words too, where a line is in capitals."""

_AIRLINE = (" Airlines", " Airways", " Air Lines")
"""Behind a country, these make it an airline's name, as "Air" before it does."""

_BEFORE_ANOTHER = frozenset(("Air", "Imperial", "Tsarist", "Czarist", "Vichy", "Weimar"))
"""Before a country's name these make it an airline's, or that of a state that is no more."""

_OTHER_COUNTRIES = frozenset("New North South East West Northern Southern Eastern Western American".split())  # noqa: SIM905
"""Before a country's name these make it a part of another one's."""

_BEFORE_NAMES = ("by", "and")
_OCCUPATIONS = frozenset(
    "actor actress author boxer footballer journalist player rapper singer striker swimmer".split()  # noqa: SIM905
)
"""Before a country's name and another, these make it a person's first name."""

_TELLING = NAMED_FOR | _OCCUPATIONS | {*_BEFORE_NAMES, "of"}
"""The words in lower case that say something of the name behind them."""

_PLAIN = frozenset(f" {letter}" for letter in "adefgijklmnopqstuvwxyz") | {". ", ".\n", '."', "'s"}
"""What may follow a name that goes no further: words for houses and firms begin with the other letters."""

_STREETS = (
    " Street", " Avenue", " Road", " Lane", " Boulevard", " Valley", " County", " Township", " CITY",
)  # fmt: skip
_IN_TOWN = ("in", "In", "near", "from", "From", "outside")
_MARKS = frozenset("/.@\\=&?-#")
"""Beside a name they may make it a part of an address."""


class ActorFinder:
    """Finds the actors of one registry; safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        # Forms that begin with small letters stand last, and are looked for from their first capital on: the
        # automaton hardly leaves its root in words of small letters then, and takes half of the time.
        led = [(lead(form.text), form) for form in all_forms(registry.actors.values())]
        led.sort(key=lambda pair: pair[0] != "")
        self._forms = [form for _, form in led]
        self._leads = {index: before for index, (before, _) in enumerate(led) if before}
        self._first_led = len(self._forms) - len(self._leads)
        self._automaton = AhoCorasick([form.text.removeprefix(before) for before, form in led])
        self._own = {
            actor.id: own_names(actor) if actor.kind == "person" else frozenset()
            for actor in registry.actors.values()
        }
        first_names = {
            actor.name.partition(" ")[0] for actor in registry.actors.values() if actor.kind == "person"
        }
        aliases = {form.text for form in self._forms if form.use == "alias"}
        self._first_names = aliases & (first_names | given_names())
        self._places = {
            form.text.rpartition(" ")[2] for form in self._forms if not form.person and form.use != "not"
        }
        self._meaning = Meaning(registry, self._forms, self._own)

    def find(self, document: str, day: str) -> tuple[Found, ...]:
        """Every place that names an actor, sorted by start, none overlapping another.

        But for one word that means two: "the French and German presidents".
        `day` is the article's ISO date: offices are read as of it.
        """
        reading = read(document)
        matches = self._matches(reading.text)
        if not matches:
            return ()
        found = self._meaning.of(reading.text, matches, day)
        if reading.starts is None:
            return tuple(found)
        return tuple(Found(place.actor, *reading.span(place.start, place.end), place.how) for place in found)

    def _matches(self, text: str) -> list[Match]:
        """What stands in the text, leftmost and longest first, without overlaps.

        A phrase that isn't a name takes away all that lies inside it, whatever it overlaps itself.
        """
        forms = self._forms
        matches: list[Match] = []
        taken = covered = 0  # the ends of the last match, and of that or a phrase, whichever is further
        town = -1  # the end of the last capital that is no metonym
        for index, start, end in self._candidates(text):
            if end <= covered or not stands_alone(text, start, end):
                continue
            form = forms[index]
            before = word_before(text, start)
            joined = form.use == "metonym" and is_joined(text, town, start, end)
            if joined or not self._fits(text, start, end, form, before):
                if form.use == "metonym":
                    covered = town = end  # what is a place as a whole isn't named by a part of it
                elif form.person and before in NAMED_FOR:
                    covered = end  # the surname in it is the ship's too
                if not form.person or not _is_of_namesake(text, start, end, form, before):
                    continue
                form = replace(form, use="not")  # who it means from here on
            if start >= taken:
                taken = covered = end - form.tail
                matches.append((start, taken, form))
            elif form.use == "not":
                covered = end
        return matches

    def _candidates(self, text: str) -> list[tuple[int, int, int]]:
        """Index, start and end of every form in the text, by start, a longer one before a shorter one."""
        first_led, leads = self._first_led, self._leads
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        places = [
            place if place[0] < first_led else (place[0], place[1] - len(leads[place[0]]), place[2])
            for place in found
            if place[0] < first_led or text.endswith(leads[place[0]], 0, place[1])
        ]
        places.reverse()  # they came by their ends: so a longer one stays before those that begin with it
        places.sort(key=itemgetter(1))
        return places

    def _fits(self, text: str, start: int, end: int, form: Form, before: str) -> bool:
        """Whether what stands around a match, `before` the word before, lets it be what it looks like."""
        use = form.use
        if use == "not" or _is_plain(text, end, form, before):
            return True
        beside = text[end : end + 1]
        if (beside in _MARKS or text[start - 1 : start] in _MARKS) and is_address(text, start, end):
            return False
        if form.person:
            return self._fits_a_person(text, start, end, form, before)
        if use == "metonym":
            place = text[start - 1 : start] != "-" and is_place(text, start, end, before, self._places)
            return not place and not given_before(text, start, before)
        if use == "office":
            return not (beside == " " and text[end + 1 : end + 2].isupper())
        return self._fits_a_country(text, start, end, form, before)

    def _fits_a_country(self, text: str, start: int, end: int, form: Form, before: str) -> bool:
        if before in _BEFORE_ANOTHER or text.startswith(_AIRLINE, end):
            return False
        if form.use == "demonym":
            return before not in given_names()
        if _is_in_another(text, start, end, before):
            return False
        if form.use == "short":
            return self._is_whole_country(text, start, end, before) or self._is_beside_another(text, end)
        if form.text in _SHOUTED and is_shouted(text, start):
            return form.text != "US" or text[start - 1 : start] in ("", "\n")
        return not given_before(text, start, before)

    def _is_whole_country(self, text: str, start: int, end: int, before: str) -> bool:
        """Whether a country that people are called too is no part of somebody's name: not "Jim Jordan".

        Behind an office its holder's name may follow: "President of Turkey Recep Tayyip Erdogan".
        """
        if name_behind(text, start, end):
            return is_behind_office(text, start)
        return is_whole_name(text, start, end, before) or not (
            given_before(text, start, before) or before.rstrip(".") in TITLES or before in _OTHER_COUNTRIES
        )

    def _is_beside_another(self, text: str, end: int) -> bool:
        """Whether a hyphen and another country's name follow: "the Turkey-Syria border"."""
        another = _HYPHENATED.match(text, end)
        return another is not None and another[1] in self._places

    def _fits_a_person(self, text: str, start: int, end: int, form: Form, before: str) -> bool:
        if (
            before in NAMED_FOR
            or is_institution(text, end)
            or (before in _BEFORE_NAMES and is_in_byline(text, start))
            or (before in _IN_TOWN and text[end : end + 1] == "," and is_town(text, end))
            or (form.text == _MONTH and is_month(text, start, end, before))
            or (form.text == _MAJOR and is_major(text, end))
            or (form.text in self._first_names and self._is_of_another(text, start, end, form))
            or (" " in form.text and is_namesake(text, end, before))
        ):
            return False
        if form.text == _NUMERAL:
            return not is_numeral(text, start, end, before)
        given = given_before(text, start, before) if form.surname else ""
        if given:
            fits = self._is_named(given, form)
        else:
            fits = (
                form.use != "short"
                or (before in self._places and " " in form.text)  # "Saudi King Abdullah"
                or is_whole_name(text, start, end, before)
            )
        return fits or self._is_named(first_name(text, start, before), form)

    def _is_of_another(self, text: str, start: int, end: int, form: Form) -> bool:
        """Whether a first name that is an alias by itself stands before a surname: "Fidel Ramos"."""
        behind = name_behind(text, start, end)
        return behind != "" and behind not in self._places and behind not in self._own[form.actors[0]]

    def _is_named(self, given: str, form: Form) -> bool:
        """Whether somebody who bears the form has this first name, or it begins with this letter."""
        return given != "" and any(given in self._own[actor] for actor in form.actors)


def _is_of_namesake(text: str, start: int, end: int, form: Form, before: str) -> bool:
    """Whether a person's form that doesn't fit is the name of somebody who bears it too."""
    if form.use == "short" or form.surname:
        return given_before(text, start, before) != ""
    return " " in form.text and is_namesake(text, end, before)


def _is_plain(text: str, end: int, form: Form, before: str) -> bool:
    """Whether words in lower case on both sides say that a name is one: a fast yes to two in five."""
    return (
        before[:1].islower()
        and text[end : end + 2] in _PLAIN
        and before not in _TELLING
        and form.use != "metonym"
        and form.text not in _WORDS
    )


def _is_in_another(text: str, start: int, end: int, before: str) -> bool:
    """Whether a country's name is a part of a street's, a town's, a firm's or a journalist's."""
    if before == "of" and is_firm_of(text, start):
        return True
    if text[start - 1 : start] == "-" and _LOCALE.search(text, max(0, start - 6), start) is not None:
        return True
    after = text[end : end + 2]
    if not after[1:].isupper():
        return after[:1] == "," and is_town(text, end)
    return (
        text.startswith(_STREETS, end)
        or before in _OCCUPATIONS
        or (before in _BEFORE_NAMES and is_in_byline(text, start))
    )
