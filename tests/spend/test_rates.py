"""Exchange rates: files, days without one, other ways round, and amounts to the micro."""

import zipfile
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.errors import InputError
from touchline.spend.rate_files import read_rates
from touchline.spend.rates import MOST_RATE_DAYS, Rate, micros_at, rates_of, whole_parts

FRIDAY = date(2026, 3, 6)
EURO = rates_of(
    [
        Rate(FRIDAY, "EUR", "USD", Decimal("1.25")),
        Rate(FRIDAY, "EUR", "GBP", Decimal("0.8")),
        Rate(FRIDAY + timedelta(days=3), "EUR", "USD", Decimal("1.6")),
    ]
)
PORTAL = "KEY,CURRENCY,CURRENCY_DENOM,TIME_PERIOD,OBS_VALUE\nEXR.D.USD.EUR.SP00.A,USD,EUR,2026-03-06,1.25\n"
WIDE = "Date,USD,JPY,CYP,\n2026-03-06,1.25,160.5,N/A,\n"


@pytest.mark.parametrize(
    ("source", "target", "days", "rate"),
    [
        ("EUR", "USD", 0, "1.25"), ("EUR", "USD", 2, "1.25"), ("EUR", "USD", 3, "1.6"), ("USD", "EUR", 0, "0.8"),
        ("EUR", "USD", -1, None), ("EUR", "GBP", MOST_RATE_DAYS, "0.8"), ("EUR", "GBP", MOST_RATE_DAYS + 1, None),
        ("GBP", "USD", 0, "1.5625"), ("USD", "GBP", 0, "0.64"), ("EUR", "CHF", 0, None), ("USD", "USD", -99, "1"),
    ],
)  # fmt: skip
def test_a_day_takes_the_last_rate_of_a_week_whichever_way_round(
    source: str, target: str, days: int, rate: str | None
) -> None:
    assert EURO.at(source, target, FRIDAY + timedelta(days=days)) == (None if rate is None else Decimal(rate))


@given(st.integers(-(2**53), 2**53), st.decimals("0.000001", "100000", places=6))
def test_an_amount_is_rounded_to_the_nearest_micro(micros: int, rate: Decimal) -> None:
    exact = abs(Fraction(micros) * Fraction(rate))
    assert abs(micros_at(micros, rate)) == int(exact + Fraction(1, 2))


@given(st.decimals("1e-20", "1e19", places=24))
def test_a_rate_is_the_quotient_of_its_parts_as_written(rate: Decimal) -> None:
    parts = whole_parts(rate)
    if parts is None:
        assert rate > 10**18 or rate < Decimal("5.1e-19")
        return
    text, units, scale = parts
    assert Fraction(units, scale) == Fraction(text)
    assert units <= 10**18
    assert scale <= 10**18
    assert abs(Fraction(text) - Fraction(rate)) <= max(Fraction(1, 2 * 10**18), Fraction(rate) / 10**14)


def test_every_other_currency_is_said_day_by_day_in_ones_own() -> None:
    found = {(one.currency, (one.rate_date - FRIDAY).days): one.rate for one in EURO.to("USD")}
    assert found["EUR", 2] == "1.25"
    assert found["EUR", 3] == "1.6"
    assert (found["GBP", 0], found["GBP", 3], found["GBP", 7]) == ("1.5625", "2", "2")
    assert {day for currency, day in found if currency == "EUR"} == {*range(MOST_RATE_DAYS + 4)}
    assert {day for currency, day in found if currency == "GBP"} == {*range(MOST_RATE_DAYS + 1)}
    assert [one.rate_date for one in EURO.to("GBP", (FRIDAY, FRIDAY)) if one.currency == "USD"] == [FRIDAY]
    assert list(rates_of([]).to("EUR")) == []


@pytest.mark.parametrize("name", ["eurofxref-hist.csv", "eurofxref-hist.zip"])
def test_the_table_of_the_central_bank_is_read_zipped_or_not(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    if name.endswith("zip"):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("eurofxref-hist.csv", WIDE)
    else:
        file.write_text(WIDE)
    expected = [Rate(FRIDAY, "EUR", "USD", Decimal("1.25")), Rate(FRIDAY, "EUR", "JPY", Decimal("160.5"))]
    assert read_rates(file) == (expected, [])


def test_a_series_of_the_portal_and_a_day_in_words_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(PORTAL)
    assert read_rates(file)[0] == [Rate(FRIDAY, "EUR", "USD", Decimal("1.25"))]
    file.write_text("Date, USD, JPY, \n06 March 2026, 1.25, 160.5, \n")
    assert [(one.rate_date, one.quote) for one in read_rates(file)[0]] == [(FRIDAY, "USD"), (FRIDAY, "JPY")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("06.03.26x,USD,EUR,1", "date is YYYY-MM-DD"), ("2026-03-06,USD,USD,1", "two currencies"),
        ("2026-03-06,dollar,EUR,1", "two currencies"), ("2026-03-06,USD,EUR,0", "a number above 0"),
        ("2026-03-06,USD,EUR,-1", "a number above 0"), ("2026-03-06,USD,EUR,1e99", "a number above 0"),
        ("2026-03-06,USD", "Expected 4 cells"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_rate_is_named_and_the_others_are_read(row: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(f"date,from,to,rate\n{row}\n2026-03-06,USD,EUR,0.8\n")
    rates, (bad,) = read_rates(file)
    assert (len(rates), bad.source, said in bad.message) == (1, "rates.csv:2", True)


def test_what_holds_no_rates_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rates.zip"
    file.write_bytes(b"PK nothing")
    with pytest.raises(InputError, match="cannot be read"):
        read_rates(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", WIDE)
        archive.writestr("b.csv", WIDE)
    with pytest.raises(InputError, match="holds 2 files"):
        read_rates(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inner.zip", b"PK")
    with pytest.raises(InputError, match=r"holds 1 file\."):
        read_rates(file)
    (tmp_path / "costs.csv").write_text("date,platform,cost\n")
    with pytest.raises(InputError, match="no columns of exchange rates"):
        read_rates(tmp_path / "costs.csv")


def test_an_archive_is_unpacked_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("touchline.spend.rate_files.MOST_BYTES", 1 << 20)
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"0" * (8 << 20))
    with pytest.raises(InputError, match="more than 1 MB"):
        read_rates(file)
