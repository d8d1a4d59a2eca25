"""The file that ships: an ONNX graph and its weights in four bits, the same bytes each time.

Whoever loads the file makes eight bits of the four (streams/enrich/tone.py): products of eight bits are what
processors are fast at. One target a call, so the graph knows no padding.
"""

import math

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from streams.enrich.tone import MAX_PIECES
from streams.training.target_sentiment.encoder import (
    EPSILON,
    FIRST_POSITION,
    HEADS,
    LABELS,
    WIDTH,
    Linear,
    Network,
)
from streams.training.target_sentiment.grid import LOWEST, Floats, best_scales, numbers
from streams.training.topic_texts import archive

Array = npt.NDArray[np.generic]

OPSET = 18
IR = 9
_CONTRIB = "com.microsoft"
_MOST = 63
"""Eight bits with a reserve: in products of more, processors without VNNI overflow."""


def to_bytes(network: Network, *, block: int, temperature: float) -> bytes:
    """The bytes of a file that says the network's probabilities, its logits divided by `temperature`.

    Its inputs: `ids`, the pieces; `rows`, the place of the first piece and those of the marked target.
    """
    graph = _Graph(network, block)
    states = graph.embedded()
    near = graph.near()
    *most, last = range(len(network.layers))
    for index in most:
        states = graph.layer(index, states, states, near)
    seen = graph.node("Gather", states, "rows", axis=1)
    states = graph.layer(last, seen, states, graph.node("Gather", near, "rows", axis=2))
    graph.head(states, temperature)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "target_sentiment",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"]),
                helper.make_tensor_value_info("rows", TensorProto.INT64, ["seen"]),
            ],
            [helper.make_tensor_value_info("prob", TensorProto.FLOAT, [1, LABELS])],
            list(graph.weights.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(_CONTRIB, 1)],
        ir_version=IR,
        producer_name="summitry",
    )
    graph.arrays["graph"] = np.frombuffer(model.SerializeToString(deterministic=True), dtype=np.uint8)
    return archive(graph.arrays)


