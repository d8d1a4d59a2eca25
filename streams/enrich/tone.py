"""The target sentiment model: how a sentence treats one of those whom it names.

models/LICENCES.md says where the model comes from. Its inputs are those of its training: the
target stands between two markers in its sentence, 96 word pieces in all.
"""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

MODELS = Path(__file__).parent / "models"
MODEL_FILE = "target_sentiment_bge_small_int8.onnx"
TOKENIZER_FILE = "tokenizer.json"

MAX_PIECES = 96
MAX_TARGET_PIECES = 16
_FRAME = 4  # [CLS], two markers, [SEP]


class Probabilities(NamedTuple):
    """That a sentence treats its target so; they sum to 1."""

    negative: float
    neutral: float
    positive: float


class _Pieces(NamedTuple):
    """A model input: word pieces, and the range of the target with its markers among them."""

    ids: list[int]
    start: int
    end: int


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

    @cached_property
    def name(self) -> str:
        """What identifies the model: its kind and the first 12 hex digits of its file's SHA-256."""
        with self._model.open("rb") as file:
            return f"bge-small-int8-{hashlib.file_digest(file, 'sha256').hexdigest()[:12]}"

    def probabilities(self, sentence: str, start: int, end: int) -> Probabilities:
        """How `sentence` treats the target at [start, end), in code points.

        One target a call: int8 scales come from the whole batch, so that another batch would
        give other numbers.
        """
        pieces = self._pieces(sentence, start, end)
        target = np.zeros((1, len(pieces.ids)), dtype=np.float32)
        target[0, pieces.start : pieces.end] = 1
        inputs = {
            "ids": np.array([pieces.ids], dtype=np.int64),
            "att": np.ones((1, len(pieces.ids)), dtype=np.float32),
            "sm": target,
        }
        (rows,) = self._session.run(["prob"], inputs)
        return Probabilities(*(float(value) for value in np.asarray(rows)[0]))

    def _pieces(self, sentence: str, start: int, end: int) -> _Pieces:
        """The target's first 16 word pieces, and of both sides what fits.

        A side that is shorter than half of the room leaves the rest of it to the other.
        """
        left = self._encode(sentence[:start])
        target = self._encode(sentence[start:end])[:MAX_TARGET_PIECES]
        right = self._encode(sentence[end:])
        room = MAX_PIECES - _FRAME - len(target)
        if len(left) + len(right) > room:
            kept = min(len(left), max(room // 2, room - len(right)))
            left = left[len(left) - kept :]
            right = right[: room - kept]
        cls, sep, opening, closing = self._special
        ids = [cls, *left, opening, *target, closing, *right, sep]
        return _Pieces(ids, 1 + len(left), 1 + len(left) + len(target) + 2)

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
        return tuple(vocabulary[token] for token in ("[CLS]", "[SEP]", "[unused1]", "[unused2]"))

    @cached_property
    def _session(self) -> "onnxruntime.InferenceSession":
        import onnxruntime  # noqa: PLC0415  with the model 100 MB that only this stage pays

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        return onnxruntime.InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])
