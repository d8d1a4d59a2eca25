"""Offices in the text: "the Russian president", "Prime Minister Abe", by the article's date."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from streams.enrich.finder.context import beginnings, given_names, word_before
from streams.enrich.finder.forms import bare
from streams.enrich.finder.terms import Terms
from streams.enrich.finder.titles import TITLE_ROLES
from streams.enrich.finder.when import when
from streams.enrich.registry import RegistryActor
from streams.enrich.registry.actor import Role

_OF_STATE: tuple[Role, ...] = ("monarch", "president")
_OF_GOVERNMENT: tuple[Role, ...] = ("chancellor", "prime_minister", "president")
_HEADS = ("secretary general", "director general", "managing director", "chief", "head", "boss")
_ALL = sorted(
    {*TITLE_ROLES, *_HEADS, "leader", "head of state", "head of government"} - {"secretary", "pope"},
    key=len,
    reverse=True,
)
_WORDS = "|".join(word.replace(" ", "[ -]") for word in _ALL)
_SUCH = """
    current incumbent sitting new longtime veteran embattled beleaguered outspoken hardline reformist moderate
    conservative liberal populist nationalist socialist centrist leftist far-right right-wing left-wing
    centre-right centre-left pro-Western pro-Russian ailing ageing aging outgoing re-elected reelected
    newly-elected caretaker powerful authoritarian autocratic long-serving youthful
    """.split()  # noqa: SIM905
"""What may be said of the holder between country and office."""

_AFTER = re.compile(rf"(?: ?'s?)? ({_WORDS})\b", re.IGNORECASE)
_AFTER_SUCH = re.compile(rf"(?: ?'s?)? (?:(?:{'|'.join(_SUCH)}),? ){{1,2}}({_WORDS})\b", re.IGNORECASE)
_SINGULAR = {
    f"{word[:-1]}ies" if word.endswith("secretary") else f"{word}s": word
    for word in _ALL
    if " of " not in word and word not in _HEADS
}
_SINGULAR |= {word.replace(" of ", "s of "): word for word in _ALL if word.startswith("minister of ")}
_PLURALS = "|".join(word.replace(" ", "[ -]") for word in _SINGULAR)
_BEHIND_SEVERAL = re.compile(rf" ({_PLURALS})\b", re.IGNORECASE)
_STATES = ("republic", "kingdom", "state", "sultanate", "emirate")
_STATE = rf"(?:the )?(?:(?:\w+ )?(?:{'|'.join(_STATES)}) of )?"
_BEFORE_OF = frozenset((*_STATES, *(word.rpartition(" ")[2] for word in _ALL)))
_COUNTERPART = re.compile(r" (counterpart)\b")
_COUNTERPARTS = re.compile(r" (counterparts)\b")
_BEFORE_SEVERAL = re.compile(rf"\b({_PLURALS}) of {_STATE}$", re.IGNORECASE)
_BEFORE = re.compile(rf"\b({_WORDS}) of {_STATE}$", re.IGNORECASE)
_BEGINNINGS = beginnings((*_ALL, *_SUCH, "counterpart"))
_NO_HOLDER = frozenset(
    """
    a an any every each no another some two three many former ex then late next future previous vice deputy
    acting onetime first assistant shadow possible potential incoming ousted deposed toppled overthrown
    exiled jailed imprisoned slain assassinated murdered once twice thrice times ever youngest oldest
    longest shortest latest greatest worst best one would second third fourth fifth sixth seventh eighth
    ninth tenth
    """.split()  # noqa: SIM905
)
"""Before an office these, or what they are the beginning of, mean somebody else or nobody in particular."""

_BECOMING = frozenset(
    """
    become becomes became becoming being elected appointed inaugurated served installed named chosen picked
    nominated proclaimed confirmed crowned in be for
    """.split()  # noqa: SIM905
)
"""Words before "the" or "as": who becomes it, or was it; the last three count behind some others."""

_BEHIND = {
    "in": (["sworn"],),
    "be": (["to"], ["will"], ["would"], ["could"], ["should"], ["might"]),
    "for": (
        ["run"],
        ["runs"],
        ["ran"],
        ["running"],
        ["stood"],
        ["candidate"],
        ["bid"],
        ["race"],
        ["campaign"],
    ),
}
_PASSED_BY = frozenset(("the", "as", *map(str.lower, _SUCH)))
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_WAS = frozenset("was were been being".split())  # noqa: SIM905
_PAST = frozenset("served resigned preceded succeeded replaced tenure term terms years stint".split())  # noqa: SIM905
"""Before "as" these tell of somebody's past."""

