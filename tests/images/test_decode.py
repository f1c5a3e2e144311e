"""Decoding: every format, orientation and colour model, and every way in which a file can be bad."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from kilpi.errors import (
    PhotoEmpty,
    PhotoError,
    PhotoMissing,
    PhotoNotAnImage,
    PhotoTooLarge,
    PhotoTruncated,
)
from kilpi.images import native, open_photo
from kilpi.types import Pixels

Writer = Callable[..., Path]


def corners(pixels: Pixels) -> list[tuple[bool, bool]]:
    """Per corner, clockwise from the top left: is it red, is it green?"""
    h, w = pixels.shape[:2]
    at = [(2, 2), (2, w - 3), (h - 3, w - 3), (h - 3, 2)]
    return [(pixels[y, x, 0] > 127, pixels[y, x, 1] > 127) for y, x in at]


UPRIGHT = [(False, False), (True, False), (True, True), (False, True)]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_displayed_upright(
    tmp_path: Path, gradient: Pixels, orientation: int
) -> None:
    stored = {
        1: gradient,
        2: gradient[:, ::-1],
        3: gradient[::-1, ::-1],
        4: gradient[::-1],
        5: gradient.transpose(1, 0, 2),
        6: np.rot90(gradient, 1),
        7: gradient[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(gradient, 3),
    }[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / "turned.jpg"
    Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif, quality=95)

    photo = open_photo(path)

    assert (photo.width, photo.height) == (240, 160)
    assert photo.pixels.shape == (160, 240, 3)
    assert corners(photo.pixels) == UPRIGHT


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tiff", "a.heic", "a.avif", "a.bmp"])
def test_other_formats(tmp_path: Path, gradient: Pixels, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(gradient).save(path)
    photo = open_photo(path)
    assert (photo.width, photo.height) == (240, 160)
    assert corners(photo.pixels) == UPRIGHT


def test_colour_models_become_rgb(tmp_path: Path, gradient: Pixels) -> None:
    image = Image.fromarray(gradient)
    for mode, name in [("CMYK", "c.jpg"), ("L", "l.png"), ("P", "p.png"), ("RGBA", "a.png"), ("1", "b.png")]:
        path = tmp_path / name
        image.convert(mode).save(path)
        pixels = open_photo(path).pixels
        assert pixels.shape == (160, 240, 3) and pixels.dtype == np.uint8
        assert int(pixels[-3, -3].sum()) > int(pixels[2, 2].sum())


def test_transparency_is_laid_over_white(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(path)
    assert open_photo(path).pixels.min() == 255


def test_sixteen_bits_are_scaled(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16)[None, :].repeat(8, axis=0)
    Image.fromarray(ramp).save(tmp_path / "grey.png")
    assert np.allclose(open_photo(tmp_path / "grey.png").pixels[0, :, 0], ramp[0] / 257, atol=1)

    colour = np.stack([ramp, ramp[:, ::-1], ramp], axis=-1)
    cv2.imwrite(str(tmp_path / "colour.tiff"), colour)
    pixels = open_photo(tmp_path / "colour.tiff").pixels
    assert pixels[0, -1].tolist() == [255, 0, 255]


def swapped_profile() -> bytes:
    """An sRGB profile under another name whose red and green primaries have changed places."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    entry = {bytes(data[i : i + 4]): i + 4 for i in range(132, 132 + 12 * count, 12)}
    red, green = entry[b"rXYZ"], entry[b"gXYZ"]
    data[red : red + 8], data[green : green + 8] = data[green : green + 8], data[red : red + 8]
    return bytes(data).replace("sRGB".encode("utf-16-be"), "TEST".encode("utf-16-be"))


def test_a_colour_profile_is_applied(tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 8), (200, 100, 50))
    image.save(tmp_path / "swapped.png", icc_profile=swapped_profile())
    assert open_photo(tmp_path / "swapped.png").pixels[0, 0] == pytest.approx([100, 200, 50], abs=2)


def test_srgb_and_damaged_profiles_change_nothing(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (8, 8), (200, 100, 50))
    for name, profile in [("srgb.png", srgb), ("damaged.png", b"not a profile")]:
        image.save(tmp_path / name, icc_profile=profile)
        assert open_photo(tmp_path / name).pixels[0, 0].tolist() == [200, 100, 50]


def test_a_large_jpeg_is_decoded_small_and_keeps_its_native_size(jpeg: Writer) -> None:
    path = jpeg("big.jpg", size=(4000, 3000))
    photo = open_photo(path)
    assert (photo.width, photo.height, photo.reduction) == (4000, 3000, 2)
    assert photo.pixels.shape == (1500, 2000, 3)
    assert native(photo).pixels.shape == (3000, 4000, 3)
    assert open_photo(path, target_side=400).reduction == 8


def test_odd_sizes_survive_reduction(jpeg: Writer) -> None:
    photo = open_photo(jpeg("odd.jpg", size=(3333, 2501)))
    assert (photo.width, photo.height, photo.reduction) == (3333, 2501, 2)
    assert photo.pixels.shape == (1251, 1667, 3)


def test_identity_is_the_files_and_time_comes_from_exif(tmp_path: Path, gradient: Pixels) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:05:04 03:02:01"
    path = tmp_path / "dated.jpg"
    Image.fromarray(gradient).save(path, exif=exif)
    photo = open_photo(path)
    assert photo.taken == datetime(2026, 5, 4, 3, 2, 1)
    assert photo == open_photo(path) and len(photo.id) == 64


def cut(path: Path, part: float) -> bytes:
    data = path.read_bytes()
    return data[: int(len(data) * part)]


def test_bad_files_are_told_apart_and_named(tmp_path: Path, jpeg: Writer) -> None:
    good = jpeg()
    cases: dict[str, tuple[bytes, type[PhotoError]]] = {
        "empty.jpg": (b"", PhotoEmpty),
        "text.jpg": (b"These are the photos of the red car.", PhotoNotAnImage),
        "cut.jpg": (cut(good, 0.5), PhotoTruncated),
        "stub.jpg": (b"\xff\xd8\xff\xe0", PhotoTruncated),
    }
    for name, (data, error) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(error, match=name.replace(".", r"\.")):
            open_photo(tmp_path / name)
    with pytest.raises(PhotoMissing, match=r"gone\.jpg"):
        open_photo(tmp_path / "gone.jpg")
    with pytest.raises(PhotoMissing):
        open_photo(tmp_path)


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff", "heic", "jpg"])
def test_truncation_in_every_format(tmp_path: Path, gradient: Pixels, suffix: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, gradient.shape, dtype=np.uint8)
    whole = tmp_path / f"whole.{suffix}"
    Image.fromarray(noise).save(whole)
    broken = tmp_path / f"broken.{suffix}"
    broken.write_bytes(cut(whole, 0.6))
    with pytest.raises(PhotoTruncated):
        open_photo(broken)


def test_size_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jpeg: Writer) -> None:
    wide = tmp_path / "wide.png"
    Image.new("L", (20_000, 10)).save(wide)
    with pytest.raises(PhotoTooLarge, match="20000 x 10 pixels"):
        open_photo(wide)
    monkeypatch.setattr("kilpi.images.limits.MAX_BYTES", 10)
    with pytest.raises(PhotoTooLarge, match="MB"):
        open_photo(jpeg())
