"""What each fault does to real processes, the network, the store and the streams."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from faults.lesser_registry import write_lesser_registry
from faults.processes import Processes
from faults.schedule import Fault
from faults.site import Site
from faults.stores import PostgresqlStore, RunStore, SqliteStore
from streams import broker
from streams.broker.records import read_to_end
from streams.core.errors import SummitryError
from streams.settings import Settings
from streams.topology import ALERTS, FACET_STREAMS, Stream

DELETE_SECONDS = 15.0
UNDER_WAY_SECONDS = 2.0
"""How long what was sent may be on its way, on a lossy network too."""


class NotDeleted(SummitryError):
    """The broker didn't do what a fault asks of it."""


class Nemeses:
    """Does faults to one run; what it can't do (nobody is there to be killed) doesn't count as done."""

    def __init__(
        self, site: Site, store: RunStore, settings: Settings, processes: Processes, folder: Path
    ) -> None:
        self.done: list[Fault] = []
        self.alerts_before: list[Any] = []
        """What lay on a news.alerts that was deleted."""
        self._site = site
        self._store = store
        self._settings = settings
        self._processes = processes
        self._folder = folder
        self._lasting: list[Fault] = []
        self._frozen: dict[Fault, subprocess.Popen[bytes]] = {}
        self._starting: list[Fault] = []
        """Kills of brokers that were started again and don't listen yet."""

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

    def look(self) -> None:
        """A broker's death lasts until it listens again, which on a busy machine takes a while."""
        if self._starting and self._site.nodes.listen():
            for fault in self._starting:
                lasted = replace(fault, seconds=round(self._processes.elapsed - fault.at, 1))
                self.done = [lasted if other is fault else other for other in self.done]
            self._starting = []

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

    # One of a stage's workers stands still, and with it its partitions, but stays in the group.
    _lag, _end_lag = _freeze, _end_freeze

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

    _end_usurp = _end_freeze

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

    def _end_kill_broker(self, fault: Fault) -> None:
        self._site.nodes.launch()
        self._starting.append(fault)

    def _cut(self, _fault: Fault) -> None:
        self._site.network.change(cut=True)

    def _end_cut(self, _fault: Fault) -> None:
        self._site.network.change(cut=False)

    _outage, _end_outage = _cut, _end_cut

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
        with self._without_sinks():
            self._store.delete()

    def _restore_store(self, _fault: Fault) -> bool:
        """A backup is made now and restored later."""
        return self._store.back_up()

    def _end_restore_store(self, _fault: Fault) -> None:
        with self._without_sinks():
            self._store.restore()

    @contextmanager
    def _without_sinks(self) -> Iterator[None]:
        names = self._processes.stop(lambda name: name.startswith("sink"))
        yield
        for name in names:
            self._processes.start_sink(name)

    def _fill_disk(self, _fault: Fault) -> bool:
        process = self._processes.running("sink")
        if process is not None:
            self._file.fill(process.pid)
        return process is not None

    def _end_fill_disk(self, _fault: Fault) -> None:
        process = self._processes.running("sink")
        self._file.empty(process.pid if process is not None else None)

    @property
    def _file(self) -> SqliteStore:
        assert isinstance(self._store, SqliteStore)
        return self._store

    @property
    def _database(self) -> PostgresqlStore:
        assert isinstance(self._store, PostgresqlStore)
        return self._store

    def _kill_store(self, _fault: Fault) -> None:
        self._database.kill()

    def _end_kill_store(self, _fault: Fault) -> None:
        self._database.server.start()

    def _freeze_store(self, _fault: Fault) -> None:
        self._database.freeze()

    def _end_freeze_store(self, _fault: Fault) -> None:
        self._database.thaw()

    # Streams and versions

    def _remake(self, fault: Fault) -> None:
        """A stream of facets is deleted and made again."""
        self._delete(FACET_STREAMS[fault.target])  # type: ignore[index]  # a stage
        broker.apply_streams(self._settings, for_good=True)

    def _remake_alerts(self, _fault: Fault) -> None:
        """News.alerts is deleted under the sinks, which stand still only until all that they told is read."""
        awake = [
            process
            for name in self._processes.names()
            if name.startswith("sink")
            and (process := self._processes.running(name)) is not None
            and process not in self._frozen.values()
        ]
        for process in awake:
            process.send_signal(signal.SIGSTOP)
        told = list(read_to_end(self._settings, ALERTS))
        while True:
            time.sleep(UNDER_WAY_SECONDS)
            before, told = told, list(read_to_end(self._settings, ALERTS))
            if len(before) == len(told):
                break
        self.alerts_before += told
        self._delete(ALERTS)
        if self._site.makes_streams:  # with one partition, at the sink's first question
            broker.apply_streams(self._settings, for_good=True)
        for process in awake:
            process.send_signal(signal.SIGCONT)

    def _end_remake_alerts(self, _fault: Fault) -> None:
        """What a user is told to do: make it again, and restart the sink."""
        broker.apply_streams(self._settings, for_good=True)
        for name in self._processes.names():
            if name.startswith("sink"):
                self._signal(name, signal.SIGTERM)

    def _delete(self, stream: Stream) -> None:
        name = self._settings.stream_name(stream)
        with broker.admin(self._settings) as client:
            client.delete_topics([name])
            deadline = time.monotonic() + DELETE_SECONDS
            while name in client.list_topics():
                if time.monotonic() > deadline:
                    raise NotDeleted(f"{name} is still there {DELETE_SECONDS:.0f} s after it was deleted")
                time.sleep(0.05)

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
        path = write_lesser_registry(self._folder / "registry.json")
        self._processes.start_worker(fault.target, f"{fault.target}-old", registry=path)

    def _end_old_registry(self, fault: Fault) -> None:
        self._processes.stop(lambda name: name == f"{fault.target}-old")
