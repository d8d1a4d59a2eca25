"""A registry that the shipped one goes before: what a worker reads that was left behind at an upgrade."""

from itertools import count
from pathlib import Path

from streams.enrich.registry import load_registry


def write_lesser_registry(path: Path) -> Path:
    """Write one of the shipped release: the order of two registries of one release is that of their digests."""
    shipped = load_registry().version.order
    for number in count():
        name = f"Nobody Whosoever {number}"
        path.write_text(
            f'{{"release": 1, "actors": [{{"id": "Q999999999", "name": "{name}", "kind": "person"}}]}}',
            encoding="utf-8",
        )
        if load_registry(path).version.order < shipped:
            break
    return path
