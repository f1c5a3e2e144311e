"""CRC-32C (Castagnoli), which guards the records of a TFRecord file. numpy only.

The kept library for this file format (`tfrecord`) does not check it, trusts a record's stated length, and
imports torch where that is installed; the libraries for the sum alone are compiled ones for one function.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0x82F63B78  # RFC 3720, appendix B.4, bits reversed
MASK = 0xA282EAD8  # TensorFlow, tensorflow/core/lib/hash/crc32c.h, kMaskDelta
LANES = 1024  # parts that are summed side by side
SHORT = 8 * LANES  # bytes below which a plain loop is as quick


def _table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


TABLE = _table()
ROWS: list[int] = TABLE.tolist()


def crc32c(data: bytes) -> int:
    """The checksum as RFC 3720 has it."""
    if len(data) < SHORT:
        register = 0xFFFFFFFF
        for byte in data:
            register = ROWS[(register ^ byte) & 0xFF] ^ (register >> 8)
        return register ^ 0xFFFFFFFF
    return _by_lanes(data) ^ 0xFFFFFFFF


def _by_lanes(data: bytes) -> int:
    """The register after `data`, LANES equal parts at a time.

    The sum is linear: a part's register, moved on by the parts behind it, is added (xor). Zeros before the
    data change nothing once the initial register is folded into the first four bytes. Thirty-two more
    lanes, which start with one bit each and read zeros, learn what moving on by one part does.
    """
    head = bytes(b ^ 0xFF for b in data[:4])
    length = -(-len(data) // LANES)
    padded = bytes(length * LANES - len(data)) + head + data[4:]
    parts = np.frombuffer(padded, dtype=np.uint8).reshape(LANES, length)
    columns = np.ascontiguousarray(parts.T)
    sums = np.zeros(LANES, dtype=np.uint32)
    bits = (np.uint32(1) << np.arange(32, dtype=np.uint32)).astype(np.uint32)
    for column in columns:
        sums = TABLE[(sums ^ column) & 0xFF] ^ (sums >> np.uint32(8))
        bits = TABLE[bits & 0xFF] ^ (bits >> np.uint32(8))
    moved: list[int] = bits.tolist()
    register = 0
    for each in sums.tolist():
        shifted = 0
        for i in range(32):
            if register >> i & 1:
                shifted ^= moved[i]
        register = shifted ^ each
    return register


def masked(data: bytes) -> bytes:
    """The four bytes that a TFRecord file has for `data`: rotated, and moved by a constant."""
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF)
