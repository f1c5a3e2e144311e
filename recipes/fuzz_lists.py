"""Damaged lists, notes and register replies: each must come to an answer or to one of Kilpi's own errors.

    python recipes/fuzz_lists.py 10000
    python recipes/fuzz_lists.py 10000 --seed 7

Prints how many of each kind were tried, the longest one in seconds, the peak memory, and every one that ended
otherwise, with the seed that makes it again. Exit code 1 where there is any.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from kilpi.adverts.dealer_stock import load_offer, read_stock_list
from kilpi.errors import KilpiError
from kilpi.registers import ADAPTERS
from kilpi.registers.client import Client, Reply
from kilpi.registers.file import FileRegister
from kilpi.registers.http import JsonRegister
from kilpi.registers.limits import DailyBudget
from kilpi.registers.provider import provider
from kilpi.registers.rdw import RdwRegister
from kilpi.registers.simulator.scenarios import PLAYS, fixture
from kilpi.registers.traficom import Contract, TraficomRegister
from kilpi.types import Mark

LONGEST_S = 10.0
MARK = Mark("KLT-482", "FI")
STOCK = (
    "sep=;\r\nAutotalo Esimerkki\r\n\r\nreference;mark;Hinta (€);km;varusteet;kuvaus\r\n"
    'golf;KLT-482;"15 900,00 e";84 200 km;Koukku, Navi;"Hieno <b>auto</b>\r\n\r\nja ""siisti"""\r\n'
    "leaf;NVE-390;22900 EUR;38,9 tkm;;Nice &amp; clean\r\nyaris;RTK-264;9.900,00;120000;a|b;x\r\n"
)
REGISTER = (
    "mark;country;make;trade_name;colour;fuels;displacement_cc;power_kw;first_registered;odometer_km;vin;status\n"
    "KLT-482;FI;Volkswagen;Golf;tummanpunainen;petrol/electricity;1 498;96,0;14.5.2018 0:00;79 650;"
    "WVWZZZAUZJW000417;in_use\nÖÅ-7;FI;Nissan;Qashqai;grey;petrol;1332;117;2.9.2020;55900;SJNFAAJ11U0000682;in_use\n"
)
RECORDS = (
    '{"vehicles": [{"mark": "KLT-482", "country": "FI", "make": "Volkswagen", "power_kw": 96.5, '
    '"fuels": ["petrol", "lpg"], "first_registered": "2018-05-14"}, {"mark": "ÖÅ-7", "country": "FI"}]}'
)
CAR = (
    'price = 15900\nkm = 84200\nequipment = ["Koukku", "Navi"]\nplace = "Turku"\n'
    'description = """Hieno\n\nauto"""\n'
)
NOTE = "VW Golf 2018, ajettu 84 200 km. Hinta: 15 900 €,\nrahoitus alk. 199 €/kk. Mätarställning 8420 mil.\n"
PIECES = tuple('";,\n\r\0\t=<[{}é\ufeff') + ("&amp;", "19.900", "9" * 40, "NaN")


@dataclass(frozen=True)
class Kind:
    """One kind of input: a sound one, and what reads it."""

    name: str
    sound: bytes
    read: Callable[[bytes, Path], object]


def damage(sound: bytes, chance: random.Random) -> bytes:
    """The bytes after one to six injuries: flipped, cut, doubled, moved, or with a piece put in."""
    data = bytearray(sound)
    for _ in range(chance.randint(1, 6)):
        at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        kind = chance.randrange(6)
        if kind == 0 and data:
            data[min(at, len(data) - 1)] = chance.randrange(256)
        elif kind == 1:
            del data[at : min(end, at + 40)]
        elif kind == 2:
            data[at:at] = data[at : min(end, at + 200)] * chance.randint(1, 30)
        elif kind == 3:
            data[at:at] = chance.choice(PIECES).encode()
        elif kind == 4:
            data[at:at] = chance.randbytes(chance.randint(1, 8))
        else:
            data = data[:end] if chance.random() < 0.2 else data
    return bytes(data)


def read_file(reader: Callable[[Path], object], suffix: str, data: bytes, folder: Path) -> object:
    """The reader on a file with these bytes."""
    path = folder / f"input{suffix}"
    path.write_bytes(data)
    return reader(path)


def ask_register(path: Path) -> object:
    """A register's file, opened and asked."""
    return FileRegister.open(path).look_up(MARK)


def ask_provider(name: str, data: bytes, folder: Path) -> object:
    """An adapter whose provider sends these bytes."""

    class Canned(Client):
        def send(self, *_: object, **__: object) -> Reply:
            return Reply(200, data)

    who, key = provider(name), SecretStr("k")
    client = Canned(name, DailyBudget(name, None))
    if name == "traficom":
        return TraficomRegister(who, client, Contract("https://x", "u", key)).look_up(PLAYS[name].mark)
    adapter = RdwRegister if name == "rdw" else JsonRegister
    return adapter(who, client, key).look_up(PLAYS[name].mark)


def kinds(workbook: bytes = b"") -> Iterator[Kind]:
    """Every kind of input; workbooks only where a sound one is given (a process each: slow)."""
    for encoding in ("utf-8", "utf-16", "cp1252"):
        yield Kind(f"stock {encoding}", STOCK.encode(encoding), partial(read_file, read_stock_list, ".csv"))
    yield Kind("register", REGISTER.encode(), partial(read_file, ask_register, ".csv"))
    yield Kind("register json", RECORDS.encode(), partial(read_file, ask_register, ".json"))
    yield Kind("car.toml", CAR.encode(), partial(read_file, lambda path: load_offer("golf", path), ".toml"))
    for suffix in (".txt", ".eml"):
        note = partial(read_file, lambda path: load_offer("golf", None, None, [path]), suffix)
        yield Kind(f"note {suffix}", NOTE.encode(), note)
    for name in ADAPTERS:
        play = PLAYS[name]
        text = fixture(next(iter(play.files.values()))).replace("@MARK@", play.mark.text)
        yield Kind(f"reply {name}", text.encode(), partial(ask_provider, name))
    if workbook:
        yield Kind("workbook", workbook, partial(read_file, read_stock_list, ".xlsx"))


def run(count: int, seed: int, tried: list[Kind]) -> tuple[Counter[str], list[str], float]:
    """Inputs by kind, what ended otherwise, and the longest in seconds."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    longest = 0.0
    with tempfile.TemporaryDirectory() as name:
        for number in range(seed, seed + count):
            kind = tried[number % len(tried)]
            data = damage(kind.sound, random.Random(number))
            begun = time.perf_counter()
            try:
                kind.read(data, Path(name))
            except KilpiError:
                pass
            except Exception as error:
                wrong.append(f"--seed {number}: {kind.name}: {type(error).__name__}: {error}")
            taken = time.perf_counter() - begun
            longest = max(longest, taken)
            if taken > LONGEST_S:
                wrong.append(f"--seed {number}: {kind.name}: {taken:.1f} s")
            counts[kind.name] += 1
    return counts, wrong, longest


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workbook", type=Path, help="a sound .xlsx, to damage that too")
    given = parser.parse_args()
    workbook = given.workbook.read_bytes() if given.workbook else b""
    counts, wrong, longest = run(given.count, given.seed, list(kinds(workbook)))
    for name, number in sorted(counts.items()):
        print(f"{number:7} {name}")
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"longest {longest:.2f} s, peak {peak / 1024:.0f} MB, ended otherwise: {len(wrong)}")
    print("\n".join(wrong[:50]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
