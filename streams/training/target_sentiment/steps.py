"""The steps from base weights to the shipped file; what was fitted is kept in the work folder."""

import io
import random
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np

from streams.enrich.tone import MODEL_FILE, TOKENIZER_FILE, Framed, Framer, Model
from streams.training.target_sentiment.calibration import best_temperature
from streams.training.target_sentiment.data import Labels, frame, one_epoch, read_labels
from streams.training.target_sentiment.encoder import Network, load, load_base, save
from streams.training.target_sentiment.export import to_bytes
from streams.training.target_sentiment.fit import Schedule, fit, repeatable
from streams.training.target_sentiment.grid import Floats

LAYERS = 6
BLOCK = 64
"""Weights that share a scale."""
EPOCHS = 4
SCHEDULE = Schedule(rate=5e-5, head_rate=5e-4, seed=1, block=BLOCK)
KEPT = "network.safetensors"


class Steps:
    """What is made, in order: a fitted network, its file."""

    def __init__(self, data: Path, base: Path, work: Path, out: Path, tell: Callable[[str], None]) -> None:
        self._data = data
        self._base = base
        self._work = work
        self._out = out
        self._tell = tell
        self._framer = Framer(base / TOKENIZER_FILE)

    def run(self) -> None:
        """Make the file."""
        data = self.exported(self.fitted())
        (self._out / MODEL_FILE).write_bytes(data)
        (self._out / TOKENIZER_FILE).write_bytes((self._base / TOKENIZER_FILE).read_bytes())
        self._tell(f"{self._out / MODEL_FILE}: {len(data)} bytes")

    def fitted(self) -> Network:
        """The lower layers of the base, fitted to the labels."""
        kept = self._work / KEPT
        if not kept.exists():
            repeatable(SCHEDULE.seed)
            network = load_base(self._base / "model.safetensors", LAYERS)
            chance = random.Random(SCHEDULE.seed)  # noqa: S311  to be repeated, not to be secret
            epochs = [one_epoch(self._labels.learnt, self._framer, chance) for _ in range(EPOCHS)]
            fit(network, epochs, SCHEDULE, self._tell)
            save(network, kept)
        return load(kept, LAYERS)

    def exported(self, network: Network) -> bytes:
        """The file's bytes, with the temperature that makes it least surprised by labels it hasn't learnt."""
        plain = to_bytes(network, block=BLOCK, temperature=1)
        framed = [frame(labelled.target, self._framer) for labelled in self._labels.choosing]
        labels = np.array([labelled.label for labelled in self._labels.choosing])
        logits = np.log(asked(plain, framed))
        temperature = best_temperature(logits, labels)
        right = (logits.argmax(1) == labels).mean()
        self._tell(f"temperature {temperature:.2f}; {right:.3f} of {len(labels)} choosing targets right")
        return to_bytes(network, block=BLOCK, temperature=temperature)

    @cached_property
    def _labels(self) -> Labels:
        return read_labels(self._data)


def asked(model: bytes, targets: list[Framed]) -> Floats:
    """The probabilities that a file says, shape (targets, 3)."""
    loaded = Model(io.BytesIO(model))
    return np.array([loaded.probabilities(target) for target in targets], dtype=np.float32)
