"""Size and turn from the header alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from kilpi.errors import PhotoMissing, PhotoNotAnImage, PhotoTooLarge, PhotoTruncated
from kilpi.images import displayed, displayed_size


@pytest.mark.parametrize(
    ("name", "turn"), [("a.jpg", 6), ("a.avif", 6), ("a.tif", 6), ("a.png", 6), ("a.heic", 1)]
)
def test_the_displayed_size_and_what_turns_it(tmp_path: Path, name: str, turn: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (40, 20)).save(tmp_path / name, exif=exif.tobytes())
    assert displayed(tmp_path / name) == ((20, 40), turn)
    assert displayed_size(tmp_path / name) == (20, 40)


def test_what_has_no_size_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no image")
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    Image.new("L", (17_000, 1)).save(tmp_path / "wide.png")
    for name, error in (
        ("text.jpg", PhotoNotAnImage),
        ("cut.png", PhotoTruncated),
        ("wide.png", PhotoTooLarge),
        ("gone.jpg", PhotoMissing),
    ):
        with pytest.raises(error, match=name.replace(".", r"\.")):
            displayed_size(tmp_path / name)
