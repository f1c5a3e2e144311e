"""Lets an exported network compute its convolutions in 8 bits, which some processors do twice as fast.

The file keeps every weight under its own name, to be trained further. What is written into it is how each
number that passes from one convolution to the next would be rounded (ONNX's QuantizeLinear and
DequantizeLinear, the form that ONNX Runtime calls QDQ): of that it makes convolutions of 8 bits when it opens
the file, or rounds the weights alone (`kilpi.weights.session`). Its own `quantize_static` is not used: no
training could go on from what that leaves of the weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from kilpi.errors import WeightsError
from kilpi.learn.onnx_export import halve_weights
from kilpi.weights.session import AS_WRITTEN, Session, options_for

T = TypeVar("T")
Array = NDArray[Any]
Range = tuple[float, float]
Ranges = Mapping[str, Range]
# Operations that ONNX Runtime has for 8 bits, or that leave numbers as they are.
TAKES = frozenset({"Conv", "Add", "Concat", "Resize", "Pad"})
# Convolutions at the beginning that stay in 32 bits: rounding all weights changed the view network's shares
# by 0.029 in the mean, rounding the second convolution's alone by 0.023 (recipes/LOG.md).
EXACT = 2
LEVELS, TINY = 255, 1e-12  # steps; the least size of one
# Mean difference, over the inputs, of the highest number of the first outcome: of photos 0.03 for the view
# network that ships, of pictures that are nearly empty 0.14; of what is lost in rounding more.
AGREEMENT = 0.2


def spread(examples: Sequence[T], most: int) -> Sequence[T]:
    """At most so many of the examples, from all over them: enough to measure ranges on."""
    return examples[:: max(1, -(-len(examples) // most))]


def one_by_one(crops: Sequence[Array], most: int) -> list[Array]:
    """At most so many crops, (h, w, 3) each, as inputs of one each."""
    return [crop[None] for crop in spread(crops, most)]


def make_small(path: Path, inputs: Sequence[Array], start: Path | None = None) -> None:
    """An exported file's weights in 16 bits, and where there are `inputs` its convolutions in 8.

    `inputs` are examples of its only input, as the network will get them: the numbers that they lead to say
    what the 255 steps of 8 bits reach over; at least as far as in `start`, the file that the training went on
    from, for they may be few. Raises WeightsError where it then answers otherwise.
    """
    if inputs:
        wanted = highest(path, inputs)
        compute_in_eight_bits(path, inputs, ranges_of(start) if start else {})
        gap = float(np.mean(np.abs(highest(path, inputs) - wanted)))
        if not gap <= AGREEMENT:
            raise WeightsError(f"{path}: answers otherwise in 8 bits (by {gap:.2g})")
    halve_weights(path)


def highest(path: Path, inputs: Sequence[Array]) -> Array:
    """The highest number of the first outcome, of every input."""
    session = opened(path.read_bytes())
    return np.array([session.run(None, {session.get_inputs()[0].name: one})[0].max() for one in inputs])


def opened(file: bytes) -> Session:
    """An .onnx file, its roundings done as they are written: alike on every processor."""
    return Session(file, options_for(AS_WRITTEN), providers=["CPUExecutionProvider"])


def compute_in_eight_bits(path: Path, inputs: Iterable[Array], known: Ranges) -> None:
    """Writes into an .onnx file how to round what its convolutions take and give, by examples of input.

    `known` are ranges that must be within reach, of tensors that it has, too. Raises WeightsError where that
    is in it already.
    """
    model = onnx.load(path)
    if any(node.op_type == "QuantizeLinear" for node in model.graph.node):
        raise WeightsError(f"{path}: says already how to compute it in 8 bits; export it anew")
    widen(model)
    join_norms(model)
    seen = measured(model, between_convolutions(model), inputs)
    ranges = {name: joined(ends, known.get(name, ends)) for name, ends in seen.items()}
    round_weights(model, ranges)
    round_between(model, ranges)
    onnx.save(model, path)


def joined(one: Range, other: Range) -> Range:
    """The range of both."""
    return min(one[0], other[0]), max(one[1], other[1])


def ranges_of(path: Path) -> dict[str, Range]:
    """The ranges by which a file rounds what passes between its convolutions; none where it does not."""
    model = onnx.load(path)
    known = initializers(model)
    found = {}
    for node in model.graph.node:
        if node.op_type == "QuantizeLinear" and node.input[2] in known and known[node.input[2]].ndim == 0:
            step, zero = float(known[node.input[1]]), int(known[node.input[2]])
            found[node.input[0]] = -zero * step, (LEVELS - zero) * step
    return found


def widen(model: ModelProto) -> None:
    """Undoes `onnx_export.halve_weights`."""
    graph, known = model.graph, {tensor.name: tensor for tensor in model.graph.initializer}
    for node in [node for node in graph.node if node.op_type == "Cast" and node.input[0] in known]:
        half = known[node.input[0]]
        add(model, node.output[0], numpy_helper.to_array(half).astype(np.float32))
        graph.initializer.remove(half)
        graph.node.remove(node)


def join_norms(model: ModelProto) -> None:
    """Every batch norm behind a convolution becomes part of that. Its numbers stay in the file, by name."""
    graph, known = model.graph, initializers(model)
    makers = {name: node for node in graph.node for name in node.output}
    for norm in [node for node in graph.node if node.op_type == "BatchNormalization"]:
        conv = makers.get(norm.input[0])
        if conv is None or conv.op_type != "Conv":
            continue
        scale, shift, mean, variance = (known[name] for name in norm.input[1:])
        epsilon = next((a.f for a in norm.attribute if a.name == "epsilon"), 1e-5)
        factor = scale / np.sqrt(variance + epsilon)
        bias = known[conv.input[2]] if len(conv.input) > 2 else 0.0
        times, plus = f"{conv.output[0]}.times", f"{conv.output[0]}.plus"
        add(model, times, factor.reshape(-1, 1, 1, 1).astype(np.float32))
        add(model, plus, (shift + (bias - mean) * factor).astype(np.float32))
        weight = f"{conv.output[0]}.weight"
        graph.node.insert(0, helper.make_node("Mul", [conv.input[1], times], [weight]))
        conv_inputs = [conv.input[0], weight, plus]
        del conv.input[:]
        conv.input.extend(conv_inputs)
        conv.output[0] = norm.output[0]
        graph.node.remove(norm)


def convolutions(model: ModelProto) -> list[NodeProto]:
    """All of them, first ones first."""
    return [node for node in model.graph.node if node.op_type == "Conv"]


def between_convolutions(model: ModelProto) -> list[str]:
    """The tensors, made of the input, that convolutions take, and those that `TAKES` make them of."""
    graph = model.graph
    varies = {graph.input[0].name}
    for node in graph.node:
        if varies.intersection(node.input):
            varies.update(node.output)
    makers = {name: node for node in graph.node for name in node.output}
    feeds, names = {}, [conv.input[0] for conv in convolutions(model)[EXACT:]]
    while names:
        name = names.pop()
        node = makers.get(name)
        if name in feeds or node is None or name not in varies:
            continue
        feeds[name] = node.op_type
        if node.op_type in TAKES - {"Conv"}:
            names += [one for one in node.input if one in varies]
    return [name for name, kind in feeds.items() if kind != "Pad"]  # a Pad becomes part of its convolution


def measured(model: ModelProto, names: list[str], inputs: Iterable[Array]) -> dict[str, Range]:
    """The least and the largest number, zero among them, of each tensor over all `inputs`."""
    told = ModelProto()
    told.CopyFrom(model)
    told.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = opened(told.SerializeToString())
    ends = dict.fromkeys(names, (0.0, 0.0))
    for given in inputs:
        seen = session.run(names, {told.graph.input[0].name: given})
        for name, values in zip(names, seen, strict=True):
            low, high = ends[name]
            ends[name] = min(low, float(values.min())), max(high, float(values.max()))
    return ends


def round_weights(model: ModelProto, ranges: Ranges) -> None:
    """Every channel's weights in 255 steps around zero, of those convolutions whose outcome is rounded."""
    known, nodes = initializers(model), model.graph.node
    makers = {name: node for node in nodes for name in node.output}
    for conv in convolutions(model)[EXACT:]:
        if not rounded_after(model, conv.output[0], ranges):
            continue
        name = conv.input[1]
        made = makers.get(name)
        weight = known[name] if made is None else known[made.input[0]] * known[made.input[1]]
        steps = np.maximum(np.abs(weight).max(axis=(1, 2, 3)) / (LEVELS // 2), TINY).astype(np.float32)
        key = f"{conv.output[0]}.weight"
        add(model, f"{key}.step", steps)
        add(model, f"{key}.zero", np.zeros(len(steps), np.int8))
        at = list(nodes).index(conv)
        for node in reversed(rounding(name, key, axis=0)):
            nodes.insert(at, node)
        conv.input[1] = f"{key}.rounded"


def rounded_after(model: ModelProto, name: str, ranges: Ranges) -> bool:
    """Whether a convolution's outcome, perhaps cut off below and above, is rounded."""
    if name in ranges:
        return True
    users = [node for node in model.graph.node if name in node.input]
    return len(users) == 1 and users[0].op_type in {"Clip", "Relu"} and users[0].output[0] in ranges


def round_between(model: ModelProto, ranges: Ranges) -> None:
    """Everything that takes a tensor of `ranges` takes it rounded."""
    nodes = list(model.graph.node)
    for node in nodes:
        for i, name in enumerate(node.input):
            if name in ranges and node.op_type in TAKES:
                node.input[i] = f"{name}.rounded"
    ordered: list[NodeProto] = []
    for node in nodes:
        ordered.append(node)
        for name in node.output:
            if name in ranges:
                low, high = ranges[name]
                step = max((high - low) / LEVELS, TINY)
                add(model, f"{name}.step", np.array(step, np.float32))
                add(model, f"{name}.zero", np.array(round(-low / step), np.uint8))
                ordered += rounding(name, name)
    del model.graph.node[:]
    model.graph.node.extend(ordered)


def rounding(source: str, key: str, axis: int | None = None) -> list[NodeProto]:
    """The two nodes that round `source` to KEY.rounded, by KEY.step and KEY.zero."""
    more: dict[str, Any] = {} if axis is None else {"axis": axis}
    ends = [f"{key}.step", f"{key}.zero"]
    return [
        helper.make_node("QuantizeLinear", [source, *ends], [f"{key}.steps"], **more),
        helper.make_node("DequantizeLinear", [f"{key}.steps", *ends], [f"{key}.rounded"], **more),
    ]


def initializers(model: ModelProto) -> dict[str, Array]:
    """The file's tensors by name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def add(model: ModelProto, name: str, values: Array) -> None:
    """One tensor more."""
    model.graph.initializer.append(numpy_helper.from_array(values, name))
