"""Which offices people held, in the roles that the finder knows."""

from collections.abc import Iterable
from typing import Any

from streams.training.registry.sources import FREE_AS_OF, Person

Office = dict[str, str | None]

_MONARCHIES = frozenset(
    "GB CA AU NZ JP ES BE NL SE NO DK TH SA JO MA BH QA KW OM AE MY KH BT BN LU MC LI LS SZ TO".split()  # noqa: SIM905
)
_CHANCELLORS = frozenset(("DE", "AT"))
_PRESIDENT_GOVERNS = frozenset(
    """
    US BR MX AR CL CO PE VE ID PH TR IR CY CU AF KE NG ZA ZW UG RW CD SD SY TM TJ UZ AO BI BJ BO BW CR DO EC
    ER FM GH GM GT HN KI KM LR MH MV MW NI NR PA PW PY SC SL SS SV UY ZM
    """.split()  # noqa: SIM905
)
_NO_SINGLE_HEAD = frozenset(("CH", "BA"))
_ROLES = {"foreign_minister", "defence_minister", "supreme_leader", "party_leader"}


def offices_of(person: Person, countries: dict[str, str]) -> list[Office]:
    """The person's terms since 1900 as the shipped file states them, sorted, each once.

    `countries` maps ISO codes to Wikidata ids. An open term says on which day it was known open.
    """
    found: dict[tuple[str, str, str], Office] = {}
    for term in person.terms:
        role = None if _is_presidency(term, person) else _role(term)
        of = countries.get(term["country_iso2"] or "")
        if role is None or of is None:
            continue
        start, end = _date(term["office_start"], "-01-01"), _date(term["office_end"], "-12-31")
        if start is None or (end or "9999") < "1990":
            continue
        office: Office = {"role": role, "of": of, "start": start}
        office |= {"end": end} if end else {"as_of": term["open_as_of"] or FREE_AS_OF}
        kept = found.get((role, of, start[:7]))
        if kept is None or (kept.get("end") is None and end is not None):
            found[role, of, start[:7]] = office
    return in_order(found.values())


def in_order(offices: Iterable[Office]) -> list[Office]:
    """Offices by start, then as they read."""
    return sorted(offices, key=lambda office: (office["start"] or "", str(office)))


def _is_presidency(term: dict[str, Any], person: Person) -> bool:
    """Whether a source calls a president who governs prime minister, because others who governed were."""
    return (
        term["role"] == "head_of_government"
        and "office_inferred" in term["flags"]
        and any(
            other["role"] == "head_of_state"
            and (other["country_iso2"], other["office_start"]) == (term["country_iso2"], term["office_start"])
            for other in person.terms
        )
    )


def _role(term: dict[str, Any]) -> str | None:
    title, code = term["office"].lower(), term["country_iso2"]
    if "supreme leader" in title:
        return "supreme_leader"
    if term["role"] in _ROLES:
        return str(term["role"])
    if code in _NO_SINGLE_HEAD:
        return None
    if term["role"] == "head_of_state":
        return _head_of_state(title, code)
    if term["role"] == "head_of_government":
        return _head_of_government(title, code)
    is_deputy = term["role"] == "deputy_head" and "vice president" in title
    return "vice_president" if is_deputy and code in ("US", "CN", "IR") else None


def _head_of_state(title: str, code: str) -> str | None:
    if code == "VA":
        return "pope"
    if code in _MONARCHIES:
        return "monarch"
    return "president" if "president" in title or "head of state" in title else None


def _head_of_government(title: str, code: str) -> str | None:
    if code == "VA" or "president" in title or (code in _PRESIDENT_GOVERNS and "head of" in title):
        return None
    return "chancellor" if code in _CHANCELLORS else "prime_minister"


def _date(value: str | None, rest: str) -> str | None:
    return None if value is None else value + rest[len(value) - 4 :] if len(value) < 10 else value[:10]
