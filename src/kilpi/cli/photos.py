"""kilpi read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from kilpi.adverts.wording import Wording, load_wording
from kilpi.cli import output
from kilpi.cli.options import Json, Ocr, Paths
from kilpi.errors import PhotoError, PhotoMissing, UsageError
from kilpi.photos.intake import walk_photos
from kilpi.pipeline import Kilpi
from kilpi.ports import Detector, Reader, Register
from kilpi.schemas import read_to_json
from kilpi.text import counted, shown
from kilpi.types import LeftOut, PhotoRead, Pixels, Reason
from kilpi.weights import check_networks


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(read)


def read(
    photos: Paths,
    crop: Annotated[bool, typer.Option(help="Each picture is one plate, tightly or loosely cut.")] = False,
    ocr: Ocr = False,
    json: Json = False,
) -> None:
    """Plates in photos: where they are and what they say."""
    kilpi = make_kilpi(ocr)
    words = load_wording("en")
    left_out: list[LeftOut] = []
    paths = walk_photos(output.named_paths(photos), left_out.append)
    failed, looked_at, mistyped = 0, 0, False
    try:
        for result in kilpi.read_crops(paths) if crop else kilpi.read(paths):
            looked_at += 1
            failed += result.error is not None
            mistyped |= isinstance(result.error, PhotoMissing) and result.path in map(shown, photos)
            if output.wants_json(json):
                output.print_json(read_to_json(result))
            else:
                show_read(result, words)
    finally:  # also where nothing was found
        output.tell_left_out(left_out, 0, words)
    if failed:
        others = "; the others are above" if failed < looked_at else ""
        output.complain(f"{counted(failed, 'photo')} could not be read{others}")
        raise typer.Exit(UsageError.exit_code if mistyped else PhotoError.exit_code)


def make_kilpi(
    ocr: bool = False,
    register: Register | None = None,
    language: str = "en",
    profile: str = "site",
    home: Sequence[str] = (),
    cover: Pixels | None = None,
    words: Sequence[str] = (),
    jobs: int = 1,
) -> Kilpi:
    """Kilpi with its own networks, or with PP-OCR in their place. Raises WeightsError."""
    check_networks()
    detector: Detector | None = None
    reader: Reader | None = None
    if ocr:
        from kilpi.plates.rapidocr import RapidOcrDetector, RapidOcrReader, load_engine

        engine = load_engine()
        detector, reader = RapidOcrDetector(engine), RapidOcrReader(engine)
    return Kilpi(
        detector=detector,
        reader=reader,
        register=register,
        language=language,
        profile=profile,
        home=home,
        cover=cover,
        words=words,
        jobs=jobs,
    )


def show_read(read: PhotoRead, words: Wording) -> None:
    """One photo as a line of text."""
    path = output.escape(read.path)
    if read.error:
        told = str(read.error).removeprefix(f"{read.path}: ")
        output.console.print(f"{path}  [red]{output.escape(told)}[/]", soft_wrap=True)
        return
    plates = []
    for plate in read_to_json(read)["plates"]:
        country = f" [dim]{plate['country']}[/]" if plate["country"] else ""
        score = f" [dim]{plate['score']:.2f}[/]" if plate["text"] else ""  # 1.00 beside ? looks sure
        plates.append(f"[bold]{output.escape(plate['text'] or '?')}[/]{country}{score}")
    ms = read.ms.decode + read.ms.find + read.ms.read
    found = ", ".join(plates) if plates else "[yellow]no plate[/]"
    output.console.print(f"{path}  {found}  [dim]{ms:.0f} ms[/]", soft_wrap=True)
    if read.note:
        output.warn(words.reason(Reason(f"photo_{read.note}", {"photo": read.path})))
