"""The doctor's checks: each fault is provoked, and found with its mend; nothing is changed."""

import ctypes
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from conftest import NOW, free_ports
from pydantic import SecretStr

from streams.core.errors import BrokerUnavailable
from streams.doctor import broker_checks, data_checks, machine_checks, store_checks
from streams.doctor.cluster import Cluster, Topic
from streams.doctor.examine import CHECKS, examine
from streams.doctor.findings import Check, Context, Finding
from streams.embedded import free_port
from streams.enrich.tone import MODELS
from streams.settings import Settings
from streams.sink.report import Report
from streams.status.memory import resident_bytes
from streams.store.database import open_database
from streams.topology import ALERTS, ARTICLES, STREAMS, Stream

BAD_RULES = '[[rule]]\nid = "x"\nversion = 1\nactors = ["Xi Jinping", "Nobody at all"]\n'


def no_broker(settings: Settings) -> Cluster:
    """A broker that isn't there."""
    raise BrokerUnavailable(f"no broker answers at {settings.bootstrap}")


def topic(stream: Stream, **different: Any) -> Topic:
    """A stream that is as it should be, but for what is given."""
    config = {"max.message.bytes": "1048588"} | stream.config(1)
    return Topic(**({"replicas": 1, "in_sync": 1, "leaderless": 0, "config": config} | different))


def cluster(**different: Any) -> Cluster:
    """A broker on which all is well, but for what is given."""
    configs = {"auto.create.topics.enable": "false", "socket.request.max.bytes": "104857600"}
    given = {
        "embedded": False,
        "version": (4, 1),
        "brokers": 1,
        "configs": (configs,),
        "topics": {stream: topic(stream) for stream in STREAMS},
        "newest": {ARTICLES: NOW},
    }
    return Cluster(**(given | different))


def context(
    found: Cluster | None = None, environ: Mapping[str, str] | None = None, **settings: Any
) -> Context:
    """What a check is given; without a cluster no broker answers."""
    look = no_broker if found is None else lambda _settings: found
    return Context(settings=Settings(**settings), environ=environ or {}, clock=lambda: NOW, look=look)


def marks(check: Check, given: Context) -> list[str]:
    """Only the marks of what a check finds."""
    return [finding.mark for finding in check(given)]


def bow_to_permissions() -> None:
    """What lets root write where nobody may is taken from the process that is started next."""
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert ctypes.CDLL(None).prctl(24, capability) == 0  # PR_CAPBSET_DROP


def doctor(
    *, before: Callable[[], None] | None = None, **environment: str
) -> tuple[int, list[Finding], bytes]:
    """Run `summitry doctor --json` with no broker anywhere near."""
    settings = {"SUMMITRY_BOOTSTRAP": f"127.0.0.1:{free_port()}"} | environment
    result = subprocess.run(
        [sys.executable, "-m", "streams", "doctor", "--json"],
        capture_output=True,
        check=False,
        env=os.environ | settings,
        preexec_fn=before,
    )
    found = [Finding(**orjson.loads(line)) for line in result.stdout.splitlines()]
    return result.returncode, found, result.stderr


def test_no_broker_hides_no_bad_rules_file(tmp_path: Path) -> None:
    """Exit code 1; both are wrong, the other checks have been made, and nothing was written."""
    rules = tmp_path / "rules.toml"
    rules.write_text(BAD_RULES)
    code, found, errors = doctor(
        SUMMITRY_RULES=str(rules), SUMMITRY_STORE=f"sqlite:///{tmp_path / 's.db'}", SUMMITRY_RULE="x"
    )
    wrong = {finding.check: finding for finding in found if finding.mark == "wrong"}
    assert (code, set(wrong)) == (1, {"rules", "broker"})
    assert f"{rules}:4: actors.1: no actor is called 'Nobody at all'" in wrong["rules"].says
    assert "summitry rules check" in wrong["rules"].mend
    assert "summitry up" in wrong["broker"].says
    assert {finding.check for finding in found if finding.mark == "good"} >= {"stages", "models", "registry"}
    warned = {finding.check: finding for finding in found if finding.mark == "warning"}
    assert (warned["environment"].says, warned["environment"].mend) == (
        "SUMMITRY_RULE is no setting",
        "did you mean SUMMITRY_RULES?",
    )
    assert "summitry up" in warned["store"].mend
    assert b"2 wrong" in errors
    assert b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == [rules]


