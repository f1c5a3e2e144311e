"""docs/scripts.md has every exit code that there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from kilpi import errors

PAGE = (Path(__file__).parents[2] / "docs" / "scripts.md").read_text(encoding="utf-8")


def test_the_page_has_every_exit_code() -> None:
    codes = {
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.KilpiError)
    }
    told = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]
    assert set(told) == codes and told == sorted(codes)
