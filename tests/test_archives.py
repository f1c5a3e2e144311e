"""Files inside zip archives: read in place, within limits, by safe names."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from kilpi import archives
from kilpi.archives import content_sha256, file_size, open_archive, read_file
from kilpi.errors import PhotoError, PhotoMissing, PhotoTooLarge
from kilpi.images import open_photo
from kilpi.types import Pixels


def packed(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_member_is_a_path_like_any_other(tmp_path: Path, jpeg: object, method: int) -> None:
    photo = jpeg("1.jpg")  # type: ignore[operator]
    path = packed(tmp_path / "cars.ZIP", {"leaf/1.jpg": photo.read_bytes()}, method) / "leaf" / "1.jpg"
    assert read_file(path) == photo.read_bytes() and file_size(path) == photo.stat().st_size
    assert content_sha256(path) == content_sha256(photo)
    opened = open_photo(path)
    assert opened.path == str(path) and opened.id == open_photo(photo).id


def test_names_that_lead_out_are_refused(tmp_path: Path) -> None:
    bad = ["../1.jpg", "/etc/1.jpg", "a/../../1.jpg", "C:\\1.jpg", "..\\1.jpg"]
    archive = open_archive(packed(tmp_path / "a.zip", dict.fromkeys([*bad, "good/1.jpg"], b"x")))
    assert list(archive.members) == ["good/1.jpg"]
    assert set(archive.refused.values()) == {"unsafe_name"}


def test_links_inside_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("1.jpg")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert not open_archive(tmp_path / "a.zip").members


def test_names_of_windows_and_macos_are_read(tmp_path: Path) -> None:
    folder = "Hämeenlinna"
    for name, raw in (("mac.zip", folder.encode()), ("dos.zip", folder.encode("cp437"))):
        placeholder = "x" * len(raw)
        data = packed(tmp_path / name, {f"{placeholder}/1.jpg": b"x", "b\\2.jpg": b"y"}).read_bytes()
        (tmp_path / name).write_bytes(data.replace(placeholder.encode(), raw))
        assert set(open_archive(tmp_path / name).members) == {f"{folder}/1.jpg", "b/2.jpg"}


def test_what_is_encrypted_is_said(tmp_path: Path) -> None:
    data = bytearray(packed(tmp_path / "a.zip", {"1.jpg": b"x"}).read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert open_archive(tmp_path / "a.zip").refused == {"1.jpg": "encrypted"}


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", {f"{i}.jpg": bytes(1000) for i in range(20)})
    with monkeypatch.context() as patched, pytest.raises(OSError, match="unpack it yourself"):
        patched.setattr(archives, "MAX_MEMBERS", 19)
        open_archive(path)
    with monkeypatch.context() as patched, pytest.raises(OSError, match="unpack it yourself"):
        patched.setattr(archives, "MAX_UNPACKED", 19_999)
        open_archive(path)
    with pytest.raises(PhotoTooLarge, match=r"zeros\.zip/1\.jpg: 130 MB"):
        open_photo(packed(tmp_path / "zeros.zip", {"1.jpg": bytes(130_000_000)}) / "1.jpg")


def test_a_damaged_archive_is_the_photos_trouble(tmp_path: Path, gradient: Pixels) -> None:
    data = packed(tmp_path / "a.zip", {"1.jpg": gradient.tobytes()}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    (tmp_path / "flipped.zip").write_bytes(data[:60] + bytes([data[60] ^ 255]) + data[61:])
    (tmp_path / "text.zip").write_text("no archive")
    for name in ("cut.zip", "flipped.zip", "text.zip"):
        with pytest.raises(PhotoError, match=name.replace(".", r"\.")):
            open_photo(tmp_path / name / "1.jpg")
    with pytest.raises(PhotoMissing, match="no such file"):
        open_photo(tmp_path / "a.zip" / "2.jpg")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoMissing, match="no regular file"):
        open_photo(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoMissing):
        open_photo("zero\0byte.jpg")
    with pytest.raises(PhotoMissing):
        open_photo("😀" * 200 + ".jpg")
