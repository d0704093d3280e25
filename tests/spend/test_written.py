"""Numbers and days as exports write them, against what wrote them; what can be two things is never guessed."""

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.spend import written_dates, written_numbers
from touchline.spend.written_dates import day_in, order_of, range_in, time_in
from touchline.spend.written_numbers import Mark, currency_in, decimal_mark, is_nothing, number_in, thousands_mark

AMOUNTS = st.decimals(-10_000_000, 10_000_000, places=2)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
MONTHS = calendar.month_name[1:]
GERMAN = re.findall(r"\w+", "Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
WAYS = {
    "1,234.50": (".", ","), "1.234,50": (",", "."), "1 234,50": (",", " "), "1'234.50": (".", "'"),
    "1\u202f234,50": (",", "\u202f"), "1234.50": (".", ""), "1234,50": (",", ""),
}  # fmt: skip


def written(amount: Decimal, mark: str, between: str) -> str:
    """An amount as a program writes it."""
    whole, _, rest = f"{abs(amount):,.2f}".partition(".")
    return ("-" if amount < 0 else "") + whole.replace(",", between) + mark + rest


@given(AMOUNTS, st.sampled_from(sorted(WAYS)), st.sampled_from(["{}", "{} €", "$ {}", "EUR {}", "{} USD", " {} "]))
def test_an_amount_is_read_back_however_it_was_written(amount: Decimal, way: str, around: str) -> None:
    mark, between = WAYS[way]
    text = around.format(written(amount, mark, between))
    assert decimal_mark([text]) == mark
    assert number_in(text, "." if mark == "." else ",") == amount


@given(st.lists(AMOUNTS, min_size=1), st.sampled_from(sorted(WAYS)))
def test_a_column_shows_its_mark_from_any_cell(amounts: list[Decimal], way: str) -> None:
    mark, between = WAYS[way]
    cells = [written(amount, mark, between) for amount in amounts]
    assert decimal_mark([*cells, "7", ""]) == mark


@given(st.integers(0, 10**9), st.sampled_from([",", ".", " "]))
def test_a_count_is_read_back(count: int, between: str) -> None:
    text = f"{count:,}".replace(",", between)
    mark: Mark = "." if between == "," else ","
    assert number_in(text, mark) == count
    assert thousands_mark([text]) == (between if count > 999 and between != " " else None)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,234"], None), (["1.234"], None), (["1,234", "1"], None), (["0,123"], ","), (["1234,567"], ","),
        (["1,234", "1,23"], ","), (["1,234,567"], "."), (["1.234.567"], ","), ([], None), (["12%"], None),
        (["1.5e3"], "."), (["--", "x", "5"], None),
    ],
)  # fmt: skip
def test_what_a_column_shows_of_its_mark(cells: list[str], mark: str | None) -> None:
    assert decimal_mark(cells) == mark


def test_a_column_that_contradicts_itself_is_no_column() -> None:
    with pytest.raises(ValueError, match=r"'1\.50' has a decimal point, and '1,50' a decimal comma"):
        decimal_mark(["1.50", "1,50"])


@pytest.mark.parametrize(
    ("text", "mark"),
    [("1,2,3", "."), ("1.2.3", "."), ("12%", "."), ("1,23", "."), ("abc", "."), ("", "."), ("--", "."), ("٣", "."),
     ("1,5", "."), ("=1+2", "."), ("1_000", "."), ("0x10", "."), ("1.23.456", ","), ("9" * 5_000, ".")],
)  # fmt: skip
def test_what_is_no_number_is_none(text: str, mark: Mark) -> None:
    assert number_in(text, mark) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("(12.50)", "-12.50"),
        ("\N{MINUS SIGN}3", "-3"),
        ("US$5", "5"),
        ("12,34,567.00", "1234567.00"),
        ("1e-05", "0.00001"),
    ],
)
def test_other_ways_to_write_a_number(text: str, amount: str) -> None:
    assert number_in(text, ".") == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "code"),
    [("5 €", "EUR"), ("£5", "GBP"), ("USD 5", "USD"), ("5USD", "USD"), ("$5", None), ("5", None), ("ABCD", None)],
)
def test_the_currency_that_is_written_with_an_amount(text: str, code: str | None) -> None:
    assert currency_in(text) == code


@pytest.mark.parametrize(
    ("text", "is_none"), [(" --", True), ("-", True), ("N/A", True), ("0", False), ("0.00", False)]
)
def test_what_says_that_there_is_nothing(text: str, is_none: bool) -> None:
    assert is_nothing(text) == is_none


WRITERS: dict[str, Callable[[date], str]] = {
    "iso": lambda d: d.isoformat(),
    "plain": lambda d: f"{d:%Y%m%d}",
    "day month year": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    "short month first": lambda d: f"{MONTHS[d.month - 1][:3]} {d.day}, {d.year}",
    "with weekday": lambda d: f"{d:%a}, {MONTHS[d.month - 1][:3]} {d.day}, {d.year}",
    "German": lambda d: f"{d.day}. {GERMAN[d.month - 1]} {d.year}",
    "dashes": lambda d: f"{d.day}-{MONTHS[d.month - 1][:3]}-{d.year}",
    "dots": lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    "year first": lambda d: f"{d.year}/{d.month}/{d.day}",
    "midnight": lambda d: f"{d.isoformat()} 00:00:00.000",
    "moment": lambda d: f"{d.isoformat()}T23:59:59Z",
}


