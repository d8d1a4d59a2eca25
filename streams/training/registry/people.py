"""Who of the data folder's people is in the registry, and by which forms of words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from streams.training.registry.offices import Office, in_order, offices_of
from streams.training.registry.sources import FREE_AS_OF, Lists, Person, words

_SINCE = "1990"
_LEAST_DAYS = {"watched": 200, "others": 900, "minister": 365}
"""How long a term of somebody is who is in the registry for it."""
_HEADS = ("head_of_state", "head_of_government", "supreme_leader")
_WATCHED = frozenset(
    """
    US RU CN GB FR DE JP IN IT CA BR MX KR KP IR IQ IL PS SA TR SY EG UA PL BY ZA AU NZ PK AF ID TW VE CU
    AR ES GR NL HU VA
    """.split()  # noqa: SIM905
)
_OTHERS = frozenset(
    """
    NG CO CL PE PT BE SE NO DK FI AT CH CZ SK RO BG RS HR BA XK AL GE AM AZ KZ UZ KG TJ TM MD EE LV LT IE
    LY TN DZ MA SD ET KE SO RW UG CD ZW LB JO YE QA AE KW OM BH VN TH PH MY SG MM KH BD LK NP
    """.split()  # noqa: SIM905
)
_REST = frozenset(
    """
    AO BF BI BJ BN BO BT BW CF CG CI CM CR CV CY DJ DO EC ER FJ GA GH GM GN GQ GT GW HN HT IS KM LA LI LR
    LS LU MC ME MG MK ML MN MR MT MU MV MW MZ NA NE NI PA PW PY SC SI SL SM SN SR SS ST SV SZ TD TG TL TO TT
    TZ UY VU WS ZM GY DM NR FM MH KI
    """.split()  # noqa: SIM905
)
_REALMS = frozenset("AD AG BB BS BZ GD JM KN LC PG SB TV VC".split())  # noqa: SIM905
"""Whose king or queen is another country's: of their heads those of government alone."""

_MINISTERS_OF = frozenset("US RU CN GB FR DE JP IN IR IL UA TR SA KR KP PK SY".split())  # noqa: SIM905
_FAMILY_FIRST = frozenset(("CN", "KR", "KP", "TW", "KH", "MM"))
_NO_SURNAMES = frozenset("VN ET MY AE QA KW BH OM TH SO MA ER BN BT DJ KM LA MR TO WS".split())  # noqa: SIM905
_TWO_SURNAMES = frozenset("ES MX AR CL CO PE VE CU BO CR DO EC GT HN NI PA PY SV UY".split())  # noqa: SIM905
_PARTICLES = frozenset(
    "van von de der den del della di da do dos du la le al el bin ben ter ten af bint ould".split()  # noqa: SIM905
)
_NOT_SURNAMES = frozenset(("II", "III", "IV", "VI", "Khan", "Ali", "Ahmed", "Said", "Muhammad"))
_PLAIN = re.compile(r"[A-Z][^\W\d_]*(?:[' -][^\W\d_]+)+")


def choose(people: dict[str, Person], lists: Lists) -> dict[str, Person]:
    """Heads of the countries below and ministers of some, since 1990, and whom the lists name."""
    named = lists.figures | {row[0] for row in (*lists.people, *lists.offices)}
    return {
        qid: person
        for qid, person in people.items()
        if person.name in named or (person.name not in lists.left_out and any(map(_counts, person.terms)))
    }


def entry(
    person: Person,
    lists: Lists,
    given: AbstractSet[str],
    countries: dict[str, str],
    organisations: dict[str, str],
) -> dict[str, Any]:
    """The person as the shipped file states them; `given` are the given names."""
    by_name = {row[0]: row for row in lists.people}
    written = by_name.get(person.name)
    name, aliases, short = _built(person, given)
    not_names: list[str] = []
    native = sorted(alias for alias in person.aliases if _native(alias))
    if written is not None:
        name = written[1] or name
        aliases = words(written[2])
        short = short if not written[3] else words(written[3]) if written[3] != "-" else []
        native += words(written[4])
        not_names = words(written[5])
    native += lists.names.get(name, [])
    own = [form for form in dict.fromkeys((*aliases, *native)) if form != name]
    return {
        "id": person.qid,
        "name": name,
        "kind": "person",
        "aliases": own,
        "short_names": [form for form in dict.fromkeys(short) if form not in own and form != name],
        "not_names": not_names,
        "offices": in_order(
            (
                *_without(offices_of(person, countries), person, lists),
                *_written(person, lists, countries, organisations),
            )
        ),
    }


