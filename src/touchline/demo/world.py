"""Everything that is drawn, before it is written as events and costs."""

from dataclasses import dataclass

import numpy as np

from touchline.demo.days import Days
from touchline.demo.journeys import Visits, draw_visits
from touchline.demo.orders import Orders, draw_orders
from touchline.demo.outcomes import Outcomes, Views, draw_outcomes, draw_views
from touchline.demo.people import People, draw_people


@dataclass(frozen=True)
class World:
    """The demo's people, what they do, and the days on which they do it."""

    days: Days
    visits: Visits
    outcomes: Outcomes
    views: Views
    people: People
    orders: Orders


def draw_world(chance: np.random.Generator, visitors: int, days: Days) -> World:
    """Draws the world of about ``visitors`` people; the same chance gives the same world."""
    visits = draw_visits(chance, visitors, days)
    outcomes = draw_outcomes(chance, visits)
    views = draw_views(chance, visits, outcomes.bought)
    people = draw_people(chance, visits, outcomes)
    return World(days, visits, outcomes, views, people, draw_orders(chance, visits, outcomes, views, people, days))
