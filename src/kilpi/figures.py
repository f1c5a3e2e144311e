"""Numbers and dates as people and spreadsheets write them. What could mean two things is refused.

Every function raises ValueError with a few words that never repeat the value; who knows where it stood adds
file, line, column and value.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

UNCLEAR = "is not clear; write digits only, for example 12345"
_SPACE = r"[ '’]"
_PLAIN = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"[0-9]+[.,](?:[0-9]{1,2}|[0-9]{4,})|(?:0|[0-9]{4,})[.,][0-9]+")
_GROUPED = re.compile(rf"[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+(?:[.,][0-9]+)?")
_DOTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,}")  # 9.900,00 and 1.234.567
_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3}){2,}")
_EITHER = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")  # 19.900 is 19900, or 19.9
LONGEST = 40  # characters of a number


def one_line(text: str) -> str:
    """NFKC (full-width digits, no-break spaces) and single spaces."""
    return " ".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())


def read_number(text: str) -> Decimal:
    """15900, 15 900, 15'900, 15900,50, 9.900,00, 1,234.5 and 1.234.567 each mean one number.

    Raises ValueError for 19.900 (two numbers) and for what is no number.
    """
    bare = one_line(text)
    if len(bare) > LONGEST or not re.match(r"[-+]?[0-9]", bare):
        raise ValueError("is not a number")
    sign, bare = (bare[0], bare[1:]) if bare[0] in "-+" else ("", bare)
    if _EITHER.fullmatch(bare) and not bare.startswith("0"):
        raise ValueError(UNCLEAR)
    if _PLAIN.fullmatch(bare):
        digits = bare
    elif _GROUPED.fullmatch(bare):
        digits = re.sub(_SPACE, "", bare).replace(",", ".")
    elif _DOTS.fullmatch(bare):
        digits = bare.replace(".", "").replace(",", ".")
    elif _COMMAS.fullmatch(bare):
        digits = bare.replace(",", "")
    elif _DECIMAL.fullmatch(bare):
        digits = bare.replace(",", ".")
    else:
        raise ValueError("is not a number")
    return Decimal(sign + digits)


def both_readings(text: str) -> tuple[Decimal, Decimal] | None:
    """The two numbers that 19.900 may be (19900, 19.9); None where there is no doubt."""
    bare = one_line(text)
    if not _EITHER.fullmatch(bare) or bare.startswith("0"):
        return None
    return Decimal(re.sub("[.,]", "", bare)), Decimal(bare.replace(",", "."))


def as_money(price: Decimal) -> Decimal:
    """No decimals, or two: 15900.0 and 15900.00 are 15900; 15900.5 is 15900.50."""
    whole = price == price.to_integral_value()
    return price.to_integral_value() if whole else price.quantize(Decimal("0.01"))


_CLOCK = r"[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AP]M)?"
_TIME = rf"(?:(?:T|,? (?:klo |kl\.? |at )?){_CLOCK})?"
_ZONE = r"(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
_DATES = (
    re.compile(
        rf"(?P<y>[0-9]{{4}})([-./])(?P<m>[0-9]{{1,2}})\2(?P<d>[0-9]{{1,2}}){_TIME}{_ZONE}", re.IGNORECASE
    ),
    re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
    re.compile(
        rf"(?P<d>[0-9]{{1,2}})\. ?(?P<m>[0-9]{{1,2}})\. ?(?P<y>[0-9]{{4}}){_TIME}{_ZONE}", re.IGNORECASE
    ),
    # Month precision (DVLA; 5/2018 on Finnish lists): kept as the first day of that month.
    re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})(?P<d>)(?:Z|[+-][0-9]{2}:?[0-9]{2})?"),
    re.compile(r"(?P<d>)(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})"),
)
_DAY_OR_MONTH_FIRST = re.compile(
    rf"(?P<a>[0-9]{{1,2}})([-/])(?P<b>[0-9]{{1,2}})\2(?P<y>[0-9]{{4}}){_TIME}", re.IGNORECASE
)
_ZONE_AFTER_DATE = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:?[0-9]{2})")


def read_date(text: str) -> date:
    """2005-12-05, 20051205, 5.12.2005, 5/2018, each also with a time behind it, of which the date is kept.

    5/12/2005 could be May or December and is refused; 14/5/2018 and 5/14/2018 are one day each.
    """
    bare = one_line(text)
    if zoned := _ZONE_AFTER_DATE.fullmatch(bare):
        bare = zoned["day"]
    for form in _DATES:
        if found := form.fullmatch(bare):
            return _day(int(found["y"]), int(found["m"]), int(found["d"] or 1))
    if found := _DAY_OR_MONTH_FIRST.fullmatch(bare):
        one, two = int(found["a"]), int(found["b"])
        if one <= 12 and two <= 12 and one != two:
            raise ValueError("is not a date that is clear (day or month first?); write YYYY-MM-DD")
        return _day(int(found["y"]), *((two, one) if two <= 12 else (one, two)))
    raise ValueError("is not a date (YYYY-MM-DD, YYYYMMDD or D.M.YYYY)")


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("is not a date of the calendar") from None