def test_a_store_folder_that_cannot_be_written_is_wrong(tmp_path: Path) -> None:
    """As whoever runs the doctor, even root without the right to pass over permissions."""
    tmp_path.chmod(0o555)
    code, found, _ = doctor(before=bow_to_permissions, SUMMITRY_STORE=f"sqlite:///{tmp_path / 's.db'}")
    (wrong,) = (finding for finding in found if finding.check == "store folder")
    assert (code, wrong.mark) == (1, "wrong")
    assert f"can't write in {tmp_path}" in wrong.says
    assert "SUMMITRY_STORE" in wrong.mend


def test_a_check_that_fails_is_a_finding_and_the_rest_goes_on() -> None:
    """What was told before it failed stays told."""

    def fails(_: Context) -> Iterator[Finding]:
        yield Finding("odd", "good", "so far")
        raise ZeroDivisionError("never thought of")

    found = list(examine(context(), {"odd": fails, "python": machine_checks.python}))
    assert [(one.check, one.mark) for one in found] == [("odd", "good"), ("odd", "wrong"), ("python", "good")]
    assert "ZeroDivisionError: never thought of" in found[1].says


def test_without_a_broker_only_the_broker_is_wrong() -> None:
    """The checks of its streams have nothing to say then."""
    names = ("broker", "streams", "replication", "retention", "limits", "clock")
    found = list(examine(context(), {name: CHECKS[name] for name in names}))
    assert [(one.check, one.mark) for one in found] == [("broker", "wrong")]


def test_good_brokers_are_good() -> None:
    """Apache Kafka and the embedded broker, which tells few of its settings."""
    silent = {stream: topic(stream, config={}) for stream in STREAMS}
    for one in (cluster(), cluster(embedded=True, configs=({},), topics=silent)):
        for name in ("broker", "replication", "retention", "limits", "clock"):
            assert marks(CHECKS[name], context(one)) == ["good"], name


def test_an_old_broker_is_wrong() -> None:
    """Before topic ids a stream that was made anew can't be told from the old one."""
    assert marks(broker_checks.reachable, context(cluster(version=(2, 7)))) == ["wrong"]


def test_fewer_replicas_than_the_cluster_allows_are_warned_of() -> None:
    """Of three brokers, or where a replica is behind."""
    topics = {stream: topic(stream, replicas=3, in_sync=3) for stream in STREAMS}
    topics[ARTICLES] = topic(ARTICLES, replicas=2, in_sync=1)
    few, late = broker_checks.replication(context(cluster(brokers=4, topics=topics)))
    assert "news.articles has 2 replicas, 4 brokers allow 3" in few.says
    assert "in sync" in late.says


def test_another_retention_is_warned_of_with_the_command_that_mends_it() -> None:
    """Every key that the topology sets."""
    config = topic(ALERTS).config | {"cleanup.policy": "delete"}
    topics = cluster().topics | {ALERTS: topic(ALERTS, config=config)}
    (found,) = broker_checks.retention(context(cluster(topics=topics), prefix="a."))
    assert "a.news.alerts has cleanup.policy=delete, the topology says compact" in found.says
    assert "--entity-name a.news.alerts --add-config cleanup.policy=compact" in found.mend


@pytest.mark.parametrize(
    ("different", "mark", "mend"),
    [
        ({"configs": ({"auto.create.topics.enable": "true"},)}, "warning", "auto.create.topics.enable=false"),
        ({"configs": ({}, {"socket.request.max.bytes": "1000000"})}, "wrong", "socket.request.max.bytes"),
        ({"topics": {ALERTS: topic(ALERTS, config={"max.message.bytes": "900000"})}}, "wrong", "965536"),
        ({"configs": None}, "warning", "DescribeConfigs"),
    ],
)
def test_limits_of_the_broker_are_found(different: dict[str, Any], mark: str, mend: str) -> None:
    """Too small for the largest message, topics made by accident, or settings kept from us."""
    (found,) = broker_checks.limits(context(cluster(**different)))
    assert (found.mark, mend in found.mend) == (mark, True)


