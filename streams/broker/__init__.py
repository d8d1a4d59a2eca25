"""The broker: clients, the streams that must be there, where these end, and reading their records."""

from streams.broker.clients import FETCH_BYTES, FETCH_WAIT_MS, admin, answers, consumer, producer, tls_context
from streams.broker.ends import Extent, acknowledged, extents, log_ends, true_ends
from streams.broker.layout import (
    apply_streams,
    check_streams,
    delete_streams,
    partition_count,
    require_streams,
    topic_ids,
)
from streams.broker.records import read_to_end, record_at

__all__ = [
    "FETCH_BYTES",
    "FETCH_WAIT_MS",
    "Extent",
    "acknowledged",
    "admin",
    "answers",
    "apply_streams",
    "check_streams",
    "consumer",
    "delete_streams",
    "extents",
    "log_ends",
    "partition_count",
    "producer",
    "read_to_end",
    "record_at",
    "require_streams",
    "tls_context",
    "topic_ids",
    "true_ends",
]
