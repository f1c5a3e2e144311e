"""Draws samples/: five cars that never were, with photos, a register, offers and true labels.

Everything follows from the seeds below. From the repository's root, a few minutes on two cores:

    python recipes/draw_samples.py            all cars
    python recipes/draw_samples.py golf leaf  only these (register and labels are always whole)
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image

from kilpi.draw.cars.car import Drawing, draw_car
from kilpi.draw.cars.interior import draw_interior
from kilpi.draw.cars.shade import Finish
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import quad_to_array
from kilpi.grammar import SampledMark, load_grammars
from kilpi.types import Mark, Pixels

OUT = Path("samples")
QUALITY = 86
GPS = {1: "N", 2: (61.0, 29.0, 12.5), 3: "E", 4: (23.0, 45.0, 39.6)}  # invented: somewhere in a lake


@dataclass(frozen=True)
class Shot:
    """One photo. `turned`: stored on its side with EXIF orientation 6; `gps`: tells a place."""

    name: str
    view: str  # of kilpi.draw.cars.car.VIEWS, or: interior
    change: dict[str, Any]
    turned: bool = False
    gps: bool = False
    trade: bool = False  # wears a trade plate


@dataclass(frozen=True)
class SampleCar:
    """One folder of samples."""

    folder: str
    rows: tuple[str, ...]  # the mark's groups
    drawing: Drawing
    shots: tuple[Shot, ...]
    offer: str
    seed: int
    plate_seed: int


RED, GREY, SILVER, WHITE, BLUE = (158, 18, 26), (66, 70, 76), (176, 180, 184), (228, 230, 231), (24, 62, 128)

CARS = (
    SampleCar(
        "golf", ("KLT", "482"), Drawing("hatch", Finish(RED, 0.45, 0, 0, 0.10), "sunny"),
        (
            Shot("front-corner", "front_three_quarter", {}, gps=True),
            Shot("front", "front", {}),
            Shot("rear", "rear", {}, turned=True),
            Shot("side", "side", {}),
            Shot("inside", "interior", {}),
        ),
        'price = 15900\ncurrency = "EUR"\nodometer_km = 84200\n'
        'equipment = ["Adaptive cruise control", "Parking sensors front and rear", "Heated seats", "Tow bar",'
        ' "Two sets of wheels"]\n'
        'description = "Serviced on schedule, one owner, timing belt checked in spring."\n'
        'dealer = "Autotalo Esimerkki"\nplace = "Tampere"\ncontact = "myynti@autotalo.example"\n',
        seed=11, plate_seed=2,
    ),
    SampleCar(
        "qashqai", ("ÖÅ", "7"), Drawing("suv", Finish(GREY, 0.8, 2, 2, 0.25), "overcast"),
        (
            Shot("1", "front", {}),
            Shot("2", "front_three_quarter", {}, gps=True),
            Shot("3", "rear", {}),
        ),
        'price = 21490\ncurrency = "EUR"\nodometer_km = 61300\n'
        'equipment = ["Panorama roof", "Four-wheel drive", "Heated steering wheel", "Reversing camera"]\n'
        'dealer = "Autotalo Esimerkki"\nplace = "Tampere"\ncontact = "myynti@autotalo.example"\n',
        seed=23, plate_seed=15,
    ),
    SampleCar(
        "octavia", ("XGB", "915"), Drawing("estate", Finish(SILVER, 0.7, 0, 1, 0.55), "dusk"),
        (
            Shot("kuva1", "front_three_quarter", {"shake_px": 46.0, "blur_px": 4.2, "noise": 7.0}),
            Shot("kuva2", "rear", {"shake_px": 54.0, "blur_px": 5.0, "noise": 8.0}),
            Shot("kuva3", "side", {"blur_px": 1.2, "noise": 5.0}),
        ),
        'price = 9800\ncurrency = "EUR"\nodometer_km = 213000\nequipment = ["Tow bar", "Roof rails"]\n'
        'dealer = "Autotalo Esimerkki"\nplace = "Tampere"\n',
        seed=37, plate_seed=13,
    ),
    SampleCar(
        "yaris", ("RTK", "264"), Drawing("city", Finish(WHITE, 0.05, 1, 3, 0.15), "overcast", exposure=0.9),
        (
            Shot("etu", "front_three_quarter", {}),
            Shot("taka", "rear", {}),
            Shot("sivu", "side", {}),
        ),
        'price = 7900\ncurrency = "EUR"\nodometer_km = 142500\nequipment = ["Air conditioning"]\n'
        'dealer = "Autotalo Esimerkki"\nplace = "Tampere"\n',
        seed=41, plate_seed=3,
    ),
    SampleCar(
        "leaf", ("NVE", "390"), Drawing("hatch", Finish(BLUE, 0.6, 1, 1, 0.05), "sunny"),
        (
            Shot("front", "front_three_quarter", {}),
            Shot("rear", "rear_three_quarter", {}),
            Shot("test-drive", "front", {}, trade=True),
            Shot("cabin", "interior", {}),
        ),
        'currency = "EUR"\nodometer_km = 38900\n'  # no price: the advert stays a draft
        'equipment = ["Heat pump", "Fast charging", "Navigation", "Winter wheels"]\n'
        'dealer = "Autotalo Esimerkki"\nplace = "Tampere"\n',
        seed=53, plate_seed=11,
    ),
)  # fmt: skip

# Every value is invented. The yaris is left out on purpose: the register does not know it.
COLUMNS = (
    "mark", "country", "make", "model", "trade_name", "body", "colour", "doors", "seats", "fuels", "gearbox",
    "displacement_cc", "power_kw", "co2_g_km", "co2_cycle", "mass_kg", "first_registered", "next_inspection",
    "odometer_km", "odometer_date", "vin", "status",
)  # fmt: skip
REGISTER = (
    ("KLT-482", "FI", "Volkswagen", "5D GOLF 1.5 TSI", "Golf", "hatchback", "red", 5, 5, "petrol", "manual",
     1498, 96, 113, "NEDC", 1310, "2018-05-14", "2026-05-14", 79650, "2025-04-30", "WVWZZZAUZJW000417",
     "in_use"),
    ("ÖÅ-7", "FI", "Nissan", "QASHQAI 1.3 DIG-T", "Qashqai", "suv", "grey", 5, 5, "petrol", "automatic",
     1332, 117, 145, "WLTP", 1470, "2020-09-02", "2026-09-02", 55900, "2025-08-21", "SJNFAAJ11U0000682",
     "in_use"),
    ("XGB-915", "FI", "Skoda", "OCTAVIA 2.0 TDI", "Octavia", "estate", "silver", 5, 5, "diesel", "manual",
     1968, 110, 119, "NEDC", 1430, "2015-03-27", "2026-03-27", 201400, "2025-03-11", "TMBJG7NE1F0000935",
     "in_use"),
    ("NVE-390", "FI", "Nissan", "LEAF 40 KWH", "Leaf", "hatchback", "blue", 5, 5, "electricity", "automatic",
     "", 110, 0, "WLTP", 1580, "2021-06-18", "2027-06-18", 31200, "2025-06-05", "SJNFAAZE1U0000258",
     "in_use"),
)  # fmt: skip


def plate_for(car: SampleCar, trade: bool) -> RenderedPlate:
    rng = np.random.default_rng(car.plate_seed)
    styles = {style.name: style for style in load_grammars().country("FI").styles}
    rows = ("KOE", "1207") if trade else car.rows
    mark = Mark((" " if trade else "-").join(rows), "FI", identifies_car=not trade)
    return render_plate(SampledMark(mark, styles["trade" if trade else "long"], (rows,)), rng, 256)


def jpeg(pixels: Pixels, shot: Shot, minute: int) -> bytes:
    """The file with its EXIF: a date always, orientation and place where the shot asks."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Drawn", "Sample"
    stamp = f"2026:04:{2 + minute // 60:02d} 10:{minute % 60:02d}:07"
    exif[ExifTags.Base.DateTime] = stamp
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = stamp
    if shot.turned:  # 6: to be turned a quarter clockwise when shown, so it is stored turned the other way
        exif[ExifTags.Base.Orientation] = 6
        pixels = np.ascontiguousarray(np.rot90(pixels, 1))
    if shot.gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    data = BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=QUALITY, exif=exif, optimize=True)
    return data.getvalue()