def test_a_record_from_the_future_is_warned_of() -> None:
    """More than five seconds ahead of this machine's clock."""
    for seconds, mark in ((5, "good"), (6, "warning")):
        newest = {ARTICLES: NOW - timedelta(days=9), ALERTS: NOW + timedelta(seconds=seconds)}
        assert marks(broker_checks.clock, context(cluster(newest=newest))) == [mark]


def test_a_bad_registry_is_wrong_and_rules_wait_for_it(tmp_path: Path) -> None:
    """The rules may name its actors, so that they can't be judged."""
    registry = tmp_path / "actors.json"
    registry.write_text("{}")
    given = context(registry=registry)
    assert (marks(data_checks.registry, given), marks(data_checks.rules, given)) == (["wrong"], ["warning"])


def test_model_files_that_differ_or_are_missing_are_found(tmp_path: Path) -> None:
    """And the files that ship are as their checksums say."""
    assert [one.mark for one in data_checks.models(context())] == ["good"]
    folder = tmp_path / "models"
    shutil.copytree(MODELS, folder)
    (folder / "topics.npz").write_bytes(b"something else")
    (folder / "tokenizer.json").unlink()
    found = {one.mark: one for one in data_checks.models(context(), folder)}
    assert "tokenizer.json is missing" in found["wrong"].says
    assert "topics.npz isn't the one that ships" in found["warning"].says


def test_a_store_is_judged_by_what_it_holds(tmp_path: Path) -> None:
    """Good tables, none, those of another version, and a file that is no database."""
    store = tmp_path / "s.db"
    given = context(store=SecretStr(f"sqlite:///{store}"))
    sqlite3.connect(store).close()
    assert marks(store_checks.store, given) == ["warning"]
    open_database(f"sqlite:///{store}").dispose()
    assert marks(store_checks.store, given) == ["good"]
    for revision, mark in (("0001", "warning"), ("9999", "wrong")):
        connection = sqlite3.connect(store)
        connection.execute("update alembic_version set version_num = ?", (revision,))
        connection.commit()
        connection.close()
        assert marks(store_checks.store, given) == [mark]
    store.write_bytes(b"a letter to a friend " * 100)
    (found,) = store_checks.store(given)
    assert (found.mark, "not a database" in found.says) == ("wrong", True)
    assert [file.name for file in tmp_path.iterdir()] == ["s.db"]


def test_a_folder_that_is_not_there_is_wrong(tmp_path: Path) -> None:
    """As is a store that is a folder itself, or a URL that is none."""
    missing = context(store=SecretStr(f"sqlite:///{tmp_path}/no/s.db"))
    assert marks(store_checks.folder, missing) == ["wrong"]
    assert marks(store_checks.disk, missing) == []
    assert marks(store_checks.folder, context(store=SecretStr(f"sqlite:///{tmp_path}"))) == ["wrong"]
    nonsense = context(store=SecretStr("nonsense"))
    assert (marks(store_checks.folder, nonsense), marks(store_checks.store, nonsense)) == ([], ["wrong"])


def test_ports_are_free_ours_or_another_programs() -> None:
    """A port that something else has is warned of: there would be no metrics."""
    settings = Settings(http_port=free_ports())
    given = context(http_port=settings.http_port)
    assert marks(machine_checks.ports, given) == ["good"]
    Report.served(settings)
    assert marks(machine_checks.ports, given) == ["good"]
    memory = resident_bytes(settings)
    assert memory == {"sink": memory["sink"], "entities": None, "sentiment": None, "topics": None}
    assert memory["sink"] is not None
    assert memory["sink"] > 10_000_000
    with socket.create_server(("127.0.0.1", settings.http_port + 1)):
        (found,) = machine_checks.ports(given)
    assert (found.mark, f"127.0.0.1:{settings.http_port + 1} belong" in found.says) == ("warning", True)
    assert marks(machine_checks.ports, context(http_port=0)) == ["good"]


def test_a_temporary_folder_that_is_not_there_is_warned_of(tmp_path: Path) -> None:
    """Demo and replay need one."""
    for folder, mark in ((tmp_path, "good"), (tmp_path / "no", "warning")):
        assert marks(machine_checks.temporary_folder, context(environ={"TMPDIR": str(folder)})) == [mark]
