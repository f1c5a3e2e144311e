"""Only the formats that are meant are opened; what else a file is, is said."""

from __future__ import annotations

import io
import subprocess
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kilpi.errors import PhotoNotAnImage
from kilpi.images import SUFFIXES, decode_photo, kind_of
from kilpi.images.formats import brands_of
from kilpi.types import Pixels


def saved(pixels: Pixels, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF"])
def test_what_is_read_is_known_by_its_first_bytes(gradient: Pixels, kind: str) -> None:
    data = saved(gradient, kind)
    assert kind_of(data[:64]) == kind
    assert decode_photo(data, "whatever it is called").pixels.shape == gradient.shape


@pytest.mark.parametrize(
    "kind", ["EPS", "PPM", "TGA", "PCX", "ICO", "JPEG2000", "SGI", "IM", "SPIDER", "DDS", "QOI"]
)
def test_other_formats_are_not_handed_to_pillow(
    gradient: Pixels, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise AssertionError("a program was started, or a decoder asked")

    data = saved(gradient, kind) if kind != "SPIDER" else saved_spider(gradient)
    monkeypatch.setattr(subprocess, "check_call", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(PhotoNotAnImage, match=r"1\.jpg: not an image"):
        decode_photo(data, "1.jpg")


def saved_spider(gradient: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(gradient[..., 0]).convert("F").save(buffer, "SPIDER")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a video"),
        (b"\0\0\0\x18ftypcrx \0\0\0\0crx isom", "raw"),
        (b"PK\x03\x04", "zip"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>", "a web page"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"BM is how this text begins", "JPEG, PNG"),
    ],
)
def test_what_a_file_called_jpg_really_is_is_said(data: bytes, words: str) -> None:
    with pytest.raises(PhotoNotAnImage, match=words):
        decode_photo(data, "1.jpg")


def test_heif_and_avif_are_told_apart_by_all_their_brands() -> None:
    assert kind_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf") == "AVIF"
    assert kind_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf") == "HEIF"
    assert kind_of(b"\0\0\0\x1cftypisom\0\0\0\0isomiso2mp41") is None
    assert brands_of(b"\xff\xff\xff\xffftypheic") == {b"heic"}


def test_the_endings_of_windows_phones_and_cameras_count() -> None:
    assert {".jfif", ".jpe", ".heif", ".hif", ".avif", ".jpg", ".webp", ".gif", ".mpo"} <= SUFFIXES


def test_the_first_frame_of_a_moving_picture_is_shown(gradient: Pixels) -> None:
    for kind in ("GIF", "WEBP", "MPO", "TIFF"):
        first, second = Image.fromarray(gradient), Image.new("RGB", (240, 160))
        buffer = io.BytesIO()
        first.save(buffer, kind, save_all=True, append_images=[second])
        pixels = decode_photo(buffer.getvalue(), "moving").pixels
        assert np.abs(pixels.astype(int) - gradient).mean() < 12
