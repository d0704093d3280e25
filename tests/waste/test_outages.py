"""Which days are broken: those on which orders stop, all or most of them, and not those that are always quiet."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from touchline.waste.outages import broken_days

DAYS = np.arange(30)
Scale = Callable[[Any, Any], Any]
USUAL: dict[str, Scale] = {
    "steady": lambda _, mean: mean,
    "closed on weekends": lambda _, mean: mean * np.where(DAYS % 7 < 2, 0.0, 1.4),
    "quiet on weekends": lambda _, mean: mean * np.where(DAYS % 7 < 2, 0.15, 1.34),
    "a sale of three days": lambda _, mean: mean * np.where((DAYS >= 10) & (DAYS < 13), 4, 1),
    "up and down": lambda chance, mean: mean * np.exp(0.5 * chance.standard_normal(30)),
}


def share_broken(scale: Scale, mean: float, left: float, days: int) -> float:
    """In how many of 60 months with an outage of so many days two days or more are broken."""
    chance = np.random.default_rng(4)
    found = 0
    for _ in range(60):
        due = scale(chance, np.full(30, mean))
        start = int(chance.integers(0, 31 - days))
        due[start : start + days] *= left
        found += broken_days(np.full(30, 100.0), np.asarray(chance.poisson(due), np.float64), due=50).sum() >= 2
    return found / 60


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize("mean", [1.0, 5.0, 50.0])
def test_what_is_usual_is_no_outage(name: str, mean: float) -> None:
    assert share_broken(USUAL[name], mean, 1.0, 0) <= 0.05


@pytest.mark.parametrize("name", ["steady", "quiet on weekends"])
@pytest.mark.parametrize(("mean", "left", "days"), [(5.0, 0.1, 20), (20.0, 0.2, 20), (20.0, 0.1, 10), (5.0, 0.0, 12)])
def test_days_with_few_of_their_orders_are_an_outage(name: str, mean: float, left: float, days: int) -> None:
    assert share_broken(USUAL[name], mean, left, days) >= 0.9


def test_the_days_of_an_outage_are_named() -> None:
    sold = np.full(30, 6.0)
    sold[4:24] = 0
    sold[[9, 15, 20]] = 1
    assert np.flatnonzero(broken_days(np.full(30, 1.0), sold, due=50)).tolist() == list(range(4, 24))


def test_late_days_without_a_lag_curve_are_no_partial_outage() -> None:
    sold = np.full(30, 20.0)
    sold[:8] = 3
    assert broken_days(np.full(30, 1.0), sold, due=50).any()
    assert not broken_days(np.full(30, 1.0), sold, due=50, newest_partial=14).any()
