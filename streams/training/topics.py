"""Train the topics model: python -m streams.training.topics DATA_FOLDER --base FOLDER --work FOLDER."""

import random
import re
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from streams.core.message import digest
from streams.enrich.topics import MODEL_FILE, labels, parents
from streams.training import options
from streams.training.logistic import Floats
from streams.training.topic_fit import (
    REPEATS,
    Flags,
    all_codes,
    choose_thresholds,
    fit_lists,
    make_lexicon,
    model_bytes,
    see,
    to_model,
    truth_of,
)
from streams.training.topic_teacher import Texts, TransferSet, cross_fit
from streams.training.topic_texts import (
    Example,
    draw_lists,
    read_examples,
    read_phrases,
    read_unlabelled,
    read_vectors,
)

SEED = 20250121
_NOISE_WORDS = 200
"""Of each article, how many words may be mixed into lists."""


@click.command()
@options.data_folder
@options.base
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where is kept what the encoder made of the texts; if it is there, it isn't asked again.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=MODEL_FILE, show_default=True)
def main(data_folder: Path, base: Path, work: Path, out: Path) -> None:
    """Train on DATA_FOLDER's articles_open.jsonl, sentiment_newsmtsc.jsonl and topics/topics_train.jsonl.

    The same data give the same model file. The measures printed are of articles that were held out of
    fitting, but that thresholds were chosen on: `python -m benchmarks.quality` has the honest ones.
    """
    examples, phrases = read_examples(data_folder), read_phrases()
    documents, others = [example.document for example in examples], read_unlabelled(data_folder)
    lexicon = make_lexicon(read_vectors(), phrases)
    click.echo(
        f"{len(examples)} examples, {len(others)} texts without labels, {len(lexicon.table.hashes)} features"
    )
    embedded = _embedded([*documents, *others], base, work)
    drawn = draw_lists(phrases, _noise(examples), seed=SEED)
    lists = fit_lists(see([text for _, text in drawn], lexicon), [code for code, _ in drawn])
    transfer = TransferSet(Texts.of(others, embedded[len(documents) :], lexicon))
    texts, truth = Texts.of(documents, embedded[: len(documents)], lexicon), truth_of(examples)
    weights = np.array([example.field for example in examples])
    like_news = np.array([example.like_news for example in examples])
    found = np.vstack(
        [cross_fit(texts, truth, weights, lists, transfer, seed=SEED + repeat) for repeat in range(REPEATS)]
    )
    truths = np.vstack([truth] * REPEATS)
    thresholds = choose_thresholds(found, truths, np.tile(like_news, REPEATS))
    student, corrections = transfer.distil(texts, truth, weights, lists)
    data = model_bytes(to_model(student, corrections, lexicon, thresholds))
    out.write_bytes(data)
    click.echo("\n".join(_table(found, truths, thresholds)))
    click.echo(f"{out}: {len(data)} bytes")


def _embedded(documents: Sequence[str], base: Path, work: Path) -> Floats:
    """What the encoder makes of the documents."""
    file = work / f"texts-{digest(documents)[:12]}.npy"
    if not file.exists():
        options.let_threads_sleep()
        from streams.training.topic_encoder import embed  # noqa: PLC0415  imports torch

        work.mkdir(parents=True, exist_ok=True)
        np.save(file, embed(documents, base, click.echo))
    embedded: Floats = np.load(file)
    return embedded


def _noise(examples: list[Example]) -> list[str]:
    """Words as the articles use them, in an order of chance."""
    words = [
        word
        for example in examples
        for word in re.findall(r"[^\W\d_]{2,}", example.document.lower())[:_NOISE_WORDS]
    ]
    random.Random(SEED).shuffle(words)  # noqa: S311  to be repeated, not to be secret
    return words


def _table(found: Floats, truth: Flags, thresholds: Floats) -> list[str]:
    lines = ["code              label                    read  threshold  precision  recall"]
    for column, code in enumerate(all_codes()):
        asked = truth[:, all_codes().index(parents()[code])] if code in parents() else np.True_
        its, said = truth[:, column], (found[:, column] >= thresholds[column]) & asked
        right = int((its & said).sum())
        precision = f"{right / said.sum():.3f}" if said.any() else "-"
        recall = f"{right / its.sum():.3f}" if its.any() else "-"
        lines.append(
            f"{code}   {labels()[code]:<23}{int(its.sum()) // REPEATS:>6}{thresholds[column]:>11.3f}"
            f"{precision:>11}{recall:>8}"
        )
    return lines


if __name__ == "__main__":
    main()
