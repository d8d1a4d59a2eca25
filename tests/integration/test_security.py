"""TLS and logins, against a broker that has both; and what a user sees who gets them wrong."""

from pathlib import Path
from typing import Any

import pytest
from brokers.apache_kafka import PASSWORD, USER, Cluster, certificate
from conftest import KAFKA_SESSION_SECONDS
from databases.postgresql import Server
from pydantic import SecretStr
from scenario import finish
from test_cli import summitry
from test_seeds import seeds

from streams.core.alert import Alert
from streams.replay import differences, pipeline
from streams.settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]


def secured(cluster: Cluster, listener: str, **fields: Any) -> Settings:
    """Settings that the listener of this kind takes, but for the fields given."""
    given = {
        "bootstrap": f"127.0.0.1:{cluster.ports.get(listener, cluster.nodes[0].port)}",
        "security": listener,
        "ca": cluster.certificate if listener.endswith("SSL") else None,
        "sasl_mechanism": "SCRAM-SHA-256",
        "username": USER,
        "password": SecretStr(PASSWORD),
        "session_seconds": KAFKA_SESSION_SECONDS,
        "http_port": 0,
    }
    return Settings(**(given | fields))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_everything_runs_over_tls_with_a_login(
    cluster: Cluster, postgres: Server, expected: list[Alert], mechanism: str
) -> None:
    """Publishing, the three workers, the sink and a subscriber."""
    settings = secured(cluster, "SASL_SSL", sasl_mechanism=mechanism)
    with pipeline(settings, store=postgres.new_database()) as running:
        assert running.settings.bootstrap == settings.bootstrap  # not an embedded one in its place
        assert differences(finish(running, seeds()), expected) == []


@pytest.mark.parametrize("security", ["SSL", "SASL_PLAINTEXT"])
def test_tls_and_logins_work_without_each_other(cluster: Cluster, security: str) -> None:
    """The broker answers, and says that there are no streams of that prefix."""
    result = summitry("streams", "check", **secured(cluster, security, prefix="nothing.").environment())
    assert (result.returncode, b"nothing.news.articles is missing" in result.stdout) == (1, True)


LOGIN = b"the login"
"""A broker answers a wrong login and hangs up; a client that is slow to read sees only that it hangs up, and
says what then is to be looked at: the login too."""
CHECK, WORKER = ["streams", "check"], ["worker", "topics"]


@pytest.mark.parametrize(
    ("command", "listener", "wrong", "says"),
    [
        (CHECK, "SASL_SSL", {"password": SecretStr("wrong")}, LOGIN),
        (
            CHECK,
            "SASL_SSL",
            {"password": SecretStr("wrong"), "sasl_mechanism": "PLAIN"},
            LOGIN,
        ),
        (CHECK, "SASL_PLAINTEXT", {"username": "nobody"}, LOGIN),
        (CHECK, "SASL_PLAINTEXT", {"sasl_mechanism": "SCRAM-SHA-512"}, b"SUMMITRY_SASL_MECHANISM"),
        (WORKER, "SASL_SSL", {"password": SecretStr("wrong")}, LOGIN),
        (["sink"], "SASL_SSL", {"password": SecretStr("wrong")}, LOGIN),
        (CHECK, "SSL", {"ca": None}, b"nobody known vouches for: set SUMMITRY_CA"),
        (WORKER, "SASL_SSL", {"ca": None}, b"nobody known vouches for: set SUMMITRY_CA"),
        (CHECK, "PLAINTEXT", {"security": "SSL"}, b"check SUMMITRY_SECURITY"),
        (CHECK, "SSL", {"security": "PLAINTEXT"}, b"check SUMMITRY_SECURITY"),
        (CHECK, "SASL_SSL", {"security": "SASL_PLAINTEXT"}, b"check SUMMITRY_SECURITY"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    cluster: Cluster, tmp_path: Path, command: list[str], listener: str, wrong: dict[str, Any], says: bytes
) -> None:
    """Exit code 3 and the variable to look at, no traceback."""
    store = SecretStr(f"sqlite:///{tmp_path / 'summitry.db'}")
    settings = secured(cluster, listener, store=store, **wrong)
    result = summitry(*command, **settings.environment())
    assert (result.returncode, says in result.stderr) == (3, True), result.stderr
    assert b"Traceback" not in result.stderr
    assert PASSWORD.encode() not in result.stderr


def test_another_ones_certificate_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    """Being the same name on another key doesn't help, as the broker's own certificate is asked for."""
    certificate(tmp_path, tmp_path / "other.pem")
    settings = secured(cluster, "SSL", ca=tmp_path / "other.pem")
    result = summitry(*CHECK, **settings.environment())
    assert (result.returncode, b"nobody known vouches for" in result.stderr) == (3, True), result.stderr


def test_a_ca_file_without_certificates_is_named(cluster: Cluster, tmp_path: Path) -> None:
    """It exists, and holds something else."""
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    settings = secured(cluster, "SSL", ca=tmp_path / "ca.pem")
    result = summitry(*CHECK, **settings.environment())
    assert (result.returncode, b"SUMMITRY_CA" in result.stderr) == (3, True), result.stderr
    assert b"Traceback" not in result.stderr