@given(DAYS, st.sampled_from(sorted(WRITERS)))
def test_a_day_is_read_back_however_it_was_written(day: date, way: str) -> None:
    assert day_in(WRITERS[way](day)) == day
    assert not written_dates.is_ambiguous(WRITERS[way](day))


@given(st.lists(DAYS, min_size=1), st.booleans(), st.sampled_from("/-"), st.booleans())
def test_a_column_shows_its_order_or_is_ambiguous(
    days: list[date], is_day_first: bool, mark: str, is_short: bool
) -> None:
    def cell(day: date) -> str:
        first, second = (day.day, day.month) if is_day_first else (day.month, day.day)
        return f"{first}{mark}{second}{mark}{day.year % 100 if is_short else day.year:02}"

    cells = [cell(day) for day in days]
    shown = order_of(cells)
    order = "DMY" if is_day_first else "MDY"
    assert shown == (order if max(day.day for day in days) > 12 else None)
    for day, text in zip(days, cells, strict=True):
        assert day_in(text, "DMY" if is_day_first else "MDY") == day
        assert (day_in(text) is None) == (day.day <= 12 and day.day != day.month)
        assert written_dates.is_ambiguous(text) == (day_in(text) is None)


def test_an_order_that_contradicts_itself_is_none() -> None:
    with pytest.raises(ValueError, match="'14/02/2026' has the day first, and '02/14/2026' the month"):
        order_of(["14/02/2026", "02/14/2026"])


@pytest.mark.parametrize("text", ["", "--", "2026-02-30", "31 Foo 2026", "13/13/2026", "2026", "x" * 500, "٣/٣/2026"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert day_in(text, "DMY") is None


@given(DAYS, st.integers(0, 23), st.sampled_from(["Europe/Berlin", "America/Los_Angeles"]))
def test_an_hour_belongs_to_the_day_of_the_zone_that_is_wanted(day: date, hour: int, zone: str) -> None:
    moment = datetime.combine(day, time(hour), UTC)
    expected = moment.astimezone(ZoneInfo(zone)).date()
    for text in (f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%Y-%m-%dT%H:%M:%S}Z", f"{moment:%Y-%m-%d %H:%M}+00:00"):
        assert day_in(text, read=ZoneInfo(zone)) == expected
        assert day_in(text) == moment.date()
        assert time_in(text) == moment.time()


def test_hours_of_twelve() -> None:
    assert [time_in(f"3/2/2026 {text}") for text in ("12:05 AM", "12:05 PM", "1:00 pm", "13:00 PM")] == [
        time(0, 5), time(12, 5), time(13), None
    ]  # fmt: skip


@given(
    DAYS,
    DAYS,
    st.sampled_from([" - ", " – ", " to ", "..", " bis "]),
    st.sampled_from(["iso", "day month year", "German"]),
)
def test_a_range_above_a_table_is_read_back(one: date, other: date, between: str, way: str) -> None:
    first, last = sorted((one, other))
    text = WRITERS[way](first) + between + WRITERS[way](last)
    assert range_in(text) == range_in(f"Report Time: {text}") == (first, last)


@pytest.mark.parametrize(
    "text", ["Campaign report", "2 March 2026 - 1 March 2026", "", "a - b", "1" * 100, "Total - 2026"]
)
def test_what_is_no_range_is_none(text: str) -> None:
    assert range_in(text) is None


def test_numbers_that_can_be_two_are_known() -> None:
    cells = ("1,234", "1.234", "1,23", "1", "1,234.5", "x.123")
    assert [cell for cell in cells if written_numbers.is_ambiguous(cell)] == ["1,234", "1.234"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-02 14:00 ~ 14:59", date(2026, 3, 2)), ("2026-03-02 - 2026-03-02", date(2026, 3, 2)),
        ("2026-03-02 00:00 – 2026-03-02 23:59", date(2026, 3, 2)), ("2026-03-02 - 2026-03-08", None),
        ("2026-03-02 ~ 2026-03-03 00:59", None),
    ],
)  # fmt: skip
def test_a_range_within_a_day_is_of_that_day(text: str, day: date | None) -> None:
    assert day_in(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "01-Mar-26", "1er mars 2026", "1\u00ba mar. 2026", "2026-3-1", "2026. 3. 1.", "Sun Mar 01 2026",
        "Mar 1, 2026 (Sun)",
        "2026-03-01 (Sunday)", "1 \u043c\u0430\u0440\u0442\u0430 2026 \u0433.", "1 Mart 2026",
        "1 marca 2026", "1 mars 2026",
    ],
)  # fmt: skip
def test_a_day_in_words_is_read_in_the_languages_of_the_screens(text: str) -> None:
    assert day_in(text) == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["2026-03", "2026-W09", "46082", "Mart 2026", "Sun 2026", "1 Foo 2026", "(Sun)"])
def test_what_says_no_day_is_none(text: str) -> None:
    assert day_in(text) is None
