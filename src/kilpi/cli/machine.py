"""kilpi doctor, kilpi bench: this installation, and how fast it is here."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kilpi.cli import output
from kilpi.cli.options import Jobs, Json, Paths, default_jobs
from kilpi.cli.photos import make_kilpi
from kilpi.errors import KilpiError
from kilpi.photos.intake import survey, walk_photos


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(doctor)
    app.command()(bench)


def doctor(
    registers: Annotated[bool, typer.Option("--registers", help="Rehearse every register adapter.")] = False,
    json: Json = False,
) -> None:
    """Is this installation whole?

    Versions, networks, rules and settings.
    """
    from kilpi.cli.doctor import check_all, check_registers

    failed = False
    for check in check_registers() if registers else check_all():
        failed |= check.ok is False
        if output.wants_json(json):
            output.print_json(asdict(check))
        else:
            sign = {True: "[green]ok[/]", False: "[red]no[/]", None: "[dim]--[/]"}[check.ok]
            told = output.escape(f"{check.name:24} {check.detail}")
            output.console.print(f"{sign}  {told}", soft_wrap=True)
    if failed:
        raise typer.Exit(KilpiError.exit_code)


def bench(
    photos: Paths,
    repeats: Annotated[int, typer.Option(help="Times that each photo is read; the median counts.")] = 3,
    ocr: Annotated[bool, typer.Option(help="Time PP-OCR too, or read instruments with it.")] = True,
    advert: Annotated[bool, typer.Option("--advert", help="The whole line, photos to adverts.")] = False,
    jobs: Jobs = 0,
    json: Json = False,
) -> None:
    """Milliseconds a photo, and peak memory.

    For decode, find and read, beside PP-OCR's detection.

    With --advert photos a second of the whole line, a folder a car, where the time goes, and how many times
    as long that is as only decoding and writing the same pictures.
    """
    from kilpi.evaluation.bench import bench as run

    if advert:
        bench_line(photos, jobs or default_jobs(), ocr, json)
        return
    paths = [Path(name) for name in walk_photos(output.named_paths(photos))]
    result = run(make_kilpi(), paths, repeats, ocr)
    if output.wants_json(json):
        output.print_json({**asdict(result), "find_ratio": result.find_ratio})
        return
    table = Table(
        "step", "median", title=f"{result.photos} photos of {result.megapixels:.1f} MP, {result.cores} cores"
    )
    for step, ms in (("decode", result.decode_ms), ("find", result.find_ms), ("read", result.read_ms)):
        table.add_row(step, f"{ms:.1f} ms")
    table.add_row("peak memory", f"{result.peak_memory_mb:.0f} MB")
    if result.ocr_find_ms and result.find_ratio:
        table.add_row("PP-OCR detection", f"{result.ocr_find_ms:.0f} ms ({result.find_ratio:.0f} times find)")
    output.console.print(table)


def bench_line(photos: list[str], jobs: int, ocr: bool, json: bool) -> None:
    """`kilpi bench --advert`; without `ocr` no instruments are read."""
    from kilpi.evaluation.bench_advert import bench_advert
    from kilpi.odometer.text import NoTextReader

    cars = survey(map(Path, output.named_paths(photos))).cars
    with output.progress_bar() as bar:
        bar.add_task("adverts", total=None)
        line = make_kilpi(jobs=jobs)
        if not ocr:
            line.text_reader = NoTextReader()
        result = bench_advert(line, cars)
    if output.wants_json(json):
        rates = {"photos_a_second": result.photos_a_second, "times_floor": result.times_floor}
        output.print_json({**asdict(result), **rates})
        return
    title = f"{result.photos} photos of {result.cars} cars, {result.pictures} pictures, {result.jobs} jobs"
    table = Table("step", "a photo", title=title)
    for step, ms in result.steps_ms.items():
        table.add_row(step, f"{ms:.1f} ms")
    table.add_row("the whole line", f"{1000 * result.seconds / result.photos:.1f} ms")
    table.add_row("photos a second", f"{result.photos_a_second:.1f}")
    table.add_row("only decoding and writing", f"{1000 * result.floor_seconds / result.photos:.1f} ms")
    table.add_row("times that", f"{result.times_floor:.1f}")
    table.add_row("peak memory", f"{result.peak_memory_mb:.0f} MB")
    output.console.print(table)
