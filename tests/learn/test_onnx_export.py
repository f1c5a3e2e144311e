"""What the exports of all networks share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from kilpi.learn.onnx_export import halve_weights, restore  # noqa: E402


def test_a_file_with_weights_in_16_bits_answers_alike_in_half_the_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(0, 1, (64, 32)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["pixels", "table"], ["shares"])],
        "small",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 64])],
        [helper.make_tensor_value_info("shares", TensorProto.FLOAT, ["n", 32])],
        [numpy_helper.from_array(table, "table")],
    )
    path = tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
    before = path.stat().st_size
    halve_weights(path)
    assert path.stat().st_size < before * 0.6
    x = rng.normal(0, 1, (3, 64)).astype(np.float32)
    (got,) = ort.InferenceSession(path).run(["shares"], {"pixels": x})
    assert np.allclose(got, x @ table, atol=0.05)


def test_weights_kept_in_16_bits_can_be_learnt_on_from(tmp_path: Path) -> None:
    net = torch.nn.Linear(32, 64, bias=False)
    weight = net.weight.detach().numpy()
    node = helper.make_node("Gemm", ["pixels", "net.weight"], ["shares"], transB=1)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("pixels", "shares")]
    graph = helper.make_graph(
        [node], "small", ends[:1], ends[1:], [numpy_helper.from_array(weight, "net.weight")]
    )
    path = tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph), path)
    halve_weights(path)
    again = torch.nn.Linear(32, 64, bias=False)
    restore(again, path)
    assert again.weight.dtype == torch.float32
    assert np.allclose(again.weight.detach().numpy(), weight, atol=1e-3)
