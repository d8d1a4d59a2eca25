"""Plain text from the HTML of a feed's entry."""

import re

from w3lib.html import remove_comments, remove_tags, replace_entities

_UNSEEN = re.compile(
    r"<(script|style|template|iframe|noscript)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_NO_TAG = re.compile(r"<(?![A-Za-z/!?][^<>]*>)")  # as in "3 < 5": it would swallow text up to the next >
_PARAGRAPH = re.compile(
    r"</?(?:address|article|aside|blockquote|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|ol|p"
    r"|pre|section|table|td|th|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?(?:\n ?)+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def plain_text(html: str) -> str:
    """What a reader sees of `html`: block elements become paragraphs, which a blank line parts.

    Takes time proportional to its length, whatever it holds.
    """
    seen = _UNSEEN.sub(" ", remove_comments(html))
    tags = _NO_TAG.sub("&lt;", seen.replace("\n", " "))
    broken = _LINE_BREAK.sub("\n", _PARAGRAPH.sub("\n\n", tags))
    return tidy(replace_entities(remove_tags(broken), remove_illegal=False))


def tidy(text: str) -> str:
    """The text with single spaces and at most one blank line, without control characters."""
    spaced = _SPACES.sub(" ", _CONTROLS.sub("", text))
    return _BREAKS.sub("\n\n", spaced).replace(" \n", "\n").replace("\n ", "\n").strip()


def one_line(text: str) -> str:
    """The text as a headline: no line breaks."""
    return " ".join(tidy(text).split())
