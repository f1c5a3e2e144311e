"""One net on several CPU cores: replicas share its weights, each takes a part of the batch in its own thread.

On a CPU this beats threads inside each operator, which wait for each other: two cores made 1.6 times the
crops of one this way; with two threads an operator 1.4 times on an idle machine, and 0.3 times beside
other work.
"""

from __future__ import annotations

import copy
import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor, nn

LEAST = 16  # samples a part: batch norm needs some
MOST = 4  # parts

Batch = tuple[Tensor, ...]


def parts_for(batch: int, device: torch.device) -> int:
    """How many parts a batch of this size is worth: one a core, on a CPU."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(MOST, cores, batch // LEAST)) if device.type == "cpu" else 1


class Replicas:
    """A net and its doubles: weights are shared, gradients and batch norm's running means each one's own."""

    def __init__(self, net: nn.Module, parts: int) -> None:
        """With more than one part torch is told to use one thread an operator, for the whole process."""
        self.nets = [net] + [double(net) for _ in range(parts - 1)]
        self.threads: ThreadPoolExecutor | None = None
        if parts > 1:
            torch.set_num_threads(1)
            self.threads = ThreadPoolExecutor(parts)

    def backward(self, batch: Batch, loss_of: Callable[[nn.Module, Batch], Tensor]) -> float:
        """Sets the net's gradients of the mean loss over `batch` -> that loss."""
        if self.threads is None:
            return backward(self.nets[0], batch, loss_of, 1.0)
        whole = len(batch[0])
        pieces = list(zip(*(t.chunk(len(self.nets)) for t in batch), strict=True))
        jobs = [
            self.threads.submit(backward, net, piece, loss_of, len(piece[0]) / whole)
            for net, piece in zip(self.nets, pieces, strict=False)  # a short last batch has fewer pieces
        ]
        loss = sum(job.result() for job in jobs)
        for twin in self.nets[1 : len(pieces)]:
            for parameter, other in zip(self.nets[0].parameters(), twin.parameters(), strict=True):
                if parameter.grad is not None and other.grad is not None:
                    parameter.grad += other.grad
        return loss


def double(net: nn.Module) -> nn.Module:
    """A copy that uses the same weights."""
    twin = copy.deepcopy(net)
    for mine, theirs in zip(twin.parameters(), net.parameters(), strict=True):
        mine.data = theirs.data
    return twin


def backward(
    net: nn.Module, batch: Batch, loss_of: Callable[[nn.Module, Batch], Tensor], share: float
) -> float:
    """Forward and backward of one part, whose loss counts as `share` of the whole -> its part of the loss."""
    net.train()
    net.zero_grad(set_to_none=True)
    device = next(net.parameters()).device.type
    # bfloat16 needs no loss scaling; autocast is a thread's own.
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or has_bfloat16()):
        loss = loss_of(net, batch) * share
    loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.detach())


@functools.cache
def has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 itself; elsewhere autocast would only slow it down."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
