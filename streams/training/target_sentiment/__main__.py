"""Train the model of target sentiment: python -m streams.training.target_sentiment DATA --base FOLDER."""

from pathlib import Path

import click

from streams.training import options


@click.command()
@options.data_folder
@options.base
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the fitted network is kept; if it is there, only the file is made again.",
)
@click.option(
    "--out",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("streams/enrich/models"),
    show_default=True,
    help="Where the model and its tokenizer go.",
)
def main(data_folder: Path, base: Path, work: Path, out: Path) -> None:
    """Train on DATA_FOLDER's sentiment_newsmtsc.jsonl: on its train split; the others are for measuring."""
    options.let_threads_sleep()
    from streams.training.target_sentiment.steps import Steps  # noqa: PLC0415

    work.mkdir(parents=True, exist_ok=True)
    Steps(data_folder, base, work, out, click.echo).run()


if __name__ == "__main__":
    main()
