"""`python -m benchmarks`: measure everything, print a table, write JSON."""

import argparse
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from benchmarks import latency, pure, rebalances, sinking, steady, workers
from benchmarks.figures import Figure, show, write

PARTS: dict[str, Callable[..., Iterator[Figure]]] = {
    "stages": pure.measure,
    "workers": workers.measure,
    "sink": sinking.measure,
    "latency": latency.measure,
    "steady": steady.measure,
    "rebalances": rebalances.measure,
}
APART = {"steady", "rebalances"}
"""Take many minutes: measured only if asked for."""


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small sizes: a smoke test, figures mean little")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results.json"), metavar="FILE")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it tells of each try before the broker is up
    console = Console()
    figures: list[Figure] = []
    for name, measure in PARTS.items():
        if name in options.only if options.only else name not in APART:
            console.print(f"[dim]measuring {name} …")
            figures.extend(measure(quick=options.quick))
    show(figures, console)
    write(figures, options.json, quick=options.quick)
    console.print(f"[dim]written to {options.json}")


if __name__ == "__main__":
    main()