def draw(car: SampleCar) -> list[dict[str, object]]:
    folder = OUT / car.folder
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[dict[str, object]] = []
    for number, shot in enumerate(car.shots):
        rng = np.random.default_rng((car.seed, number))
        plates: list[dict[str, object]] = []
        if shot.view == "interior":
            accent = (70, 170, 230) if car.folder == "leaf" else (200, 60, 50)
            pixels = draw_interior(1600, 1200, accent, 38900 if car.folder == "leaf" else 84200, rng)
        else:
            plate = plate_for(car, shot.trade)
            photo = draw_car(shot.view, replace(car.drawing, **shot.change), plate, rng)
            pixels = photo.pixels
            for quad, text in zip(photo.quads, photo.marks, strict=True):
                corners = quad_to_array(quad)
                box = [*corners.min(axis=0), *corners.max(axis=0)]
                plates.append({
                    "box": [round(float(v), 1) for v in box],
                    "quad": [[round(float(v), 1) for v in c] for c in corners],
                    "text": text,
                })  # fmt: skip
        data = jpeg(pixels, shot, 7 * number + car.seed)
        (folder / f"{shot.name}.jpg").write_bytes(data)
        if car.folder == "golf" and shot.view == "interior":
            (folder / "unfinished.jpg").write_bytes(data[: len(data) // 3])  # an upload that broke off
        lines.append({
            "image": f"{car.folder}/{shot.name}.jpg", "width": pixels.shape[1], "height": pixels.shape[0],
            "country": "FI", "plates": plates, "car": car.folder,
        })  # fmt: skip
        print(f"{car.folder}/{shot.name}.jpg", len(data) // 1024, "KB", len(plates), "plates", flush=True)
    (folder / "car.toml").write_text(car.offer, encoding="utf-8")
    return lines


def main(names: list[str]) -> None:
    labels = OUT / "labels.jsonl"
    drawn = [car for car in CARS if not names or car.folder in names]
    fresh = [line for car in drawn for line in draw(car)]
    known = (
        [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
        if labels.exists()
        else []
    )
    known = [line for line in known if line["car"] not in {car.folder for car in drawn}] + fresh
    order = [car.folder for car in CARS]
    known.sort(key=lambda line: order.index(line["car"]))
    OUT.mkdir(exist_ok=True)
    labels.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in known), encoding="utf-8"
    )
    with (OUT / "register.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, *REGISTER])


if __name__ == "__main__":
    main(sys.argv[1:])
