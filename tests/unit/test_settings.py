"""Settings: what doesn't fit together is refused with the names of the variables; no secret is shown."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from streams.settings import Settings


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"security": "SASL_SSL"}, "SASL_SSL needs SUMMITRY_USERNAME and SUMMITRY_PASSWORD"),
        ({"security": "SASL_PLAINTEXT", "username": "me"}, "SUMMITRY_PASSWORD"),
        ({"security": "SASL_PLAINTEXT", "password": SecretStr("x")}, "SUMMITRY_USERNAME"),
        ({"security": "TLS"}, "PLAINTEXT"),
        ({"sasl_mechanism": "GSSAPI"}, "SCRAM-SHA-256"),
        ({"security": "SSL", "ca": Path("nowhere.pem")}, "SUMMITRY_CA names nowhere.pem, which is no file"),
    ],
)
def test_security_that_lacks_something_is_refused(given: dict[str, Any], says: str) -> None:
    """And the message names the variable."""
    with pytest.raises(ValidationError, match=says):
        Settings(**given)


@pytest.mark.parametrize(
    ("security", "uses"),
    [
        ("PLAINTEXT", (False, False)),
        ("SSL", (True, False)),
        ("SASL_PLAINTEXT", (False, True)),
        ("SASL_SSL", (True, True)),
    ],
)
def test_security_says_what_is_used(security: Any, uses: tuple[bool, bool]) -> None:
    """TLS, a login, both or neither."""
    settings = Settings(security=security, username="me", password=SecretStr("x"))
    assert (settings.uses_tls, settings.uses_sasl) == uses


def test_a_child_gets_the_secrets_and_nobody_else_sees_them() -> None:
    """They stand in its environment in clear, and nowhere in what settings print."""
    store = SecretStr("postgresql://me:hidden-1@db.example/summitry")
    settings = Settings(password=SecretStr("hidden-2"), store=store)
    environment = settings.environment()
    assert environment["SUMMITRY_PASSWORD"] == "hidden-2"
    assert environment["SUMMITRY_STORE"] == store.get_secret_value()
    assert "hidden" not in repr(settings) + str(settings) + settings.shown_store
