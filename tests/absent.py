"""What a test needs and a machine may lack: skipped over at home, a failure in CI."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class NotHere(Exception):
    """Something that a test needs isn't on this machine; the message says what to install."""


@contextmanager
def needed() -> Iterator[None]:
    """Skip the test with the reason if what is started in the block isn't here; in CI, fail it."""
    try:
        yield
    except NotHere as absent:
        if os.environ.get("CI"):
            pytest.fail(str(absent), pytrace=False)
        pytest.skip(str(absent))
