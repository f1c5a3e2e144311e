"""Is this installation whole? What `kilpi doctor` prints: versions, networks, rules, settings."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from kilpi.config import Settings, load_settings, no_setting, unknown_settings
from kilpi.errors import KilpiError
from kilpi.grammar import load_grammars
from kilpi.registers import open_register
from kilpi.weights import NETWORKS, PACKAGED, check_weights, find_weights, reader_name

LIBRARIES = ("kilpi", "numpy", "opencv-python-headless", "pillow", "pi-heif", "onnxruntime")
EXTRAS = {
    "web": "fastapi",
    "ocr": "rapidocr",
    "postgres": "psycopg",
    "oidc": "authlib",
    "bulk": "pyarrow",
    "eval": "faster_coco_eval",
    "train": "torch",
}  # what an extra brings, by the module that tells whether it is here


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `ok` is None where it is optional and absent."""

    name: str
    ok: bool | None
    detail: str


def check_all() -> Iterator[Check]:
    """Every check in turn; one that fails does not stop the others."""
    cores = f"{os.cpu_count()} cores"
    yield Check("python", True, f"{platform.python_version()} on {platform.machine()}, {cores}")
    yield from (check_library(name) for name in LIBRARIES)
    yield from (check_network(name) for name in NETWORKS)
    countries = load_grammars().countries
    yield Check("grammars", bool(countries), f"{len(countries)} countries: {' '.join(countries)}")
    yield from (check_extra(extra, module) for extra, module in EXTRAS.items())
    yield from check_settings()


def check_library(name: str) -> Check:
    """An installed package's version."""
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "not installed; run: pip install kilpi")


OTHER_READER = (
    "not used, for it was calibrated with another reader: two photos that agree are enough, and how often"
    " that is wrong was not measured; train one for your reader (kilpi train verifier)"
)


def check_network(name: str) -> Check:
    """A network's file against its card."""
    try:
        path = find_weights(name)
        card = check_weights(path)
    except KilpiError as error:
        return Check(name, False, str(error))
    origin = "shipped" if path.parent == PACKAGED else f"from {path.parent} (KILPI_WEIGHTS)"
    size = f"{card.params / 1e6:.2f} M parameters"
    told = f"{origin}, {size}, {card.date}, {card.sha256[:12]}"
    if name == "verifier" and reader_name() not in {None, card.input.get("reader")}:
        return Check(name, None, f"{told}; {OTHER_READER}")
    return Check(name, True, told)


def check_extra(extra: str, module: str) -> Check:
    """An optional install, found without importing it."""
    if importlib.util.find_spec(module) is None:
        return Check(f"kilpi[{extra}]", None, f"not installed; for it: pip install 'kilpi[{extra}]'")
    return Check(f"kilpi[{extra}]", True, f"{module} {version(module)}")


def check_settings() -> Iterator[Check]:
    """The environment's settings, and the register that they name."""
    try:
        settings = load_settings()
    except KilpiError as error:
        yield Check("settings", False, str(error))
        return
    unknown = [no_setting(name, meant) for name, meant in unknown_settings().items()]
    yield Check("settings", not unknown, "; ".join(unknown) or "KILPI_* variables read")
    yield check_register(settings)


def check_register(settings: Settings) -> Check:
    """Whether the register of the settings can be opened; nothing is asked of it."""
    if not settings.default_register:
        return Check("register", None, "none set; give --register FILE or KILPI_REGISTER")
    try:
        open_register(settings.default_register, settings)
    except KilpiError as error:
        return Check("register", False, str(error))
    return Check("register", True, settings.default_register)


def check_registers() -> Iterator[Check]:
    """Every register adapter against a rehearsal server on this machine, with every fault it can have."""
    from kilpi.registers.simulator.server import rehearse

    for trial in rehearse():
        detail = f"{trial.outcome} (expected {trial.expected}), {trial.ms:.0f} ms"
        yield Check(f"{trial.provider}: {trial.fault}", trial.passed, detail)
