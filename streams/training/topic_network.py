"""The part of the topics model that is a network: one hidden layer between what is seen and the logits.

It is the mean of three that differ by chance, which side by side are one network again.
"""

import numpy as np
import torch
from torch import Tensor, nn

from streams.enrich.topics import parents
from streams.training.logistic import Floats
from streams.training.target_sentiment.fit import repeatable
from streams.training.topic_fit import Lessons, Network
from streams.training.topic_lexicon import all_codes

MEMBERS = 3
HIDDEN = 256
"""Units of each member."""
EPOCHS = 20
BATCH = 64
RATE = 2e-3
DECAY = 1e-4
WARMING = 0.1
UNSEEN, UNUSED = 0.1, 0.3
"""The shares of inputs and of hidden units that are left out of a step, chosen anew each time."""


def fit(lessons: Lessons, scale: Floats, *, seed: int) -> Network:
    """Fit a network to lessons, by the log loss of each code; `scale`, of (inputs,), is for learning alone.

    A code of the second level counts by how likely the one over it is.
    """
    members = [_fit_member(lessons, scale, seed=seed + number) for number in range(MEMBERS)]
    return Network(
        inward=np.hstack([member.inward for member in members]),
        inward_biases=np.concatenate([member.inward_biases for member in members]),
        outward=np.vstack([member.outward for member in members]) / MEMBERS,
        biases=np.mean([member.biases for member in members], axis=0),
    )


def _fit_member(lessons: Lessons, scale: Floats, *, seed: int) -> Network:
    repeatable(seed)
    network = nn.Sequential(
        nn.Dropout(UNSEEN),
        nn.Linear(lessons.seen.shape[1], HIDDEN),
        nn.ReLU(),
        nn.Dropout(UNUSED),
        nn.Linear(HIDDEN, lessons.wanted.shape[1]),
    )
    seen = torch.from_numpy(lessons.seen * scale).float()
    wanted = torch.from_numpy(np.nan_to_num(lessons.wanted)).float()
    counts = torch.from_numpy(_counts(lessons)).float()
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(seen) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=WARMING)
    loss = nn.BCEWithLogitsLoss(reduction="none")
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(seen)).split(BATCH):
            optimizer.zero_grad()
            (loss(network(seen[rows]), wanted[rows]) * counts[rows]).mean().backward()
            optimizer.step()
            schedule.step()
    inward, inward_biases, outward, biases = map(_array, network.parameters())
    return Network(inward.T * scale[:, None], inward_biases, outward.T, biases)


def _counts(lessons: Lessons) -> Floats:
    """How much each document counts for each code."""
    codes = all_codes()
    counts = np.repeat(lessons.weights[:, None], len(codes), axis=1)
    for column, code in enumerate(codes):
        if code in parents():
            counts[:, column] *= np.nan_to_num(lessons.wanted[:, codes.index(parents()[code])])
    return np.where(np.isnan(lessons.wanted), 0, counts)


def _array(weights: Tensor) -> Floats:
    array: Floats = weights.detach().double().numpy()
    return array
