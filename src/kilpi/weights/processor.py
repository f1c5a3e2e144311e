"""Whether this machine's processor multiplies 8-bit numbers faster than 32-bit ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

CPU = Path("/proc/cpuinfo")  # Linux; elsewhere nothing is known, and 32 bits are right everywhere
# Vector neural network instructions as Linux names them: four products of 8 bits in one step, summed in 32.
# Without them ONNX Runtime gains no time by 8 bits, and its sums of 16 bits may overflow.
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
