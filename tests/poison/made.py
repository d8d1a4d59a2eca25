"""How pills are written."""

import json
from typing import Any

PAIR = frozenset({"Q15031", "Q7747"})
"""Xi Jinping and Vladimir Putin."""
TRIO = PAIR | {"Q22686"}
NAMES = "Xi Jinping and Vladimir Putin met."


def value(name: str, **changes: Any) -> bytes:
    """An article that names two, with these fields instead; those that are `...` are missing.

    Its date is far from the seeds', so that its alerts are its own.
    """
    fields = {
        "id": f"pill-{name}",
        "title": "Report",
        "text": NAMES,
        "source": "pills.example",
        "published_at": "2024-06-01T12:00:00Z",
    } | changes
    given = {name: value for name, value in fields.items() if value is not ...}
    return json.dumps(given, ensure_ascii=False).encode()


def bad(name: str, reason: str, **changes: Any) -> dict[str, Any]:
    """An article that is refused for `reason`."""
    return {"value": value(name, **changes), "reason": reason}


def good(name: str, actors: frozenset[str] = PAIR, **changes: Any) -> dict[str, Any]:
    """An article that names just these, whatever else it holds."""
    return {"value": value(name, **changes), "actors": actors}
