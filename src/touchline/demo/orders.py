"""The orders: what they are worth, and what becomes of them."""

from dataclasses import dataclass

import numpy as np

from touchline.demo.days import DAY, SECOND, Days, Flags, Ints
from touchline.demo.journeys import Visits
from touchline.demo.outcomes import Outcomes, Views
from touchline.demo.people import People
from touchline.demo.sources import SOURCES

_OFFLINE = ("A friend told me", "A podcast", "I saw your van", "A magazine")
"""Answers that no tracking can agree with."""
_NEVER = 0
"""The time of a correction that does not happen."""


@dataclass(frozen=True)
class Orders:
    """Every order, one entry each."""

    visit: Ints
    order_ids: list[str]
    """A few are given to two orders of different people, as a shop does that counts them badly."""
    placed_at: Ints
    """Milliseconds since 1970 (UTC)."""
    cents: Ints
    """Value in hundredths of the currency."""
    is_test: Flags
    is_cancelled: Flags
    is_refunded: Flags
    """Whether the whole order is refunded."""
    is_partly_refunded: Flags
    refunded_cents: Ints
    """What is given back where only a part is, else 0."""
    corrected_at: Ints
    """When it is cancelled or refunded, in milliseconds; 0 where it is not."""
    answers: list[str | None]
    """What the customer says when asked where they heard of the shop."""
    agrees: Flags
    """Whether that names the source that LAST_TOUCH names."""


def draw_orders(
    chance: np.random.Generator, visits: Visits, outcomes: Outcomes, views: Views, people: People, days: Days
) -> Orders:
    """Draws an order for each visit that ends in a purchase."""
    visit = np.flatnonzero(outcomes.bought)
    placed_at = views.ended_at[visit] + chance.integers(20, 90, len(visit)) * SECOND
    is_firm = np.array([people.account_ids[person] is not None for person in visits.person[visit].tolist()], dtype=bool)
    cents = np.rint(chance.lognormal(4.55, 0.75, len(visit)) * np.where(is_firm, 300, 100)).astype(np.int64) + 490
    test, cancelled, refunded, partly, plain = _fates(chance, len(visit))
    is_corrected = cancelled | refunded | partly
    lag = np.where(cancelled, chance.exponential(0.5 * DAY, len(visit)), chance.uniform(2 * DAY, 21 * DAY, len(visit)))
    lag = np.minimum(lag, (days.end - placed_at) * 0.9).astype(np.int64)
    answers, agrees = _answers(chance, visits.leading_source()[visit])
    return Orders(
        visit,
        _order_ids(placed_at, visits.person[visit], np.flatnonzero(plain)),
        placed_at,
        cents,
        test,
        cancelled,
        refunded,
        partly,
        np.where(partly, np.rint(cents * chance.uniform(0.2, 0.7, len(visit))), 0).astype(np.int64),
        np.where(is_corrected, placed_at + lag, _NEVER),
        answers,
        agrees,
    )


def _fates(chance: np.random.Generator, count: int) -> tuple[Flags, Flags, Flags, Flags, Flags]:
    """Which orders are tests, cancelled, wholly refunded, partly refunded, and none of these; at least one of each."""
    sizes = [max(1, round(count * share)) for share in (0.006, 0.02, 0.03, 0.02)]
    parts = np.split(chance.permutation(count), np.minimum(np.cumsum(sizes), count))
    test, cancelled, refunded, partly, plain = (np.isin(np.arange(count), part) for part in parts)
    return test, cancelled, refunded, partly, plain


def _order_ids(placed_at: Ints, person: Ints, plain: Ints) -> list[str]:
    """Running numbers by time; a few plain orders get the number of another person's."""
    running = np.argsort(np.argsort(placed_at, kind="stable"), kind="stable")
    names = [f"FH-{210_000 + number}" for number in running.tolist()]
    pairs = max(1, len(placed_at) // 800)
    for one, other in zip(plain[:pairs].tolist(), plain[len(plain) - pairs :].tolist(), strict=False):
        if person[one] != person[other]:
            names[other] = names[one]
    return names


def _answers(chance: np.random.Generator, leading: Ints) -> tuple[list[str | None], Flags]:
    """What one customer in six answers; most of them name the source that was tracked."""
    is_asked = chance.random(len(leading)) < 1 / 6
    agrees = is_asked & (leading >= 0) & (chance.random(len(leading)) < 0.62)
    other = chance.integers(0, len(_OFFLINE), len(leading))
    columns = zip(is_asked.tolist(), agrees.tolist(), leading.tolist(), other.tolist(), strict=True)
    answers = [
        (SOURCES[source].said if right else _OFFLINE[wrong]) if asked else None
        for asked, right, source, wrong in columns
    ]
    return answers, agrees