_NOBODY_REACH = 40
_NAME_REACH, _COMMA_REACH = 80, 40
_PARTICLES = "(?:(?:von|van|der|den|de|del|della|di|da|do|dos|du|la|el|bin|bint|ibn) ){0,2}"
_NAME_NEXT = re.compile(rf",? [A-Z][^\W\d_A-Z][\w'-]* {_PARTICLES}(?:[A-Z]|[ae]l-)")
_NAME_BEHIND_COMMA = re.compile(rf", (?:[A-Z][\w'.-]+ ){{1,2}}{_PARTICLES}([A-Z][\w'-]+)")
_NAME_BEHIND = re.compile(r" [A-Z]")
_NOT_HOLDER = re.compile(
    r"(?:-elect|-designate)| @| emeritus| (?:[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]|[A-Z]\.|[A-Z]{2} [A-Z])"
    rf"|, [A-Z][\w'-]*\.? (?!(?i:{_WORDS})\b){_PARTICLES}[A-Z]"
    r"| of (?!state\b|defense\b)|'s? (?:wi(?:fe|ves)|son|daughter|office|spokes)"
    r"| (?:from|between|until) (?:\w+ )?\d{4}| \(\d{4}"
)
"""The same behind: somebody elected, somebody named, something of theirs, a term that is over."""

_ACCUSING = re.compile(r"\b(?:accus|suspect|convict|warn|remind|inform|acquit)\w* (?:the )?$")
_OF_A_PART = re.compile(
    r" (?:peacekeep\w+|forces?|troops|operations?|missions?|delegation|intelligence|policy|affairs)\b"
)
"""Behind a country or an organisation: what an office before "of" is rather of."""

_ENDS_APPOSITION = re.compile(r"[,.;:!?)\n\"”]|$| (?:and|who|in|at|during|until|since)\b")
"""What follows an office that is said of whom is named before; else it is the subject of a sentence."""

_NAMED_BEFORE = re.compile(
    r"(?:([A-Z][\w'.-]+) (?:[A-Z][\w.'-]* ){0,2}|^|(?<=\n))([A-Z][\w'-]+), "
    r"(?:(?!(?:to|of|for|with|by|from|and|that|said|told|when|whose|whom) )[\w'-]+ ){0,4}$"
)
"""Who is named before a comma is whom the office behind it is said of."""


def may_be_beside(text: str, start: int, following: str) -> bool:
    """Whether the words beside a country at `start` may be an office: a fast no to most.

    `following` are its next_letters.
    """
    return following in _BEGINNINGS or following[:2] == "pm" or is_behind_office(text, start)


def is_behind_office(text: str, start: int) -> bool:
    """Whether an office, or a kind of state, and "of" or "of the" stand before `start`."""
    if text.endswith("the ", 0, start):
        start -= len("the ")
    if not text.endswith((" of ", " Of "), 0, start):
        return False
    return word_before(text, start - len("of ")).lower().rpartition("-")[2] in _BEFORE_OF


def is_before_office(text: str, end: int) -> bool:
    """Whether an office follows a country that ends there: "Qatar's emir"."""
    return _AFTER.match(text, end) is not None


class RoleMention(NamedTuple):
    """Words that mean who holds an office."""

    actor: str
    start: int
    end: int


class _Title(NamedTuple):
    """Where words for an office stand, where these and the country begin, and whether they are behind it."""

    span: tuple[int, int]
    begin: int
    behind: bool