class _Graph:
    """Nodes and weights as they are added."""

    def __init__(self, network: Network, block: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}
        self.arrays: dict[str, Array] = {}
        self._network = network
        self._state = {name: weight.detach().numpy() for name, weight in network.state_dict().items()}
        self._parts = {name: part for name, part in network.named_modules() if isinstance(part, Linear)}
        self._block = block

    def weight(self, name: str, values: Array) -> str:
        """Keep an array under a name."""
        self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        """Add a node with one output."""
        return self.split(kind, *inputs, outputs=1, **attributes)[0]

    def split(self, kind: str, *inputs: str, outputs: int, **attributes: object) -> list[str]:
        """Add a node."""
        name = f"{kind}_{len(self.nodes)}"
        outs = [f"{name}.{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), outs, name=name, **attributes))
        return outs

    def embedded(self) -> str:
        """Pieces and their places."""
        words = self._state["words.weight"]
        scales = best_scales(words, self._block)
        pieces = self.node(
            "GatherBlockQuantized",
            self.weight("words.numbers", _pairs(numbers(words, scales).reshape(words.shape))),
            "ids",
            self.weight("words.scales", scales),
            domain=_CONTRIB,
            block_size=self._block,
            bits=4,
            gather_axis=0,
            quantize_axis=1,
        )
        positions = self._state["positions.weight"][FIRST_POSITION : FIRST_POSITION + MAX_PIECES]
        places = self.node("Slice", self.weight("positions", positions[None]), *self._to_length(1))
        return self._norm(pieces, places, "embedding_norm")

    def near(self) -> str:
        """What attention adds for the distance of two places."""
        with torch.no_grad():
            table = self._network.nearness(MAX_PIECES)[None].numpy()
        return self.node("Slice", self.weight("near", table), *self._to_length(2))

    def layer(self, index: int, asking: str, states: str, near: str) -> str:
        """The states of `asking` after a layer in which they see `states`."""
        at = f"layers.{index}"
        if asking == states:
            query, key, value = self._linear(states, f"{at}.query", f"{at}.key", f"{at}.value")
        else:
            (query,) = self._linear(asking, f"{at}.query")
            key, value = self._linear(states, f"{at}.key", f"{at}.value")
        seen = self.node(
            "MultiHeadAttention",
            query,
            key,
            value,
            "",
            "",
            near,
            domain=_CONTRIB,
            num_heads=HEADS,
            scale=1 / math.sqrt(WIDTH // HEADS),
        )
        (more,) = self._linear(seen, f"{at}.out")
        states = self._norm(asking, more, f"{at}.attention_norm")
        inner = self.node("Gelu", *self._linear(states, f"{at}.inner"), domain=_CONTRIB)
        (more,) = self._linear(inner, f"{at}.outer")
        return self._norm(states, more, f"{at}.norm")

    def head(self, states: str, temperature: float) -> None:
        """Probabilities from the first state and the mean of the others."""
        begin, second = self.weight("begin", np.array([0])), self.weight("second", np.array([1]))
        end = self.weight("end", np.array([MAX_PIECES]))
        first = self.node("Slice", states, begin, second, second)
        marked = self.node("Slice", states, second, end, second)
        marked = self.node("ReduceMean", marked, second, keepdims=1)
        both = self.node("Squeeze", self.node("Concat", first, marked, axis=2), second)
        inner = self.node("Gelu", *self._linear(both, "head.0"), domain=_CONTRIB)
        logits = self.node(
            "Gemm",
            inner,
            self.weight("head.3.weight", self._state["head.3.weight"] / np.float32(temperature)),
            self.weight("head.3.bias", self._state["head.3.bias"] / np.float32(temperature)),
            transB=1,
        )
        self.nodes.append(helper.make_node("Softmax", [logits], ["prob"], name="prob", axis=1))

    def _to_length(self, axes: int) -> tuple[str, str, str]:
        """What Slice needs to cut the axes from the second on to the length of the input."""
        length = self.node("Shape", "ids", start=1, end=2)
        ends = length if axes == 1 else self.node("Concat", length, length, axis=0)
        starts = self.weight(f"starts.{axes}", np.zeros(axes, dtype=np.int64))
        return starts, ends, self.weight(f"axes.{axes}", np.arange(axes, 2 * axes))

    def _linear(self, states: str, *names: str) -> list[str]:
        """The product states @ matrix.T + bias for each of some linear parts, in one product."""
        parts = [self._parts[name] for name in names]
        matrix = np.concatenate([part.weight.detach().numpy() for part in parts])
        bias = np.concatenate([part.bias.detach().numpy() for part in parts])
        scales = np.concatenate([self._scales(part) for part in parts])
        whole = numbers(matrix, scales)
        steps = np.abs(whole * scales[..., None]).max((1, 2)) / np.float32(_MOST)
        name = "+".join(names)
        self.arrays[f"{name}.numbers"] = _halves(whole.reshape(matrix.shape))
        self.arrays[f"{name}.ratios"] = scales / steps[:, None]
        product = self.node(
            "DynamicQuantizeMatMul",
            states,
            self._outside(name, (matrix.shape[1], matrix.shape[0])),
            self.weight(f"{name}.steps", steps),
            "",
            self.weight(f"{name}.bias", bias),
            domain=_CONTRIB,
        )
        if len(names) == 1:
            return [product]
        return self.split("Split", product, outputs=len(names), axis=2, num_outputs=len(names))

    def _outside(self, name: str, shape: tuple[int, int]) -> str:
        """Whole numbers of eight bits that the loader gives the graph."""
        tensor = onnx.TensorProto(name=name, data_type=TensorProto.INT8, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=name)
        self.weights[name] = tensor
        return name

    def _scales(self, part: Linear) -> Floats:
        if part.scales is None:
            return best_scales(part.weight.detach().numpy(), self._block)
        scales: Floats = part.scales.numpy()
        return scales

    def _norm(self, states: str, more: str, name: str) -> str:
        """The norm of a sum."""
        weight = self.weight(f"{name}.weight", self._state[f"{name}.weight"])
        bias = self.weight(f"{name}.bias", self._state[f"{name}.bias"])
        return self.node("LayerNormalization", self.node("Add", states, more), weight, bias, epsilon=EPSILON)


def _pairs(whole: Floats) -> npt.NDArray[np.uint8]:
    """Two numbers a byte: neighbours, the first one in the low bits."""
    half = np.asarray(whole - LOWEST).astype(np.uint8)
    return half[:, 0::2] + np.uint8(16) * half[:, 1::2]


def _halves(whole: Floats) -> npt.NDArray[np.uint8]:
    """Two numbers a byte: a row's first half in the low bits, its second half in the high ones."""
    half = np.asarray(whole - LOWEST).astype(np.uint8)
    middle = half.shape[1] // 2
    return half[:, :middle] + np.uint8(16) * half[:, middle:]
