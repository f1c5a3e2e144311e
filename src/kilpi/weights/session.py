"""Opens an .onnx file in ONNX Runtime, in 8 bits where the processor gains by it, and tries it out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np

from kilpi.weights.processor import multiplies_in_eight_bits

# Since 1.29 onnxruntime tells Microsoft about networks and machine, and keeps a device id and a database in
# ~/.cache, unless this is set when it is first imported, which is here: every `import kilpi` comes by.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime as ort

Session: TypeAlias = ort.InferenceSession

AS_WRITTEN = {"session.disable_quant_qdq": "1"}
# Without the roundings between convolutions (`kilpi.learn.eight_bits`). ONNX Runtime leaves out every ReLU6
# in front of a rounding that does the same, which would then be missing: those stay.
IN_32_BITS = {**AS_WRITTEN, "session.enable_quant_qdq_cleanup": "1"}
KEPT = ("ClipQuantRewrite", "ReluQuantRewrite")
SIDE = 64  # pixels of what it is tried on, where its input is of any size
# Largest difference from what the card says, of an outcome's mean: of the networks that ship 8 bits are
# within 0.05 of 32, or 2 %; what ONNX Runtime took apart wrongly was beside it by 0.5 and ten times its size.
LEAST, SHARE = 0.1, 0.15


def open_session(path: Path, threads: int, answer: Sequence[float] = ()) -> Session:
    """A session for the CPU. `answer` is what `answer_of` gave for this file, or empty.

    Raises ValueError where it answers otherwise however it is opened, and what ONNX Runtime raises.
    """
    ways = [{}] if multiplies_in_eight_bits() else [IN_32_BITS, AS_WRITTEN]
    for way in ways:
        options = options_for(way)
        options.intra_op_num_threads = threads
        session = Session(
            path, options, providers=["CPUExecutionProvider"], disabled_optimizers=KEPT if way else None
        )
        if not answer or alike(answer_of(session), answer):
            return session
    raise ValueError("answers otherwise than its card says")


def options_for(way: dict[str, str]) -> ort.SessionOptions:
    """How ONNX Runtime runs every network, and one with roundings in it."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    # Batches differ in size and photos in shape: a plan of memory for one shape would not fit the next.
    options.enable_mem_pattern = False
    # One store of memory for all networks, that grows by what is asked for: each by itself would keep what
    # its largest input took, rounded up to a power of two.
    share_memory()
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Threads that wait without sleeping cost twice the CPU where other work shares the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    for key, value in way.items():
        options.add_session_config_entry(key, value)
    return options


@lru_cache(maxsize=1)
def share_memory() -> None:
    """Register the store of memory that every network of this process uses; once."""
    place = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(place, ort.OrtArenaCfg({"arena_extend_strategy": 1}))


@lru_cache(maxsize=1)
def giving_back() -> ort.RunOptions:
    """For a run after which the store gives back what no network uses: the largest photo so far needed it."""
    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def answer_of(session: Session) -> list[float]:
    """The mean size of each outcome for one made-up picture: rings and stripes of every colour."""
    given = session.get_inputs()[0]
    shape = [side if isinstance(side, int) else SIDE for side in given.shape]
    shape[0] = 1
    _, y, x, colour = np.indices(shape)
    waves = np.sin(x / (3 + colour)) + np.sin(np.hypot(x - shape[2] / 2, y - shape[1] / 2) / 5)
    picture = np.round((waves + 2) * 63.75).astype(np.uint8)
    return [round(float(np.abs(one).mean()), 5) for one in session.run(None, {given.name: picture})]


def alike(answer: Sequence[float], wanted: Sequence[float]) -> bool:
    """Whether two answers are one network's."""
    pairs = zip(answer, wanted, strict=True)
    return all(abs(one - other) <= max(LEAST, SHARE * abs(other)) for one, other in pairs)
