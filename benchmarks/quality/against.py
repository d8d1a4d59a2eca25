"""Is the shipped target sentiment model better than another? `python -m benchmarks.quality.against --help`.

Both read the development splits of NewsMTSC, which neither was trained on. Sentences are drawn with
replacement, the same ones for both: the interval is that of the difference (paired bootstrap).
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import click
import numpy as np
import onnxruntime

from benchmarks.quality.figures import macro_f1
from benchmarks.quality.records import SEED, Folder
from benchmarks.quality.tone import LABELS, NEWSMTSC, SEEN
from streams.enrich.sentiment import summarised
from streams.enrich.tone import Framer, Model, Probabilities, TargetTone

RESAMPLES = 2_000
WANTED = 0.015
BERT = ("[CLS]", "[SEP]", "[unused1]", "[unused2]")

Pairs = list[tuple[str, str]]


class Tone(Protocol):
    """A model of target sentiment."""

    def probabilities(self, sentence: str, start: int, end: int) -> Probabilities:
        """How `sentence` treats the target at [start, end)."""


class Shipped:
    """A file of the layout that ships, .npz."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        self._model, self._framer = Model(model), Framer(tokenizer)

    def probabilities(self, sentence: str, start: int, end: int) -> Probabilities:
        """How `sentence` treats the target at [start, end)."""
        return self._model.probabilities(self._framer.frame(sentence, start, end))


class Fitted:
    """The teacher that training keeps, .safetensors; needs torch."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        from streams.training.target_sentiment import encoder, fit, steps  # noqa: PLC0415  torch, if asked for

        self._network, self._framer = encoder.load(model, steps.TEACHER_LAYERS), Framer(tokenizer)
        self._answers = fit.answers

    def probabilities(self, sentence: str, start: int, end: int) -> Probabilities:
        """How `sentence` treats the target at [start, end)."""
        (row,) = self._answers(self._network, [self._framer.frame(sentence, start, end)]).tolist()
        return Probabilities(*row)


class First:
    """A model with the inputs of Summitry 0.1's: pieces, 1 for each, 1 for each of the marked target."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._framer = Framer(tokenizer, BERT)

    def probabilities(self, sentence: str, start: int, end: int) -> Probabilities:
        """How `sentence` treats the target at [start, end)."""
        framed = self._framer.frame(sentence, start, end)
        marked = np.zeros((1, len(framed.ids)), dtype=np.float32)
        marked[0, framed.start : framed.end] = 1
        inputs = {"ids": np.array([framed.ids], dtype=np.int64), "att": np.ones_like(marked), "sm": marked}
        (rows,) = self._session.run(["prob"], inputs)
        return Probabilities(*(float(value) for value in np.asarray(rows)[0]))


LAYOUTS: dict[str, Callable[[Path, Path], Tone]] = {".npz": Shipped, ".safetensors": Fitted, ".onnx": First}


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("tokenizer", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(data: Path, model: Path, tokenizer: Path) -> None:
    """Compare the model that ships with MODEL and its TOKENIZER.

    MODEL is another .npz as ships, a .safetensors that training keeps of its teacher (needs torch), or an
    .onnx of the layout that Summitry shipped first.
    """
    if model.suffix not in LAYOUTS:
        raise click.BadParameter(f"{model}: want one of {', '.join(LAYOUTS)}", param_hint="MODEL")
    ours, other = TargetTone(), LAYOUTS[model.suffix](model, tokenizer)
    sentences: list[tuple[Pairs, Pairs]] = []
    for record in Folder(data).all(f"{NEWSMTSC}.jsonl"):
        if record["split"] != SEEN:
            places = [(record["sentence"], its["from"], its["to"]) for its in record["targets"]]
            truths = [its["label"] for its in record["targets"]]
            sentences.append(
                (
                    _pairs(truths, [ours.probabilities(*place) for place in places]),
                    _pairs(truths, [other.probabilities(*place) for place in places]),
                )
            )
    scores = [_score(sentences, column) for column in (0, 1)]
    chance = random.Random(SEED)
    gains = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(sentences, k=len(sentences))
        gains.append(_score(drawn, 0) - _score(drawn, 1))
    gains.sort()
    low, high = gains[round(0.025 * RESAMPLES)], gains[round(0.975 * RESAMPLES) - 1]
    click.echo(f"{sum(len(pairs) for pairs, _ in sentences)} targets in {len(sentences)} sentences")
    click.echo(f"macro F1: shipped {100 * scores[0]:.1f}, other {100 * scores[1]:.1f}")
    click.echo(f"gain {100 * (scores[0] - scores[1]):.1f} points, 95 %: {100 * low:.1f} to {100 * high:.1f}")
    for least in (0.0, WANTED):
        share = sum(gain > least for gain in gains) / RESAMPLES
        click.echo(f"in {100 * share:.1f} % of resamples the gain is over {100 * least:.1f} points")


def _pairs(truths: Sequence[str], rows: Sequence[Probabilities]) -> Pairs:
    return [(truth, summarised("Q1", [row], [0]).label) for truth, row in zip(truths, rows, strict=True)]


def _score(sentences: Sequence[tuple[Pairs, Pairs]], column: int) -> float:
    return macro_f1([pair for sentence in sentences for pair in sentence[column]], LABELS)


if __name__ == "__main__":
    main()
