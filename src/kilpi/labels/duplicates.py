"""Near-duplicate photos: a 64-bit fingerprint that survives scaling, JPEG and slight changes of light.

The fingerprint says for each of the 64 lowest frequencies of a 32 x 32 grey picture whether it is above
their median (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010, section
3.2). The package `imagehash` does the same, but brings scipy and PyWavelets along for these ten lines.
"""

from __future__ import annotations

from pathlib import Path

from kilpi.hashing import fingerprint
from kilpi.images import open_photo


def fingerprint_file(path: Path) -> int:
    """A photo file's fingerprint. Raises PhotoError."""
    return fingerprint(open_photo(path, target_side=256).pixels)


class Groups:
    """Things 0 to n - 1 that are joined in pairs, and so fall into groups (union-find)."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def first(self, i: int) -> int:
        """The smallest member of i's group."""
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make two groups one."""
        a, b = self.first(i), self.first(j)
        self.parent[max(a, b)] = min(a, b)
