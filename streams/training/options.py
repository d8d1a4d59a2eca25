"""What the commands that train with torch share: where their data and base model are, and how torch waits."""

import os
from pathlib import Path

import click

data_folder = click.argument("data_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
base = click.option(
    "--base",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="all-mpnet-base-v2: model.safetensors and tokenizer.json; README.md says where from.",
)


def let_threads_sleep() -> None:
    """Threads of torch that wait shall sleep, not spin. To be called before torch is imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
