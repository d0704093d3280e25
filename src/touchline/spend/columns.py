"""What the columns of a whole file show: the decimal mark, the order of dates, the unit of money."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, time, timedelta, tzinfo
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

from touchline.errors import InputError
from touchline.spend.cost_formats import NAMED_CURRENCY, Header
from touchline.spend.options import CostOptions
from touchline.spend.written_dates import Order, day_in, order_of, time_in
from touchline.spend.written_dates import is_ambiguous as is_ambiguous_day
from touchline.spend.written_numbers import (
    WITHOUT_CENTS,
    Mark,
    currency_in,
    decimal_mark,
    is_nothing,
    number_in,
    thousands_mark,
)
from touchline.spend.written_numbers import is_ambiguous as is_ambiguous_number

DAYS = ("date", "first_day", "last_day")
COUNTS = ("impressions", "clicks")
_AMOUNTS = ("cost", "platform_value", "platform_conversions")
_LARGEST_CPC = 50_000
"""Units of a currency that a click costs: more, in most rows, and the amounts are micros."""
_MICROS = 1_000_000

Texts = Mapping[str, str]
"""A row by our names."""


@dataclass(frozen=True)
class Columns:
    """How the cells of a file are read.

    :param written: the zone of times that name none.
    :param read: the zone of the days that are wanted; ``None``: days as they are written.
    """

    decimal: Mark
    order: Order | None
    divisor: int
    value_divisor: int
    written: tzinfo
    read: ZoneInfo | None

    def day(self, text: str) -> date | None:
        """The day of a cell; ``None``: it says none."""
        return day_in(text, self.order, written=self.written, read=self.read)

    def last_day(self, text: str) -> date | None:
        """The last day of a range that ends with a cell: a midnight ends the day before."""
        day = self.day(text)
        return day - timedelta(days=1) if day and day > date.min and time_in(text) == time() else day

    def number(self, text: str) -> Decimal | None:
        """The number of a cell; ``None``: it says none."""
        return number_in(text, self.decimal)


def columns_of(name: str, header: Header, rows: Sequence[Texts], options: CostOptions) -> Columns:
    """How a file's cells are read, as they show it.

    :raises InputError: if they show nothing, or contradict each other or the format.
    """
    form = header.form
    decimal: Mark = "."
    order: Order | None = options.order or form.order
    if form.is_written:
        decimal = options.decimal or form.decimal or _decimal(name, header, rows, options.currency)
        order = order or _order(name, rows, is_needed=options.day is None and options.spread is None)
    columns = Columns(
        decimal, order, _MICROS if form.unit == "micros" else 1, _MICROS if form.value_unit == "micros" else 1,
        UTC if form.zone == "UTC" else options.time_zone or UTC, options.time_zone,
    )  # fmt: skip
    _check_unit(name, header, rows, columns)
    _check_midnights(name, rows, options)
    return columns


def _cells(rows: Iterable[Texts], *fields: str) -> list[str]:
    return [row[field] for field in fields for row in rows if not is_nothing(row.get(field, ""))]


def _decimal(name: str, header: Header, rows: Sequence[Texts], currency: str) -> Mark:
    try:
        shown = decimal_mark(_cells(rows, "cost")) or decimal_mark(_cells(rows, *_AMOUNTS))
    except ValueError as error:
        raise InputError(f"{name}: {error}.", "Export it again in one language, or give --decimal . or ,") from error
    if shown is None and (between := thousands_mark(_cells(rows, *COUNTS))):
        shown = "." if between == "," else ","
    if shown is None and rows and all(_currency(row, currency) in WITHOUT_CENTS for row in rows):
        between = thousands_mark(_cells(rows, *_AMOUNTS))
        shown = "," if between == "." else "."
    if shown is None and (cell := next(filter(is_ambiguous_number, _cells(rows, *_AMOUNTS)), None)):
        raise InputError(
            f"{name}: {cell!r:.40} in {header.columns['cost'][0]} and the like can be a decimal or thousands, and no "
            "cell shows which.",
            "Give --decimal . or --decimal ,",
        )
    return shown or "."


def _currency(row: Texts, usual: str) -> str:
    """The code that a row or its column of costs names, else the usual one."""
    return row.get("currency", "").strip().upper() or row.get(NAMED_CURRENCY) or currency_in(row["cost"]) or usual


def _order(name: str, rows: Sequence[Texts], *, is_needed: bool) -> Order | None:
    """Whether days or months come first.

    :param is_needed: whether nothing else says the days.
    """
    cells = _cells(rows, *DAYS)
    try:
        shown = order_of(cells)
    except ValueError as error:
        raise InputError(f"{name}: {error}.", "Export it again in one language.") from error
    if is_needed and shown is None and (cell := next(filter(is_ambiguous_day, cells), None)):
        raise InputError(
            f"{name}: {cell!r:.40} and the like can have the day or the month first, and no cell shows which.",
            "Give --date-order DMY or --date-order MDY.",
        )
    return shown


def _check_unit(name: str, header: Header, rows: Sequence[Texts], columns: Columns) -> None:
    """Refuse amounts of another unit than the format says: micros have no fraction, and no click costs 50,000.

    :raises InputError: if most rows show it.
    """
    costs = [(row, amount) for row in rows if (amount := columns.number(row.get("cost", ""))) is not None]
    column = header.columns["cost"][0]
    if columns.divisor > 1:
        broken = next((row["cost"] for row, amount in costs if amount != amount.to_integral_value()), None)
        if broken is not None:
            raise InputError(
                f"{name}: {column} is in micros in {header.form.says}, but {broken!r:.40} has a fraction.",
                'Read it with --mapping, and say unit = "units" there.',
            )
        return
    clicked = [
        amount / clicks for row, amount in costs
        if (clicks := columns.number(row.get("clicks", ""))) and amount and amount == amount.to_integral_value()
    ]  # fmt: skip
    middle = median(clicked) if len(clicked) * 2 > len(costs) else 0
    if middle > _LARGEST_CPC:
        raise InputError(
            f"{name}: a click costs {middle:,.0f} by {column}, so the amounts look like micros.",
            'Read it with --mapping, and say unit = "micros" there.',
        )


def _check_midnights(name: str, rows: Sequence[Texts], options: CostOptions) -> None:
    """Refuse midnights of another zone that fall on the day before, unless the zone is known.

    :raises InputError: if all times of the file are one such midnight, or two with and without summer time.
    """
    if options.time_zone is not None:
        return
    times = {at for cell in _cells(rows, "date") if (at := time_in(cell)) is not None}
    hours = {at.hour for at in times}
    if times and hours <= {*range(12, 24)} and len(times) <= 2 and max(hours) - min(hours) <= 1:
        shown = " and ".join(f"{at:%H:%M}" for at in sorted(times, key=time.isoformat))
        raise InputError(
            f"{name}: every day begins at {shown} in UTC, so it is the next day in the ad account's time zone.",
            "Give the account's zone with --time-zone, such as --time-zone Europe/Berlin.",
        )
