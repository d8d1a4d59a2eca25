"""Train the topics model: python -m streams.training.topics DATA_FOLDER [--out FILE]."""

from pathlib import Path

import click
import numpy as np
from sklearn.metrics import average_precision_score

from streams.enrich.topics import MODEL_FILE, TopicModel, labels
from streams.training.topic_fit import (
    HeldOut,
    Rows,
    calibrate,
    choose_features,
    choose_thresholds,
    cross_fit,
    fit,
    model_bytes,
    to_model,
    to_rows,
    to_scores,
)
from streams.training.topic_texts import read_examples

SEED = 20250121


@click.command()
@click.argument("data_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=MODEL_FILE, show_default=True)
def main(data_folder: Path, out: Path) -> None:
    """Train on DATA_FOLDER's topics_train.jsonl and articles_open.jsonl, and write the model file.

    The same data give the same file. The measures printed are of articles that were read and held out
    of fitting, but that thresholds were chosen on: benchmarks/topics_quality.py has the honest ones.
    """
    examples = read_examples(data_folder, seed=SEED)
    features = choose_features(examples)
    click.echo(f"{len(examples)} examples, {len(features.hashes)} features")
    rows = to_rows(examples, features)
    logits, codes = cross_fit(rows, seed=SEED)
    curve = calibrate(logits, codes)
    held_out = HeldOut(scores=to_scores(logits, curve), codes=codes)
    thresholds = choose_thresholds(held_out)
    linear = fit(rows, np.ones(len(examples), dtype=np.bool_), seed=SEED)
    model = to_model(linear, features, curve=curve, thresholds=thresholds)
    data = model_bytes(model)
    out.write_bytes(data)
    click.echo("\n".join(_table(rows, held_out, model)))
    click.echo(f"{out}: {len(data)} bytes")


def _table(rows: Rows, held_out: HeldOut, model: TopicModel) -> list[str]:
    said = held_out.scores >= model.thresholds
    lines = ["code              label            weak  read  AP     threshold  precision  recall"]
    for column, code in enumerate(model.codes):
        truth, claim = held_out.codes[:, column], said[:, column]
        weak = int(rows.codes[rows.kinds == "weak", column].sum())
        right = int((truth & claim).sum())
        precision = f"{right / claim.sum():.3f}" if claim.any() else "-"
        average = average_precision_score(truth, held_out.scores[:, column])
        lines.append(
            f"{code}   {labels()[code]:<15}{weak:>6}{int(truth.sum()):>6}  {average:.3f}"
            f"{int(model.thresholds[column]):>11}{precision:>11}{right / truth.sum():>8.3f}"
        )
    right = int((held_out.codes & said).sum())
    micro = 2 * right / int(held_out.codes.sum() + said.sum())
    lines.append(
        f"held-out micro F1 {micro:.3f}; {int((~said.any(axis=1)).sum())} of {len(said)} without a topic"
    )
    return lines


if __name__ == "__main__":
    main()
