"""The sink's clients of the broker, each with the patience that a sink can afford."""

from typing import Any, NamedTuple

from streams import broker
from streams.settings import Settings

POLL_MS = 50
CONFIRM_SECONDS = 5
"""How long the broker may take to confirm alerts before they are sent again. Less than a stand-by's
patience: what a sink that was frozen had yet to send expires before another one tells of the same."""

LAYOUT_SECONDS = 10
"""How soon partitions that were added are noticed."""


class Clients(NamedTuple):
    """What reads the facets, what commits where it is (for lag displays alone), and what tells."""

    reader: Any
    committer: Any
    producer: Any


def open_reader(settings: Settings) -> Any:
    """A consumer without a group: one with a group reads nothing until its coordinator is found."""
    return broker.consumer(
        settings,
        group_id=None,
        max_poll_records=500,
        fetch_min_bytes=broker.FETCH_BYTES,
        fetch_max_wait_ms=broker.FETCH_WAIT_MS,
        request_timeout_ms=CONFIRM_SECONDS * 1000,
        metadata_max_age_ms=LAYOUT_SECONDS * 1000,
    )


def open_committer(settings: Settings) -> Any:
    """A consumer that only commits."""
    return broker.consumer(settings, group_id=f"{settings.prefix}summitry-sink")


def open_producer(settings: Settings) -> Any:
    """A producer, good until it fails: then it may be stuck, and another one has to be opened."""
    return broker.producer(
        settings,
        linger_ms=0,
        max_request_size=2 * 1024 * 1024,
        request_timeout_ms=CONFIRM_SECONDS * 1000 - 500,
        delivery_timeout_ms=CONFIRM_SECONDS * 1000,
        max_block_ms=CONFIRM_SECONDS * 1000,
    )
