"""Why a broker refuses: kafka-python tells its log, and raises an error that says only that it does."""

import logging

_REFUSALS = {
    "CERTIFICATE_VERIFY_FAILED": "shows a certificate that nobody known vouches for: set SUMMITRY_CA",
    "SaslAuthenticationFailed": "refuses the login: check SUMMITRY_USERNAME and SUMMITRY_PASSWORD",
    "UnsupportedSaslMechanism": "knows no such login: set SUMMITRY_SASL_MECHANISM to one it has",
    "Handshake failed": "speaks no TLS there: check SUMMITRY_SECURITY",
    "socket disconnected": "hangs up: check SUMMITRY_SECURITY, SUMMITRY_SASL_MECHANISM and the login",
}
"""What a broker's refusal looks like in kafka-python's log, and what it means."""


class Refusals(logging.Handler):
    """Listens for the reason of a refusal; the first in the order above counts."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._heard: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Remember the signs in a line of the log."""
        message = record.getMessage()
        self._heard |= {sign for sign in _REFUSALS if sign in message}

    @property
    def reason(self) -> str | None:
        """What the broker's refusal means; None if no sign of one was heard."""
        return next((meaning for sign, meaning in _REFUSALS.items() if sign in self._heard), None)
