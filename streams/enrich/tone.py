"""The target sentiment model: how a sentence treats one of those whom it names.

models/LICENCES.md says where the model comes from. Its inputs are those of its training: the
target stands between two markers in its sentence, 96 word pieces in all.
"""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODELS = Path(__file__).parent / "models"
MODEL_FILE = "target_sentiment_mpnet_int4.npz"
TOKENIZER_FILE = "tokenizer.json"
_NUMBERS = ".numbers"

MAX_PIECES = 96
MAX_TARGET_PIECES = 16
FRAME = ("<s>", "</s>", "[unused1]", "[unused2]")
"""The pieces that stand first, last, before the target and behind it."""


class Probabilities(NamedTuple):
    """That a sentence treats its target so; they sum to 1."""

    negative: float
    neutral: float
    positive: float


class Framed(NamedTuple):
    """A model input: word pieces, and the range of the target with its markers among them."""

    ids: list[int]
    start: int
    end: int


class Framer:
    """Makes model inputs of targets; for running and for training alike.

    `frame` names the pieces that stand first, last, before the target and behind it.
    """

    def __init__(self, vocabulary: Path, frame: tuple[str, str, str, str] = FRAME) -> None:
        self._vocabulary = vocabulary
        self._names = frame

    def frame(self, sentence: str, start: int, end: int) -> Framed:
        """The first 16 word pieces of the target at [start, end), and of both sides what fits.

        A side that is shorter than half of the room leaves the rest of it to the other.
        """
        left = self._encode(sentence[:start])
        target = self._encode(sentence[start:end])[:MAX_TARGET_PIECES]
        right = self._encode(sentence[end:])
        room = MAX_PIECES - len(self._names) - len(target)
        if len(left) + len(right) > room:
            kept = min(len(left), max(room // 2, room - len(right)))
            left = left[len(left) - kept :]
            right = right[: room - kept]
        first, last, opening, closing = self._special
        ids = [first, *left, opening, *target, closing, *right, last]
        return Framed(ids, 1 + len(left), 1 + len(left) + len(target) + 2)

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer  # noqa: PLC0415  only who asks for tones pays for the import

        tokenizer = Tokenizer.from_file(str(self._vocabulary))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _special(self) -> tuple[int, ...]:
        vocabulary = self._tokenizer.get_vocab()
        return tuple(vocabulary[token] for token in self._names)


class TargetTone:
    """The model, loaded when it is first asked and once only; safe to share between threads.

    Raises FileNotFoundError, an OSError that stops a worker, if a file of the model is missing.
    """

    def __init__(self, folder: Path = MODELS) -> None:
        self._model = folder / MODEL_FILE
        self._vocabulary = folder / TOKENIZER_FILE
        for file in (self._model, self._vocabulary):
            if not file.is_file():
                raise FileNotFoundError(f"{file} is missing: install Summitry again, or restore the file")
        self._framer = Framer(self._vocabulary)

    @cached_property
    def name(self) -> str:
        """What identifies the model: its kind and the first 12 hex digits of its file's SHA-256."""
        with self._model.open("rb") as file:
            return f"mpnet-int4-{hashlib.file_digest(file, 'sha256').hexdigest()[:12]}"

    def probabilities(self, sentence: str, start: int, end: int) -> Probabilities:
        """How `sentence` treats the target at [start, end), in code points."""
        return self._loaded.probabilities(self._framer.frame(sentence, start, end))

    @cached_property
    def _loaded(self) -> "Model":
        return Model(self._model)


class Model:
    """A graph, and beside it in the file each of its matrices in whole numbers of four bits.

    Of them eight bits are made when the file is loaded, [inputs, outputs] as the graph wants them.
    """

    def __init__(self, file: Path | BinaryIO) -> None:
        import onnxruntime  # noqa: PLC0415  with the model 200 MB that only this stage pays

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # Fusing sums with norms, which more of it would do, makes them eight times as slow.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        with np.load(file) as stored:
            names = [name.removesuffix(_NUMBERS) for name in stored if name.endswith(_NUMBERS)]
            # The session reads them where they are, so they are kept as long as it.
            self._matrices = [
                _eight_bits(stored[f"{name}{_NUMBERS}"], stored[f"{name}.ratios"]) for name in names
            ]
            graph = stored["graph"].tobytes()
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(matrix) for matrix in self._matrices]
        options.add_external_initializers(names, values)
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def probabilities(self, framed: Framed) -> Probabilities:
        """What it says of one target.

        One a call: the scales of whole numbers come from the whole input, so that another target
        beside it would give other numbers.
        """
        inputs = {
            "ids": np.array([framed.ids], dtype=np.int64),
            "rows": np.array([0, *range(framed.start, framed.end)], dtype=np.int64),
        }
        (rows,) = self._session.run(["prob"], inputs)
        return Probabilities(*(float(value) for value in np.asarray(rows)[0]))


def _eight_bits(numbers: npt.NDArray[np.uint8], ratios: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """`numbers` has two a byte, the first half of a row in the low bits; `ratios` has one a block of a row.

    The nearest whole numbers to those of four bits times the ratios, transposed.
    """
    four = np.hstack([numbers & 15, numbers >> 4]).astype(np.float32) - 8
    blocks = four.reshape(*ratios.shape, -1) * ratios[..., None]
    eight = np.rint(blocks).astype(np.int8).reshape(four.shape)
    return np.ascontiguousarray(eight.T)
