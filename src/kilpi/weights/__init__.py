"""Finds a network's file and card, checks that they belong together, and opens it.

A network is two files in one folder: NAME.onnx and NAME.json, its card. The folder is the one that
KILPI_WEIGHTS names; networks that it does not have are the package's own. Nothing is ever downloaded.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kilpi.errors import WeightsError
from kilpi.hashing import file_sha256, sha256_hex
from kilpi.weights.session import Session, open_session

PACKAGED = Path(__file__).parent
SHIPPED = "shipped"  # the word for the package's own networks
NETWORKS = ("detector", "corners", "reader", "verifier", "view", "scout", "whole")


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one network: which file, how to feed it, what it learnt from, how good it is."""

    name: str
    sha256: str  # of the .onnx file, hex
    params: int  # how many numbers it holds
    input: dict[str, Any]  # what the network is fed with; its keys are the network's own
    thresholds: dict[str, float] = field(default_factory=dict)
    data: tuple[dict[str, Any], ...] = ()  # label files: name, sha256, photos
    date: str = ""  # ISO 8601
    commit: str | None = None
    metrics: dict[str, Any] = field(default_factory=dict)  # each with n and the command that measured it
    training: dict[str, Any] = field(default_factory=dict)
    answer: tuple[float, ...] = ()  # to a made-up picture, see `kilpi.weights.session`; empty: not told
    policy: dict[str, float] = field(default_factory=dict)  # the verifier's, see `kilpi.decision.policy`
    licence: str = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Network:
    """An opened network and its card."""

    card: Card
    session: Session


def weights_folder() -> Path:
    """The folder that KILPI_WEIGHTS names, else the package's own."""
    return Path(os.environ.get("KILPI_WEIGHTS") or PACKAGED)


def folder_to_start_from(named: str | Path | None) -> Path:
    """The folder of weights that a training's start names: the package's own for "shipped" and for None."""
    return PACKAGED if named is None or str(named) == SHIPPED else Path(named)


def find_weights(name: str, folder: Path | None = None) -> Path:
    """NAME.onnx in `folder`; without one in `weights_folder`, else in the package.

    Raises WeightsError where it is not there, or KILPI_WEIGHTS names a folder without any network.
    """
    chosen = folder or weights_folder()
    path = chosen / f"{name}.onnx"
    if path.is_file():
        return path
    if folder is None and not any(chosen.glob("*.onnx")):
        raise WeightsError(f"{chosen}: KILPI_WEIGHTS names it, but no network is there; name another folder")
    if folder is None and (PACKAGED / path.name).is_file():
        return PACKAGED / path.name
    raise WeightsError(f"no network {path}; train one, or let KILPI_WEIGHTS name the folder that has it")


def find_any(name: str, folder: Path | None = None) -> Path | None:
    """NAME.onnx in `folder`, else as `find_weights` has it without one; None where it is nowhere.

    For networks that help where they are there: a run folder holds only what was trained.
    """
    for place in (folder, None):
        try:
            return find_weights(name, place)
        except WeightsError:
            continue
    return None


def network_files() -> list[Path]:
    """The files of all networks that are in use where no folder is named."""
    return [path for name in NETWORKS if (path := find_any(name)) is not None]


def check_networks() -> None:
    """See before any photo that all networks are there, and that those of KILPI_WEIGHTS are whole.

    Found out photo by photo, each car would go to a person for it. Raises WeightsError.
    """
    for name in NETWORKS:
        path = find_weights(name)
        if path.parent != PACKAGED:
            check_weights(path)


def networks_name(folder: Path | None = None) -> str:
    """One name for all networks of a folder (default as in `find_weights`), and the package's for the rest.

    Cards with other thresholds leave it as it is. Raises WeightsError.
    """
    files = [find_any(name, folder) for name in NETWORKS]
    return sha256_hex(" ".join(read_card(file).sha256 for file in files if file is not None).encode())[:16]


def read_card(path: Path) -> Card:
    """The card of an .onnx file (beside it, .json). Raises WeightsError where it is missing or unreadable."""
    file = path.with_suffix(".json")
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        known = {key: fields[key] for key in Card.__dataclass_fields__ if key in fields}
        known |= {key: tuple(known.get(key, ())) for key in ("data", "answer")}
        return Card(**known)
    except FileNotFoundError:
        raise WeightsError(f"{path} has no card {file.name} beside it; export writes both") from None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise WeightsError(f"{file}: is no card of a Kilpi network ({error})") from None


def reader_name(folder: Path | None = None) -> str | None:
    """What the reader of a folder (default as in `find_weights`) calls itself in its readings.

    None where there is no such reader.
    """
    try:
        path = find_weights("reader", folder)
    except WeightsError:
        return None
    return named_by(read_card(path))


def named_by(card: Card) -> str:
    """A reader's name with its version, the beginning of its network's hash."""
    return f"kilpi-{card.name} {card.sha256[:8]}"


def write_card(card: Card, path: Path) -> None:
    """Writes the card beside its .onnx file `path`."""
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def check_weights(path: Path) -> Card:
    """The card, after its sha256 was held against the file. Raises WeightsError where they differ."""
    card = read_card(path)
    if file_sha256(path) != card.sha256:
        raise WeightsError(f"{path}: is not the file its card describes (sha256 differs); install it again")
    return card


def open_network(name: str, folder: Path | None = None, threads: int = 0) -> Network:
    """Checks and opens a network on the CPU. `threads` 0 lets ONNX Runtime choose.

    It is computed in 8 bits where its file says how and the processor gains by it. Raises WeightsError where
    file or card is missing, damaged, or not each other's, or it answers otherwise than its card says.
    """
    path = find_weights(name, folder)
    card = check_weights(path)
    try:
        return Network(card, open_session(path, threads, card.answer))
    except Exception as error:  # ONNX Runtime's exceptions have no common root
        why = error if isinstance(error, ValueError) else type(error).__name__
        raise WeightsError(f"{path}: ONNX Runtime cannot open it ({why})") from error