class Roles:
    """What the words for offices in a text mean."""

    def __init__(self, actors: Collection[RegistryActor], terms: Terms) -> None:
        self._terms = terms
        self._names = {actor.id: bare(" ".join((actor.name, *actor.aliases))) for actor in actors}
        self._surnames = {bare(actor.name.rpartition(" ")[2]) for actor in actors}
        self._rulers: dict[str, set[str]] = {}
        """The surnames of those who held an office, by country."""
        for actor in actors:
            for office in actor.offices:
                self._rulers.setdefault(office.of, set()).add(bare(actor.name.rpartition(" ")[2]))
        self._first_names = given_names() | {actor.name.partition(" ")[0] for actor in actors}

    def mention(
        self, text: str, place: tuple[int, int], of: str, day: str, *, demonym: bool
    ) -> RoleMention | None:
        """The holder of an office of `of`, which is named at `place`, if the words beside it mean one.

        A year before the article's in the same sentence moves the day; then the office must have
        had one holder through that year.
        """
        if of not in self._terms.of or text[place[0] - 1 : place[0]] == "-":  # "a pro-Taiwan leader"
            return None
        title = _title_beside(text, place, demonym=demonym)
        if title is None or _is_not_held(text, title.begin):
            return None
        span = title.span
        if (
            title.behind
            and _NOT_HOLDER.match(text, span[1])
            and not _is_accused(text, title.begin, span[1])
            and not self._is_before_another(text, span[1], of)
        ):
            return None
        role = self._role(text[slice(*span)].lower().replace("-", " "), of)
        actor = role and self._terms.holder(of, role, when(text, span, day))
        if not actor or not role:
            return None
        if _ENDS_APPOSITION.match(text, max(span[1], place[1])):
            actor = self._apposed(text, title.begin, of, role, actor, day)
        return RoleMention(actor, *span) if actor else None

    def several(self, text: str, places: Sequence[tuple[int, int, str]], day: str) -> list[RoleMention]:
        """Who holds one office in countries that stand in a row: "the presidents of Russia and the US".

        `places` are each one's start, end and id.
        """
        first, last = places[0][0], places[-1][1]
        found = _BEHIND_SEVERAL.match(text, last)
        if found is None and text[first - 8 : first].lower().endswith((" of ", " of the ")):
            found = _BEFORE_SEVERAL.search(text, max(0, first - 60), first)
        if found is None or _is_not_held(text, min(first, found.start(1))):
            return []
        behind = found.start() == last
        if not behind and _NAME_BEHIND.match(text, last):
            return []  # they are a part of somebody else's name: "the Greek and Turkish Cypriots"
        if behind and _NOT_HOLDER.match(text, found.end()):
            return []
        if behind and found[1].lower() == "leaders" and text[first - 4 : first].lower() != "the ":
            return []  # they may be anybody who leads there
        span = found.span(1)
        title = _SINGULAR[found[1].lower().replace("-", " ")]
        on = when(text, span, day)
        roles = [(of, self._role(title, of)) for _, _, of in places]
        holders = [self._terms.holder(of, role, on) for of, role in roles if role is not None]
        return [RoleMention(holder, *span) for holder in dict.fromkeys(holders) if holder is not None]

    def counterpart(self, text: str, end: int, of: str, other: str, day: str) -> RoleMention | None:
        """Who holds in a country what `other` holds elsewhere: "Biden met his Russian counterpart"."""
        found = _COUNTERPART.match(text, end)
        if found is None or _NOT_HOLDER.match(text, found.end()):
            return None
        holder = self._equal(of, other, day)
        return RoleMention(holder, *found.span(1)) if holder is not None else None

    def counterparts(
        self, text: str, places: Sequence[tuple[int, int, str]], other: str, day: str
    ) -> list[RoleMention]:
        """The same in countries that stand in a row: "her Russian and Chinese counterparts"."""
        found = _COUNTERPARTS.match(text, places[-1][1])
        if found is None or _NOT_HOLDER.match(text, found.end()):
            return []
        holders = [self._equal(of, other, day) for _, _, of in places]
        return [RoleMention(holder, *found.span(1)) for holder in holders if holder is not None]

    def _equal(self, of: str, other: str, day: str) -> str | None:
        """Who holds in a country what somebody of another holds there."""
        for office in self._terms.held(other, day):
            leads = office.role in _OF_GOVERNMENT and of in self._terms.led_by
            holder = self._terms.holder(of, self._terms.led_by[of] if leads else office.role, day)
            if office.of != of and holder is not None:
                return holder
        return None

    def pope(self, text: str, place: tuple[int, int], day: str) -> RoleMention | None:
        """Who was pope, where the words at `place` mean him: his office stands beside no country."""
        start, end = place
        if _is_not_held(text, start) or _NOT_HOLDER.match(text, end):
            return None
        church = self._terms.church
        actor = church and self._terms.holder(church, "pope", when(text, place, day))
        return RoleMention(actor, start, end) if actor else None

    def _apposed(self, text: str, begin: int, of: str, role: Role, holder: str, day: str) -> str | None:
        """Whom an office at `begin` is said of: its holder, unless another name and a comma stand before.

        Then it is who has just left it, or nobody: "Neville Chamberlain, the British premier". Whom the
        registry knows and who never held it is somebody else in a list.
        """
        if text.rfind(",", max(0, begin - _COMMA_REACH), begin) < 0:
            return holder
        named = _NAMED_BEFORE.search(text, max(0, begin - _NAME_REACH), begin)
        if named is None:
            return holder
        surname = bare(named[2])
        if surname in self._names[holder]:
            return holder
        if any(surname in self._names[actor] for actor in self._terms.holders(of, role)):
            just_left = self._terms.just_left(of, role, day)
            return next((actor for actor in just_left if surname in self._names[actor]), None)
        is_unknown = named[1] in self._first_names and surname not in self._surnames
        return None if is_unknown else holder

    def _is_before_another(self, text: str, end: int, of: str) -> bool:
        """Whether somebody is named behind a comma who never ruled there: with him something else begins."""
        named = _NAME_BEHIND_COMMA.match(text, end)
        if named is None:
            return False
        surname = bare(named[1].removesuffix("'s"))
        return surname in self._surnames and surname not in self._rulers.get(of, ())

    def _role(self, title: str, of: str) -> Role | None:
        """Which office a title means beside a country or an organisation."""
        if title == "leader" and of in self._terms.led_by:
            return self._terms.led_by[of]
        if self._terms.has(of, "head") and title in ("president", "leader", *_HEADS):
            return "head"
        if title in ("head of state", "head of government"):
            heads = _OF_STATE if title == "head of state" else _OF_GOVERNMENT
            return next((role for role in heads if self._terms.has(of, role)), None)
        found = TITLE_ROLES.get(title)
        return found[0] if found else None


