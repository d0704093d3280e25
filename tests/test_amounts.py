"""Amounts have the decimals of their currency, rounded as a shopkeeper rounds."""

import csv
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.amounts import UNKNOWN, amount, decimals_of, money, price, units

ROWS = list(csv.DictReader((files("touchline") / "data" / "currency_decimals.csv").read_text("utf-8").splitlines()))
UNUSUAL = {row["currency"]: int(row["decimals"]) for row in ROWS}
CURRENCIES = [*UNUSUAL, "EUR", "USD", "CHF", ""]


def test_the_table_has_each_currency_once_in_order_and_none_with_two() -> None:
    names = [row["currency"] for row in ROWS]
    assert names == sorted(set(names))
    assert set(UNUSUAL.values()) == {0, 3, 4}
    assert [name for name in names if not (len(name) == 3 and name.isascii() and name.isupper())] == []
    assert (UNUSUAL["JPY"], UNUSUAL["KWD"], UNUSUAL["CLF"]) == (0, 3, 4)


@given(st.integers(-(10**15), 10**15), st.sampled_from(CURRENCIES))
def test_an_amount_is_rounded_half_away_from_zero_to_the_decimals_of_its_currency(micros: int, currency: str) -> None:
    step = Decimal(1).scaleb(-UNUSUAL.get(currency, 2))
    exact = (Decimal(micros) / 1_000_000).quantize(step, ROUND_HALF_UP)
    expected = f"{exact or abs(exact):,}"
    assert amount(micros, currency) == expected
    assert money(micros, currency) == f"{expected} {currency}"


@given(st.integers(0, 10**12), st.sampled_from(CURRENCIES))
def test_large_amounts_in_units_have_no_decimals_and_small_ones_their_currency_s(micros: int, currency: str) -> None:
    whole = f"{(Decimal(micros) / 1_000_000).quantize(Decimal(1), ROUND_HALF_UP):,}"
    assert units(micros, currency) == (whole if micros >= 10**9 else amount(micros, currency))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_price_has_the_decimals_of_its_currency(currency: str) -> None:
    written = price(1_234.567891, currency)
    assert len(written.partition(".")[2]) == decimals_of(currency) == UNUSUAL.get(currency, 2)
    assert written.startswith("1,23")


@pytest.mark.parametrize("write", [amount, money, units, price])
def test_what_is_not_known_is_a_dash_in_every_currency(write: object) -> None:
    assert {write(None, currency) for currency in CURRENCIES} == {UNKNOWN}  # type: ignore[operator]
