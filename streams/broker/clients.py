"""The clients of the broker, with every default that matters set; each says why it can't connect."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    TopicAuthorizationFailedError,
)

from streams.broker.refusals import Refusals
from streams.core.errors import BrokerUnavailable
from streams.settings import Settings

BOOTSTRAP_TIMEOUT_MS = 5_000
FETCH_WAIT_MS = 50
FETCH_BYTES = 64 << 10
"""Who follows a stream as it grows fetches what has come in so long, or so much at once: a request for each
record would cost more than reading it."""
CLOSE_SECONDS = 5
"""How long a producer that is closed may still deliver what it holds."""


class Producer(KafkaProducer):  # type: ignore[misc]  # kafka-python has no types
    """A producer that can be closed while the broker is away: what it then can't deliver is dropped.

    kafka-python's own raises, and goes on trying in the background.
    """

    def close(self, timeout: float = CLOSE_SECONDS, *, null_logger: bool = False) -> None:
        """Deliver what there is, for as many seconds at most, and end."""
        try:
            super().close(timeout, null_logger)
        except KafkaTimeoutError:
            self._sender.force_close()
            self._sender.join(CLOSE_SECONDS)
            super().close(CLOSE_SECONDS, null_logger)


@contextmanager
def admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    """An admin client; BrokerUnavailable if none answers, goes away, or doesn't allow what is asked."""
    with _answering(settings):
        client = KafkaAdminClient(**_common(settings))
    try:
        yield client
    except (
        TopicAuthorizationFailedError,
        GroupAuthorizationFailedError,
        ClusterAuthorizationFailedError,
    ) as error:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} doesn't allow this to {settings.username or 'whoever asks'}"
            f" ({type(error).__name__}): give the user the rights in docs/deployment.md"
        ) from error
    except KafkaError as error:
        if not error.retriable:
            raise
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} went away: {error}") from error
    finally:
        client.close()


def producer(settings: Settings, **options: Any) -> Producer:
    """An idempotent producer that waits for all replicas; raises BrokerUnavailable."""
    with _answering(settings):
        return Producer(
            **_common(settings), acks="all", enable_idempotence=True, compression_type="lz4", **options
        )


def consumer(settings: Settings, **options: Any) -> KafkaConsumer:
    """A consumer that commits nothing by itself and never skips; raises BrokerUnavailable."""
    defaults: dict[str, Any] = {"enable_auto_commit": False, "auto_offset_reset": "none"}
    with _answering(settings):
        return KafkaConsumer(**_common(settings), isolation_level="read_committed", **(defaults | options))


def answers(settings: Settings) -> bool:
    """Whether a broker answers at the bootstrap address."""
    try:
        with admin(settings):
            return True
    except BrokerUnavailable:
        return False


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """What the broker's certificate is checked by; None without TLS. Raises BrokerUnavailable."""
    if not settings.uses_tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca)
    except ssl.SSLError as error:
        raise BrokerUnavailable(f"SUMMITRY_CA holds no certificates that can be read: {error}") from error


def _common(settings: Settings) -> dict[str, Any]:
    password = settings.password.get_secret_value() if settings.password else None
    return {
        "bootstrap_servers": settings.bootstrap.split(","),
        "client_id": "summitry",
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
        "security_protocol": settings.security,
        "ssl_context": tls_context(settings),
        "sasl_mechanism": settings.sasl_mechanism if settings.uses_sasl else None,
        "sasl_plain_username": settings.username,
        "sasl_plain_password": password,
    }


@contextmanager
def _answering(settings: Settings) -> Iterator[None]:
    """Raise BrokerUnavailable with the reason, which kafka-python tells its log alone."""
    heard = Refusals()
    logger = logging.getLogger("kafka")
    level, propagate = logger.level, logger.propagate
    logger.addHandler(heard)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    except (KafkaTimeoutError, KafkaError, OSError) as error:
        if heard.reason:
            raise BrokerUnavailable(f"the broker at {settings.bootstrap} {heard.reason}") from error
        raise BrokerUnavailable(f"no broker answers at {settings.bootstrap}: run: summitry up") from error
    finally:
        logger.propagate = propagate
        logger.setLevel(level)
        logger.removeHandler(heard)
