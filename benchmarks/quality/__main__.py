"""`python -m benchmarks.quality DATA`: measure what the folder holds, print a table, write JSON."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console
from rich.progress import Progress

from benchmarks.quality import actors, linking, report, speed, stories, tone, topics
from benchmarks.quality.figures import Results
from benchmarks.quality.records import CORPORA, Folder, UnusableData
from streams.core.errors import SummitryError

Measure = Callable[[Folder, Results, Callable[[], None]], None]


class Part(NamedTuple):
    """Something to measure: the files that it is measured on, each by itself, and those it also needs."""

    measure: Measure
    files: tuple[str, ...]
    needs: tuple[str, ...] = ()


PARTS = {
    "actors": Part(actors.measure, (actors.FILE,), CORPORA),
    "links": Part(linking.measure, tuple(f"{name}.jsonl" for name in linking.SETS)),
    "tone": Part(tone.measure_sentences, (f"{tone.NEWSMTSC}.jsonl",)),
    "tone-labelled": Part(tone.measure_labelled, (), CORPORA),
    "tone-texts": Part(tone.measure_texts, (f"{tone.PERSENT}.jsonl",)),
    "topics": Part(topics.measure_labelled, (), CORPORA),
    "agnews": Part(topics.measure_agnews, (f"{topics.AGNEWS}.jsonl",)),
    "stories": Part(stories.measure, (f"{stories.SET}.jsonl",)),
    "speed": Part(speed.measure, (f"{speed.SET}.jsonl",)),
}


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="Measure this; may be repeated.")
@click.option("--subset", type=click.IntRange(min=1), metavar="N", help="At most N records a set.")
@click.option(
    "--json",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("benchmarks/quality.json"),
    show_default=True,
    help="Where figures and faults go.",
)
def main(data: Path, only: tuple[str, ...], subset: int | None, file: Path) -> None:
    """Measure how well Summitry reads the sets in DATA; sets that aren't there are left out.

    \b
      python -m benchmarks.quality ../shared/data
      python -m benchmarks.quality ../shared/data --only links --only agnews --subset 200
    """
    folder, results = Folder(data, subset=subset), Results()
    console = Console(width=None if sys.stdout.isatty() else 120)
    try:
        parts = {name: part for name, part in PARTS.items() if _measurable(part, folder)}
        if not parts:
            raise UnusableData(f"{data} holds none of the sets: {', '.join(_all_files())}")
        with Progress(console=console, transient=True) as progress:
            for name, part in parts.items():
                if only and name not in only:
                    continue
                task = progress.add_task(name, total=_size(part, folder))
                part.measure(folder, results, lambda task=task: progress.advance(task))
                progress.remove_task(task)
    except SummitryError as error:
        console.print(f"[red]{error}", highlight=False)
        sys.exit(1)
    report.show(results, console)
    report.write(results, file, subset=subset)
    console.print(f"[dim]written to {file}")


def _measurable(part: Part, folder: Folder) -> bool:
    files = part.files or part.needs
    return any(map(folder.has, files)) and (not part.needs or any(map(folder.has, part.needs)))


def _size(part: Part, folder: Folder) -> int | None:
    if not part.files:
        return None
    stages = 3 if part.measure is speed.measure else 1
    return stages * sum(len(folder.some(name)) for name in part.files if folder.has(name))


def _all_files() -> list[str]:
    return sorted({name for part in PARTS.values() for name in (*part.files, *part.needs)})


if __name__ == "__main__":
    main()
