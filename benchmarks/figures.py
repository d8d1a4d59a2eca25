"""What was measured, as a table to read and as JSON to compare."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.articles import SEED, SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure; `floor` is the least, `ceiling` the most that the design allows."""

    part: str
    what: str
    value: float
    unit: str
    floor: float | None = None
    ceiling: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the figure keeps to its bound; None if it has none."""
        return keeps(self.value, self.floor, self.ceiling)


def keeps(value: float, floor: float | None, ceiling: float | None) -> bool | None:
    """Whether a value lies between its bounds; None if it has none."""
    if floor is None and ceiling is None:
        return None
    return (floor is None or value >= floor) and (ceiling is None or value <= ceiling)


def machine() -> dict[str, Any]:
    """Where it was measured."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print one table."""
    table = Table(
        title="Summitry, measured", caption="Sizes are of articles of 4.6 KB, a tenth name two actors."
    )
    table.add_column("part")
    table.add_column("what")
    table.add_column("figure", justify="right", no_wrap=True)  # a figure cut short would be another
    table.add_column("unit")
    table.add_column("bound", justify="right", no_wrap=True)
    table.add_column("")
    last = None
    for figure in figures:
        bound = f"≥ {figure.floor:,.0f}" if figure.floor is not None else ""
        bound = f"≤ {figure.ceiling:,.0f}" if figure.ceiling is not None else bound
        mark = {None: "", True: "[green]kept", False: "[red]MISSED"}[figure.kept]
        if last is not None and figure.part != last:
            table.add_section()
        part = figure.part if figure.part != last else ""
        last = figure.part
        table.add_row(part, figure.what, _number(figure.value), figure.unit, bound, mark)
    console.print(table)


def write(figures: Sequence[Figure], file: Path, *, quick: bool) -> None:
    """Write everything as JSON."""
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": machine(),
        "articles": {"seed": SEED, "bytes": SIZE},
        "figures": [asdict(figure) | {"kept": figure.kept} for figure in figures],
    }
    file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"
