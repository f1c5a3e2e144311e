from __future__ import annotations

import pytest

from kilpi.registers.values import WORDS, check_word


@pytest.mark.parametrize("name", sorted(WORDS))
def test_words_are_plain_and_their_own_value(name: str) -> None:
    for word in WORDS[name]:
        assert str(word) == word.value == check_word(name, word.value.upper())
        assert word.value.replace("_", "").isalpha() and word.value.islower()


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        check_word("colour", "mauve-ish")
