"""Titles before a surname: "President Bush", "former Secretary of State Clinton"."""

import re
from collections.abc import Collection

from streams.enrich.finder.context import word_before
from streams.enrich.finder.terms import Terms
from streams.enrich.finder.when import when
from streams.enrich.registry.actor import Role

_TITLES: dict[Role, tuple[str, ...]] = {
    "president": ("president",),
    "prime_minister": ("prime minister", "premier", "pm", "taoiseach"),
    "chancellor": ("chancellor",),
    "vice_president": ("vice president",),
    "monarch": ("king", "queen", "emperor", "emir", "monarch", "sultan"),
    "pope": ("pope",),
    "supreme_leader": ("supreme leader",),
    "foreign_minister": (
        "foreign minister", "foreign secretary", "top diplomat", "secretary of state", "foreign policy chief",
        "external affairs minister", "minister of foreign affairs", "secretary",
    ),
    "defence_minister": (
        "defence minister", "defense minister", "defence secretary", "defense secretary",
        "secretary of defense", "minister of defense", "minister of defence", "defense chief", "secretary",
    ),
}  # fmt: skip
TITLE_ROLES: dict[str, tuple[Role, ...]] = {
    title: tuple(role for role, titles in _TITLES.items() if title in titles)
    for title in (title for titles in _TITLES.values() for title in titles)
}
"""The offices that each title may mean."""

_TITLE_BEFORE = re.compile(
    r"(?:^|\W)((?:[Ff]ormer|[Ee]x|[Tt]hen|[Ll]ate)[ -](?:[A-Z][\w.]+ ){0,2})?"
    r"((?i:(?:(?:vice|supreme) |prime[ -]|foreign |external affairs |defen[cs]e )?"
    r"(?:president|minister|premier|chancellor|secretary|leader|pm)(?: of (?:state|defense))?))"
    r"(?:-elect|-designate|(s)(?: [A-Z][\w'-]+ and)?)? $"
)
_LAST_WORDS = frozenset(
    """
    president minister prime premier chancellor secretary leader pm state defense presidents ministers
    chancellors and
    """.split()  # noqa: SIM905
)


def is_behind_title(text: str, start: int) -> bool:
    """Whether the word before a surname at `start` may end a title: a fast no to most."""
    return word_before(text, start).partition("-")[0].lower() in _LAST_WORDS


class Titles:
    """Whom a title tells from others of the same surname."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def bearer(self, text: str, start: int, actors: Collection[str], of: str | None, day: str) -> str | None:
        """Which of `actors`, who share a surname at `start`, the title before it means, if any.

        Ask only where is_behind_title says so.

        Who holds the office on the day goes before who held it last, unless the title is a former one;
        `of` restricts it to a country.
        """
        title = _TITLE_BEFORE.search(text, max(0, start - 40), start)
        if title is None:
            return None
        word = title[2].lower().replace("-", " ")
        if word == "leader":
            roles: tuple[Role, ...] = (self._terms.led_by.get(of or "", "supreme_leader"),)
        else:
            roles = TITLE_ROLES.get(word, ())
        told = when(text, (start, start), day) or day
        day = f"{told}-07-01" if len(told) == 4 else told
        terms = [
            (office, actor)
            for office, actor in self._terms.begun(actors, day)
            if office.role in roles and of in (None, office.of)
        ]
        if title[1] and title[1].lower().startswith(("former", "ex")):
            terms = [(office, actor) for office, actor in terms if not office.held_on(day)]
        elif not title[1]:
            current = {actor for office, actor in terms if office.held_on(day)}
            if len(current) == 1:
                return current.pop()
            if title[3]:  # "Presidents Bush and" whoever: of the past are both
                return None
        if not terms:
            return None
        last = max(office.end or "9999" for office, _ in terms)
        latest = {actor for office, actor in terms if (office.end or "9999") == last}
        return latest.pop() if len(latest) == 1 else None