def _title_beside(text: str, place: tuple[int, int], *, demonym: bool) -> _Title | None:
    """The title behind a country, or before "of" and its name; a demonym has none there."""
    start, end = place
    after = _AFTER.match(text, end) or _AFTER_SUCH.match(text, end)
    if after is not None:
        return _Title(after.span(1), start, behind=True)
    if (
        demonym
        or not is_behind_office(text, start)
        or _NAME_NEXT.match(text, end)
        or text[end : end + 1] == "'"  # "leader of Russia's ally"
    ):
        return None
    before = None if _OF_A_PART.match(text, end) else _BEFORE.search(text, max(0, start - 60), start)
    return None if before is None else _Title(before.span(1), before.start(1), behind=False)


def _is_accused(text: str, begin: int, end: int) -> bool:
    """Whether the "of" behind an office is a verb's before it: "accuse the US president of"."""
    before = text[max(0, begin - _NOBODY_REACH) : begin]
    return text.startswith(" of ", end) and _ACCUSING.search(before) is not None


def _is_not_held(text: str, begin: int) -> bool:
    """Whether the words before an office at `begin` say that nobody in particular holds it, or not now."""
    before = text[max(0, begin - _NOBODY_REACH) : begin]
    if before[-1:] not in (" ", "-"):
        return False
    words = [word.strip("\"'“‘(-") for word in before.lower().split()]
    if not words or words[-1] in _WAS or words[-1].endswith("-time"):
        return words != []
    if (words[-1] == "as" and not _PAST.isdisjoint(words[-4:])) or words[-2:-1] in (["twice"], ["ever"]):
        return True
    without_article = words[-1] not in ("the", "as")
    while len(words) > 1 and (words[-1] in _PASSED_BY or _ORDINAL.fullmatch(words[-1])):
        words.pop()
    last = words[-1]
    if last in _BEHIND and words[-2:-1] not in _BEHIND[last]:
        return False
    return last in _BECOMING or (without_article and last.partition("-")[0] in _NO_HOLDER)
