"""The steps from base weights to the shipped file; what was fitted is kept in the work folder."""

import io
import random
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np

from streams.enrich.tone import MODEL_FILE, TOKENIZER_FILE, Framed, Framer, Model
from streams.training.target_sentiment.calibration import best_temperature
from streams.training.target_sentiment.data import Example, Labels, frame, one_epoch, read_labels
from streams.training.target_sentiment.encoder import Network, load, load_base, save
from streams.training.target_sentiment.export import to_bytes
from streams.training.target_sentiment.fit import Schedule, answers, fit, repeatable
from streams.training.target_sentiment.grid import Floats
from streams.training.target_sentiment.unlabelled import balanced, read_targets

LAYERS = 6
BLOCK = 64
"""Weights that share a scale."""
EPOCHS = 4
SCHEDULE = Schedule(rate=5e-5, head_rate=5e-4, seed=1, block=BLOCK)
TAUGHT = 7_000
"""Targets of each label, at most, that the student learns from the teacher; it sees each once."""
KEPT = "network.safetensors"

TEACHER_LAYERS = 12
TEACHER_EPOCHS = 3
TEACHER_SCHEDULE = Schedule(rate=3e-5, head_rate=5e-4, seed=1)
TEACHER_KEPT = "teacher.safetensors"
ANSWERS_KEPT = "answers.npy"


class Steps:
    """What is made, in order: a teacher, its answers, the network that learns from them, its file."""

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
        """The lower layers of the base, fitted to the labels and to what the teacher says."""

        def epochs() -> list[list[Example]]:
            taught = self.taught()
            labelled = self._labelled(EPOCHS, SCHEDULE.seed)
            return [its + taught[epoch::EPOCHS] for epoch, its in enumerate(labelled)]

        return self._fitted(KEPT, LAYERS, SCHEDULE, epochs)

    def teacher(self) -> Network:
        """All layers of the base, fitted to the labels."""

        def epochs() -> list[list[Example]]:
            return self._labelled(TEACHER_EPOCHS, TEACHER_SCHEDULE.seed)

        return self._fitted(TEACHER_KEPT, TEACHER_LAYERS, TEACHER_SCHEDULE, epochs)

    def taught(self) -> list[Example]:
        """Targets that nobody labelled, as the teacher labels them."""
        seed = TEACHER_SCHEDULE.seed
        framed = [frame(target, self._framer) for target in read_targets(self._data, seed)]
        kept = self._work / ANSWERS_KEPT
        if not kept.exists():
            np.save(kept, answers(self.teacher(), framed).numpy())
        rows = np.load(kept)
        chance = random.Random(seed)  # noqa: S311  to be repeated, not to be secret
        chosen = balanced(rows, TAUGHT, chance)
        self._tell(f"the teacher labels {len(chosen)} of {len(framed)} targets")
        return [Example(framed[index], tuple(rows[index].tolist())) for index in chosen]

    def _fitted(
        self, name: str, layers: int, schedule: Schedule, epochs: Callable[[], list[list[Example]]]
    ) -> Network:
        kept = self._work / name
        if not kept.exists():
            examples = epochs()
            repeatable(schedule.seed)
            network = load_base(self._base / "model.safetensors", layers)
            fit(network, examples, schedule, self._tell)
            save(network, kept)
        return load(kept, layers)

    def _labelled(self, epochs: int, seed: int) -> list[list[Example]]:
        chance = random.Random(seed)  # noqa: S311  to be repeated, not to be secret
        return [one_epoch(self._labels.learnt, self._framer, chance) for _ in range(epochs)]

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
