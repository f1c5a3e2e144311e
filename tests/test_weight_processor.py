from __future__ import annotations

from pathlib import Path

import pytest

from kilpi.weights.processor import multiplies_in_eight_bits

HEAD = "processor\t: 0\nvendor_id\t: AuthenticAMD\n"


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ("fpu avx2 avx512f avx512_vnni avx512_bf16", True),
        ("fpu avx2 avx_vnni", True),  # processors for laptops since 2021 have no other
        ("fpu avx2 avx512f avx512bw", False),
        ("fpu avx2 avx512_vnni_x", False),
    ],
)
def test_the_processors_flags_tell(flags: str, wanted: bool, tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"{HEAD}flags\t\t: {flags}\n\nprocessor\t: 1\n")
    assert multiplies_in_eight_bits(file) is wanted


def test_where_nothing_is_known_it_is_32_bits(tmp_path: Path) -> None:
    assert not multiplies_in_eight_bits(tmp_path / "none")
    arm = tmp_path / "cpuinfo"
    arm.write_text("processor\t: 0\nFeatures\t: fp asimd asimddp\n")
    assert not multiplies_in_eight_bits(arm)
