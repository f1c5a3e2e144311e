"""Fixtures that many tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pi_heif
import pillow_heif
import pytest
from PIL import Image
from tests.stores import clock, emptied, open_store, place, postgres, sqlite, store

from kilpi.types import Pixels
from kilpi.weights import PACKAGED
from kilpi.weights.session import Session, open_session

# Kilpi reads HEIC with pi-heif, which cannot write; the tests write it with its larger sister.
pillow_heif.register_heif_opener()
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)

__all__ = ["clock", "emptied", "open_store", "place", "postgres", "sqlite", "store"]


@pytest.fixture(scope="session", autouse=True)
def shipped_networks_are_opened_once() -> Iterator[None]:
    """Opening the seven takes a second, and each command of the tests would do it anew. Each with one thread:
    two processes share the cores.
    """

    @cache
    def opened(path: Path, threads: int, answer: tuple[float, ...]) -> Session:
        return open_session(path, threads, answer)

    def open_once(path: Path, threads: int, answer: Sequence[float] = ()) -> Session:
        shipped = path.parent == PACKAGED
        return opened(path, threads or 1, tuple(answer)) if shipped else open_session(path, threads, answer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kilpi.weights.open_session", open_once)
        yield


@pytest.fixture
def gradient() -> Pixels:
    """A picture whose every corner differs: red grows to the right, green downwards."""
    x = np.linspace(0, 255, 240, dtype=np.uint8)
    y = np.linspace(0, 255, 160, dtype=np.uint8)
    pixels = np.zeros((160, 240, 3), dtype=np.uint8)
    pixels[..., 0] = x[None, :]
    pixels[..., 1] = y[:, None]
    return pixels


@pytest.fixture
def jpeg(tmp_path: Path, gradient: Pixels) -> Callable[..., Path]:
    """Writes the gradient as a JPEG; keyword arguments go to Pillow."""

    def write(name: str = "photo.jpg", size: tuple[int, int] | None = None, **options: object) -> Path:
        image = Image.fromarray(gradient)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (image.resize(size) if size else image).save(path, quality=95, **options)  # type: ignore[arg-type]
        return path

    return write
