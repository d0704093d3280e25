"""Tables of sums are added to and taken away from, and are at every step what adding everything up would give.

Each story is an organization's, and all take their steps together: a run costs about the same for one as for all.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import zip_longest
from typing import TypeVar

import pytest

from tests.engines.servers import FRESH
from tests.oracle.apart import moved, own, owner, together
from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import Row, Tables, World, at, cost, event, goal, organization, site
from touchline import pipeline

pytestmark = pytest.mark.slow

DAY = date(2026, 3, 2)
SPRING = {"campaign_id": "7", "campaign_name": "Spring"}
FORTUNE = 2**53 - 1
"""Micros; the 2¹² th part of a billionth of it is still money."""


def bought(visitor: str, *, bought_on: str, touched_on: tuple[str, ...], micros: int = 10_000_000) -> list[Row]:
    """Visits from the campaign "spring", and an order."""
    said = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring", "url": "https://shop.example/"}
    pages = [
        event(f"{visitor}{number}", at(f"{day} 10:00"), visitor_id=visitor, **said)
        for number, day in enumerate(touched_on)
    ]
    order: Row = {"visitor_id": visitor, "value_micros": micros, "order_id": visitor}
    return [*pages, event(f"{visitor}-buys", at(f"{bought_on} 10:00"), type="CONVERSION", **order)]


ANN = bought("ann", bought_on="2026-03-03", touched_on=("2026-03-02",))
BOB = bought("bob", bought_on="2026-03-03", touched_on=("2026-03-02",))
CRO = bought("cro", bought_on="2026-04-02", touched_on=("2026-03-02", "2026-04-02"), micros=FORTUNE)
"""Whose visit of March lies so many half-lives back that it earns less than half a billionth, of a fortune."""


def world() -> World:
    """What every story begins with."""
    shop = organization(half_life_micros=86_400_000_000, lookback_days=60)
    return World(shop, [site(time_zone="UTC")], [goal()], [], [*ANN, *BOB, *CRO], [[cost(DAY, 5_000_000, **SPRING)]])


@dataclass(frozen=True)
class Shop:
    """The organization of one story; what it is told, no other one is."""

    ledger: ListFeed
    number: int

    def tell(self, events: list[Row]) -> None:
        """Take events."""
        self.ledger.tell(moved(events, self.number))

    def load(self, costs: list[Row]) -> None:
        """Take one load of costs."""
        self.ledger.load(moved(costs, self.number))

    def erase(self, *event_ids: str) -> None:
        """Forget events."""
        self.ledger.erase(*event_ids, owner=owner(world().organization["organization_id"], self.number))


Step = Callable[[Shop], None]
Test = TypeVar("Test", bound=Callable[..., None])

STORIES: dict[str, tuple[Step, ...]] = {}
"""By the name of the test that tells it: what changes from run to run."""


def story(*steps: Step) -> Callable[[Test], Test]:
    """What the test is about: its ``lived`` is what the organization's tables say at first and after each step."""

    def declared(test: Test) -> Test:
        STORIES[test.__name__] = steps
        return test

    return declared


@cache
def history() -> list[tuple[ListFeed, Tables]]:
    """The ledger of all stories at first and after each step, and what a rebuild makes of it.

    What a rebuild gives is looked up on DuckDB: the engines are one another's equals (``test_engines``).
    """
    ledger = told(together([world()] * len(STORIES)))
    shops = [Shop(ledger, number) for number in range(len(STORIES))]
    found = [(deepcopy(ledger), rebuilt(ledger))]
    for steps in zip_longest(*STORIES.values()):
        for shop, step in zip(shops, steps, strict=True):
            if step is not None:
                step(shop)
        found.append((deepcopy(ledger), rebuilt(ledger)))
    return found


@cache
def lives(engine: str) -> tuple[list[Tables], Mapping[str, int]]:
    """The tables at first and after each step on an engine, and how many rows a run writes that finds nothing new."""
    (first, at_first), *later = history()
    with closing(FRESH[engine]()) as opened:
        pipeline.run(first.feed, opened)
        stood = [snapshot(opened)]
        assert changes(at_first, stood[0]) == ""
        idle = pipeline.run(first.feed, opened)
        for ledger, expected in later:
            assert not pipeline.run(ledger.feed, opened).is_rebuild
            stood.append(snapshot(opened))
            assert changes(expected, stood[-1]) == ""
    return stood, idle.rows


@pytest.fixture(params=list(FRESH))
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def lived(request: pytest.FixtureRequest, engine: str) -> list[Tables]:
    """What the tables say at first and after each step of the test's story."""
    name = request.function.__name__
    stood, _ = lives(engine)
    return [own(tables, list(STORIES).index(name)) for tables in stood[: 1 + len(STORIES[name])]]


OF_SPRING: Row = {"rollup_date": DAY, "basis": "TOUCH", "grain": "CAMPAIGN", "campaign_id": "7"}
"""The campaign on the day of the touches."""
OF_DAY: Row = {"rollup_date": DAY, "basis": "CONVERSION", "grain": "ORGANIZATION"}


