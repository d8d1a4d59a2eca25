"""MPNet (Song et al., 2020) with a head for the tone of a marked target, in PyTorch."""

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from streams.training.target_sentiment.grid import HIGHEST, LOWEST, best_scales

WIDTH = 768
HEADS = 12
INNER = 3072
POSITIONS = 514
FIRST_POSITION = 2
BUCKETS = 32
FURTHEST = 128
EPSILON = 1e-5
DROPOUT = 0.1
LABELS = 3


class Linear(nn.Linear):
    """A linear part whose weights may have to lie on a grid: whole numbers of four bits times `scales`.

    Gradients go through the rounding as if it weren't there (Bengio et al., 2013).
    """

    scales: Tensor | None = None

    def forward(self, states: Tensor) -> Tensor:
        """The product, in the numbers that the shipped file will compute with."""
        weight = self.weight
        if self.scales is not None:
            states = states + (eight_bits(states.detach()) - states).detach()
            weight = weight + (on_grid(weight.detach(), self.scales) - weight).detach()
        return nn.functional.linear(states, weight, self.bias)


def on_grid(weight: Tensor, scales: Tensor) -> Tensor:
    """The nearest weights that four bits can say; `scales` has one number for each block of a row."""
    blocks = weight.view(*scales.shape, -1)
    steps = scales.unsqueeze(-1)
    return ((blocks / steps).round_().clamp_(LOWEST, HIGHEST) * steps).view_as(weight)


def eight_bits(states: Tensor) -> Tensor:
    """The nearest states that eight bits can say, each row of a batch with a step of its own."""
    flat = states.flatten(1)
    low, high = flat.amin(1).clamp(max=0), flat.amax(1).clamp(min=0)
    step = ((high - low) / 255).clamp(min=1e-8).view(-1, *[1] * (states.dim() - 1))
    return (states / step).round_() * step


class Layer(nn.Module):
    """Attention and a feed-forward part, each added to its input and then normed."""

    def __init__(self) -> None:
        super().__init__()
        self.query = Linear(WIDTH, WIDTH)
        self.key = Linear(WIDTH, WIDTH)
        self.value = Linear(WIDTH, WIDTH)
        self.out = Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.inner = Linear(WIDTH, INNER)
        self.outer = Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """States after this layer; `bias` is added to the logits of attention."""
        query, key, value = (_heads(part(states)) for part in (self.query, self.key, self.value))
        logits = query @ key.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + bias
        seen = self.dropout(logits.softmax(-1)) @ value
        joined = seen.transpose(1, 2).reshape(states.shape)
        states = self.attention_norm(states + self.dropout(self.out(joined)))
        inner = self.outer(nn.functional.gelu(self.inner(states)))
        return self.norm(states + self.dropout(inner))


class Network(nn.Module):
    """Logits of negative, neutral and positive for the marked target of each row.

    The head sees the first state and the mean of those of the target, so that the last layer has to
    be computed for these alone.
    """

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.words = nn.Embedding(1, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.embedding_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.distances = nn.Embedding(BUCKETS, HEADS)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.dropout = nn.Dropout(DROPOUT)
        self.head = nn.Sequential(
            Linear(2 * WIDTH, WIDTH), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(WIDTH, LABELS)
        )

    def forward(self, ids: Tensor, real: Tensor, marked: Tensor) -> Tensor:
        """The logits, shape (rows, 3), of pieces with 1 for what isn't padding and for what is marked."""
        states = self.states(ids, real).float()
        target = (states * marked.unsqueeze(-1)).sum(1) / marked.sum(1, keepdim=True)
        logits: Tensor = self.head(self.dropout(torch.cat([states[:, 0], target], dim=1)))
        return logits

    def states(self, ids: Tensor, real: Tensor) -> Tensor:
        """The states after the last layer, shape (rows, length, WIDTH)."""
        states = self.words(ids) + self.positions.weight[FIRST_POSITION : FIRST_POSITION + ids.shape[1]]
        states = self.dropout(self.embedding_norm(states))
        bias = self.nearness(ids.shape[1])[None] + (1 - real[:, None, None, :]) * -1e4
        for layer in self.layers:
            states = layer(states, bias)
        return states

    def nearness(self, length: int) -> Tensor:
        """What attention adds for the distance of two places, shape (heads, length, length)."""
        places = torch.arange(length)
        bias: Tensor = self.distances(bucket(places[None, :] - places[:, None])).permute(2, 0, 1)
        return bias


def bucket(distance: Tensor) -> Tensor:
    """The bucket of a distance in pieces: near ones have one each, farther ones share (T5's scheme)."""
    half = BUCKETS // 2
    exact = half // 2
    size = distance.abs()
    wide = exact + (
        torch.log(size.clamp(min=1).float() / exact) / math.log(FURTHEST / exact) * (half - exact)
    ).to(torch.long)
    wide = wide.clamp(max=half - 1)
    return torch.where(distance > 0, half, 0) + torch.where(size < exact, size, wide)


def load_base(file: Path, layers: int) -> Network:
    """The lower layers of an mpnet-base in the layout of transformers, with a new head."""
    stored = {name.removeprefix("mpnet."): weight for name, weight in load_file(file).items()}
    network = Network(layers)
    state = {name: weight for name, weight in network.state_dict().items() if name.startswith("head.")}
    state["words.weight"] = stored["embeddings.word_embeddings.weight"]
    state["positions.weight"] = stored["embeddings.position_embeddings.weight"]
    state["distances.weight"] = stored["encoder.relative_attention_bias.weight"]
    names = {
        "query": "attention.attn.q",
        "key": "attention.attn.k",
        "value": "attention.attn.v",
        "out": "attention.attn.o",
        "attention_norm": "attention.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "norm": "output.LayerNorm",
    }
    for kind in ("weight", "bias"):
        state[f"embedding_norm.{kind}"] = stored[f"embeddings.LayerNorm.{kind}"]
        for index in range(layers):
            for ours, theirs in names.items():
                state[f"layers.{index}.{ours}.{kind}"] = stored[f"encoder.layer.{index}.{theirs}.{kind}"]
    network.words = nn.Embedding(*state["words.weight"].shape)
    network.load_state_dict(state)
    return network


def to_grid(network: Network, block: int) -> None:
    """From now on the network computes with weights of four bits, its word embeddings among them."""
    for part in network.modules():
        if isinstance(part, Linear):
            part.scales = torch.from_numpy(best_scales(part.weight.detach().numpy(), block))
    words = network.words.weight.detach()
    words.copy_(on_grid(words, torch.from_numpy(best_scales(words.numpy(), block))))


def save(network: Network, file: Path) -> None:
    """Keep a network that is on its grid."""
    scales = {
        f"{name}.scales": part.scales
        for name, part in network.named_modules()
        if isinstance(part, Linear) and part.scales is not None
    }
    save_file({**network.state_dict(), **scales}, file)


def load(file: Path, layers: int) -> Network:
    """A network that was kept."""
    stored: Mapping[str, Tensor] = load_file(file)
    network = Network(layers)
    network.words = nn.Embedding(*stored["words.weight"].shape)
    network.load_state_dict({name: its for name, its in stored.items() if not name.endswith(".scales")})
    for name, part in network.named_modules():
        if isinstance(part, Linear):
            part.scales = stored.get(f"{name}.scales")
    return network


def _heads(states: Tensor) -> Tensor:
    rows, length, _ = states.shape
    return states.view(rows, length, HEADS, WIDTH // HEADS).transpose(1, 2)
