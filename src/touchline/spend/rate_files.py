"""Files of exchange rates: our own columns, or those of the European Central Bank.

Our own are ``date``, ``from``, ``to`` and ``rate``: the number of units of ``to`` for one of ``from``. The bank
publishes a table with a column for each currency, also zipped, and series of its data portal; both are for one euro.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

from touchline.amounts import counted
from touchline.errors import InputError
from touchline.files import BadRow, Cells, head_of, table_below, unpacked
from touchline.files.heads import MOST_BYTES
from touchline.numerals import currency_of, date_of, decimal_of
from touchline.spend.rates import Rate
from touchline.spend.written_dates import day_in

_OWN = ("date", "from", "to", "rate")
_PORTAL = ("TIME_PERIOD", "CURRENCY", "CURRENCY_DENOM", "OBS_VALUE")
_NONE = frozenset({"", "N/A", "NaN", "-"})
_LARGEST, _SMALLEST = Decimal(10**9), Decimal(1).scaleb(-9)


class BadRate(NamedTuple):
    """A cell that is no rate, and why."""

    source: str
    message: str


def read_rates(path: Path) -> tuple[list[Rate], list[BadRate]]:
    """The rates of a file, and what in it is none.

    :raises InputError: if it is no file of rates.
    """
    name, content = _content(path)
    text = unpacked(content, Path(name))
    head = head_of(text, lambda names: _shape(names) is not None)
    shape = _shape(head.names)
    if shape is None:
        raise InputError(
            f"{path} has no columns of exchange rates: its columns are {', '.join(head.names)[:200]}.",
            "Expected date, from, to, rate; or a file of the European Central Bank.",
        )
    rates, bad = [], []
    _, rows = table_below(text, head, path.name)
    for source, row in rows:
        for found in (row.message,) if isinstance(row, BadRow) else shape(row):
            if isinstance(found, Rate):
                rates.append(found)
            else:
                bad.append(BadRate(source, found))
    return rates, bad


def _content(path: Path) -> tuple[str, bytes]:
    """The bytes of a file, or of the one file in an archive.

    :raises InputError: if it cannot be read, or holds several files or too much.
    """
    try:
        if path.suffix.lower() != ".zip":
            if path.stat().st_size > MOST_BYTES:
                raise InputError(f"{path} has more than {MOST_BYTES >> 20} MB.", "Give fewer days at a time.")
            return path.name, path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
            if len(inside) != 1 or inside[0].filename.lower().endswith(".zip"):
                raise InputError(
                    f"{path} holds {counted(len(inside), 'file')}.", "Expected an archive of one CSV file."
                )
            with archive.open(inside[0]) as stream:
                content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError(f"{path} has more than {MOST_BYTES >> 20} MB.", "Give fewer days at a time.")
        return Path(inside[0].filename).name, content
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Check the path, and download it again.") from error


def _shape(names: Sequence[str]) -> Callable[[Cells], Iterator[Rate | str]] | None:
    """How the rows of a table are read; ``None``: it is none of rates."""
    if {*_OWN} <= {*names}:
        return partial(_pair, names=_OWN)
    if {*_PORTAL} <= {*names}:
        return partial(_pair, names=_PORTAL)
    currencies = [name for name in names[1:] if name]
    is_table = names[:1] == ("Date",) and len(currencies) > 0 and all(currency_of(name) for name in currencies)
    return _for_one_euro if is_table else None


def _pair(row: Cells, *, names: Sequence[str]) -> Iterator[Rate | str]:
    """A row with one rate, for one unit of the currency that it is from."""
    day, first, second, rate = (str(row[name]).strip() for name in names)
    base, quote = (first, second) if names is _OWN else (second, first)
    if rate not in _NONE:
        yield _rate(day, base, quote, rate)


def _for_one_euro(row: Cells) -> Iterator[Rate | str]:
    """A row with a rate for each currency; those that were not traded that day have none."""
    day = str(row["Date"]).strip()
    for quote, rate in row.items():
        if quote and quote != "Date" and str(rate).strip() not in _NONE:
            yield _rate(day, "EUR", quote, str(rate).strip())


def _rate(day: str, base: str, quote: str, rate: str) -> Rate | str:
    found = date_of(day) or day_in(day, None, written=UTC, read=None)
    one, other, number = currency_of(base), currency_of(quote), decimal_of(rate)
    if found is None:
        return f"date is YYYY-MM-DD, not {day!r:.80}"
    if one is None or other is None or one == other:
        return f"from and to are two currencies such as EUR, not {base!r:.40} and {quote!r:.40}"
    if number is None or not _SMALLEST <= number <= _LARGEST:
        return f"rate is a number above 0 such as 1.0825, not {rate!r:.80}"
    return Rate(found, one, other, number)
