"""An actor, the forms of words that name it, and the offices it held."""

from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass

from streams.core.facets import Kind

_Form = Annotated[str, StringConstraints(pattern=r"^\S([^\r\n\t]{0,98}\S)?$")]
"""Words that name an actor: one line of at most 100 code points, no space at either end."""

_Forms = tuple[_Form, ...]
_Id = Annotated[str, StringConstraints(pattern=r"^Q[1-9][0-9]*$")]
_Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
_CLOSED = ConfigDict(extra="forbid")

Role = Literal[
    "president",
    "vice_president",
    "prime_minister",
    "chancellor",
    "monarch",
    "pope",
    "supreme_leader",
    "party_leader",
    "foreign_minister",
    "defence_minister",
    "head",
]
"""What an office is; `head` is of an organisation, whatever its title."""

FORMS = ("aliases", "short_names", "metonyms", "demonyms", "not_names", "support", "against")
"""The lists of forms of an actor."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CLOSED)
class Office:
    """A term in office: ISO dates, `end` exclusive; an open term is unknown after `as_of`."""

    role: Role
    of: _Id
    """The id of the country or organisation."""
    start: _Day
    end: _Day | None = None
    as_of: _Day | None = None

    def held_on(self, day: str) -> bool:
        """Whether it is known to have been held on the ISO date `day`."""
        return self.start <= day and (day < self.end if self.end else day <= (self.as_of or self.start))


@dataclass(frozen=True, slots=True, kw_only=True, config=_CLOSED)
class RegistryActor:
    """One actor and its forms, all of them case-sensitive.

    `aliases` name the actor wherever they stand; `short_names` only where the article supports them:
    by a name or an alias, by a title with which the actor held office, or by one of the words of
    `support`, unless more words of `against` stand there. A name that is among the short names needs
    support too. `metonyms` and `demonyms` stand for the actor; `not_names` are longer phrases that
    hold one of its forms but are somebody or something else. `led_by` says whom "the leader" of a
    country is.
    """

    id: _Id
    name: _Form
    kind: Kind
    aliases: _Forms = ()
    short_names: _Forms = ()
    metonyms: _Forms = ()
    demonyms: _Forms = ()
    not_names: _Forms = ()
    support: _Forms = ()
    against: _Forms = ()
    offices: tuple[Office, ...] = ()
    led_by: Role | None = None
