"""`kilpi read`: the JSON shape is a promise, bad files are named, the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.fakes import FakeDetector, FakeReader, reading_of
from typer.testing import CliRunner

from kilpi.adverts.wording import load_wording
from kilpi.cli import app, photos
from kilpi.errors import UsageError
from kilpi.geometry import quad_from_box
from kilpi.pipeline import Kilpi
from kilpi.types import Box, PhotoRead, Plate, Sighting, Timing

runner = CliRunner()


@pytest.fixture(autouse=True)
def fake_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "make_kilpi", lambda ocr: Kilpi(detector=FakeDetector(), reader=FakeReader()))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    pixels = np.full((300, 400, 3), 180, np.uint8)
    pixels[150:225, 100:300] = 0
    path = tmp_path / "front.jpg"
    Image.fromarray(pixels).save(path, quality=95)
    return path


def test_one_object_a_photo_in_the_promised_shape(photo: Path) -> None:
    result = runner.invoke(app, ["read", str(photo), "--json"])
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    found = json.loads(line)
    assert list(found) == ["photo", "width", "height", "plates", "ms", "error"]
    assert (found["photo"], found["width"], found["height"]) == (str(photo), 400, 300)
    (plate,) = found["plates"]
    assert {"text", "country", "quad", "box", "score", "raw", "candidates"} <= set(plate)
    assert plate["text"] == "ABC-123" and plate["country"] == "FI"
    assert plate["quad"] == [[100, 150], [300, 150], [300, 225], [100, 225]]
    assert plate["box"] == [100, 150, 300, 225]
    assert plate["score"] == 0.9
    assert set(found["ms"]) == {"decode", "find", "read"} and found["error"] is None


def test_a_bad_file_carries_its_error_and_the_exit_code_says_so(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a photo")
    result = runner.invoke(app, ["read", str(tmp_path / "text.jpg"), str(photo), "--json"])
    assert result.exit_code == 3
    bad, good = (json.loads(line) for line in result.stdout.splitlines())
    assert bad["plates"] == [] and bad["error"]["kind"] == "PhotoNotAnImage"
    assert "text.jpg" in bad["error"]["message"]
    assert good["error"] is None


def test_others_are_spoken_of_where_there_are_some(photo: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    alone, both = (runner.invoke(app, ["read", *map(str, paths)]) for paths in ([bad], [bad, photo]))
    assert "1 photo could not be read" in alone.output and "the others" not in alone.output
    assert "1 photo could not be read; the others are above" in both.output


def test_a_plate_that_nobody_can_read_shows_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    seen = Sighting(quad_from_box(Box(100, 150, 300, 225)), 0.9)
    for text, shown in (("ABC123", "ABC123 0.90"), ("", "?")):
        plate = Plate("a", seen, reading_of(text))
        photos.show_read(PhotoRead("a.jpg", 400, 300, (plate,), Timing(1, 1, 1)), load_wording("en"))
        assert capsys.readouterr().out == f"a.jpg  {shown}  3 ms\n"


def test_paths_come_on_standard_input_and_keep_their_order(photo: Path, tmp_path: Path) -> None:
    other = tmp_path / "rear.jpg"
    other.write_bytes(photo.read_bytes())
    result = runner.invoke(app, ["read", "-"], input=f"{other}\n{photo}\n\n")
    assert [json.loads(line)["photo"] for line in result.stdout.splitlines()] == [str(other), str(photo)]


def test_a_folder_stands_for_its_photos(photo: Path) -> None:
    result = runner.invoke(app, ["read", str(photo.parent)])
    assert json.loads(result.stdout)["photo"] == str(photo)


def test_a_crop_is_one_plate(photo: Path) -> None:
    result = runner.invoke(app, ["read", "--crop", str(photo)])
    (plate,) = json.loads(result.stdout)["plates"]
    left, top, right, bottom = plate["box"]  # without the margin that readers leave
    assert 0 < left < 20 and 0 < top < 30 and 380 < right < 400 and 270 < bottom < 300


@pytest.mark.parametrize("told", [["read"], ["bench"], ["bench", "--advert"], ["advert", "-o", "{}/out"]])
def test_a_folder_without_photos_is_a_slip_of_the_person_for_every_verb(
    told: list[str], tmp_path: Path
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "a.pdf").write_bytes(b"%PDF")
    verb, *rest = (word.format(tmp_path) for word in told)
    result = runner.invoke(app, [verb, str(papers), *rest])
    assert isinstance(result.exception, UsageError) and result.exception.exit_code == 2
    assert f"no photos in {papers}: looked there and below for" in str(result.exception)
    assert str(result.exception).partition("found ")[2].startswith("1 x pdf; name photos")
    assert not (tmp_path / "out").exists()


def test_what_lies_in_a_folder_without_photos_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert "save its pictures as JPEG" in runner.invoke(app, ["read", str(tmp_path)]).stderr
