"""Builds src/kilpi/draw/fonts: free typefaces, cut down to the characters of plates and renamed.

Needs npm, apt-get (Debian), dpkg and `pip install fonttools`. Run from the repository's root:

    python recipes/build_fonts.py

The faces go under neutral names because the Open Font License forbids a changed font to carry a reserved one.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

OUT = Path("src/kilpi/draw/fonts")
CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ÅÄÖÆØÜÞÐ-"
NPM = [  # package, weight, our name
    ("barlow-condensed", 500, "a-condensed"),
    ("barlow-semi-condensed", 500, "a-semi"),
    ("barlow-semi-condensed", 600, "a-semi-bold"),
    ("barlow", 500, "a-wide"),
    ("saira-condensed", 600, "b-condensed"),
    ("saira-semi-condensed", 500, "b-semi"),
    ("share-tech", 400, "c-tech"),
    ("rajdhani", 700, "d-square"),
    ("overpass", 600, "e-highway"),
    ("oxanium", 600, "f-square"),
    ("gidole", 400, "g-din-light"),
    ("roboto-condensed", 600, "h-grotesque"),
    ("red-hat-mono", 600, "i-mono"),
    ("dosis", 700, "j-round"),
    ("sometype-mono", 600, "k-mono"),
    ("sofia-sans-condensed", 600, "l-grotesque"),
    ("antonio", 600, "m-narrow"),
    ("b612-mono", 700, "n-mono"),
    ("oswald", 500, "t-gothic"),
    ("anton", 400, "t-heavy"),
    ("fjalla-one", 400, "t-narrow"),
    ("pt-sans-narrow", 700, "t-plain"),
    ("teko", 600, "u-square"),
    ("chakra-petch", 600, "u-cut"),
    ("exo-2", 600, "u-tech"),
    ("staatliches", 400, "v-poster"),
    ("nunito", 700, "y-round"),
    ("fredoka", 500, "y-soft"),
]
DEBIAN = [  # package, path in the package, our name
    ("fonts-routed-gothic", "usr/share/fonts/truetype/routed-gothic/routed-gothic-narrow.ttf", "o-engraved"),
    ("fonts-routed-gothic", "usr/share/fonts/truetype/routed-gothic/routed-gothic.ttf", "o-engraved-wide"),
    ("fonts-opendin", "usr/share/fonts/truetype/opendin/OSP-DIN.ttf", "p-din"),
    ("fonts-roadgeek", "usr/share/fonts/truetype/roadgeek/RG2014B.ttf", "q-highway-b"),
    ("fonts-roadgeek", "usr/share/fonts/truetype/roadgeek/RG2014C.ttf", "q-highway-c"),
    ("fonts-roadgeek", "usr/share/fonts/truetype/roadgeek/RG2014D.ttf", "q-highway-d"),
    (
        "fonts-national-park",
        "usr/share/fonts/opentype/national-park/NationalPark-Heavy.otf",
        "r-router",
    ),
]


def cut(source: Path, name: str) -> None:
    font = TTFont(source)
    font.flavor = None
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 13, 14]
    options.notdef_outline = False
    subsetter = Subsetter(options)
    subsetter.populate(text=CHARS)
    subsetter.subset(font)
    title = "Kilpi " + name.replace("-", " ").title()
    for name_id, text in ((1, title), (2, "Regular"), (4, title), (6, title.replace(" ", ""))):
        font["name"].setName(text, name_id, 3, 1, 0x409)
    if "CFF " in font:
        top = font["CFF "].cff
        top.fontNames[0] = title.replace(" ", "")
        for key in ("FullName", "FamilyName"):
            setattr(top[top.fontNames[0]], key, title)
    suffix = "otf" if "CFF " in font else "ttf"
    font.save(OUT / f"{name}.{suffix}")


def licence(source: Path, package: str) -> None:
    (OUT / "licences").mkdir(parents=True, exist_ok=True)
    text = source.read_text(encoding="utf-8", errors="replace")
    (OUT / "licences" / f"{package}.txt").write_text(text, encoding="utf-8")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for package, weight, name in NPM:
            place = work / package
            if not place.exists():
                packed = subprocess.run(
                    ["npm", "pack", f"@fontsource/{package}", "--silent"],
                    cwd=work, check=True, capture_output=True, text=True,
                ).stdout.strip()  # fmt: skip
                with tarfile.open(work / packed) as archive:
                    archive.extractall(place, filter="data")
            # woff, not woff2: zlib is enough to read it
            cut(place / f"package/files/{package}-latin-{weight}-normal.woff", name)
            licence(place / "package/LICENSE", package)
        for package, path, name in DEBIAN:
            place = work / package
            if not place.exists():
                subprocess.run(["apt-get", "download", package], cwd=work, check=True)
                subprocess.run(
                    ["dpkg", "-x", *map(str, work.glob(f"{package}_*.deb")), str(place)], check=True
                )
            cut(place / path, name)
            licence(place / f"usr/share/doc/{package}/copyright", package)


if __name__ == "__main__":
    main()
