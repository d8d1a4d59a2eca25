"""How much memory each process of the pipeline on this machine takes, by its own word."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from streams.core.facets import FACETS
from streams.settings import Settings

NAME = "process_resident_memory_bytes"
PATIENCE_SECONDS = 1.0


def resident_bytes(settings: Settings) -> dict[str, int | None]:
    """Resident bytes by the process's name; None where nothing answers with them."""
    return {
        name: _resident(settings.http_host, settings.http_port + place) if settings.http_port else None
        for place, name in enumerate(("sink", *FACETS))
    }


def _resident(host: str, port: int) -> int | None:
    try:
        with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            answer = client.get(f"http://{host}:{port}/metrics")
            answer.raise_for_status()
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                if sample.name == NAME:
                    return int(sample.value)
    except (httpx.HTTPError, ValueError):  # nobody there, or somebody else
        return None
    return None
