"""Days are judged four weeks at a time: a run judges those that a change reaches, as a rebuild does, and no others."""

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from tests.oracle.engine import changes, rebuilt, snapshot, told
from tests.oracle.judge import disagreements
from tests.oracle.world import Row, World, event, goal, organization, site
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.health.blocks import blocks_of, windows_of

FIRST = datetime(2026, 1, 8, 10)  # noqa: DTZ001 - the tables' times are UTC without saying so


def day(number: int, landings: int = 11, orders: int = 2) -> list[Row]:
    """The visits and orders of a day, all of different visitors; some of visits come by an advertisement."""
    begin, rows = FIRST + timedelta(days=number), []
    for place in range(landings):
        name, tags = f"{number}-{place}", {"utm_source": "x", "utm_medium": "cpc"} if place % 3 else {}
        rows.append(event(f"p{name}", begin, visitor_id=name, url="https://shop.example/", **tags))
        if place < orders:
            rows.append(
                event(f"o{name}", begin + timedelta(minutes=5), type="CONVERSION", visitor_id=name, order_id=name)
            )
    return rows


def ids(number: int) -> list[str]:
    return [row["event_id"] for row in day(number)]


def test_a_run_judges_again_what_a_change_reaches_as_a_rebuild_does() -> None:
    """New days, long ago, before the first and after weeks of none; and days that go, at both ends and weeks."""
    known = [number for number in range(180) if number % 4 == 0 or 28 < number < 36]
    events = [row for number in known for row in day(number)]
    ledger = told([World(organization(), [site(time_zone="UTC")], [goal()], [], events)])
    steps: list[Callable[[], None]] = [
        lambda: ledger.tell(day(180)), lambda: ledger.tell(day(38)), lambda: ledger.erase(*ids(180), *ids(176)),
        lambda: ledger.tell(day(275) + day(-40)),
        lambda: ledger.erase(*ids(-40), *ids(275), *(name for number in range(60, 95) for name in ids(number))),
    ]  # fmt: skip
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        for number, step in enumerate(steps):
            step()
            report = pipeline.run(ledger.feed, engine)
            assert not report.is_rebuild
            assert changes(rebuilt(ledger), snapshot(engine)) == "", number
        limits = snapshot(engine)["health_limits"]
    assert len({row["block_start"] for row in limits}) >= 5


def test_a_new_day_writes_the_limits_of_its_own_four_weeks_and_of_no_others() -> None:
    events = [row for number in range(0, 200, 2) for row in day(number, orders=0)]
    ledger = told([World(organization(), [site(time_zone="UTC")], [goal()], [], events)])
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        before = snapshot(engine)["health_limits"]
        ledger.tell(day(200, orders=0))
        written = pipeline.run(ledger.feed, engine).rows["health_limits"]
        newest = max(row["block_start"] for row in before)
        assert 0 < written == sum(row["block_start"] == newest for row in snapshot(engine)["health_limits"])
        assert written * 4 < len(before)


def test_blocks_agree_with_their_plain_definition() -> None:
    events = [row for number in range(0, 120, 2) if not 40 < number < 85 for row in day(number, 10 + number % 4)]
    world = World(organization(), [site(time_zone="UTC")], [goal()], [], events)
    assert disagreements(rebuilt(told([world])), [world]) == ""


@pytest.mark.parametrize(
    ("known", "used"),
    [
        ([0, 3, 30, 60, 83, 84], (0, 5)), ([-56, 3, 83], (0, 3)), ([-57, 3, 30], (0, 2)),
        ([-141, 3, 30], (1, 3)), ([-140, 3, 30], (0, 2)),
    ],
)  # fmt: skip
def test_a_block_uses_twenty_weeks_before_and_eight_after_where_its_series_is_young(
    known: list[int], used: tuple[int, int]
) -> None:
    monday = blocks_of(np.array([20_000], np.int32))[0]
    days = np.array(known, np.int32) + np.int32(monday)
    (window,) = windows_of(days, [monday])
    assert (window.used.start, window.used.stop) == used
    assert [known[place] for place in range(window.own.start, window.own.stop)] == [
        one for one in known if 0 <= one < 28
    ]


def test_a_block_without_a_day_has_no_window() -> None:
    days = np.array([100], np.int32)
    assert list(windows_of(days, [200])) == []


def test_blocks_begin_on_the_same_mondays_everywhere() -> None:
    starts = blocks_of(np.arange(20_000, 20_100, dtype=np.int32))
    assert {(date(1970, 1, 1) + timedelta(days=start)).weekday() for start in starts} == {0}
    assert set(np.diff(starts)) == {28}
