"""The actor registry: whom Summitry can name, and every form of words that names them."""

from streams.enrich.registry.actor import Office, RegistryActor
from streams.enrich.registry.loading import load_registry
from streams.enrich.registry.registry import Registry, fold

__all__ = ["Office", "Registry", "RegistryActor", "fold", "load_registry"]
