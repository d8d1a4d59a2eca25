"""A network to break: a TCP proxy before each broker, in a thread of its own."""

import asyncio
import random
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

CHUNK = 64 * 1024
STEP_SECONDS = 0.02
PRODUCE = 0
"""The number of Kafka's request that sends records."""


class Proxy:
    """Forwards connections to a port of this machine, as well as it is told to."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.cut = False
        """Nothing passes, and nobody is told: what was under way is on its way still."""
        self.withholding = False
        """What producers send doesn't pass, all else does."""
        self.withheld = 0
        """How many requests of producers have not passed at once for that."""
        self.refusing = False
        """Connections are reset, and refused."""
        self.delay_seconds = 0.0
        self.loss = 0.0
        """The share of packets that have to be sent again, which takes a while."""
        self._target = target
        self._chance = random.Random(target)
        self._pairs: set[asyncio.StreamWriter] = set()

    async def serve(self) -> asyncio.Server:
        """Listen on a free port."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.refusing:
                return
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            return
        else:
            pair = {writer, back}
            self._pairs |= pair
            ways = [
                asyncio.create_task(self._forward(reader, back, requests=True)),
                asyncio.create_task(self._forward(there, writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._pairs -= pair
            back.close()
        finally:
            writer.close()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, requests: bool = False
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                if self.loss and self._chance.random() < self.loss:
                    await asyncio.sleep(self._chance.uniform(0.2, 1.5))
                produces = self.withholding and requests and _produces(data)
                self.withheld += produces
                while self.cut or (self.withholding and produces):  # noqa: ASYNC110  it ends seldom, and all wait for it
                    await asyncio.sleep(STEP_SECONDS)
                if self.refusing:
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()

    def reset(self) -> None:
        """Abort every connection."""
        for writer in list(self._pairs):
            writer.transport.abort()


def _produces(data: bytes) -> bool:
    """Whether one of these requests sends records; each begins with its length and its kind."""
    at = 0
    while at < len(data):
        if int.from_bytes(data[at + 4 : at + 6]) == PRODUCE:
            return True
        at += 4 + int.from_bytes(data[at : at + 4])
    return False


class Network:
    """The proxies of all brokers, and the thread that they live in."""

    def __init__(self, loop: asyncio.AbstractEventLoop, proxies: list[Proxy]) -> None:
        self._loop = loop
        self.proxies = proxies

    def change(self, **how: Any) -> None:
        """Set what every proxy does from now on; refusing also ends what is connected."""
        self._loop.call_soon_threadsafe(self._change, how)

    def _change(self, how: dict[str, Any]) -> None:
        for proxy in self.proxies:
            for name, value in how.items():
                setattr(proxy, name, value)
            if proxy.refusing:
                proxy.reset()


@contextmanager
def network(targets: list[int]) -> Iterator[Network]:
    """A proxy before each of these ports, until the block is left."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="network", daemon=True)
    thread.start()

    def wait(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    proxies = [Proxy(target) for target in targets]
    servers = [wait(proxy.serve()) for proxy in proxies]
    try:
        yield Network(loop, proxies)
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)

        async def end() -> None:
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        wait(end())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
