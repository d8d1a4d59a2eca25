"""Train the topics model: python -m streams.training.topics DATA_FOLDER --base FOLDER --work FOLDER."""

import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
import numpy as np
from tokenizers import Tokenizer

from streams.core.message import digest
from streams.enrich.tone import TOKENIZER_FILE
from streams.enrich.topics import MODEL_FILE, VECTOR_SCALE, labels, parents
from streams.training import options
from streams.training.logistic import Floats
from streams.training.topic_fit import (
    Labelled,
    Texts,
    TransferSet,
    choose_thresholds,
    cross_fit,
    model_bytes,
    to_model,
    truth_of,
)
from streams.training.topic_lexicon import Flags, Lexicon, all_codes, make_lexicon, see
from streams.training.topic_student import Seen, fit_lists
from streams.training.topic_texts import (
    Example,
    draw_lists,
    read_all,
    read_examples,
    read_phrases,
    read_reports,
    read_unlabelled,
)
from streams.training.word_vectors import reduced, vocabulary

SEED = 20250121
REPEATS = 2
"""How many times articles are held out anew: thresholds from one time would be chance."""
_NOISE_WORDS = 200
"""Of each article, how many words may be mixed into lists."""

Encode = Callable[[Sequence[str]], Floats]


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
    options.let_threads_sleep()
    from streams.training.topic_network import fit  # noqa: PLC0415  imports torch

    articles, reports, others = read_examples(data_folder), read_reports(), read_unlabelled(data_folder)
    examples = [*articles, *reports]
    documents = [*(example.document for example in examples), *others]
    encode = _kept(base, work)
    lexicon = _lexicon([*read_all(data_folder), *(report.document for report in reports)], base, encode)
    click.echo(
        f"{len(articles)} articles, {len(reports)} reports, {len(others)} texts without labels, "
        f"{len(lexicon.table.hashes)} features"
    )
    texts = Texts.of(documents, encode(documents), lexicon)
    is_read = np.arange(len(documents)) < len(examples)
    field = np.array([example.field for example in examples])
    read = Labelled(texts.where(is_read), truth_of(examples), field)
    drawn = draw_lists(read_phrases(), _noise(articles), seed=SEED)
    lists = fit_lists(Seen.of(see([text for _, text in drawn], lexicon)), [code for code, _ in drawn])
    transfer = TransferSet(texts.where(~is_read), lists, partial(fit, seed=SEED))
    found = np.vstack([cross_fit(read, transfer, seed=SEED + repeat) for repeat in range(REPEATS)])
    truths = np.vstack([read.truth] * REPEATS)
    weights = field * np.array([example.like_news for example in examples])
    thresholds = choose_thresholds(found, truths, np.tile(weights, REPEATS))
    distilled = transfer.distil(read)
    data = model_bytes(to_model(distilled, lexicon, thresholds))
    out.write_bytes(data)
    click.echo("\n".join(_table(found, truths, thresholds)))
    click.echo(f"{out}: {len(data)} bytes")


def _kept(base: Path, work: Path) -> Encode:
    """The encoder, which isn't asked again what `work` has its answer to."""

    def encode(texts: Sequence[str]) -> Floats:
        file = work / f"encoded-{digest(texts)[:12]}.npy"
        if not file.exists():
            from streams.training.topic_encoder import embed  # noqa: PLC0415  imports torch

            work.mkdir(parents=True, exist_ok=True)
            np.save(file, embed(texts, base, click.echo))
        encoded: Floats = np.load(file)
        return encoded

    return encode


def _lexicon(documents: Sequence[str], base: Path, encode: Encode) -> Lexicon:
    known = vocabulary(documents, Tokenizer.from_file(str(base / TOKENIZER_FILE)).get_vocab())
    return make_lexicon(known, reduced(encode(known.words), VECTOR_SCALE), read_phrases())


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
