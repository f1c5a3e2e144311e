"""Whether this machine's processor multiplies 8-bit numbers faster than 32-bit ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

CPU = Path("/proc/cpuinfo")  # Linux; elsewhere nothing is known, and 32 bits are right everywhere
# Vector neural network instructions as Linux names them: four products of 8 bits in one step, summed in 32.
# With AVX2 alone ONNX Runtime gains a third of the time, but adds pairs of products in 16 bits, which
# overflow: scores are off by up to 0.1 (recipes/LOG.md, 8 bits without VNNI).
NAMES = frozenset({"avx512_vnni", "avx_vnni"})


@cache
def multiplies_in_eight_bits(cpu: Path = CPU) -> bool:
    """Whether every network that may be computed in 8 bits should be, here."""
    try:
        lines = cpu.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not NAMES.isdisjoint(flags.split())
