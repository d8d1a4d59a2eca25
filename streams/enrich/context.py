"""What the words beside a form say: somebody else's name, or a place."""

import re

_TITLES = frozenset(
    """
    Ambassador Ayatollah Candidate Chairman Chairwoman Chancellor Chief Comrade Congressman
    Congresswoman Councillor Deputy Dictator Dr Foreign General Governor Judge King Lady Leader Lord
    Madam Madame Marshal Mayor Minister Miss Mr Mrs Ms Opponent Premier President Prime PM Rep
    Representative Sec Secretary Sen Senator Sir Speaker
    """.split()  # noqa: SIM905  a list of words is read best as a text
)
"""Words with a capital that may stand before a surname without being a part of the name."""

_WORD_BEFORE = re.compile(r"(?:^|(?<=[\s\"'“‘(\[—–-]))([^\W\d_][\w'-]*)(\.?) $")
_NAME_AFTER = re.compile(r" [^\W\d_a-z][^\W\d_]*[a-z]")
_PLACE_BEFORE = re.compile(
    r"(?:^|\W)(?:in|at|near|outside|around|inside|of central)(?: the)? $", re.IGNORECASE
)
_DATELINE_AFTER = re.compile(r"(?:, [A-Z][a-z]{2,8}\.? \d{1,2})?(?: \([^)\n]{1,30}\))? ?(?:—|–|--| - |: )")
_SENTENCE_ENDS = ("", ".", "!", "?", ":", "\n")
_REACH = 40
"""Code points looked at before a form."""


def is_whole_name(text: str, start: int, end: int) -> bool:
    """Whether a surname at [start, end) stands by itself, not in the longer name of somebody else.

    A capitalised word before it makes a longer name unless it is a title or begins the sentence;
    so does one behind it.
    """
    after = _NAME_AFTER.match(text, end)
    if after is not None:
        return False
    before = _WORD_BEFORE.search(text[max(0, start - _REACH) : start])
    if before is None or not before[1][0].isupper() or before[1] in _TITLES:
        return True
    if before[2]:  # an initial belongs to the name; any other word with a stop ends a sentence
        return len(before[1]) > 1
    begin = start - len(before[0])
    return text[max(0, begin - _REACH) : begin].rstrip(" \"'“‘([")[-1:] in _SENTENCE_ENDS


def is_place(text: str, start: int, end: int) -> bool:
    """Whether a capital or a seat of power at [start, end) reads as a place.

    It does after a preposition of place, and as a dateline at the start of a paragraph.
    """
    if _PLACE_BEFORE.search(text, max(0, start - _REACH), start) is not None:
        return True
    return (start == 0 or text[start - 1] == "\n") and _DATELINE_AFTER.match(text, end) is not None
