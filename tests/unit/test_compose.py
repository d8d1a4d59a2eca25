"""docker-compose.yml and the Dockerfile, read as files: no Docker engine is needed to find them wrong."""

import base64
import json
import re
import shlex
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from sqlalchemy import make_url

from streams.cli.main import summitry
from streams.core.facets import FACETS
from streams.settings import Settings
from streams.topology import FACET_STREAMS

ROOT = Path(__file__).parents[2]
SPECIFICATION = json.loads((ROOT / "tests/compose/compose-spec.json").read_bytes())
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

ENVIRONMENTS = (
    {},
    {
        "SUMMITRY_POSTGRES_PASSWORD": "an-0ther_one",
        "SUMMITRY_LOG_LEVEL": "DEBUG",
        "SUMMITRY_LOG_FORMAT": "json",
    },
)
"""What the shell or .env may set when Compose reads the file: nothing, or everything."""


def interpolated(text: str, environment: dict[str, str]) -> str:
    """Fill in ${NAME:-default} as Compose does; any other use of $ is an error here."""

    def fill(match: re.Match[str]) -> str:
        assert match["name"], f"only ${{NAME:-default}} is used: {text[match.start() : match.start() + 30]}"
        return environment.get(match["name"]) or match["default"]

    return re.sub(r"\$(?:\{(?P<name>[A-Z_]+):-(?P<default>[^}]*)\})?", fill, text)


def compose(environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The file as Compose sees it under this environment."""
    loaded: dict[str, Any] = yaml.safe_load(interpolated(COMPOSE_TEXT, environment or {}))
    return loaded


SERVICES: dict[str, dict[str, Any]] = compose()["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
KAFKA: dict[str, str] = SERVICES["kafka"]["environment"]


def resolve(arguments: list[str]) -> dict[str, Any]:
    """The parameters of the command that these arguments name; raises UsageError. Runs nothing."""
    command, context, rest = summitry, click.Context(summitry, info_name="summitry"), arguments
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name)
    return command.make_context(context.info_name, list(rest), parent=context.parent).params


def pairs(value: str) -> dict[str, str]:
    """A listener list, NAME:rest[,NAME:rest…], by name."""
    return dict(part.split(":", 1) for part in value.split(","))


def port(listener: str) -> int:
    """The port of //host:port."""
    return int(listener.rpartition(":")[2])


def instructions(text: str) -> list[tuple[str, str]]:
    """A Dockerfile's instructions and their arguments."""
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    return [(word, rest) for word, _, rest in (line.strip().partition(" ") for line in lines) if word]


def is_sent(path: str, ignore: str) -> bool:
    """Whether .dockerignore lets a path through: the last line that matches it or a parent decides."""
    sent = True
    for line in ignore.splitlines():
        pattern = line.removeprefix("!").rstrip("/")
        if not pattern or line.startswith("#"):
            continue
        parts = Path(path).parts
        parents = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        if any(fnmatch(parent, pattern.removeprefix("**/")) for parent in parents) or any(
            "**/" in pattern and fnmatch(part, pattern.removeprefix("**/")) for part in parts
        ):
            sent = line.startswith("!")
    return sent


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=["nothing set", "everything set"])
def test_the_file_is_a_compose_file(environment: dict[str, str]) -> None:
    """By the Compose Specification's own schema, before and after interpolation."""
    Draft202012Validator.check_schema(SPECIFICATION)
    validator = Draft202012Validator(SPECIFICATION)
    validator.validate(yaml.safe_load(COMPOSE_TEXT))
    validator.validate(compose(environment))


@pytest.mark.parametrize("fault", [{"comand": []}, {"ports": {}}, {"depends_on": {"kafka": {}}}])
def test_the_schema_refuses_what_is_wrong(fault: dict[str, Any]) -> None:
    """The references inside it are followed, so that the check above can fail."""
    faulty = compose()
    faulty["services"]["sink"] |= fault
    assert not Draft202012Validator(SPECIFICATION).is_valid(faulty)


def test_there_is_a_worker_a_stage_and_a_sink() -> None:
    """Everything that Summitry runs, the broker and the database, and nothing else."""
    assert {*FACETS, "sink", "streams", "kafka", "postgres"} == set(SERVICES)
    for stage in FACET_STREAMS:
        assert SERVICES[stage]["command"] == ["summitry", "worker", stage]
    assert SERVICES["sink"]["command"] == ["summitry", "sink"]
    assert SERVICES["streams"]["command"] == ["summitry", "streams", "apply"]


@pytest.mark.parametrize("name", OURS)
def test_each_command_is_one_that_summitry_has(name: str) -> None:
    """With arguments that it takes."""
    program, *arguments = SERVICES[name]["command"]
    assert program == "summitry"
    resolve(arguments)