def given_names(people: Iterable[Person], lists: Lists) -> frozenset[str]:
    """First names that several people of the data folder bear, or the list adds, and no English words."""
    count = Counter(
        person.name.split()[0]
        for person in people
        if _PLAIN.fullmatch(person.name) and _countries(person).isdisjoint(_FAMILY_FIRST | {"VN"})
    )
    several = {name for name, times in count.items() if times >= 2 and len(name) > 2}
    return frozenset((several - lists.no_given_names) | lists.given_names)


def _counts(term: dict[str, Any]) -> bool:
    code, role, days = term["country_iso2"], term["role"], _days(term)
    is_open = not term["office_end"] and (term["open_as_of"] or "") >= FREE_AS_OF
    if (term["office_end"] or "9999") < _SINCE:
        return False
    if role in _HEADS:
        if code in _WATCHED:
            return days >= _LEAST_DAYS["watched"] or is_open
        if code in _OTHERS or code in _REST or (code in _REALMS and role == "head_of_government"):
            return days >= _LEAST_DAYS["others"] or is_open
        return False
    is_minister = role in ("foreign_minister", "defence_minister")
    if is_minister and code in _MINISTERS_OF:
        return days >= _LEAST_DAYS["minister"]
    return role == "foreign_minister" and code in _WATCHED and days >= _LEAST_DAYS["others"]


def _days(term: dict[str, Any]) -> int:
    start = ((term["office_start"] or _SINCE) + "-01-01")[:10]
    end = ((term["office_end"] or "2026-01-01") + "-01-01")[:10]
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _countries(person: Person) -> set[str]:
    return {term["country_iso2"] or "" for term in person.terms}


def _built(person: Person, given: AbstractSet[str]) -> tuple[str, list[str], list[str]]:
    """Preferred name, aliases and short names as a person's name and country give them."""
    full = person.name.split(",")[0].strip()
    name = full.split(" of ")[0]
    aliases = [full] if full != name else []
    parts = name.split()
    latin = sorted(
        alias
        for alias in person.aliases
        if _PLAIN.fullmatch(alias)
        and len(alias.split()) <= 4
        and alias.split()[-1] == parts[-1]
        and alias.split()[0][:2] == parts[0][:2]
    )
    return (
        name,
        aliases + [alias for alias in latin if alias != name],
        _surnames(parts, _countries(person), given),
    )


def _surnames(parts: list[str], countries: set[str], given: AbstractSet[str]) -> list[str]:
    if parts[-1] == "Jr.":
        parts = parts[:-1]
    if len(parts) < 2 or countries & _NO_SURNAMES or any(part in ("bin", "Al", "bint") for part in parts):
        return []
    if countries & _FAMILY_FIRST:
        is_western = "TW" in countries and len(parts) == 2 and parts[0] in given  # "Joseph Wu"
        return [parts[-1] if is_western else parts[0]]
    if parts[-1] in _NOT_SURNAMES or not parts[-1][0].isalpha():
        return []
    begin = len(parts) - 1
    while begin > 1 and parts[begin - 1].lower() in _PARTICLES:
        begin -= 1
    first = begin
    if countries & _TWO_SURNAMES and begin == len(parts) - 1 and len(parts) > 2:
        # The father's name goes before the mother's, and is used alone: "Callejas", "Callejas Romero".
        first = next((place for place in range(1, begin) if parts[place] not in given), begin)
    surname = " ".join(parts[first:])
    bare = re.sub(r"^(?:al|el|Al|El|as|an|ash|at)-", "", surname)
    forms = dict.fromkeys(
        (surname, f"{surname[0].upper()}{surname[1:]}" if " " in surname else surname, bare)
    )
    if first < begin:
        forms[parts[first]] = None
    return [form for form in forms if "-" in form or " " in form or (len(form) > 2 and form[0].isupper())]


def _native(form: str) -> bool:
    """Whether a form of two words or more, or of Han, Hangul or Kana, is in another script."""
    letters = [char for char in form if char.isalpha()]
    if not letters or any("LATIN" in unicodedata.name(char, "") for char in letters) or "," in form:
        return False
    if any(word.isupper() and len(word) > 1 for word in form.split()) or form[0].islower() or "." in form:
        return False
    return " " in form or any(ord(char) >= 0x3040 for char in form)


def _written(
    person: Person, lists: Lists, countries: dict[str, str], organisations: dict[str, str]
) -> list[Office]:
    found: list[Office] = []
    for name, role, of, start, end, *_ in lists.offices:
        if name == person.name:
            office: Office = {"role": role, "of": countries.get(of) or organisations[of], "start": start}
            found.append(office | ({"end": end} if end else {"as_of": max(start, FREE_AS_OF)}))
    return found


def _without(offices: list[Office], person: Person, lists: Lists) -> list[Office]:
    """The extracts' offices without those that the list states better."""
    written = {(row[1], row[3][:4]) for row in lists.offices if row[0] == person.name}
    return [office for office in offices if (office["role"], (office["start"] or "")[:4]) not in written]
