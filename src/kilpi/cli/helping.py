"""How `--help` is written: arguments and values as people write them, and examples."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand

EXAMPLES = {
    "read": ("kilpi read front.jpg photos/ --json", "kilpi read --crop plate.png"),
    "advert": (
        "kilpi advert photos/ -o out --register register.csv --offers stock.xlsx",
        "kilpi advert photos/ -o out --register traficom --home FI --language sv",
    ),
    "serve": ("kilpi serve --data kilpi-data --register register.csv --take photos/",),
    "watch": ("kilpi watch /srv/photos --data kilpi-data", "kilpi watch /srv/photos --once"),
    "cars": ("kilpi cars --state review,draft", "kilpi cars --search golf --json"),
    "answer": (
        "kilpi answer leaf ABC-123",
        "kilpi answer leaf --not-these 3.jpg 4.jpg",
        "kilpi answer leaf --corners '2.jpg=612,702 868,709 867,771 611,764'",
    ),
    "set": ("kilpi set leaf price=15900 km=84200", "kilpi set leaf make=Skoda model=Octavia year=2018"),
    "publish": ("kilpi publish out --to site --dealer dealer.toml",),
    "look-up": (
        "kilpi look-up ABC-123 --register stock.csv,traficom --explain",
        "kilpi look-up --vin - --register register.csv < vin.txt",
    ),
    "bulk": ("kilpi bulk photos/ rows/", "kilpi bulk list.txt rows/ --workers 8"),
}
"""What is typed most often, by verb: shown below its options."""

# What a person may write where typer would name Python's types.
KINDS = (
    (r"<[^>]*(?:str)[^>]*>", "TEXT"),
    (r"<[^>]*(?:int|float)[^>]*>", "NUMBER"),
    (r"<%[^>]*>", "YYYY-MM-DD"),
    (r"<[^>]*(?:[Pp]ath|file|directory)[^>]*>", "PATH"),
    (r"<([^>]*)>", r"\1"),
)


class Verb(TyperCommand):
    """A verb whose help names its arguments and values as people write them: PHOTO..., not {PHOTO}..."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments by their names alone, options with what may be written behind them."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            of_kind = (param for param in self.get_params(ctx) if param.param_type_name == kind)
            records = [record for param in of_kind if (record := param.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl([(in_words(name, kind == "argument"), told) for name, told in records])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The parts of the usage line behind the verb."""
        pieces = (re.sub(r"^\{(.+)\}", r"\1", piece) for piece in super().collect_usage_pieces(ctx))
        return [re.sub(r"(\.\.\. .+)\.\.\.$", r"\1", piece) for piece in pieces]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The verb's examples, as they are typed."""
        lines = EXAMPLES.get(self.name or "", ()) if ctx.parent and not ctx.parent.parent else ()
        if lines:
            with formatter.section("Examples"):
                for line in lines:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def in_words(name: str, is_argument: bool) -> str:
    """ "--weeks <int>" as "--weeks NUMBER", "PHOTO <list[str]>" as "PHOTO"."""
    if is_argument:
        return re.sub(r" <.*>$", "", name)
    for pattern, word in KINDS:
        name = re.sub(pattern, word, name)
    return name
