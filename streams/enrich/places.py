"""Whether the name of a capital, a seat or a country is only a place's."""

import re
from collections.abc import Container

from streams.enrich.context import REACH, word_before

_PLACE_WORDS = frozenset(
    """
    in at near outside around inside across downtown visit visits visited visiting leave leaves leaving arrive
    arrived arrives arriving central greater via à
    """.split()  # noqa: SIM905
)
"""Before a capital, these make it a place."""

_MOVES = """
    flew fly flies flying flight flights trip trips travel traveled travelled travels traveling travelling
    drove went moved returned train trains visit streets suburb suburbs city outskirts north south east west
    heart centre center airport mayor embassy
    """.split()  # noqa: SIM905
_PLACE_PHRASE = re.compile(
    rf"(?:(?:{'|'.join(_MOVES)})(?: back| home)? (?:to|of|from)"
    r"|(?:go|goes|going|comes?|came|coming|head|heads|headed|heading)(?: back| home)? to)(?: the)? $",
    re.IGNORECASE,
)
_DATELINE_AFTER = re.compile(r"(?:, [A-Z][a-z]{2,8}\.? \d{1,2})?(?: \([^)\n]{1,30}\))? ?(?:—|–|--| - |: )")
_STATES = """
    Alabama Alaska Arizona Arkansas California Calif Colorado Connecticut Conn Delaware Florida Fla Georgia
    Ga Hawaii Idaho Illinois Ill Indiana Ind Iowa Kansas Kan Kentucky Ky Louisiana La Maine Maryland Md
    Massachusetts Mass Michigan Mich Minnesota Minn Mississippi Miss Missouri Mo Montana Nebraska Nevada
    N.H N.J N.M N.Y N.C N.D S.C S.D Ohio Oklahoma Okla Oregon Ore Pennsylvania Pa Tennessee Tenn Texas Tex
    Utah Vermont Vt Virginia Va Wisconsin Wis Wyoming Wyo Ontario Ont
    """.split()  # noqa: SIM905
_TWO_WORDS = "New Hampshire|New Jersey|New Mexico|New York|(?:North|South) Carolina|(?:North|South) Dakota"
_STATE_AFTER = re.compile(
    r",? (?:D\.C\.|DC\b|state\b|State\b|residents?\b|metro\b)"
    rf"|, (?:{_TWO_WORDS}|{'|'.join(map(re.escape, _STATES))})\b"
)


def is_place(text: str, start: int, end: int, before: str, places: Container[str]) -> bool:
    """Whether a capital or a seat of power at [start, end), behind the word `before`, reads as a place.

    It does after a preposition of place, before a state, as the state of a town that isn't one of
    `places`, and as a dateline at the start of a paragraph.
    """
    word = word_before(text, start - 4) if before.lower() == "the" else before
    if word.lower() in _PLACE_WORDS:
        return True
    if word in ("to", "of", "from") and _PLACE_PHRASE.search(text[max(0, start - REACH) : start]) is not None:
        return True
    if text[start - 2 : start] == ", " and _is_town_of(text, start - 2, places):
        return True
    if text[end : end + 1] in (",", " ") and _STATE_AFTER.match(text, end) is not None:
        return True
    return (start == 0 or text[start - 1] == "\n") and _DATELINE_AFTER.match(text, end) is not None


def is_town(text: str, end: int) -> bool:
    """Whether a state follows: "Lebanon, Pennsylvania"."""
    return _STATE_AFTER.match(text, end) is not None


def _is_town_of(text: str, comma: int, places: Container[str]) -> bool:
    """Whether before a comma stands a town that no form names: "Seattle, Washington"."""
    word = text[max(0, comma - REACH) : comma].rpartition(" ")[2].rpartition("\n")[2]
    return word[:1].isupper() and word not in places
