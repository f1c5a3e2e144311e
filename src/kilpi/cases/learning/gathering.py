"""New networks beside those in use, as the whole that a version holds; and a run folder made one by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

from kilpi.cases.learning.refitting import for_other_networks
from kilpi.errors import WeightsError
from kilpi.evaluation.contest import Weights
from kilpi.weights import NETWORKS, PACKAGED, check_weights, find_weights, named_by, read_card, write_card
from kilpi.weights.versions import add_version, current_folder


def gather(new: Mapping[str, Path], before: Weights, made: Path) -> None:
    """Into `made`: the new networks (name -> folder), those in use for the rest, and the verifier, whose card
    names the new reader where it did not come along.
    """
    made.mkdir(exist_ok=True)
    for name in NETWORKS:
        source = new.get(name, before.of(name))
        if source != PACKAGED or name == "verifier":
            for ending in ("onnx", "json"):
                copyfile(source / f"{name}.{ending}", made / f"{name}.{ending}")
    if "reader" not in new or "verifier" in new:
        return
    carried = for_other_networks(read_card(made / "verifier.onnx"))
    reader = named_by(read_card(find_weights("reader", made)))
    training = {**carried.training, "carried_over_from": carried.input["reader"]}
    card = replace(carried, input={**carried.input, "reader": reader}, training=training)
    write_card(card, made / "verifier.onnx")


def add_run(data: Path, run: Path) -> tuple[str, tuple[str, ...]]:
    """The networks of a training's run folder become a version, beside those in use. It is not in use yet.

    Its name, and the networks that are new. Raises WeightsError where the folder has no network, one that its
    card does not describe, one of another kind than its name says, or a verifier of another reader.
    """
    new = networks_of(run)
    now = datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-added"
    before = Weights(current_folder(data))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        gather(new, before, made)
        place = made if (made / "reader.onnx").is_file() else PACKAGED
        reader = named_by(read_card(place / "reader.onnx"))
        asked = read_card(made / "verifier.onnx").input.get("reader")
        if "verifier" in new and asked != reader:
            raise WeightsError(f"{run}: its verifier is for the reader {asked}; with {reader} train it anew")
        add_version(data, name, made, {"at": now.isoformat(), "why": f"added: {', '.join(new)}"})
    return name, tuple(new)


def networks_of(run: Path) -> dict[str, Path]:
    """The networks of a run folder, each held against its card: name -> the folder. Raises WeightsError."""
    found = sorted(run.glob("*.onnx"))
    if not found:
        raise WeightsError(f"{run}: no network is there; name the folder that `kilpi train` wrote")
    for path in found:
        kind = check_weights(path).name
        if path.stem not in NETWORKS or kind != path.stem:
            known = ", ".join(NETWORKS)
            raise WeightsError(
                f"{path}: its card is of a network '{kind}'; known are {known}, each by its name"
            )
    return {path.stem: run for path in found}
