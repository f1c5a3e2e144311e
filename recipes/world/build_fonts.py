"""Builds recipes/world/fonts: free typefaces that training does not have, cut down and renamed.

Needs npm and `pip install fonttools`. Run from the repository's root: python recipes/world/build_fonts.py
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

OUT = Path(__file__).parent / "fonts"
CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ÅÄÖ-"
NPM = (  # package, weight, our name; all under the SIL Open Font License 1.1
    ("ibm-plex-sans-condensed", 500, "w-plain"),
    ("encode-sans-condensed", 600, "w-narrow"),
    ("asap-condensed", 600, "w-soft"),
    ("archivo-narrow", 600, "w-grotesque"),
    ("bebas-neue", 400, "w-poster"),
    ("big-shoulders-display", 600, "w-tall"),
    ("m-plus-rounded-1c", 700, "w-round"),
    ("league-gothic", 400, "w-gothic"),
)


def main() -> None:
    """Fetches, cuts and renames every face, and keeps its licence."""
    (OUT / "licences").mkdir(parents=True, exist_ok=True)
    for package, weight, name in NPM:
        with tempfile.TemporaryDirectory() as folder:
            packed = subprocess.run(
                ["npm", "pack", f"@fontsource/{package}", "--silent"],
                cwd=folder, check=True, capture_output=True, text=True,
            ).stdout.strip()  # fmt: skip
            with tarfile.open(Path(folder) / packed) as archive:
                archive.extractall(folder, filter="data")
            cut(Path(folder) / f"package/files/{package}-latin-{weight}-normal.woff", name)
            text = (Path(folder) / "package/LICENSE").read_text(encoding="utf-8", errors="replace")
            (OUT / "licences" / f"{package}.txt").write_text(text, encoding="utf-8")


def cut(source: Path, name: str) -> None:
    """The characters of plates alone, under a name of ours: the licence reserves the old one."""
    font = TTFont(source)
    font.flavor = None
    options = Options()
    options.hinting, options.layout_features, options.notdef_outline = False, [], False
    options.name_IDs = [0, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(text=CHARS)
    subsetter.subset(font)
    title = "Kilpi " + name.replace("-", " ").title()
    for name_id, text in ((1, title), (2, "Regular"), (4, title), (6, title.replace(" ", ""))):
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font.save(OUT / f"{name}.ttf")


if __name__ == "__main__":
    main()
