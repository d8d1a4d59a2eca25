"""Fitting a network to examples; the same on every run of one machine."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from streams.enrich.tone import Framed
from streams.training.target_sentiment.data import Example
from streams.training.target_sentiment.encoder import LABELS, Network, to_grid

PADDING = 1
BATCH = 32
THREADS = 2
WARMING = 0.06
DECAY = 0.01
LONGEST_STEP = 1.0
_BUCKET = 30  # batches that are sorted by length together
TOLD = 25


@dataclass(frozen=True, slots=True)
class Schedule:
    """How to fit."""

    rate: float
    head_rate: float
    seed: int
    block: int | None = None
    """How many weights share a scale, if the last epoch shall compute in the numbers that ship."""


def repeatable(seed: int) -> None:
    """Let torch do the same on every run."""
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(mode=True)
    torch.manual_seed(seed)


def fit(
    network: Network,
    epochs: Sequence[Sequence[Example]],
    schedule: Schedule,
    tell: Callable[[str], None],
) -> None:
    """Bring the network's answers near what the examples want; embeddings of words and places stay."""
    repeatable(schedule.seed)
    chance = random.Random(schedule.seed)  # noqa: S311  to be repeated, not to be secret
    weights = dict(network.named_parameters())
    for name in [name for name in weights if name.endswith(("words.weight", "positions.weight"))]:
        weights.pop(name).requires_grad = False
    optimizer = torch.optim.AdamW(
        [
            {"params": [its for name, its in weights.items() if "head" not in name], "lr": schedule.rate},
            {"params": [its for name, its in weights.items() if "head" in name], "lr": schedule.head_rate},
        ],
        weight_decay=DECAY,
        fused=True,
    )
    steps = sum(-(-len(examples) // BATCH) for examples in epochs)
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / (WARMING * steps), max(0.02, (steps - step) / ((1 - WARMING) * steps))),
    )
    began, recent = time.monotonic(), 0.0
    batches = [batch for examples in epochs for batch in _shuffled(examples, chance)]
    whole_from = steps - -(-len(epochs[-1]) // BATCH)
    network.train()
    for step, batch in enumerate(batches, start=1):
        if step == whole_from + 1 and schedule.block is not None:
            to_grid(network, schedule.block)
        loss = _loss(network, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights.values(), LONGEST_STEP)
        optimizer.step()
        pace.step()
        recent += loss.item()
        if step % TOLD == 0:
            tell(f"step {step} of {steps}, {time.monotonic() - began:.0f} s, loss {recent / TOLD:.4f}")
            recent = 0.0


def answers(network: Network, targets: Sequence[Framed]) -> Tensor:
    """What a fitted network says of each target: probabilities, shape (targets, 3)."""
    network.eval()
    rows = torch.empty(len(targets), LABELS)
    order = sorted(range(len(targets)), key=lambda index: len(targets[index].ids))
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for begin in range(0, len(order), BATCH):
            batch = order[begin : begin + BATCH]
            logits = network(*stacked([targets[index] for index in batch]))
            rows[batch] = logits.float().softmax(-1)
    return rows


def stacked(targets: Sequence[Framed]) -> tuple[Tensor, Tensor, Tensor]:
    """Targets side by side: pieces, 1 on each that isn't padding, 1 on each marked target."""
    longest = max(len(target.ids) for target in targets)
    ids = np.full((len(targets), longest), PADDING, dtype=np.int64)
    real = np.zeros((len(targets), longest), dtype=np.float32)
    marked = np.zeros_like(real)
    for row, target in enumerate(targets):
        ids[row, : len(target.ids)] = target.ids
        real[row, : len(target.ids)] = 1
        marked[row, target.start : target.end] = 1
    return torch.from_numpy(ids), torch.from_numpy(real), torch.from_numpy(marked)


def _loss(network: Network, batch: Sequence[Example]) -> Tensor:
    wanted = torch.tensor([example.wanted for example in batch])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network(*stacked([example.framed for example in batch]))
    return -(wanted * logits.float().log_softmax(-1)).sum(-1).mean()


def _shuffled(examples: Sequence[Example], chance: random.Random) -> Iterator[list[Example]]:
    """Batches of examples of like length, in an order of chance."""
    order = list(range(len(examples)))
    chance.shuffle(order)
    batches = []
    for begin in range(0, len(order), BATCH * _BUCKET):
        near = sorted(order[begin : begin + BATCH * _BUCKET], key=lambda i: len(examples[i].framed.ids))
        batches += [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
    chance.shuffle(batches)
    for batch in batches:
        yield [examples[index] for index in batch]
