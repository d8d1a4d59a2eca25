"""The gazetteer: where a document names an actor of the registry.

One pass of an Aho-Corasick automaton (Aho and Corasick 1975) proposes every place where a form of
words stands; word boundaries, phrases that aren't the actor, and leftmost-longest choice decide.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick

from streams.core.facets import How
from streams.enrich.context import is_place, is_whole_name
from streams.enrich.registry import Registry, RegistryActor

_Use = Literal["name", "alias", "metonym", "demonym", "short", "not"]

_LEAST_CAPITALS = 4
"""Letters that a form in capitals needs: "XI" is a numeral and "MAY" a month."""

_ALIKE = (("’", "'"), ("\u00a0", " "), ("\u202f", " "))
"""Curly and straight apostrophes, spaces that break a line or don't."""


class Found(NamedTuple):
    """One place that names an actor, in code points of the document."""

    actor: str
    start: int
    end: int
    how: How


@dataclass(frozen=True, slots=True)
class _Form:
    """Words of the registry: how they are used and by whom; only short names have several users."""

    text: str
    use: _Use
    actors: tuple[str, ...]


class _Match(NamedTuple):
    start: int
    end: int
    form: _Form


class ActorFinder:
    """Finds the actors of one registry; safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        self._forms = _forms(registry.actors.values())
        self._automaton = AhoCorasick([form.text for form in self._forms])
        self._short_names = {
            actor.id: tuple(_alike(name) for name in actor.short_names) for actor in registry.actors.values()
        }
        self._ending_in = {
            form.text: tuple(name for name in _all_short(registry) if form.text.endswith(f" {name}"))
            for form in self._forms
            if form.use == "not"
        }

    def find(self, document: str) -> tuple[Found, ...]:
        """Every place that names an actor, sorted by start, none overlapping another."""
        text = _alike(document)
        matches = []
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            form = self._forms[index]
            if _stands_alone(text, start, end) and _fits(text, start, end, form):
                matches.append(_Match(start, end, form))
        return self._resolved(_leftmost_longest(matches))

    def _resolved(self, matches: list[_Match]) -> tuple[Found, ...]:
        """Give each short name to the actor last named in full before it, else first named after."""
        named = {match.form.actors[0] for match in matches if match.form.use in ("name", "alias")}
        holder: dict[str, str | None] = {}
        found = []
        for start, end, form in matches:
            use = form.use
            if use == "not":
                holder.update(dict.fromkeys(self._ending_in[form.text]))
            elif use == "short":
                default = next((actor for actor in form.actors if actor in named), None)
                actor = holder.get(form.text, default)
                if actor is not None:
                    found.append(Found(actor, start, end, "alias"))
            else:
                actor = form.actors[0]
                if use in ("name", "alias"):
                    holder.update(dict.fromkeys(self._short_names[actor], actor))
                found.append(Found(actor, start, end, use))
        return tuple(found)


def _alike(text: str) -> str:
    """Write what is read alike in one way; a code point for a code point, so that offsets hold."""
    for written, read in _ALIKE:
        text = text.replace(written, read)
    return text


def _all_short(registry: Registry) -> set[str]:
    return {_alike(name) for actor in registry.actors.values() for name in actor.short_names}


def _forms(actors: Iterable[RegistryActor]) -> list[_Form]:
    """Each text once: a name goes before an alias, that before a metonym, and so on.

    So a user's new actor takes its name back from another actor's phrases that aren't names.
    """
    forms: dict[str, _Form] = {}
    short: dict[str, list[str]] = {}
    actors = sorted(actors, key=attrgetter("id"))
    uses: tuple[tuple[_Use, str], ...] = (
        ("name", "name"), ("alias", "aliases"), ("metonym", "metonyms"), ("demonym", "demonyms"),
        ("short", "short_names"), ("not", "not_names"),
    )  # fmt: skip
    for use, field in uses:
        for actor in actors:
            value: str | tuple[str, ...] = getattr(actor, field)
            for text in _spellings(actor, (value,) if isinstance(value, str) else value):
                if use == "short":
                    short.setdefault(text, []).append(actor.id)
                forms.setdefault(text, _Form(text, use, (actor.id,)))
    return [
        _Form(form.text, form.use, tuple(short[form.text])) if form.use == "short" else form
        for form in forms.values()
    ]


def _spellings(actor: RegistryActor, texts: Iterable[str]) -> list[str]:
    texts = [_alike(text) for text in texts]
    capitals = [
        text.upper()
        for text in texts
        if actor.kind == "person" and sum(map(str.isalpha, text)) >= _LEAST_CAPITALS and text[0].isupper()
    ]
    return texts + capitals


def _fits(text: str, start: int, end: int, form: _Form) -> bool:
    if form.use == "short":
        return is_whole_name(text, start, end)
    if form.use == "metonym":
        return not is_place(text, start, end)
    return True


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no word goes on at either side: a hyphen ends a word, an apostrophe only as a possessive."""
    if start and _in_word(text[start - 1]):
        return False
    if end == len(text) or not (text[end - 1] == "." or _in_word(text[end - 1])):
        return True
    if text[end] != "'":
        return not _in_word(text[end])
    after = text[end + 1 : end + 3]
    if after[:1] in ("s", "S"):
        return not _in_word(after[1:])
    return not _in_word(after[:1])


def _in_word(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char == "_"
    # A variation selector is a mark too, but it belongs to the symbol before it.
    return char.isalnum() or (unicodedata.category(char) in ("Mn", "Mc") and not "\ufe00" <= char <= "\ufe0f")


def _leftmost_longest(matches: list[_Match]) -> list[_Match]:
    """Without overlaps; a phrase that isn't a name first takes away all that lies inside it."""
    kept: list[_Match] = []
    phrase_end = 0  # the furthest of the phrases begun so far
    for match in sorted(matches, key=lambda match: (match.start, -match.end)):
        inside = match.end <= phrase_end
        if match.form.use == "not":
            phrase_end = max(phrase_end, match.end)
        if not inside and (not kept or match.start >= kept[-1].end):
            kept.append(match)
    return kept
