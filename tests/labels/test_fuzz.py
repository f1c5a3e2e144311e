from __future__ import annotations

from tests.labels.fuzz import LIMIT_S, run


def test_every_mutated_label_file_has_an_answer() -> None:
    """A short run of `python -m tests.labels.fuzz`, which takes more files and another seed."""
    tally = run(300)
    assert tally.worst == ()
    assert tally.imported > 20
    assert tally.refused > 100
    assert tally.slowest < LIMIT_S
