"""What stands beside the countries that a text names: their offices, their teams, other countries."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from streams.enrich.finder.context import next_letters
from streams.enrich.finder.forms import NAMES, Match
from streams.enrich.finder.matches import is_team
from streams.enrich.finder.roles import RoleMention, Roles, may_be_beside
from streams.enrich.finder.support import Support

_OF_STATES = ("president", "prime minister", "premier", "king")
"""Offices that neither a state of the union nor a man called Jordan has."""

_IN_A_ROW = frozenset((", ", ", the ", " and ", " and the ", ", and ", ", and the "))
_LONGEST_JOINT = max(map(len, _IN_A_ROW))

_Country = tuple[int, int, str]
"""Where a country is named, start and end, and its id."""


class Beside(NamedTuple):
    """What stands beside the countries of a text."""

    roles: list[RoleMention]
    """The offices, with who held them."""
    teams: set[int]
    """Where a country that plays is named, by its start."""
    listed: set[str]
    """The countries that stand in a row with others."""
    supported: set[str]
    """The countries whose names need support and have it by an office."""


class Offices:
    """Finds what stands beside countries; safe to share between threads."""

    def __init__(self, roles: Roles, support: Support) -> None:
        self._roles = roles
        self._support = support

    def beside(self, text: str, matches: Iterable[Match], titled: Mapping[int, str], day: str) -> Beside:
        """What stands beside the countries among `matches`; `titled` are short names whose owner is known."""
        roles: list[RoleMention] = []
        teams: set[int] = set()
        supported: set[str] = set()
        met: dict[int, str | None] = {}  # who was last named before the end of each country
        countries: list[_Country] = []
        person: str | None = None  # who was last named, or meant by an office
        for match in matches:
            start, end, form = match
            role = None
            if form.use == "office":
                role = self._roles.pope(text, (start, end), day)
            elif form.use not in ("metonym", "not") and not form.person:
                following = next_letters(text, end)
                if is_team(text, end, following):
                    teams.add(start)
                elif may_be_beside(text, start, following):
                    role = self._held(text, match, day, supported)
                    if role is None and person is not None:
                        role = self._roles.counterpart(text, end, form.actors[0], person, day)
                countries.append((start, end, form.actors[0]))
                met[end] = person
            elif form.person and (form.use in NAMES or start in titled):
                person = titled.get(start, form.actors[0])
            if role is not None:
                roles.append(role)
                person = role.actor
        listed: set[str] = set()
        for row in _rows(text, countries):
            listed.update(country for _, _, country in row)
            roles += self._several(text, row, met[row[-1][1]], day)
        return Beside(roles, teams, listed, supported)

    def _several(self, text: str, row: list[_Country], other: str | None, day: str) -> list[RoleMention]:
        """Who is meant by one office of several countries; `other` is who was named before."""
        roles = self._roles.several(text, row, day)
        return roles if other is None else roles + self._roles.counterparts(text, row, other, day)

    def _held(self, text: str, match: Match, day: str, supported: set[str]) -> RoleMention | None:
        """The holder of an office beside a country; one whose name needs support is supported so too."""
        start, end, form = match
        actor = form.actors[0]
        role = self._roles.mention(text, (start, end), actor, day, demonym=form.use == "demonym")
        if role is not None and form.use == "short" and not self._support.holds(actor, text):
            if text[role.start : role.end].lower() not in _OF_STATES:
                return None
            supported.add(actor)
        return role


def _rows(text: str, countries: Iterable[_Country]) -> Iterator[list[_Country]]:
    """Countries of which one stands behind the other: "Russia, France and the US"."""
    row: list[_Country] = []
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
