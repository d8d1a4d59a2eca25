"""Who held which office when."""

from collections.abc import Collection, Container, Iterable
from typing import NamedTuple

from streams.enrich.finder.when import a_few_days_before
from streams.enrich.registry import Office, RegistryActor
from streams.enrich.registry.actor import Role

_RULING: tuple[Role, ...] = ("president", "prime_minister", "chancellor", "supreme_leader", "monarch")
_LEADING: tuple[Role, ...] = (*_RULING, "vice_president")


GOVERNING: tuple[Role, ...] = (*_LEADING, "foreign_minister", "defence_minister")


class Term(NamedTuple):
    """An office, and who held it."""

    office: Office
    actor: str


class Terms:
    """The offices of a registry's actors; a day is an ISO date, or a year alone where `holder` says so."""

    def __init__(self, actors: Collection[RegistryActor]) -> None:
        self._terms: dict[tuple[str, Role], list[Term]] = {}
        self._by_actor: dict[str, tuple[Office, ...]] = {}
        for actor in actors:
            self._by_actor[actor.id] = actor.offices
            for office in actor.offices:
                self._terms.setdefault((office.of, office.role), []).append(Term(office, actor.id))
        self.of = frozenset(of for of, _ in self._terms)
        """The countries and organisations of which an office is known."""
        self.led_by = {actor.id: actor.led_by for actor in actors if actor.led_by is not None}
        """The office that "the leader" of a country means, where it isn't plain."""
        self.church = next((of for of, role in self._terms if role == "pope"), None)
        """Where there are popes."""

    def has(self, of: str, role: Role) -> bool:
        """Whether anybody is known to have held this office."""
        return (of, role) in self._terms

    def holders(self, of: str, role: Role) -> list[str]:
        """Who ever held the office."""
        return [term.actor for term in self._terms.get((of, role), ())]

    def just_left(self, of: str, role: Role, day: str) -> list[str]:
        """Who held the office until a few days before the day."""
        since = a_few_days_before(day)
        return [
            actor for office, actor in self._terms.get((of, role), ()) if since <= (office.end or "") <= day
        ]

    def held(self, actor: str, day: str) -> list[Office]:
        """What the actor held on the day."""
        return [office for office in self._by_actor.get(actor, ()) if office.held_on(day)]

    def begun(self, actors: Iterable[str], day: str) -> list[Term]:
        """Every term of `actors` that had begun on the day."""
        return [
            Term(office, actor)
            for actor in actors
            for office in self._by_actor.get(actor, ())
            if office.start <= day
        ]

    def holder(self, of: str, role: Role, day: str | None) -> str | None:
        """Who held the office on the day, or has just left it; in a year, who held it at both of its ends."""
        if day is None:
            return None
        terms = self._terms.get((of, role), ())
        if len(day) == 4:
            first, last = (_holding(terms, day + end) for end in ("-01-01", "-12-31"))
            return first[0] if first == last and len(first) == 1 else None
        holding = _holding(terms, day) or self.just_left(of, role, day)  # if nobody has taken it yet
        return holding[0] if len(holding) == 1 else None

    def leader(
        self,
        actors: Iterable[str],
        countries: Container[str] | None,
        day: str,
        roles: Container[Role] = _LEADING,
    ) -> str | None:
        """Which of `actors`, who share a name, leads one of `countries`, or any; None if several do."""
        leading = {
            actor
            for actor in actors
            for office in self.held(actor, day)
            if office.role in roles and (countries is None or office.of in countries)
        }
        return leading.pop() if len(leading) == 1 else None

    def ruler(
        self, actors: Iterable[str], countries: Container[str], day: str, *, first: bool = False
    ) -> str | None:
        """Which of `actors`, who share a name, ruled one of `countries` last, or first, until the day."""
        terms = [
            term
            for term in self.begun(actors, day)
            if term.office.role in _RULING and term.office.of in countries
        ]
        terms.sort(key=lambda term: (term.office.start, term.actor))
        return terms[0 if first else -1].actor if terms else None

    def rather(self, actor: str, others: Iterable[str], day: str) -> str:
        """The one of `others` who leads a country on the day, if `actor` holds no office then; else that."""
        if self.held(actor, day):
            return actor
        leading = [other for other in others if self.leader([other], None, day)]
        return leading[0] if len(leading) == 1 else actor

    def countries(self, actors: Iterable[str], day: str) -> set[str]:
        """Where `actors` hold an office on the day."""
        return {office.of for actor in actors for office in self.held(actor, day)}

    def latest(self, actors: Collection[str], day: str) -> str | None:
        """Of people who share a full name, who came into office last before the day."""
        terms = sorted(self.begun(actors, day), key=lambda term: (term.office.start, term.actor))
        return terms[-1].actor if terms else None


def _holding(terms: Iterable[Term], day: str) -> list[str]:
    return [actor for office, actor in terms if office.held_on(day)]
