"""What visits lead to: purchases, sign-ups, and the pages that are viewed on the way."""

from dataclasses import dataclass

import numpy as np

from touchline.demo.days import MINUTE, SECOND, Flags, Ints
from touchline.demo.journeys import Visits, is_part
from touchline.demo.pages import PAGES
from touchline.demo.sources import SOURCES

_LIKELIER = np.array([0.45, 1.0, 1.3, 1.4])
"""How much likelier than on an ordinary visit a purchase is on the first, second, third, and any later visit."""
_BASKET = len(PAGES) - 1


@dataclass(frozen=True)
class Outcomes:
    """For each visit, whether it ends in a purchase, and whether in a sign-up."""

    bought: Flags
    signed_up: Flags


@dataclass(frozen=True)
class Views:
    """Every page view, by visit and time; each field has one entry per view."""

    visit: Ints
    position: Ints
    """0 for the view that a visit begins with."""
    at: Ints
    """Milliseconds since 1970 (UTC)."""
    page: Ints
    """Position in ``PAGES``."""

    @property
    def ended_at(self) -> Ints:
        """When the last view of each visit was."""
        return self.at[np.flatnonzero(np.append(self.position[1:] == 0, True))]


def draw_outcomes(chance: np.random.Generator, visits: Visits) -> Outcomes:
    """Draws purchases and sign-ups, and holds them to what the campaigns are planted for."""
    rate = np.array([source.purchase_rate for source in SOURCES])[visits.source]
    rate = rate * _LIKELIER[np.minimum(visits.index, len(_LIKELIER) - 1)]
    rate = rate * np.where(visits.people_of("assist")[visits.person], 2.0, 1.0)
    rate = rate * np.where(visits.people_of("dear")[visits.person], 0.35, 1.0)
    may_win = ~visits.people_of("loser")[visits.person]
    # A purchase that LAST_TOUCH would give to the assisting campaign does not happen.
    leading = visits.leading_source()
    is_assisted_only = (leading >= 0) & is_part("assist")[leading]
    bought = (chance.random(len(rate)) < rate) & may_win & ~is_assisted_only
    return Outcomes(bought, _sign_ups(chance, visits) & may_win)


def _sign_ups(chance: np.random.Generator, visits: Visits) -> Flags:
    """One person in twenty signs up, once, on any of their visits."""
    count = visits.count
    when = (chance.random(visits.people) * count).astype(np.int64)
    does = chance.random(visits.people) < 0.05
    signed_up = np.zeros(len(visits.person), dtype=np.bool_)
    signed_up[(visits.first + when)[does]] = True
    return signed_up


def draw_views(chance: np.random.Generator, visits: Visits, bought: Flags) -> Views:
    """Draws the page views; each follows the one before within three minutes."""
    count = 1 + np.minimum(chance.poisson(1.6, len(bought)), 9) + 2 * bought
    visit = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    position = np.arange(len(visit)) - first[visit]
    pause = 4 * SECOND + chance.exponential(40 * SECOND, len(visit)).astype(np.int64)
    pause = np.where(position == 0, 0, np.minimum(pause, 3 * MINUTE))
    running = np.cumsum(pause)
    at = visits.started_at[visit] + running - running[first][visit]
    page = chance.integers(0, _BASKET, len(visit))
    page[(first + count - 1)[bought]] = _BASKET
    return Views(visit, position, at, page)
