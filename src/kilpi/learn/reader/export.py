"""From a trained reader to the two files that ship: reader.onnx and its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kilpi.errors import WeightsError
from kilpi.learn.eight_bits import make_small, one_by_one
from kilpi.learn.onnx_export import check_answers, export, new_card, random_pixels, restore
from kilpi.learn.reader.net import TOKENS, ExportedReader, ReaderConfig, ReaderNet
from kilpi.plates.alphabet import ALPHABET, SLOTS
from kilpi.plates.reader import SHAPE
from kilpi.types import Pixels
from kilpi.weights import Card, check_weights, find_weights

AGREEMENT = 1e-4  # largest difference torch - ONNX Runtime of any score
MEASURED = 400  # crops; many more would take minutes


def export_reader(
    net: ReaderNet,
    folder: Path,
    name: str = "reader",
    crops: Sequence[Pixels] = (),
    start: Path | None = None,
) -> Path:
    """Writes NAME.onnx, one file for any number of crops, and checks it.

    `crops`, as `fit_crop` makes them, and `start`, the file that it was trained further from, say how it may
    be computed in 8 bits (`learn/eight_bits`). Raises WeightsError where ONNX Runtime does not answer as
    torch does.
    """
    shipped = ExportedReader(net).eval()

    def check(part: Path) -> None:
        check_answers(shipped, part, [random_pixels(n, *SHAPE) for n in (1, 3)], AGREEMENT)
        if crops:
            make_small(part, one_by_one(crops, MEASURED), start)

    return export(
        shipped,
        random_pixels(2, *SHAPE),
        folder / f"{name}.onnx",
        ["slots", "countries", "two_rows", "places"],
        check,
    )


def make_reader_card(path: Path, net: ReaderNet, labels: Sequence[Path]) -> Card:
    """A reader's card, without metrics. Not yet written."""
    fed = {
        "pixels": f"(n, {SHAPE[0]}, {SHAPE[1]}, 3) uint8 RGB, a plate stretched, and its left end",
        "slots": f"(n, {SLOTS}, {len(ALPHABET) + 1}): the alphabet's characters, then blank",
        "countries": f"(n, {len(net.config.countries)})",
        "two_rows": "(n,)",
        "places": f"(n, {SLOTS}, {TOKENS + 1}): where each slot looks; upper line, lower line, nowhere",
        "alphabet": ALPHABET,
        **asdict(net.config),
    }
    return new_card(path, net, labels, fed)


def reader_config(state: dict[str, Any]) -> ReaderConfig:
    """A config from a card's `input` or from run.json. Raises WeightsError where it is none."""
    try:
        a, b, c, d = state["widths"]
        e, f, g = state["strip"]
        return ReaderConfig(
            tuple(state["countries"]),
            widths=(a, b, c, d),
            strip=(e, f, g),
            **{
                name: int(state[name]) for name in ("tokens", "fine", "residuals", "along", "layers", "heads")
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"no reader's configuration: {error}") from None


def load_reader(folder: Path | None = None, name: str = "reader") -> ReaderNet:
    """A shipped network as a torch net that can go on learning. Raises WeightsError where it is not ours."""
    path = find_weights(name, folder)
    net = ReaderNet(reader_config(check_weights(path).input))
    restore(net, path)
    return net
