"""How long one photo takes here, step by step, beside PP-OCR's detection in the same run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from kilpi.evaluation.line import peak_memory_mb
from kilpi.images import open_photo
from kilpi.pipeline import Kilpi
from kilpi.types import Photo


@dataclass(frozen=True, slots=True)
class Bench:
    """Medians in milliseconds a photo; `ocr_find_ms` is None without the extra `kilpi[ocr]`."""

    photos: int
    megapixels: float
    cores: int
    decode_ms: float
    find_ms: float
    read_ms: float
    peak_memory_mb: float  # before PP-OCR is loaded
    ocr_find_ms: float | None

    @property
    def find_ratio(self) -> float | None:
        """How many times faster Kilpi finds than PP-OCR detects."""
        return self.ocr_find_ms / self.find_ms if self.ocr_find_ms and self.find_ms else None


def milliseconds(step: Callable[[], object]) -> float:
    """One call's wall time."""
    start = time.perf_counter()
    step()
    return 1000 * (time.perf_counter() - start)


def bench(kilpi: Kilpi, paths: Sequence[Path], repeats: int = 3, with_ocr: bool = True) -> Bench:
    """Time decode, find and read over all photos, `repeats` times each, after one round to warm up."""
    reads = list(kilpi.read(paths))  # the warm-up
    reads = [read for _ in range(repeats) for read in kilpi.read(paths) if read.error is None]
    peak = peak_memory_mb()
    photos = [open_photo(read.path) for read in reads[: len(reads) // repeats]]
    return Bench(
        photos=len(photos),
        megapixels=median(photo.width * photo.height / 1e6 for photo in photos),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        decode_ms=median(read.ms.decode for read in reads),
        find_ms=median(read.ms.find for read in reads),
        read_ms=median(read.ms.read for read in reads),
        peak_memory_mb=peak,
        ocr_find_ms=ocr_detection_ms(photos) if with_ocr else None,
    )


def ocr_detection_ms(photos: Sequence[Photo]) -> float | None:
    """PP-OCR's detection alone, median over the photos; None where rapidocr is not installed."""
    from kilpi.errors import MissingExtra
    from kilpi.plates.rapidocr import load_engine

    try:
        engine = load_engine()
    except MissingExtra:
        return None
    arrays = [np.ascontiguousarray(photo.pixels[:, :, ::-1]) for photo in photos]

    def detect(bgr: np.ndarray) -> object:
        return engine(bgr, use_det=True, use_cls=False, use_rec=False)

    detect(arrays[0])  # warm-up
    return median(milliseconds(partial(detect, bgr)) for bgr in arrays)