@pytest.mark.parametrize(
    "arguments", [["wroker", "entities"], ["worker", "tone"], ["sink", "now"], ["streams", "x"]]
)
def test_a_command_that_summitry_has_not_is_found(arguments: list[str]) -> None:
    """So the check above can fail."""
    with pytest.raises(click.UsageError):
        resolve(arguments)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=["nothing set", "everything set"])
@pytest.mark.parametrize("name", OURS)
def test_each_setting_is_one_that_summitry_reads(
    name: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each SUMMITRY_ variable is a field of Settings, and the values are valid together."""
    given: dict[str, str] = compose(environment)["services"][name]["environment"]
    fields = {f"SUMMITRY_{field.upper()}" for field in Settings.model_fields}
    assert not set(given) - fields
    for field in fields:
        monkeypatch.delenv(field, raising=False)
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    host, _, number = settings.bootstrap.rpartition(":")
    assert host in SERVICES
    assert int(number) == port(pairs(KAFKA["KAFKA_LISTENERS"])["INTERNAL"])


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=["nothing set", "everything set"])
def test_the_sink_reaches_the_database(environment: dict[str, str]) -> None:
    """User, password and database of its store are the server's, whatever the password is set to."""
    services = compose(environment)["services"]
    url = make_url(services["sink"]["environment"]["SUMMITRY_STORE"])
    server = services["postgres"]["environment"]
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.database) == (
        server["POSTGRES_USER"],
        server["POSTGRES_PASSWORD"],
        server["POSTGRES_DB"],
    )
    assert (url.host, url.port) == ("postgres", 5432)


@pytest.mark.parametrize("name", ["sink", *FACETS])
def test_each_process_is_asked_whether_it_is_ready(name: str) -> None:
    """By the command for that, of itself, where it serves; and whoever is in the network may ask too."""
    how, program, *arguments = SERVICES[name]["healthcheck"]["test"]
    assert (how, program, arguments[0]) == ("CMD", "summitry", "health")
    assert resolve(arguments) == {"name": name, "as_json": False}
    environment = SERVICES[name]["environment"]
    assert environment["SUMMITRY_HTTP_HOST"] == "0.0.0.0"
    assert "SUMMITRY_HTTP_PORT" not in environment


def test_a_program_on_the_host_finds_the_broker_without_settings() -> None:
    """The EXTERNAL listener is where Settings look by default, published on this machine alone."""
    default = str(Settings.model_fields["bootstrap"].default)
    host, _, number = default.rpartition(":")
    assert pairs(KAFKA["KAFKA_ADVERTISED_LISTENERS"])["EXTERNAL"] == f"//{default}"
    assert port(pairs(KAFKA["KAFKA_LISTENERS"])["EXTERNAL"]) == int(number)
    assert SERVICES["kafka"]["ports"] == [f"{host}:{number}:{number}"]


