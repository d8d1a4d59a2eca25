"""The table to read and the JSON to compare."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import machine
from benchmarks.quality.figures import Fault, Figure, Results


def show(results: Results, console: Console) -> None:
    """Print one table of figures, and one of faults by kind."""
    console.print(_figures(results.figures))
    console.print(_faults(results.faults))


def _figures(figures: Sequence[Figure]) -> Table:
    table = Table(title="How well Summitry reads", caption="Intervals are of 95 %; ms are of one core.")
    table.add_column("set")
    table.add_column("measure")
    for column in ("value", "interval", "n", "ms", "bound"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    last = None
    for figure in figures:
        if last is not None and figure.set != last:
            table.add_section()
        table.add_row(figure.set if figure.set != last else "", figure.measure, *_cells(figure))
        last = figure.set
    return table


def _cells(figure: Figure) -> tuple[str, ...]:
    in_time = figure.measure.endswith(" ms")
    value = f"{figure.value:.2f}" if in_time else f"{figure.value:.3f}"
    known = figure.low is not None and figure.high is not None
    bound = f"≥ {figure.floor:g}" if figure.floor is not None else ""
    bound = f"≤ {figure.ceiling:g}" if figure.ceiling is not None else bound
    mark = {None: "", True: "[green]kept", False: "[red]MISSED"}[figure.kept]
    return (
        value,
        f"{figure.low:.3f} – {figure.high:.3f}" if known else "",
        str(figure.n),
        f"{figure.milliseconds:.2f}" if figure.milliseconds is not None else "",
        bound,
        mark,
    )


def _faults(faults: Sequence[Fault]) -> Table:
    table = Table(title="What is read wrong", caption="Each one is in the JSON, by id.")
    table.add_column("set")
    table.add_column("kind")
    table.add_column("times", justify="right")
    table.add_column("most often")
    kinds = Counter((fault.set, fault.kind) for fault in faults)
    for (name, kind), count in sorted(kinds.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        what = Counter(fault.what for fault in faults if (fault.set, fault.kind) == (name, kind))
        often = ", ".join(f"{thing} ({times})" for thing, times in what.most_common(3) if thing)
        table.add_row(name, kind, str(count), often)
    return table


def write(results: Results, file: Path, *, subset: int | None) -> None:
    """Write all figures and faults as JSON; it holds ids and labels of the sets, no text of an article."""
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "subset": subset,
        "machine": machine(),
        "figures": [asdict(figure) | {"kept": figure.kept} for figure in results.figures],
        "faults": [asdict(fault) for fault in results.faults],
    }
    file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
