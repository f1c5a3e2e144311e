"""From a trained net to the two files that ship: whole.onnx and its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kilpi.learn.onnx_export import (
    check_answers,
    export,
    halve_weights,
    new_card,
    random_pixels,
    restore,
)
from kilpi.learn.reader.export import reader_config
from kilpi.learn.reader.net import COLUMNS, LINES
from kilpi.learn.whole.net import ExportedWhole, WholeNet
from kilpi.plates.reader import HEIGHT, WIDTH
from kilpi.weights import Card, check_weights, find_weights, folder_to_start_from

AGREEMENT = 0.02  # largest difference torch - ONNX Runtime of any score, with weights in 16 bits


def export_whole(net: WholeNet, folder: Path) -> Path:
    """Writes whole.onnx, one file for any number of plates, its weights in 16 bits, and checks it.

    Raises WeightsError where ONNX Runtime does not answer as torch does.
    """
    shipped = ExportedWhole(net).eval()

    def check(part: Path) -> None:
        halve_weights(part)
        check_answers(shipped, part, [random_pixels(n, HEIGHT, WIDTH, 3) for n in (1, 3)], AGREEMENT)

    return export(shipped, random_pixels(2, HEIGHT, WIDTH, 3), folder / "whole.onnx", ["ink", "room"], check)


def load_whole(start: str | Path) -> WholeNet:
    """The network of a folder, or "shipped", as a torch net that can go on learning. Raises WeightsError."""
    path = find_weights("whole", folder_to_start_from(start))
    net = WholeNet(reader_config(check_weights(path).input))
    restore(net, path)
    return net


def make_whole_card(path: Path, net: WholeNet, labels: Sequence[Path]) -> Card:
    """The card, without metrics. Not yet written."""
    shape = f"(n, {LINES}, {COLUMNS})"
    fed = {
        "pixels": f"(n, {HEIGHT}, {WIDTH}, 3) uint8 RGB, a plate stretched",
        "ink": f"{shape}: a part of a character is hidden in this column of this line",
        "room": f"{shape}: what is above the letter in this column is hidden",
        **asdict(net.config),
    }
    return new_card(path, net, labels, fed)
