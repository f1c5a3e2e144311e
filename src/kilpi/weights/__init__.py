"""Finds a network's file and card, checks that they belong together, and opens it.

A network is two files in one folder: NAME.onnx and NAME.json, its card. The folder is the one that
KILPI_WEIGHTS names; networks that it does not have are the package's own. Nothing is ever downloaded.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

# Since 1.29 onnxruntime tells Microsoft about networks and machine, and keeps a device id and a database in
# ~/.cache, unless this is set when it is first imported, which is here: every `import kilpi` comes by.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime as ort

from kilpi.errors import WeightsError
from kilpi.hashing import file_sha256, sha256_hex

PACKAGED = Path(__file__).parent
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
    policy: dict[str, float] = field(default_factory=dict)  # the verifier's, see `kilpi.decision.policy`
    licence: str = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Network:
    """An opened network and its card."""

    card: Card
    session: ort.InferenceSession


def weights_folder() -> Path:
    """The folder that KILPI_WEIGHTS names, else the package's own."""
    return Path(os.environ.get("KILPI_WEIGHTS") or PACKAGED)


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
        known["data"] = tuple(known.get("data", ()))
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


@lru_cache(maxsize=1)
def share_memory() -> None:
    """Register the store of memory that every network of this process uses; once."""
    place = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(place, ort.OrtArenaCfg({"arena_extend_strategy": 1}))


def open_network(name: str, folder: Path | None = None, threads: int = 0) -> Network:
    """Checks and opens a network on the CPU. `threads` 0 lets ONNX Runtime choose.

    Raises WeightsError where file or card is missing, damaged, or not each other's.
    """
    path = find_weights(name, folder)
    card = check_weights(path)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Batches differ in size and photos in shape: a plan of memory for one shape would not fit the next.
    options.enable_mem_pattern = False
    # One store of memory for all networks, that grows by what is asked for: each by itself would keep what
    # its largest input took, rounded up to a power of two.
    share_memory()
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Threads that wait without sleeping cost twice the CPU where other work shares the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions have no common root
        raise WeightsError(f"{path}: ONNX Runtime cannot open it ({type(error).__name__})") from error
    return Network(card, session)
