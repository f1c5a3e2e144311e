"""A part that workers load: it looks at no pixel, and dies where a photo's bytes say so."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from kilpi.bulk.batch import Looked
from kilpi.types import Decision, Mark, PhotoRead, Reason, Verdict


@dataclass(frozen=True)
class LoadFake:
    """`loads`: a file that gets a byte for every load."""

    loads: Path | None = None

    def __call__(self) -> FakeLooks:
        if self.loads:
            with self.loads.open("ab") as file:
                file.write(b".")
        return FakeLooks()


class FakeLooks:
    def look(self, data: bytes, name: str) -> Looked:
        if data.startswith(b"always"):
            os.kill(os.getpid(), signal.SIGKILL)
        if data.startswith(b"once"):
            seen = Path(name).with_suffix(".seen")
            if not seen.exists():
                seen.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        mark = Mark("ABC-987", "FI")
        decision = Decision(Verdict.ACCEPTED, mark, 0.99, (Reason("said"),))
        return Looked(PhotoRead(name, 640, 480), decision, 1.0)


class LoadBroken:
    def __call__(self) -> FakeLooks:
        from kilpi.errors import WeightsError

        raise WeightsError("no network here")


def write_photos(folder: Path, count: int, **special: bytes) -> list[str]:
    """`count` files of different bytes; `special`: n3=b"once" is the third's."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (folder / f"{n}.jpg").write_bytes(special.get(f"n{n}", b"photo") + f" {n}".encode())
    return [str(folder / f"{n}.jpg") for n in range(count)]
