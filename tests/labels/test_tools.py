"""What tools write around the labels: ids, folders, turned photos, files of their systems."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kilpi.errors import LabelError
from kilpi.images import open_photo
from kilpi.labels.importing import Imported, import_labels
from kilpi.labels.locate import picture_size
from kilpi.labels.record import LabelledPlate
from kilpi.types import Box, Point, Quad

BOX = [40, 60, 80, 20]


def draw(path: Path, shade: int = 0, size: tuple[int, int] = (400, 300), orientation: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, (0, 25 * shade, 0))
    exif = image.getexif()
    exif[274] = orientation
    image.save(path, exif=exif)


def coco(*names: str, **changes: object) -> str:
    """A COCO file with one plate in each photo; `changes` go into every annotation."""
    images = [{"id": i, "file_name": n, "width": 400, "height": 300} for i, n in enumerate(names, start=1)]
    things = [
        {"id": i, "image_id": i, "category_id": 1, "bbox": [BOX[0] + i, *BOX[1:]], **changes}
        for i in range(1, len(names) + 1)
    ]
    return json.dumps({"images": images, "annotations": things, "categories": [{"id": 1, "name": "plate"}]})


def voc(name: str, left: int = 40, extra: str = "") -> str:
    box = f"<bndbox><xmin>{left}</xmin><ymin>60</ymin><xmax>120</xmax><ymax>80</ymax></bndbox>"
    thing = f"<object><name>plate</name>{box}{extra}</object>"
    return f"<annotation><filename>{name}</filename>{thing}</annotation>"


def bring(folder: Path, *images: Path) -> Imported:
    return import_labels([folder], folder.parent / "out" / "labels.jsonl", images)


def places(imported: Imported, folder: Path) -> dict[str, list[Box | None]]:
    return {
        str(Path(record.path or "").relative_to(folder.resolve())): [p.place for p in record.plates]
        for record in imported.records
    }


def only(imported: Imported) -> LabelledPlate:
    assert [str(error) for error in imported.refused] == []
    ((plate,),) = [record.plates for record in imported.records]
    return plate


# Pictures of one name


def test_each_coco_file_means_the_pictures_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for i, side in enumerate(("train", "valid")):
        draw(folder / side / "a.jpg", i)
        (folder / side / "_annotations.coco.json").write_text(coco("a.jpg") if i else coco("b.jpg", "a.jpg"))
    draw(folder / "train" / "b.jpg", 9)
    assert places(bring(folder), folder) == {
        "train/b.jpg": [Box(41, 60, 121, 80)],
        "train/a.jpg": [Box(42, 60, 122, 80)],
        "valid/a.jpg": [Box(41, 60, 121, 80)],
    }


def test_a_picture_beside_the_label_wins_over_one_above_and_in_the_folder_of_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    draw(folder / "a.jpg", 1)
    draw(tmp_path / "pictures" / "a.jpg", 2)
    draw(folder / "sub" / "a.jpg", 3)
    (folder / "sub" / "a.xml").write_text(voc("a.jpg"))
    assert list(places(bring(folder, tmp_path / "pictures"), folder)) == ["sub/a.jpg"]


def test_a_photo_that_was_not_copied_is_not_taken_from_another_cars_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    draw(folder / "car1" / "b.jpg", 1)
    draw(folder / "car2" / "a.jpg", 2)
    (folder / "car1" / "a.xml").write_text(voc("a.jpg"))
    imported = bring(folder)
    assert imported.missing == ("a.jpg",)
    assert imported.records[0].photo is None


def test_folders_in_a_path_tell_photos_of_one_name_apart(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for i, car in enumerate(("car1", "car2")):
        draw(folder / "deep" / car / "a.jpg", i)
    (folder / "all.json").write_text(coco("car2/a.jpg", "car1\\a.jpg", "car3/a.jpg"))
    imported = bring(folder)
    assert imported.missing == ("car3/a.jpg: 2 pictures are called so; its path must say which",)
    found = [record for record in imported.records if record.photo is not None]
    assert [Path(record.path or "").parent.name for record in found] == ["car2", "car1"]


def test_a_path_in_train_does_not_mean_a_picture_in_valid(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    draw(folder / "valid" / "a.jpg")
    (folder / "all.json").write_text(coco("train/a.jpg"))
    assert bring(folder).missing == ("train/a.jpg",)


def test_missing_photos_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    for i in (1, 2):
        (tmp_path / "in" / f"car{i}").mkdir(parents=True)
        (tmp_path / "in" / f"car{i}" / "a.xml").write_text(voc("a.jpg", 40 + i))
    imported = bring(tmp_path / "in")
    assert imported.records == ()
    assert "which pictures are meant is not known" in str(imported.refused[0])


def test_names_in_other_case_or_without_an_ending(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    draw(folder / "IMG_1.JPG", 1)
    draw(folder / "IMG_2.jpg", 2)
    (folder / "1.xml").write_text(voc("img_1.jpg"))
    (folder / "2.xml").write_text(voc("IMG_2"))
    assert sorted(places(bring(folder), folder)) == ["IMG_1.JPG", "IMG_2.jpg"]


# COCO


@pytest.mark.parametrize("image_id", ["1", 1.0, " 1"])
def test_ids_may_be_text_or_numbers(tmp_path: Path, image_id: object) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", image_id=image_id, category_id="1"))
    assert only(bring(tmp_path / "in")).box == Box(41, 60, 121, 80)


def test_a_photo_without_annotations_is_refused_where_others_lost_their_photo(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    draw(tmp_path / "in" / "b.jpg", 1)
    text = coco("a.jpg", "b.jpg").replace('"image_id": 2', '"image_id": 7')
    (tmp_path / "in" / "c.json").write_text(text)
    imported = bring(tmp_path / "in")
    assert [Path(record.path or "").name for record in imported.records] == ["a.jpg"]
    reasons = [str(error) for error in imported.refused]
    assert "annotation 2: its image_id is none of the images" in reasons[0]
    assert "image 2: has no annotations, but 1 annotations name no image" in reasons[1]


def test_a_category_that_is_not_there_and_one_id_for_two(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", category_id=5))
    assert "category_id is none of the categories" in str(bring(tmp_path / "in").refused[0])
    text = coco("a.jpg").replace('"categories": [', '"categories": [{"id": "1", "name": "car"}, ')
    (tmp_path / "in" / "c.json").write_text(text)
    assert "two categories have the same id" in str(bring(tmp_path / "in").refused[0])


def test_shares_are_not_pixels(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", bbox=[0.3, 0.5, 0.2, 0.1]))
    assert "annotation 1 (a.jpg): all numbers are between 0 and 1" in str(bring(tmp_path / "in").refused[0])


@pytest.mark.parametrize(
    ("names", "points"),
    [
        (["top_left", "top_right", "bottom_right", "bottom_left"], [40, 60, 120, 62, 119, 82, 39, 80]),
        (["bl", "br", "tr", "tl"], [39, 80, 2, 119, 82, 2, 120, 62, 2, 40, 60, 1]),
        (["1", "2", "3", "4"], [40, 60, 120, 62, 119, 82, 39, 80]),
    ],
)
def test_keypoints_by_their_names_with_and_without_visibility(
    tmp_path: Path, names: list[str], points: list[int]
) -> None:
    draw(tmp_path / "in" / "a.jpg")
    root = json.loads(coco("a.jpg", keypoints=points))
    root["categories"][0]["keypoints"] = names
    (tmp_path / "in" / "c.json").write_text(json.dumps(root))
    assert only(bring(tmp_path / "in")).quad == Quad(
        Point(40, 60), Point(120, 62), Point(119, 82), Point(39, 80)
    )


def test_keypoints_with_other_names_are_noted_and_the_box_kept(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    root = json.loads(coco("a.jpg", keypoints=[1, 2, 3, 4]))
    root["categories"][0]["keypoints"] = ["nose", "ear"]
    (tmp_path / "in" / "c.json").write_text(json.dumps(root))
    imported = bring(tmp_path / "in")
    assert only(imported).box is not None
    assert "keypoints are not four named" in imported.notes[0]


def test_cvat_writes_a_turned_box_as_it_was_before(tmp_path: Path) -> None:
    turned = Quad(Point(90, 30), Point(90, 110), Point(70, 110), Point(70, 30))
    draw(tmp_path / "in" / "a.jpg")
    box = [40, 60, 80, 20]
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", bbox=box, attributes={"rotation": 90.0}))
    quad = only(bring(tmp_path / "in")).quad
    np.testing.assert_allclose(np.array(quad), np.array(turned))
    (tmp_path / "in" / "c.json").unlink()
    extra = "<attributes><attribute><name>rotation</name><value>90.0</value></attribute></attributes>"
    (tmp_path / "in" / "a.xml").write_text(voc("a.jpg", extra=extra))
    np.testing.assert_allclose(np.array(only(bring(tmp_path / "in")).quad), np.array(turned))


def test_an_attribute_that_is_a_plates_text_is_its_mark(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", attributes={"plate_number": "klt-482"}))
    assert only(bring(tmp_path / "in")).mark == "KLT-482"
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", attributes={"text": "no idea"}))
    imported = bring(tmp_path / "in")
    assert only(imported).mark is None
    assert "attribute text is no plate text" in imported.notes[0]


def test_corners_for_width_and_height_lie_outside(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", bbox=[200, 200, 380, 240]))
    assert "annotation 1 (a.jpg): lies outside the photo" in str(bring(tmp_path / "in").refused[0])


def test_a_crowd_and_what_is_to_be_ignored_are_not_left_out_in_silence(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", iscrowd=1))
    assert "annotation 1 (a.jpg): is a crowd" in str(bring(tmp_path / "in").refused[0])
    (tmp_path / "in" / "c.json").write_text(
        "<dataset><images><image file='a.jpg'><box top='9' left='9' width='80' height='15' ignore='1'/>"
        "</image></images></dataset>"
    )
    assert "box 1: is marked ignore" in str(bring(tmp_path / "in").refused[0])


# EXIF


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_labels_of_a_tool_that_ignores_exif_are_turned(tmp_path: Path, orientation: int) -> None:
    """A dark plate in the stored picture: the turned label lies on it in the picture as shown."""
    stored = np.full((400, 300, 3), 255, np.uint8)
    stored[50:150, 30:60] = 0
    image = Image.fromarray(stored)
    exif = image.getexif()
    exif[274] = orientation
    (tmp_path / "in").mkdir()
    image.save(tmp_path / "in" / "a.png", exif=exif)
    text = coco("a.png", bbox=[30, 50, 30, 100]).replace(
        '"width": 400, "height": 300', '"width": 300, "height": 400'
    )
    (tmp_path / "in" / "c.json").write_text(text)
    imported = bring(tmp_path / "in")
    box = only(imported).box
    assert box is not None
    shown = open_photo(tmp_path / "in" / "a.png").pixels
    x1, y1, x2, y2 = (round(v) for v in box)
    assert not shown[y1:y2, x1:x2].any()
    assert (x2 - x1) * (y2 - y1) == (shown == 0).all(axis=2).sum()
    assert "without its EXIF rotation" in imported.notes[0]
    assert (imported.records[0].width, imported.records[0].height) == (400, 300)


def test_where_nothing_says_whether_a_turned_photo_was_turned_a_note_does(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg", orientation=3)
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg"))
    assert "a.jpg: is turned by EXIF, and nothing says" in bring(tmp_path / "in").notes[0]


def test_without_a_size_a_label_outside_the_shown_photo_was_drawn_on_the_stored_one(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg", size=(400, 300), orientation=6)  # shown as 300 x 400
    box = "<box top='100' left='310' width='80' height='150'/>"
    (tmp_path / "in" / "d.xml").write_text(
        f"<dataset><images><image file='a.jpg'>{box}</image></images></dataset>"
    )
    assert only(bring(tmp_path / "in")).box == Box(50, 310, 200, 390)
    (tmp_path / "in" / "d.xml").write_text(
        "<dataset><images><image file='a.jpg'><box top='900' left='900' width='80' height='15'/>"
        "</image></images></dataset>"
    )
    assert "image 1 (a.jpg), box 1: lies outside the photo, 300 x 400 pixels" in str(
        bring(tmp_path / "in").refused[0]
    )


@pytest.mark.parametrize("value", ["6", b"\x06", 0, 9, 65537, None, (6, 6)])
def test_nonsense_in_the_orientation_turns_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    draw(tmp_path / "a.jpg", size=(40, 30))
    monkeypatch.setattr(Image.Image, "getexif", lambda _: {274: value})
    assert picture_size(tmp_path / "a.jpg") == (40, 30)


# CSV


def test_csv_as_excel_saves_it(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    lines = (
        "filename;width;height;class;xmin;ymin;xmax;ymax\r\na.jpg;400;300;KLT-482;40;60;120;80\r\n;;;;;;;\r\n"
    )
    for data in (lines.encode(), lines.replace(";", "\t").encode("utf-16")):
        (tmp_path / "in" / "l.csv").write_bytes(data)
        assert only(bring(tmp_path / "in")) == LabelledPlate(
            box=Box(40, 60, 120, 80), mark="KLT-482", legible=True
        )


def test_a_csv_line_with_other_columns_or_shares_is_refused_with_its_line(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    head = "filename,width,height,class,xmin,ymin,xmax,ymax\n"
    (tmp_path / "in" / "l.csv").write_text(head + "a,1.jpg,400,300,plate,40,60,120,80\n")
    assert "line 2: has 9 values for 8 columns" in str(bring(tmp_path / "in").refused[0])
    (tmp_path / "in" / "l.csv").write_text(head + "a.jpg,400,300,plate,0.3,0.7,0.5,0.85\n")
    assert "line 2: all numbers are between 0 and 1" in str(bring(tmp_path / "in").refused[0])


# Systems and other tools


def test_files_of_macos_are_passed_over_in_folders_and_zips(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    draw(folder / "a.jpg")
    (folder / "a.xml").write_text(voc("a.jpg"))
    junk = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "
    for name in ("._a.xml", "._a.jpg", ".DS_Store", "Thumbs.db"):
        (folder / name).write_bytes(junk)
    imported = bring(folder)
    assert (only(imported).box, imported.notes) == (Box(40, 60, 120, 80), ())
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        zipped.write(folder / "a.jpg", "set/a.jpg")
        zipped.write(folder / "a.xml", "set/a.xml")
        for name in ("__MACOSX/set/._a.xml", "__MACOSX/set/._a.jpg", "set/.DS_Store"):
            zipped.writestr(name, junk)
    imported = import_labels([tmp_path / "x.zip"], tmp_path / "out2" / "labels.jsonl")
    assert (only(imported).box, imported.notes) == (Box(40, 60, 120, 80), ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"id": 1, "data": {"image": "a.jpg"}}]', "JSON list, as Label Studio"),
        ('{"_via_settings": {}, "_via_img_metadata": {}}', "a VIA project"),
        ('{"version": "5", "shapes": [], "imagePath": "a.jpg"}', "a LabelMe file"),
        ("<annotations><version>1.1</version></annotations>", "CVAT's own XML"),
    ],
)
def test_a_tools_own_format_is_refused_with_what_to_export(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text(content)
    assert words in str(bring(tmp_path / "in").refused[0])


def test_a_record_that_cannot_be_written_costs_only_itself(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "c.json").write_text(coco("a.jpg", "\ud800.jpg"))
    imported = bring(tmp_path / "in")
    assert len(imported.records) == 1
    assert "half of a surrogate" in str(imported.refused[0])


def test_what_nobody_foresaw_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "a.xml").write_text(voc("a.jpg"))
    (tmp_path / "in" / "b.json").write_text(coco("b.jpg"))

    def broken(_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("kilpi.labels.importing.read_coco", broken)
    imported = bring(tmp_path / "in")
    assert len(imported.records) == 1
    (error,) = imported.refused
    assert isinstance(error, LabelError)
    assert "nobody foresaw (KeyError)" in str(error)
