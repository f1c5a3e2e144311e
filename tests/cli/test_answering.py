"""What a person says at the command line: marks, VINs, photos, corners, figures."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
from PIL import Image
from tests.cli.yard import CARS, FACTS, advert, folder, kilpi, runner, states
from tests.fakes import ShadeReader, write_car_photo

from kilpi.cli import app
from kilpi.errors import UsageError


def test_an_answer_makes_the_advert_and_undo_brings_the_question_back(yard: Path) -> None:
    assert advert()["leaf"]["state"] == "review"
    assert (yard / "out" / "leaf" / "review.html").is_file()
    (slip,) = kilpi("answer", "leaf", "abc 123")
    assert (slip["state"], slip["reasons"][0]["code"]) == ("review", "read_otherwise")
    kilpi("undo", "leaf")
    (said,) = kilpi("answer", "leaf", "abc 123", "--sure")
    assert (said["state"], said["mark"], said["title"][:11]) == ("ready", "ABC-123", "Nissan Leaf")
    assert [why["code"] for why in said["reasons"]] == ["answered"]
    assert (yard / "out" / "leaf" / "advert.html").is_file()
    before = {car: folder(car) for car in CARS}
    assert advert()["leaf"]["mark"] == "ABC-123"
    assert {car: folder(car) for car in CARS} == before, "a second run changes nothing"
    (back,) = kilpi("undo", "leaf")
    assert (back["state"], back["mark"]) == ("review", "ABC-128")
    assert not (yard / "out" / "leaf" / "advert.html").exists()
    kinds = [event["kind"] for event in kilpi("history", "leaf")]
    once = ["answered", "decided", "undone", "decided"]
    assert kinds == ["received", "started", "decided", *once, *once]


def test_a_slip_of_the_fingers_is_a_question_once_more(yard: Path) -> None:
    mark = advert()["golf"]["mark"]
    slip = f"{mark[:-1]}{(int(mark[-1]) + 1) % 10}"
    (said,) = kilpi("answer", "golf", slip)
    assert (said["state"], said["reasons"][0]["code"]) == ("review", "read_otherwise")
    page = (yard / "out" / "golf" / "review.html").read_text()
    assert f"surely show {mark}" in page and f"kilpi answer golf {slip} --country FI --sure" in page
    (meant,) = kilpi("answer", "golf", slip, "--sure")
    assert (meant["state"], meant["mark"]) == ("draft", slip), "no register knows it"
    (back,) = kilpi("answer", "golf", mark)
    assert (back["state"], back["mark"]) == ("ready", mark)


def test_an_answer_stands_over_other_settings_and_new_photos(yard: Path) -> None:
    advert()
    kilpi("answer", "leaf", "ABC-123", "--country", "FI", "--sure")
    assert advert("--again", "--language", "sv")["leaf"]["state"] == "ready"
    write_car_photo(yard / "yard" / "leaf" / "2.jpg", seed=8, shade=20)
    assert advert()["leaf"]["photos"] == 3 and states()["leaf"] == "ready"


def test_the_review_page_shows_the_plate_its_photo_and_the_command(yard: Path) -> None:
    advert()
    out = yard / "out" / "leaf"
    page = (out / "review.html").read_text()
    assert "plate-01.jpg" in page and "yard/leaf/0.jpg" in page
    assert "one character may be misread" in page, "what to do fits the reason"
    assert f"kilpi answer leaf ABC-128 --country FI -o {yard / 'out'}" in page
    assert stat.S_IMODE((out / "plate-01.jpg").stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    kilpi("answer", "leaf", "ABC-123", "--sure")
    assert not (out / "plate-01.jpg").exists(), "no advert's folder shows a plate"


def test_a_plate_that_only_a_person_can_read_is_covered(yard: Path, networks: ShadeReader) -> None:
    networks.texts = ("GHJ789", "", "DEF456")
    advert()
    (said,) = kilpi("answer", "leaf", "ABC-123")
    assert said["state"] == "ready"
    grey = np.asarray(Image.open(yard / "out" / "leaf" / "01.jpg").convert("L"))
    assert (grey < 40).mean() < 0.01, "an eighth of the photo was the plate"


def test_no_plate_makes_a_draft_and_a_vin_finds_the_car(yard: Path) -> None:
    advert()
    (said,) = kilpi("answer", "leaf", "--no-plate")
    assert (said["state"], said["mark"]) == ("draft", None) and "register" in said["missing"][0]
    (said,) = kilpi("answer", "leaf", "--vin", "WVWZZZAUZJW000417")
    assert [why["code"] for why in said["reasons"]] == ["answered_vin", "not_registered"]
    assert said["state"] == "draft"
    (said,) = kilpi("answer", "leaf", "--vin", "SJNFAAZE1U0000258")
    assert (said["state"], said["mark"]) == ("ready", "ABC-123")


def test_a_car_without_a_plate_is_published_once_a_person_says_what_it_is(yard: Path) -> None:
    (yard / "yard" / "leaf" / "car.toml").write_text(FACTS + 'description = "Katsastettu. ABC-128."\n')
    advert()
    kilpi("answer", "leaf", "--no-plate")
    (held,) = kilpi("set", "leaf", "make=Nissan", "model=Leaf", "year=2018")
    assert held["state"] == "draft" and "registration number" in held["missing"][0], "what could be a mark"
    (yard / "yard" / "leaf" / "car.toml").write_text(FACTS + 'description = "Nissan 110 kW, Euro 6."\n')
    cars = advert()
    assert (cars["leaf"]["state"], cars["leaf"]["mark"], cars["leaf"]["title"]) == (
        "ready",
        None,
        "Nissan Leaf 2018",
    )
    assert "leaf" in kilpi("publish", "out", "--to", "site")[0]["sent"]
    shown = (yard / "site" / "leaf" / "advert.html").read_text()
    assert "Nissan Leaf 2018" in shown and "128" not in shown


def test_a_given_mark_is_of_the_home_that_has_such_marks(yard: Path) -> None:
    advert("--home", "LV,FI")
    for text, country in (("OG-980", "LV"), ("ÄBC-123", "FI")):
        kilpi("answer", "leaf", text)
        told = [event["data"] for event in kilpi("history", "leaf") if event["kind"] == "answered"]
        assert told[-1]["country"] == country


def test_photos_that_do_not_belong_are_left_out(yard: Path) -> None:
    write_car_photo(yard / "yard" / "golf" / "strange.jpg", seed=9, shade=10)
    assert advert()["golf"]["state"] == "review"
    (said,) = kilpi("answer", "golf", "--not-these", "strange.jpg")
    assert said["state"] == "ready" and advert()["golf"]["photos"] == 2
    kilpi("answer", "golf", "--not-these", "nothing.jpg", code=2)


def test_price_and_mileage_stand_over_the_dealers_file(yard: Path) -> None:
    advert()
    kilpi("set", "golf", "price=9 900 €", "km=120 tkm")
    listing = json.loads((yard / "out" / "golf" / "listing.json").read_text())
    assert (listing["amount"], listing["odometer_km"]) == ("9900", 120000)
    kilpi("set", "golf", "colour=red", code=2)


def test_a_mark_in_car_toml_is_an_answer_and_can_be_undone(yard: Path) -> None:
    (yard / "yard" / "leaf" / "car.toml").write_text(FACTS + 'mark = "ABC-123"\ncolour = "red"\n')
    cars = advert()
    assert (cars["leaf"]["state"], cars["leaf"]["mark"]) == ("review", "ABC-123")
    assert cars["leaf"]["reasons"][0]["code"] == "read_otherwise", "the photos say ABC-128"
    assert "unknown key 'colour'" in cars["leaf"]["problems"][0]["message"], "and the rest is used"
    kilpi("undo", "leaf")
    assert advert()["leaf"]["mark"] == "ABC-128", "it is not given again"


def test_corners_go_with_an_answer_or_alone(yard: Path) -> None:
    advert()
    where = "0.jpg=300,450 900,450 900,675 300,675"
    assert kilpi("answer", "leaf", "--corners", where)[0]["state"] == "review", (
        "read there, it is as doubtful"
    )
    (said,) = kilpi(
        *("answer", "leaf", "ABC-123", "--sure"),
        *("--corners", where, "--corners", where.replace("0.jpg", "1.jpg")),
    )
    assert (said["state"], said["mark"]) == ("ready", "ABC-123")
    kinds = [event["data"]["what"] for event in kilpi("history", "leaf") if event["kind"] == "answered"]
    assert kinds == ["corners", "corners", "corners", "mark"]
    for bad in ("0.jpg=1,2,3", "9.jpg=300,450 900,450 900,675 300,675", "0.jpg=1,1 1,9 9,9 9,1", "300,450"):
        kilpi("answer", "leaf", "--corners", bad, code=UsageError.exit_code)


def test_what_cannot_be_done_names_the_car_as_its_owner_does(yard: Path) -> None:
    advert()
    result = runner.invoke(app, ["undo", "golf"])
    message = str(result.exception) + result.output
    assert "car golf: nothing to undo" in message
    assert "case " not in message, "nobody knows the id"
