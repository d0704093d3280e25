"""Demo: a shop that does not exist, with a past that is known to the last event.

:func:`generate` draws people, visits, orders and ad costs, plants known faults among them (a campaign that wins
nothing, a day of broken tracking, crawlers, repetitions, …), and writes them as the files that a stranger would bring,
next to ``truth.json``, which says what is in them.
"""

from touchline.demo.plan import CURRENCY, GOALS, HASH_KEY, ORGANIZATION, SITE_DOMAIN, TARGET_CPA_MICROS, TIME_ZONE, Goal
from touchline.demo.shop import DemoShop, generate
from touchline.demo.truth import Truth

__all__ = [
    "CURRENCY",
    "GOALS",
    "HASH_KEY",
    "ORGANIZATION",
    "SITE_DOMAIN",
    "TARGET_CPA_MICROS",
    "TIME_ZONE",
    "DemoShop",
    "Goal",
    "Truth",
    "generate",
]
