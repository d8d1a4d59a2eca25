"""Trace contexts as they travel in headers: https://www.w3.org/TR/trace-context/.

They come from outside, and go into every message that follows from the one they came with: so only
what is one, and no longer than it need be, is passed on.
"""

import re
from collections.abc import Callable, Iterable, Sequence

Context = tuple[tuple[str, bytes], ...]
"""The headers of one trace context as they came: traceparent, tracestate or not; empty: none."""

TraceOf = Callable[[Sequence[Context]], Context]
"""What a message that follows from others carries, of the contexts of those, in order."""

PARENT = "traceparent"
STATE = "tracestate"
_PARENT_FORM = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{0,128})?"
)
_STATE_FORM = re.compile(rb"[ -~\t]{1,1024}")


def context_of(headers: Iterable[tuple[str, bytes | None]] | None) -> Context:
    """The trace context among these headers; empty if there is none, or what there is can't be one."""
    found = {name: value for name, value in headers or () if name in (PARENT, STATE) and value is not None}
    if not found or not _PARENT_FORM.fullmatch(found.get(PARENT, b"")):
        return ()
    parent = (PARENT, found[PARENT])
    return (parent, (STATE, found[STATE])) if _STATE_FORM.fullmatch(found.get(STATE, b"")) else (parent,)


def newest(contexts: Sequence[Context]) -> Context:
    """The last context, unchanged: what is carried where no traces are made."""
    return contexts[-1] if contexts else ()