def rollups(tables: Tables, where: Row = OF_SPRING) -> list[Row]:
    return [row for row in tables["daily_rollups"] if where.items() <= row.items()]


def of_model(rows: list[Row], model: str) -> list[tuple[int, ...]]:
    names = ("spend_micros", "credit", "source_count")
    return [tuple(row[name] for name in names) for row in rows if row["model"] == model]


def erasing(*told: list[Row]) -> Step:
    return lambda shop: shop.erase(*(row["event_id"] for rows in told for row in rows))


def loading(*costs: Row) -> Step:
    return lambda shop: shop.load(list(costs))


@story(erasing(CRO), erasing(BOB), erasing(ANN))
def test_a_row_ends_with_the_last_that_stands_behind_it(lived: list[Tables]) -> None:
    last_touch = [of_model(rollups(tables), "LAST_TOUCH") for tables in lived]
    assert last_touch == [[(0, 2 * 10**9, 2)], [(0, 2 * 10**9, 2)], [(0, 10**9, 1)], []]


@story(erasing(ANN, BOB))
def test_a_row_without_credit_stays_while_value_stands_behind_it(lived: list[Tables]) -> None:
    rows = rollups(lived[1])
    assert of_model(rows, "TIME_DECAY") == [(0, 0, 1)]
    assert [row["value_micros"] > 0 for row in rows if row["model"] == "TIME_DECAY"] == [True]


@story(
    loading(cost(DAY, -5_000_000, account_id="b", **SPRING)),
    loading(*(cost(DAY, 1_000_000, account_id=account, campaign_id="8") for account in "ab")),
)
def test_costs_that_come_to_nothing_keep_their_row_and_costs_that_go_end_it(lived: list[Tables]) -> None:
    _, nothing, others = lived
    assert of_model(rollups(nothing), "") == [(0, 0, 2)]
    assert of_model(rollups(others), "") == []


def shared_and_ordered(shop: Shop) -> None:
    """Another campaign gets the same name, two orders come, and a touch goes."""
    shop.load([cost(date(2026, 3, 9), 1, campaign_id="9", campaign_name="Spring")])
    again: Row = {"visitor_id": "ann", "value_micros": 7_000_000, "order_id": "again"}
    shop.tell([event("again", at("2026-03-05 10:00"), type="CONVERSION", **again)])
    shop.tell(bought("dan", bought_on="2026-03-05", touched_on=("2026-03-02",)))
    shop.erase("bob0")


@story(shared_and_ordered)
def test_a_name_that_two_campaigns_share_and_a_new_order_move_the_credit_at_once(lived: list[Tables]) -> None:
    assert of_model(rollups(lived[1]), "LAST_TOUCH") == []


MANY = 1_100
"""Fortunes that no 64 bits hold together."""


def orders(*numbers: int) -> list[Row]:
    whose: Row = {"value_micros": FORTUNE, "is_verified": False}
    return [event(f"f{n}", at("2026-03-02 10:00"), type="CONVERSION", visitor_id=f"f{n}", **whose) for n in numbers]


def refunds() -> list[Row]:
    order: Row = {"visitor_id": "kit", "order_id": "kit", "value_micros": FORTUNE}
    back = [event(f"k{n}", at("2026-03-04 10:00"), type="REFUND", **order) for n in range(MANY)]
    return [event("kit", at("2026-03-03 10:00"), type="CONVERSION", **order), *back]


def fortunes_come(shop: Shop) -> None:
    dear = [cost(DAY, FORTUNE, campaign_id=f"{n}") for n in range(MANY)]
    twice = [cost(DAY, FORTUNE, campaign_id="one", clicks=FORTUNE, impressions=FORTUNE) for _ in range(MANY)]
    shop.tell(orders(*range(MANY)))
    shop.load([*dear, *twice])


def fortunes_change(shop: Shop) -> None:
    shop.tell([*orders(MANY), *refunds()])
    shop.erase("f0", "f1")


def fortunes_go(shop: Shop) -> None:
    shop.erase(*(f"f{n}" for n in range(MANY)))
    shop.load([cost(DAY, 7)])


@story(fortunes_come, fortunes_change, fortunes_go)
def test_more_money_than_64_bits_hold_is_added_up_and_taken_away_and_stops_nothing(lived: list[Tables]) -> None:
    came, changed, gone = (rollups(tables, OF_DAY) for tables in lived[1:])

    def earned(rows: list[Row]) -> list[int]:
        return [row["value_micros"] for row in rows if row["model"] == "LAST_TOUCH"]

    def spent(rows: list[Row]) -> list[int]:
        return [row["spend_micros"] for row in rows if not row["model"]]

    assert (earned(came), spent(came)) == ([MANY * FORTUNE], [MANY * FORTUNE + 2**63 - 1])
    assert earned(changed) == [(MANY - 1) * FORTUNE]
    assert (earned(gone), spent(gone)) == ([FORTUNE], [7])


def test_a_run_that_finds_nothing_new_writes_no_row(engine: str) -> None:
    _, rows = lives(engine)
    assert set(rows.values()) == {0}
