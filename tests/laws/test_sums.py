"""Tables of sums are added to and taken away from, and are at every step what adding everything up would give."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date

import pytest

from tests.engines.servers import FRESH
from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import Row, World, at, cost, event, goal, organization, site
from touchline import pipeline
from touchline.engines import Engine

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


@pytest.fixture
def ledger() -> ListFeed:
    shop = organization(half_life_micros=86_400_000_000, lookback_days=60)
    world = World(shop, [site(time_zone="UTC")], [goal()], [], [*ANN, *BOB, *CRO], [[cost(DAY, 5_000_000, **SPRING)]])
    return told([world])


@pytest.fixture(params=list(FRESH))
def engine(request: pytest.FixtureRequest, ledger: ListFeed) -> Iterator[Engine]:
    with closing(FRESH[request.param]()) as made:
        pipeline.run(ledger.feed, made)
        yield made


OF_SPRING: Row = {"rollup_date": DAY, "basis": "TOUCH", "grain": "CAMPAIGN", "campaign_id": "7"}


def after(ledger: ListFeed, engine: Engine, change: Callable[[], None], where: Row = OF_SPRING) -> list[Row]:
    """The rollups ``where`` so (of the campaign on the day of the touches), after a run that finds the change.

    What a rebuild gives is looked up on DuckDB: the engines are one another's equals (``test_engines``).
    """
    change()
    assert not pipeline.run(ledger.feed, engine).is_rebuild
    found = snapshot(engine)
    assert changes(rebuilt(ledger), found) == ""
    return [row for row in found["daily_rollups"] if where.items() <= row.items()]


def of_model(rows: list[Row], model: str) -> list[tuple[int, ...]]:
    names = ("spend_micros", "credit", "source_count")
    return [tuple(row[name] for name in names) for row in rows if row["model"] == model]


def erasing(ledger: ListFeed, *told: list[Row]) -> Callable[[], None]:
    return lambda: ledger.erase(*(row["event_id"] for rows in told for row in rows))


@pytest.mark.slow
def test_a_row_ends_with_the_last_that_stands_behind_it(ledger: ListFeed, engine: Engine) -> None:
    last_touch = [of_model(after(ledger, engine, erasing(ledger, gone)), "LAST_TOUCH") for gone in ([], CRO, BOB, ANN)]
    assert last_touch == [[(0, 2 * 10**9, 2)], [(0, 2 * 10**9, 2)], [(0, 10**9, 1)], []]


def test_a_row_without_credit_stays_while_value_stands_behind_it(ledger: ListFeed, engine: Engine) -> None:
    rows = after(ledger, engine, erasing(ledger, ANN, BOB))
    assert of_model(rows, "TIME_DECAY") == [(0, 0, 1)]
    assert [row["value_micros"] > 0 for row in rows if row["model"] == "TIME_DECAY"] == [True]


def test_costs_that_come_to_nothing_keep_their_row_and_costs_that_go_end_it(ledger: ListFeed, engine: Engine) -> None:
    nothing = [cost(DAY, -5_000_000, account_id="b", **SPRING)]
    assert of_model(after(ledger, engine, lambda: ledger.load(nothing)), "") == [(0, 0, 2)]
    others = [cost(DAY, 1_000_000, account_id=account, campaign_id="8") for account in "ab"]
    assert of_model(after(ledger, engine, lambda: ledger.load(others)), "") == []


def test_a_new_name_and_a_new_order_move_the_credit_at_once(ledger: ListFeed, engine: Engine) -> None:
    def change() -> None:
        ledger.load([cost(date(2026, 3, 9), 1, campaign_id="7", campaign_name="Summer")])
        again: Row = {"visitor_id": "ann", "value_micros": 7_000_000, "order_id": "again"}
        ledger.tell([event("again", at("2026-03-05 10:00"), type="CONVERSION", **again)])
        ledger.tell(bought("dan", bought_on="2026-03-05", touched_on=("2026-03-02",)))
        ledger.erase("bob0")

    assert of_model(after(ledger, engine, change), "LAST_TOUCH") == []


MANY = 1_100
"""Fortunes that no 64 bits hold together."""


@pytest.mark.slow
def test_more_money_than_64_bits_hold_is_added_up_and_taken_away_and_stops_nothing(
    ledger: ListFeed, engine: Engine
) -> None:
    def orders(*numbers: int) -> list[Row]:
        whose: Row = {"value_micros": FORTUNE, "is_verified": False}
        return [event(f"f{n}", at("2026-03-02 10:00"), type="CONVERSION", visitor_id=f"f{n}", **whose) for n in numbers]

    def refunds() -> list[Row]:
        order: Row = {"visitor_id": "kit", "order_id": "kit", "value_micros": FORTUNE}
        back = [event(f"k{n}", at("2026-03-04 10:00"), type="REFUND", **order) for n in range(MANY)]
        return [event("kit", at("2026-03-03 10:00"), type="CONVERSION", **order), *back]

    def earned(rows: list[Row]) -> list[int]:
        return [row["value_micros"] for row in rows if row["model"] == "LAST_TOUCH"]

    def spent(rows: list[Row]) -> list[int]:
        return [row["spend_micros"] for row in rows if not row["model"]]

    of_day: Row = {"rollup_date": DAY, "basis": "CONVERSION", "grain": "ORGANIZATION"}
    dear = [cost(DAY, FORTUNE, campaign_id=f"{n}") for n in range(MANY)]
    twice = [cost(DAY, FORTUNE, campaign_id="one", clicks=FORTUNE, impressions=FORTUNE) for _ in range(MANY)]

    def come() -> None:
        ledger.tell(orders(*range(MANY)))
        ledger.load([*dear, *twice])

    rows = after(ledger, engine, come, of_day)
    assert (earned(rows), spent(rows)) == ([MANY * FORTUNE], [MANY * FORTUNE + 2**63 - 1])

    def change() -> None:
        ledger.tell([*orders(MANY), *refunds()])
        ledger.erase("f0", "f1")

    assert earned(after(ledger, engine, change, of_day)) == [(MANY - 1) * FORTUNE]

    def go() -> None:
        ledger.erase(*(f"f{n}" for n in range(MANY)))
        ledger.load([cost(DAY, 7)])

    rows = after(ledger, engine, go, of_day)
    assert (earned(rows), spent(rows)) == ([FORTUNE], [7])


def test_a_run_that_finds_nothing_new_writes_no_row(ledger: ListFeed, engine: Engine) -> None:
    rows = pipeline.run(ledger.feed, engine).rows
    assert (rows["daily_rollups"], rows["health_measures"]) == (0, 0)
