"""Prints docs/settings.md from the code: `python recipes/settings_table.py > docs/settings.md`."""

from __future__ import annotations

import inspect
import re

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from kilpi.config import Settings

HEAD = """# Settings

Every setting is an environment variable; nothing is read from files, so a folder cannot change what a
command does. Options of a command stand over them. Credentials never show in logs, errors or `kilpi doctor`.
This page is made from `src/kilpi/config.py`.
"""
OTHERS = [("Labels", "KILPI_DATA", "", "folder of the photos of label files, as `--images`")]


def rows() -> list[tuple[str, str, str, str]]:
    """(heading, variable, default, what it is), in the order of the code."""
    found, heading = [], ""
    lines = inspect.getsource(Settings).splitlines()
    for number, line in enumerate(lines):
        text = line.strip()
        if text.startswith("# ") and line.startswith("    # "):
            before = lines[number - 1].strip()
            heading = f"{heading} {text[2:]}" if before.startswith("# ") else text[2:]
            continue
        name = re.match(r"    (\w+): ", line)
        if not name or name[1] not in Settings.model_fields:
            continue
        field = Settings.model_fields[name[1]]
        variable = str(field.validation_alias or f"KILPI_{name[1].upper()}")
        default = field.default
        if isinstance(default, SecretStr):
            shown = "(secret)"
        elif default in (None, "", PydanticUndefined):
            shown = ""
        else:
            shown = f"`{default}`"
        remark = re.search(r"  # (.+)$", line)
        found.append((heading.rstrip("."), variable, shown, remark[1] if remark else ""))
    return found


def table() -> str:
    """The page."""
    lines = [HEAD, "| for | variable | default | |", "|---|---|---|---|"]
    last = ""
    for heading, variable, default, told in [*rows(), *OTHERS]:
        group = heading.replace("|", "\\|") if heading != last else ""
        lines.append(f"| {group} | `{variable}` | {default} | {told} |")
        last = heading
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prints it."""
    print(table(), end="")


if __name__ == "__main__":
    main()
