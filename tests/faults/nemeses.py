"""What each fault does to real processes, the network, the store and the streams."""

import math
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from faults.processes import Processes
from faults.schedule import Fault
from faults.site import Site
from streams import broker
from streams.broker.records import read_to_end
from streams.enrich.registry import load_registry
from streams.settings import Settings
from streams.topology import ALERTS, STREAMS

SHAKING = {"freeze-broker", "kill-broker", "cut", "outage", "reset", "slow", "lossy", "remake"}
"""Faults of the broker or the way to it: a process that can't go on without may end, and is restarted."""
AFTERMATH_SECONDS = 30.0
"""How long after its end a fault may explain a death."""
EXPLAINED_CODES = {"kill": {-9}, "mark": {-9}, "terminate": {0, -15}}
"""Faults that end the process that they are aimed at, and the code that it ends with."""


class Nemeses:
    """Does faults to one run; what it can't do (nobody is there to be killed) doesn't count as done."""

    def __init__(self, site: Site, settings: Settings, processes: Processes, folder: Path) -> None:
        self.done: list[Fault] = []
        self.alerts_before: list[Any] = []
        """What lay on a news.alerts that was deleted."""
        self._site = site
        self._settings = settings
        self._processes = processes
        self._folder = folder
        self._lasting: list[Fault] = []
        self._frozen: dict[Fault, subprocess.Popen[bytes]] = {}

    @property
    def store(self) -> Path:
        """The file of the store."""
        return self._folder / "summitry.db"

    def begin(self, fault: Fault) -> None:
        """Do it."""
        if getattr(self, f"_{fault.kind.replace('-', '_')}")(fault) is not False:
            self.done.append(fault)
            self._lasting += [fault] * bool(fault.seconds)

    def end(self, fault: Fault) -> None:
        """Mend it, where it lasts."""
        mend = getattr(self, f"_end_{fault.kind.replace('-', '_')}", None)
        if mend is not None and fault in self._lasting:
            self._lasting = [other for other in self._lasting if other is not fault]
            mend(fault)

    def close(self) -> None:
        """No more: all is mended, and marks that no sink came to were no faults."""
        for fault in self._lasting:
            self.end(fault)
        for mark in self._processes.marks.iterdir():
            mark.unlink()
            self.done = [fault for fault in self.done if (fault.kind, fault.target) != ("mark", mark.name)]

    # Processes

    def _kill(self, fault: Fault) -> bool:
        return self._signal(fault.target, signal.SIGKILL)

    def _terminate(self, fault: Fault) -> bool:
        return self._signal(fault.target, signal.SIGTERM)

    def _signal(self, name: str, number: int) -> bool:
        process = self._processes.running(name)
        if process is not None:
            process.send_signal(number)
        return process is not None

    def _freeze(self, fault: Fault) -> bool:
        process = self._processes.running(fault.target)
        return process is not None and self._stop_process(fault, process)

    def _stop_process(self, fault: Fault, process: "subprocess.Popen[bytes]") -> bool:
        process.send_signal(signal.SIGSTOP)
        self._frozen[fault] = process
        return True

    def _end_freeze(self, fault: Fault) -> None:
        with suppress(ProcessLookupError):
            self._frozen.pop(fault).send_signal(signal.SIGCONT)

    def _crowd(self, fault: Fault) -> None:
        for number in (2, 3):
            self._processes.start_worker(fault.target, f"{fault.target}-{number}")

    def _end_crowd(self, fault: Fault) -> None:
        self._processes.stop(lambda name: name in (f"{fault.target}-2", f"{fault.target}-3"))

    def _stand_by(self, _fault: Fault) -> None:
        self._processes.start_sink("sink-2")

    def _end_stand_by(self, _fault: Fault) -> None:
        self._processes.stop(lambda name: name == "sink-2")

    def _usurp(self, fault: Fault) -> bool:
        """Another sink takes over from one that is frozen, and meets it when it wakes."""
        process = self._processes.running("sink")
        if process is None:
            return False
        self._stand_by(fault)
        return self._stop_process(fault, process)

    def _end_usurp(self, fault: Fault) -> None:
        self._end_freeze(fault)

    def _mark(self, fault: Fault) -> None:
        (self._processes.marks / fault.target).touch()

    # Brokers and the network

    def _freeze_broker(self, fault: Fault) -> bool:
        return self._stop_process(fault, self._site.nodes.process(int(fault.target)))

    def _end_freeze_broker(self, fault: Fault) -> None:
        self._end_freeze(fault)

    def _kill_broker(self, fault: Fault) -> None:
        process = self._site.nodes.process(int(fault.target))
        process.kill()
        process.wait()

    def _end_kill_broker(self, _fault: Fault) -> None:
        self._site.nodes.launch()

    def _cut(self, _fault: Fault) -> None:
        self._site.network.change(cut=True)

    def _end_cut(self, _fault: Fault) -> None:
        self._site.network.change(cut=False)

    def _outage(self, fault: Fault) -> None:
        self._cut(fault)

    def _end_outage(self, fault: Fault) -> None:
        self._end_cut(fault)

    def _reset(self, _fault: Fault) -> None:
        self._site.network.change(refusing=True)

    def _end_reset(self, _fault: Fault) -> None:
        self._site.network.change(refusing=False)

    def _slow(self, _fault: Fault) -> None:
        self._site.network.change(delay_seconds=0.5)

    def _end_slow(self, _fault: Fault) -> None:
        self._site.network.change(delay_seconds=0.0)

    def _lossy(self, _fault: Fault) -> None:
        self._site.network.change(loss=0.05)

    def _end_lossy(self, _fault: Fault) -> None:
        self._site.network.change(loss=0.0)

    # The store

    def _delete_store(self, _fault: Fault) -> None:
        sinks = self._stop_sinks()
        self._remove_store()
        self._start_sinks(sinks)

    def _restore_store(self, _fault: Fault) -> bool:
        """A backup is made now, as people make one while it is in use, and restored later."""
        if not self.store.exists():
            return False
        with (
            closing(sqlite3.connect(self.store, timeout=10)) as live,
            closing(sqlite3.connect(self._folder / "backup.db")) as backup,
        ):
            live.backup(backup)
        return True

    def _end_restore_store(self, _fault: Fault) -> None:
        sinks = self._stop_sinks()
        self._remove_store()
        shutil.copy(self._folder / "backup.db", self.store)
        self._start_sinks(sinks)

    def _stop_sinks(self) -> list[str]:
        return self._processes.stop(lambda name: name.startswith("sink"))

    def _start_sinks(self, names: list[str]) -> None:
        for name in names:
            self._processes.start_sink(name)

    def _remove_store(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self.store.with_name(self.store.name + ending).unlink(missing_ok=True)

    def _fill_disk(self, _fault: Fault) -> bool:
        """No file of the sink's may grow: as on a full disk, but for the error's name."""
        return self._limit_sink(1)

    def _end_fill_disk(self, _fault: Fault) -> None:
        self._limit_sink(resource.RLIM_INFINITY)

    def _limit_sink(self, size: int) -> bool:
        process = self._processes.running("sink")
        if process is not None:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        return process is not None

    # Streams and versions

    def _remake(self, fault: Fault) -> None:
        """A stream is deleted and made again; without news.alerts no sink may tell of anything meanwhile."""
        stream = next(one for one in STREAMS if one.name == f"news.{fault.target}")
        sinks = self._stop_sinks() if stream is ALERTS else []
        if stream is ALERTS:
            self.alerts_before += read_to_end(self._settings, ALERTS)
        with broker.admin(self._settings) as client:
            client.delete_topics([self._settings.stream_name(stream)])
            while self._settings.stream_name(stream) in client.list_topics():
                time.sleep(0.05)
        broker.apply_streams(self._settings, for_good=True)
        self._start_sinks(sinks)

    def _partitions(self, fault: Fault) -> None:
        """Somebody gives a stream more partitions than the others; a sink that starts then refuses."""
        name = self._settings.prefix + f"news.{fault.target}"
        with broker.admin(self._settings) as client:
            client.create_partitions({name: self._settings.partitions + 2})
        if fault.target != "articles":  # then it runs on
            self._signal("sink", signal.SIGTERM)

    def _end_partitions(self, _fault: Fault) -> None:
        """What a user is told to run; who publishes from then on uses all partitions."""
        broker.apply_streams(self._settings)
        self._signal("publisher", signal.SIGTERM)

    def _old_registry(self, fault: Fault) -> None:
        """A worker whose registry is the lesser one reads beside the others."""
        path = self._folder / "registry.json"
        shipped = load_registry().version.order
        number = 0
        while True:  # the order of two registries of one release is that of their digests
            name = f"Nobody Whosoever {number}"
            path.write_text(
                f'{{"release": 1, "actors": [{{"id": "Q999999999", "name": "{name}", "kind": "person"}}]}}',
                encoding="utf-8",
            )
            if load_registry(path).version.order < shipped:
                break
            number += 1
        self._processes.start_worker(fault.target, f"{fault.target}-old", registry=path)

    def _end_old_registry(self, fault: Fault) -> None:
        self._processes.stop(lambda name: name == f"{fault.target}-old")


def explains(fault: Fault, name: str, code: int | None, at: float) -> bool:
    """Whether a process of this name may have ended with this code at `at` because of a fault."""
    # Who comes to a mark, or has to take leave of the broker, may be held up by an outage.
    last = math.inf if fault.kind in ("mark", "terminate") else fault.end + AFTERMATH_SECONDS
    if not fault.at - 0.5 <= at <= last:
        return False
    sink = name.startswith("sink")
    if fault.kind in EXPLAINED_CODES:
        aimed = sink if fault.kind == "mark" else name == fault.target
        return aimed and code in EXPLAINED_CODES[fault.kind]
    if fault.kind == "fill-disk":
        return sink and code == 1
    if fault.kind == "partitions":
        return code in (0, 1, -15, 70)
    return fault.kind in SHAKING and code is not None and code > 0
