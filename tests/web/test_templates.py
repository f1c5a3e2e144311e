"""Templates: what a macro is called hides a value of the same name that the page was given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from jinja2 import nodes

from kilpi.web.pages import environment

WEB = Path(str(files("kilpi.web")))


def given() -> Iterator[tuple[str, set[str]]]:
    """By template, the names of the values of each call that fills it in."""
    for path in WEB.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            for one in call.args:
                if isinstance(one, ast.Constant) and str(one.value).endswith(".html"):
                    yield str(one.value), {word.arg for word in call.keywords if word.arg}


def hidden(name: str) -> set[str]:
    """What a template imports, or calls its macros."""
    tree = environment().parse((WEB / "templates" / name).read_text())
    names = [one for each in tree.find_all(nodes.FromImport) for one in each.names]
    imported = {one if isinstance(one, str) else one[1] for one in names}
    return imported | {each.name for each in tree.find_all(nodes.Macro)}


def test_no_template_hides_a_value_that_it_is_given() -> None:
    calls = list(given())
    assert len({name for name, _ in calls}) > 20
    assert [(name, values & hidden(name)) for name, values in calls if values & hidden(name)] == []
