"""What a sentence encoder makes of texts, in PyTorch: the mean of its last states, of length 1."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from streams.enrich.tone import Framed
from streams.training.logistic import Floats
from streams.training.target_sentiment.encoder import WIDTH, load_base
from streams.training.target_sentiment.fit import repeatable, stacked

LAYERS = 12
PIECES = 200
"""Word pieces of a text that are read: its first 160 words or so, which is what the student reads."""
BATCH = 16
TOLD = 50


def embed(documents: Sequence[str], base: Path, tell: Callable[[str], None]) -> Floats:
    """What the encoder of the folder `base` makes of each document, shape (documents, 768)."""
    repeatable(0)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(PIECES)
    ids = [encoding.ids for encoding in tokenizer.encode_batch(list(documents))]
    network = load_base(base / "model.safetensors", LAYERS).eval()
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    found = np.zeros((len(ids), WIDTH))
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for begin in range(0, len(order), BATCH):
            chosen = order[begin : begin + BATCH]
            pieces, real, _ = stacked([Framed(ids[index], 0, 0) for index in chosen])
            states = network.states(pieces, real).float()
            means = (states * real.unsqueeze(-1)).sum(1) / real.sum(1, keepdim=True)
            found[chosen] = torch.nn.functional.normalize(means, dim=1).numpy()
            if begin // BATCH % TOLD == 0:
                tell(f"{begin} of {len(ids)} texts encoded")
    return found
