"""The words in which a journey is told: one shop, ``shop.example``, in March 2026, and what its tables say."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from tests.oracle.apart import own, together
from tests.oracle.engine import living_on, tables_of
from tests.oracle.judge import disagreements
from tests.oracle.world import Row, Tables, World, at, event, goal, organization, site

EURO = 1_000_000
"""Micros."""


def page(event_id: str, time: str, **said: Any) -> Row:
    """A page view; ``time`` is a day of March 2026 and a UTC time, e.g. ``02 10:00``. Visitor ``ann`` unless said."""
    usual: Row = {"visitor_id": "ann", "url": f"https://shop.example/{event_id}", "page_domain": "shop.example"}
    return event(event_id, at(f"2026-03-{time}"), **usual | said)


def order(event_id: str, time: str, euros: float = 100, **said: Any) -> Row:
    """A purchase without an order number, unless one is said."""
    value: Row = {"visitor_id": "ann", "value_micros": round(euros * EURO)}
    return event(event_id, at(f"2026-03-{time}"), type="CONVERSION", **value | said)


def refund(event_id: str, time: str, euros: float | None, **said: Any) -> Row:
    """Money back for the order ``1``; ``None`` euros: all of it. Nobody says whose it is, unless said."""
    micros = None if euros is None else round(euros * EURO)
    return event(event_id, at(f"2026-03-{time}"), type="REFUND", **{"order_id": "1", "value_micros": micros} | said)


Test = TypeVar("Test", bound=Callable[..., None])

_TOLD: dict[str, dict[str, World]] = defaultdict(dict)
"""By module and name of the test."""


def journey(
    events: Sequence[Row], *, loads: Sequence[list[Row]] = (), goals: Sequence[Row] = (), time_zone: str = "UTC",
    targets: Sequence[Row] = (), claims: Sequence[Row] = (), fits: Sequence[Row] = (),
    ignored: Sequence[str] = (), **settings: Any,
) -> Callable[[Test], Test]:  # fmt: skip
    """What the test is about: its ``tables`` are those after the events."""
    told = (
        list(goals) or [goal()],
        list(targets),
        list(events),
        list(loads),
        list(claims),
        list(fits),
        {"s": tuple(ignored)},
    )
    world = World(organization(**settings), [site(time_zone=time_zone)], *told)

    def declared(test: Test) -> Test:
        _TOLD[test.__module__][test.__name__] = world
        return test

    return declared


@cache
def travelled(module: str, engine: str) -> dict[str, Tables]:
    """The tables after each journey of a module, by the test's name.

    They are travelled together, in one run, as organizations beside one another, and each ends as the plain
    definitions say: a test names what its journey is about, and no other table of it goes unlooked at.
    """
    told = _TOLD[module]
    worlds = together(list(told.values()))
    with living_on(engine):
        tables = tables_of(worlds)
    assert disagreements(tables, worlds) == ""
    return {name: own(tables, number) for number, name in enumerate(told)}


def shares(tables: Tables, model: str) -> dict[str, float]:
    """Each touch's share of the conversions under a model, by the touch's event id; ``""`` for conversions without."""
    found: dict[str, float] = {}
    for link in tables["attribution_links"]:
        if link["model"] == model and link["credit"]:
            touch = link["touchpoint_id"].removeprefix("s:")
            found[touch] = found.get(touch, 0.0) + link["credit"] / 1_000_000_000
    return found


def rows(tables: Tables, table: str, *columns: str, **where: Any) -> list[tuple[Any, ...]]:
    """Some columns of the rows in which the named columns have the given values, sorted."""
    fitting = [row for row in tables[table] if all(row[name] == value for name, value in where.items())]
    return sorted((tuple(row[name] for name in columns) for row in fitting), key=repr)
