"""Poison through the whole pipeline, beside the seeds: into the dead letters or harmlessly through."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable

import pytest
from conftest import NOW, Stack
from poison.pills import Pill, pills, steering
from poison.sending import send_raw
from scenario import finish, wait_until
from test_seeds import seeds

from streams import deadletters
from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.deadletter import MAX_REDRIVES, Original
from streams.core.message import MAX_BYTES
from streams.enrich.registry import Registry
from streams.enrich.stage import Enrichment
from streams.replay import differences, pipeline
from streams.rulebook import load_rules
from streams.settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]


def summitry(settings: Settings, *arguments: str) -> tuple[int, str]:
    """Run the command: exit code, and what it says, in which nothing may steer a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env=os.environ | settings.environment(),
        capture_output=True,
        check=False,
    )
    said = (done.stdout + done.stderr).decode()
    assert steering(said) == ""
    return done.returncode, said


def open_attempts(settings: Settings) -> list[int]:
    """How often each open letter was redriven."""
    return sorted(one.letter.attempts for one in deadletters.read(settings) if one.state == "open")


def test_poison_is_a_dead_letter_or_does_nothing(
    stack: Stack,
    expected: list[Alert],
    stages: list[Enrichment],
    registry: Registry,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each pill that can't be read has one letter with just its reason, and again each time it is redriven.

    All others, and those that time heals, are read; the alerts are the backtest's, those of the seeds what
    they are without any poison, and no line that a process logs or a command prints steers a terminal.
    """
    with pipeline(stack.broker, store=stack.store) as running:
        settings = running.settings
        lie = asyncio.run(send_raw(settings, pills()))
        refused = {place: pill for place, pill in lie.items() if pill.reason is not None}
        lasting = [pill for pill in refused.values() if not pill.heals]

        def oracle(articles: Iterable[Pill]) -> list[Alert]:
            read = [Article.from_json(pill.value) for pill in articles]
            return list(backtest(read, load_rules(None, registry), stages, now=NOW))

        live = finish(running, seeds())
        # Seeds, pills and pills that heal lie so far apart in time that none changes another's alerts.
        alerts = [*expected, *oracle(pill for pill in lie.values() if pill.reason is None)]
        assert differences(live, alerts) == []

        letters = [one.letter for one in deadletters.read(settings, with_bytes=True)]
        assert {(letter.stage, *letter.source[1:]): letter.reason for letter in letters} == {
            ("entities", *place): pill.reason for place, pill in refused.items()
        }
        assert len(letters) == len(refused)
        for letter in letters:
            pill = refused[letter.source[1:]]
            too_large = len(pill.key or b"") + len(pill.value or b"") > MAX_BYTES
            assert letter.original == (None if too_large else Original(pill.key, pill.value)), pill
            assert letter.attempts == pill.attempts, pill

        for name in (
            "key with escapes",
            "attempt of what steers",
            "terminal escapes",
            "sent after all years",
        ):
            for place in (place for place, pill in refused.items() if pill.name == name):
                assert "entities" in summitry(settings, "dead-letters", "show", f"{place[0]}:{place[1]}")[1]
        for command in (["dead-letters", "list", "--all"], ["alerts"], ["status"]):
            assert summitry(settings, *command)[0] == 0

        sendable = [pill for pill in lasting if (pill.key, pill.value) != (None, None)]
        for attempt in range(MAX_REDRIVES):
            due = len(refused) - len(lasting) if attempt == 0 else 0
            due += sum(pill.attempts + attempt < MAX_REDRIVES for pill in sendable)
            stays = len(open_attempts(settings)) - due
            code, said = summitry(settings, "dead-letters", "redrive", "--all")
            assert (code, f"{due} redriven, {stays} refused" in said) == (1, True), said
            attempts = sorted(
                min(pill.attempts + attempt + 1, MAX_REDRIVES) if pill in sendable else 0 for pill in lasting
            )
            wait_until(lambda wanted=attempts: open_attempts(settings) == wanted, 60, f"{attempts} attempts")
        code, said = summitry(settings, "dead-letters", "redrive", "--all")
        assert (code, f"0 redriven, {len(lasting)} refused" in said) == (1, True), said
        again = [one.letter for one in deadletters.read(settings) if one.state == "open"]
        assert sorted(letter.reason for letter in again) == sorted(str(pill.reason) for pill in lasting)

        alerts += oracle(pill for pill in refused.values() if pill.heals)
        assert differences(finish(running, []), alerts) == []
    logged = capfd.readouterr().err
    assert steering(logged) == ""
    assert "dead letter: " in logged
    assert "the worker ends" not in logged
