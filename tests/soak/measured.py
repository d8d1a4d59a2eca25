"""What a process holds: memory of its own and open files, as Linux tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults.processes import Processes

from soak.trend import Trend, lows, trend

KIB = 1 << 10
MIB = 1 << 20
PROC = Path("/proc")


@dataclass(slots=True)
class Series:
    """What was measured of one process, each second of the soak; begun anew if the process is another one."""

    pid: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """Bytes that it has written and no other process shares: what it holds itself."""
    files: list[int] = field(default_factory=list)

    def growth(self) -> Trend:
        """How its memory grows."""
        return trend(self.seconds, self.memory)


class Measurements:
    """One series for each process that is spared from kills."""

    def __init__(self, names: Sequence[str]) -> None:
        self.series = {name: Series() for name in names}

    def take(self, processes: Processes, names: Sequence[str]) -> None:
        """Measure those of these names that run."""
        for name in names:
            process = processes.running(name)
            if process is None:
                continue
            if self.series[name].pid != process.pid:
                self.series[name] = Series(process.pid)
            one = self.series[name]
            one.seconds.append(processes.elapsed)
            one.memory.append(
                own_memory((PROC / str(process.pid) / "smaps_rollup").read_text(encoding="ascii"))
            )
            one.files.append(sum(1 for _ in (PROC / str(process.pid) / "fd").iterdir()))


def own_memory(smaps: str) -> int:
    """Bytes of private memory, resident or swapped out, of the text of a smaps_rollup.

    Without what is mapped of files: a library's pages are a process's own while its twin is dead.
    """
    names = ("Private_Dirty:", "Swap:")
    lines = (line.split() for line in smaps.splitlines())
    return sum(int(words[1]) for words in lines if words[0] in names) * KIB


def as_json(series: Mapping[str, Series], bound: float) -> dict[str, Any]:
    """What is told of each process."""
    told = {}
    for name, one in series.items():
        found = one.growth()
        keeps = found.keeps(bound)
        told[name] = {
            "memory_mib": round(found.mean / MIB, 1),
            "memory_mib_each_half_minute": [round(low / MIB, 2) for _, low in lows(one.seconds, one.memory)],
            "growth_percent_an_hour": round(found.growth, 2),
            "standard_error": round(found.error, 2) if found.error != float("inf") else None,
            "measured_seconds": round(found.seconds),
            "below_bound": keeps,
            "seconds_needed": round(found.seconds_needed(bound)) if found.error != float("inf") else None,
            "files_most": max(one.files),
            "files_at_first": one.files[0],
            "files_at_last": one.files[-1],
        }
    return told
