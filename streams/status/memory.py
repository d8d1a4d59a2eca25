"""How much memory each process of the pipeline on this machine takes, by its own word."""

from prometheus_client.parser import text_string_to_metric_families

from streams.core.errors import NothingAnswers
from streams.settings import Settings
from streams.telemetry.client import fetch
from streams.telemetry.metrics import BUILD_INFO
from streams.telemetry.server import PROCESSES

RESIDENT = "process_resident_memory_bytes"
PATIENCE_SECONDS = 1.0


def resident_bytes(settings: Settings) -> dict[str, int | None]:
    """Resident bytes by the process's name; None where the process doesn't answer."""
    return {process: _resident(process, settings) for process in PROCESSES}


def _resident(process: str, settings: Settings) -> int | None:
    try:
        answer = fetch(process, settings, "/metrics", patience_seconds=PATIENCE_SECONDS)
        families = list(text_string_to_metric_families(answer.decode()))
    except (NothingAnswers, ValueError):  # nobody there, or somebody else
        return None
    samples = [sample for family in families for sample in family.samples]
    theirs = [sample.labels["process"] for sample in samples if sample.name == BUILD_INFO.name]
    found = [int(sample.value) for sample in samples if sample.name == RESIDENT]
    return found[0] if theirs == [process] and found else None
