from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from kilpi.errors import LabelError
from kilpi.pictures.clean import check_clean
from kilpi.publishing.dealer_file import read_dealer
from kilpi.publishing.shop import open_shop, with_languages
from kilpi.types import Shop


@pytest.fixture
def dealer(tmp_path: Path) -> Path:
    """A dealer's file with a logo and a banner full of notes about who took them."""
    noise = np.random.default_rng(1).integers(0, 255, (60, 400, 4), dtype=np.uint8)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "matti@malli.example")
    Image.fromarray(noise).save(tmp_path / "logo.png", pnginfo=notes)
    exif = Image.Exif()
    exif[0x010F] = "matti@malli.example"
    Image.new("RGB", (2400, 900), "red").save(tmp_path / "wide.jpg", exif=exif)
    path = tmp_path / "dealer.toml"
    path.write_text('name = "Malli"\nlogo = "logo.png"\nbanner = "wide.jpg"\ncolour = "#c8102e"\n')
    return path


def test_the_dealers_pictures_are_made_anew_and_named_by_their_content(dealer: Path) -> None:
    shop = open_shop(dealer)
    assert shop.logo and (shop.logo.width, shop.logo.height) == (400, 60)
    assert [(one.width, one.height) for one in shop.banner] == [(800, 300), (1600, 600)]
    assert {shop.logo.name, shop.icon, *(one.name for one in shop.banner)} == set(shop.files)
    for name, content in shop.files.items():
        assert b"matti" not in content
        assert hashlib.sha256(content).hexdigest()[:12] in name
        if name.endswith(".jpg"):
            check_clean(content, name)
        else:
            assert Image.open(io.BytesIO(content)).info == {}
    assert Image.open(io.BytesIO(shop.files[shop.logo.name])).mode == "RGBA", "transparent, as it came"


def test_without_a_file_there_is_a_plain_site() -> None:
    shop = open_shop(None)
    assert shop.logo is None and shop.style == "" and shop.icon.endswith(".svg")


@pytest.mark.parametrize("content", [b"<svg></svg>", b"", b"\x89PNG\r\n\x1a\n cut off"])
def test_a_logo_that_is_no_picture_is_refused_with_what_to_do(dealer: Path, content: bytes) -> None:
    (dealer.parent / "logo.png").write_bytes(content)
    with pytest.raises(LabelError, match=r"logo.*save it"):
        open_shop(dealer)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('logo = "other.png"', "there is no file"),
        ('banner = "../nowhere.jpg"', "there is no file"),
        ('colour = "red"', "six hexadecimal digits"),
        ('header = "#12"', "six hexadecimal digits"),
        ('email = "Matti <matti@malli.example>"', "one e-mail address"),
        ('phone = "ask for Matti"', "one phone number"),
        ('web = "malli.example"', "https://dealer.example/"),
        ('web = "javascript:alert(1)"', "https://dealer.example/"),
        ('languages = ["de"]', "en, fi, sv"),
        ('languages = ["fi", "fi"]', "each once"),
        ("languages = 1", "wrong kind"),
    ],
)
def test_a_wrong_key_is_named_with_what_to_do(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "dealer.toml"
    path.write_text(line)
    with pytest.raises(LabelError, match=rf"dealer\.toml: {line.split()[0]}.*{words}"):
        read_dealer(path)


def test_the_first_language_is_the_dealers_choice_else_that_of_most_cars() -> None:
    assert with_languages(Shop(languages=("sv", "fi")), {"en": 1}).languages == ("sv", "fi")
    assert with_languages(Shop(), {"sv": 1, "fi": 2, "xx": 9}).languages == ("fi", "en", "sv")
    assert len(with_languages(replace(Shop()), {}).languages) == 3
