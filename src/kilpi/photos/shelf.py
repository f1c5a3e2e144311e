"""A car's photos by their ids, decoded when they are asked for: they are never all held in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kilpi.errors import PhotoMissing
from kilpi.images import open_photo
from kilpi.types import Photo

ROOM = 36_000_000  # bytes of pixels and files that a car keeps decoded: a dozen photos of 1100 pixels


class Shelf(Mapping[str, Photo]):
    """Photos by id, in the order in which they were put here. Safe for threads.

    Those that were used last are kept decoded, within `room` bytes; others are read from their files again.
    """

    def __init__(self, photos: Iterable[Photo] = (), room: int = ROOM) -> None:
        """`photos` came another way than from files, and are held."""
        self.room = room
        self._held = {photo.id: photo for photo in photos}
        self._paths: dict[str, Path | None] = dict.fromkeys(self._held)
        self._kept: OrderedDict[str, Photo] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, path: Path, photo: Photo) -> None:
        """One more photo, and the file that it was read from. A photo that is here already stays."""
        with self._lock:
            if self._paths.setdefault(photo.id, path) is path:
                self._keep(photo)

    def __getitem__(self, key: str) -> Photo:
        """The photo; raises PhotoError where its file is gone or is another now, KeyError for a stranger."""
        if key in self._held:
            return self._held[key]
        with self._lock:
            path = self._paths[key]
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        photo = open_photo(path or "")
        if photo.id != key:
            raise PhotoMissing(f"{photo.path}: is another file now; run the command again")
        with self._lock:
            self._keep(photo)
        return photo

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def _keep(self, photo: Photo) -> None:
        self._kept[photo.id] = photo
        while len(self._kept) > 1 and sum(map(size_of, self._kept.values())) > self.room:
            self._kept.popitem(last=False)


def size_of(photo: Photo) -> int:
    """Bytes that a decoded photo takes."""
    return photo.pixels.nbytes + len(photo.data)
