"""Where a word ends: in scripts with spaces, without them, and with small words written on."""

import unicodedata

_EDGES = frozenset(' \n\t"“”()[],.;:!?-–—/|<>*•…')
"""What mostly stands beside a word; of apostrophes and the rest the rules below decide."""

_WRITTEN_ON = {"\u0600": "وفبلك", "\u0590": "והבלמשכ"}
"""What Arabic and Hebrew write together with the word that follows: and, for, in, to, as, from."""


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no word goes on at either side: a hyphen ends a word, an apostrophe only as a possessive.

    Scripts without spaces have no word boundaries; Korean puts particles behind a name, Arabic and
    Hebrew write small words together with it.
    """
    if start and text[start - 1] not in _EDGES and not _begins(text, start):
        return False
    return end == len(text) or text[end] in _EDGES or _ends(text, end)


def _begins(text: str, start: int) -> bool:
    first, before = text[start], text[start - 1]
    if first > "\u0589" and _is_unspaced(first):
        return not ("\uac00" <= first <= "\ud7a3" and "\uac00" <= before <= "\ud7a3")
    return not in_word(before) or _follows_small_word(text, start)


def _ends(text: str, end: int) -> bool:
    last = text[end - 1]
    if not (last == "." or in_word(last)) or (last > "\u0589" and _is_unspaced(last)):
        return True
    if text[end] != "'":
        return not in_word(text[end])
    after = text[end + 1 : end + 3]
    return not in_word(after[1:] if after[:1] in ("s", "S") else after[:1])


def has_word(text: str, word: str) -> bool:
    """Whether `word` stands somewhere in the text by itself."""
    start = text.find(word)
    while start >= 0:
        if stands_alone(text, start, start + len(word)):
            return True
        start = text.find(word, start + 1)
    return False


def in_word(char: str) -> bool:
    """Whether a character, or none, belongs to a word."""
    if char.isascii():
        return char.isalnum() or char == "_"
    # A variation selector is a mark too, but it belongs to the symbol before it.
    return char.isalnum() or (unicodedata.category(char) in ("Mn", "Mc") and not "\ufe00" <= char <= "\ufe0f")


def _is_unspaced(char: str) -> bool:
    return "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" or "\u0e00" <= char <= "\u109f"


def _follows_small_word(text: str, start: int) -> bool:
    char = text[start]
    block = "\u0600" if "\u0600" <= char <= "\u06ff" else "\u0590" if "\u0590" <= char <= "\u05ff" else ""
    small = _WRITTEN_ON.get(block, "")
    for place in range(start - 1, max(start - 3, -1), -1):  # "and for" are two
        if text[place] not in small:
            return False
        if place == 0 or not in_word(text[place - 1]):
            return True
    return False