def test_the_brokers_listeners_agree() -> None:
    """Each has a protocol, those for clients are advertised, and the controller votes for itself."""
    listeners = pairs(KAFKA["KAFKA_LISTENERS"])
    controller = KAFKA["KAFKA_CONTROLLER_LISTENER_NAMES"]
    assert listeners.keys() == pairs(KAFKA["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]).keys()
    advertised = pairs(KAFKA["KAFKA_ADVERTISED_LISTENERS"])
    assert advertised.keys() == listeners.keys() - {controller}
    assert {name: port(address) for name, address in advertised.items()} == {
        name: port(listeners[name]) for name in advertised
    }
    assert KAFKA["KAFKA_INTER_BROKER_LISTENER_NAME"] in advertised
    voter = f"{KAFKA['KAFKA_NODE_ID']}@kafka:{port(listeners[controller])}"
    assert KAFKA["KAFKA_CONTROLLER_QUORUM_VOTERS"] == voter
    assert len(base64.urlsafe_b64decode(KAFKA["CLUSTER_ID"] + "==")) == 16


def test_nothing_else_is_published() -> None:
    """Only the broker has a port on the host, and only on the loopback address."""
    published = [each for service in SERVICES.values() for each in service.get("ports", [])]
    assert published
    assert all(each.startswith("127.0.0.1:") for each in published)
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["kafka"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_are_there(name: str) -> None:
    """For health only where it is checked, and for an end only where one comes."""
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        if how["condition"] == "service_healthy":
            assert SERVICES[other]["healthcheck"]["test"]
        if how["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "no"


def test_workers_and_sink_wait_for_the_streams() -> None:
    """A worker that finds no streams ends with an error."""
    for name in (*FACETS, "sink"):
        assert SERVICES[name]["depends_on"]["streams"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_a_pinned_image_or_ours(name: str) -> None:
    """A tag that names one release, or the Dockerfile here; and a limit to its memory."""
    service = SERVICES[name]
    if name in OURS:
        assert service["build"] == "."
        assert "image" not in service
    else:
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?:\d+\.\d+(\.\d+)?", service["image"])
    assert re.fullmatch(r"\d+m", service["mem_limit"])
    assert "privileged" not in service


def test_named_volumes_are_declared_and_used() -> None:
    """What the broker and the database hold outlives their containers, at the path they write to."""
    mounts = {
        name: dict(reversed(each.split(":", 1)) for each in service["volumes"])
        for name, service in SERVICES.items()
        if "volumes" in service
    }
    assert set(compose()["volumes"]) == {volume for paths in mounts.values() for volume in paths.values()}
    assert mounts.keys() == {"kafka", "postgres"}
    assert set(mounts["kafka"]) == {KAFKA["KAFKA_LOG_DIRS"]}
    assert set(mounts["postgres"]) == {"/var/lib/postgresql/data"}


def test_the_image_runs_as_a_user_of_its_own() -> None:
    """Made in the last stage and never root."""
    last = instructions(DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :])
    users = [argument for word, argument in last if word == "USER"]
    assert len(users) == 1
    assert users[0] not in ("root", "0")
    made = [shlex.split(argument) for word, argument in last if word == "RUN" and "useradd" in argument]
    assert [words[-1] for words in made] == users
    after = last[[word for word, _ in last].index("USER") + 1 :]
    assert not {word for word, _ in after} & {"RUN", "COPY", "ADD"}


def test_what_the_image_is_built_from_is_there_and_sent() -> None:
    """Each COPY names something in the repository that .dockerignore lets through, and all it needs."""
    ignore = (ROOT / ".dockerignore").read_text("utf-8")
    copied = {
        source
        for word, argument in instructions(DOCKERFILE)
        if word == "COPY" and "--from=" not in argument
        for source in argument.split()[:-1]
    }
    for source in copied:
        assert (ROOT / source).exists(), source
        assert is_sent(source, ignore), source
    assert {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"], "streams", "seeds"} <= copied


def test_nothing_else_is_sent_to_the_builder() -> None:
    """No environment, history, cache or store of the developer's."""
    ignore = (ROOT / ".dockerignore").read_text("utf-8")
    for path in (".git/config", ".venv/bin/python", ".env", "tests/conftest.py", "summitry.db"):
        assert not is_sent(path, ignore), path
    assert not is_sent("streams/__pycache__/settings.pyc", ignore)
    assert not is_sent("seeds/summitry.db-wal", ignore)
    assert is_sent("streams/enrich/models/LICENCES.md", ignore)


def test_the_image_has_a_python_that_summitry_runs_on() -> None:
    """One pinned base image for both stages, since the virtual environment is copied across."""
    bases = {argument.split()[0] for word, argument in instructions(DOCKERFILE) if word == "FROM"}
    assert len(bases) == 1
    tag = re.fullmatch(r"python:(\d+\.\d+\.\d+)-slim-[a-z]+", bases.pop())
    assert tag is not None
    assert tag[1] in SpecifierSet(PROJECT["requires-python"])


def test_the_image_starts_the_installed_command() -> None:
    """`summitry` lies in the virtual environment that is first on the path."""
    found = instructions(DOCKERFILE)
    (command,) = (json.loads(argument) for word, argument in found if word == "CMD")
    assert command[0] in PROJECT["scripts"]
    venv = next(argument.split()[-1] for word, argument in found if word == "RUN" and "-m venv" in argument)
    assert ("COPY", f"--from=build {venv} {venv}") in found
    assert any(word == "ENV" and f"PATH={venv}/bin:$PATH" in argument for word, argument in found)


def test_the_image_installs_by_hash_and_no_address() -> None:
    """Each run-time dependency, PostgreSQL's driver and the build backend are locked, with hashes."""
    text = (ROOT / "requirements-run.lock").read_text("utf-8")
    assert "http:" not in text
    assert "https:" not in text
    assert "--index" not in text
    assert "--require-hashes -r requirements-run.lock" in DOCKERFILE
    locked: dict[str, list[Requirement]] = {}
    for entry in text.replace("\\\n", " ").splitlines():
        if entry.lstrip().startswith("#"):
            continue
        requirement = Requirement(entry.partition("--hash")[0])
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), requirement
        locked.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extras["postgres"], *pyproject["build-system"]["requires"]]
    for requirement in map(Requirement, wanted):
        found = locked[canonicalize_name(requirement.name)]
        for each in found:
            assert str(each.specifier).removeprefix("==") in requirement.specifier
        assert any(each.marker is None or each.marker.evaluate() for each in found)
    assert "psycopg-binary" in locked
