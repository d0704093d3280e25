"""Weeks and channels for mix models: every sum of a week is kept, and the two layouts say the same."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any, get_args

import pytest

from tests.oracle.engine import told
from tests.oracle.world import World, goal, organization, site
from tests.reports.test_money_reports import COSTS, EVENTS, order, page, spent
from touchline import pipeline
from touchline.engines import DuckDB, Engine
from touchline.errors import UsageError
from touchline.reports.catalog import report_named
from touchline.reports.csv_text import csv_text
from touchline.reports.mix import Layout, MixReport, mix_report
from touchline.reports.performance import performance_report

LATER = [
    page("h1", "2026-03-30 10:00", "h", utm_source="letter", utm_medium="email"), order("h2", "2026-03-30 10:05", "h"),
    spent(25, 5, impressions=0, clicks=0),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The shop of the money reports, an order three weeks later, and a cost without clicks between."""
    world = World(organization(), [site(time_zone="UTC")], [goal()], [], [*EVENTS, *LATER[:2]], [[*COSTS, LATER[2]]])
    with closing(DuckDB()) as made:
        pipeline.run(told([world]).feed, made)
        yield made


def sums_of(report: MixReport) -> dict[date, Counter[str]]:
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    for row in report.rows:
        costs = {name: getattr(row, name) or 0 for name in ("spend_micros", "impressions", "clicks")}
        sums[row.start].update({**costs, "credit": row.credit, "value_micros": row.value_micros})
    return sums


@pytest.mark.parametrize("per", ["day", "week", "month"])
def test_every_week_keeps_all_that_it_cost_and_earned(engine: Engine, per: Any) -> None:
    for model in ("LINEAR", "FIRST_TOUCH"):
        found = mix_report(engine, "o", per=per, model=model)
        weeks = {row.start: row for row in performance_report(engine, "o", per=per, model=model).rows}
        sums = sums_of(found)
        assert set(weeks) <= set(sums)
        for first, one in sums.items():
            week = weeks.get(first)
            expected = (week.spend_micros or 0, week.conversions, week.value_micros) if week else (0, 0, 0)
            assert (one["spend_micros"], one["credit"] / 1e9, one["value_micros"]) == expected, first
        assert sum(one["impressions"] for one in sums.values()) == 7 * 7


def test_there_is_no_gap_and_nothing_that_is_unknown_is_zero(engine: Engine) -> None:
    found = mix_report(engine, "o")
    firsts = sorted({row.start for row in found.rows})
    assert firsts == [date(2026, 3, 2) + timedelta(days=7 * number) for number in range(5)]
    assert len(found.rows) == len(firsts) * len({row.channel for row in found.rows})
    spend = {(row.start.day, row.channel): row.spend_micros for row in found.rows}
    assert {day: spend[day, "Display"] for day in (2, 9, 16, 23)} == {2: 3_666_667, 9: 0, 16: None, 23: 0}
    assert {spend[first.day, channel] for first in firsts for channel in ("Email", "(unattributed)")} == {None}
    clicks = {(row.start.day, row.channel): row.clicks for row in found.rows}
    assert (clicks[23, "(no visit)"], clicks[23, "Display"]) == (0, 0)
    assert [row.is_whole for row in found.rows if row.channel == "Email"] == [True] * 4 + [False]


def test_the_wide_table_says_what_the_long_one_says(engine: Engine) -> None:
    report = report_named("mix")
    long, wide = (mix_report(engine, "o", layout=layout) for layout in get_args(Layout))
    assert long.rows == wide.rows
    table = report.table_of(wide)
    assert len(table.rows) == 5
    cells = {(row[0], name): cell for row in table.rows for name, cell in zip(table.columns, row, strict=True)}
    shown = set(table.columns)
    for row in long.rows:
        for name in ("spend_micros", "impressions", "clicks", "conversions", "value_micros"):
            column, value = f"{row.channel} {name}", getattr(row, name)
            assert cells[row.start, column] == value if column in shown else not value, (row.start, column)
    header = csv_text(table).splitlines()[0]
    assert header.startswith("start,end,is_whole,(no visit) spend,")
    assert (
        "Paid Search spend,Paid Search impressions,Paid Search clicks,Paid Search conversions,Paid Search value"
        in header
    )
    assert csv_text(report.table_of(long)).splitlines()[0] == (
        "start,end,is_whole,channel,spend,impressions,clicks,conversions,value"
    )


def test_what_is_no_layout_is_refused(engine: Engine) -> None:
    with pytest.raises(UsageError, match="layout is one of long, wide, not 'broad'"):
        mix_report(engine, "o", layout="broad")  # type: ignore[arg-type]
