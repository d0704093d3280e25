"""Reports by day, week and month, and against earlier days: both sides are what each period alone says."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, cast, get_args

import pytest

from tests.reports.conftest import ORGANIZATION, event, order, workspace
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.attribution import AttributionReport, attribution_report, model_comparison
from touchline.reports.catalog import report_named
from touchline.reports.dimensions import OTHER, PERIODS, By
from touchline.reports.performance import performance_report
from touchline.reports.periods import Compared, Match, Period, compared_with
from touchline.reports.question import Question, Window, asked

LETTER = "https://shop.example/?utm_source=letter&utm_medium=email"
SEARCH = "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=c1"
BLOG = "https://shop.example/?utm_source=blog&utm_medium=referral"
BOUGHT = [
    ("a", "02-03", LETTER, 10.0), ("b", "02-03", SEARCH, 20.0), ("c", "02-10", LETTER, 30.0), ("d", "02-28", BLOG, 1.0),
    ("e", "03-03", SEARCH, 40.0), ("f", "03-04", SEARCH, 50.0), ("g", "03-10", LETTER, 60.0), ("h", "03-31", None, 5.0),
]  # fmt: skip
"""Who bought, on which day, how they had come, and for how much."""
COSTS = """\
date,platform,account_id,campaign_id,campaign_name,impressions,clicks,cost,currency
2026-02-03,GOOGLE_ADS,a1,c1,Spring,10,5,7.00,EUR
2026-03-04,GOOGLE_ADS,a1,c1,Spring,10,5,9.00,EUR
"""
MARCH: dict[str, Any] = {"start": date(2026, 3, 1), "end": date(2026, 3, 31)}
DAYS = "2026-02-01..2026-02-28"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    events = [
        sent
        for who, day, url, value in BOUGHT
        for sent in (
            *([event(who, f"{day}T09:00", url=url)] if url else []),
            order(who, f"{day}T10:00", who, value, **({} if url else {"url": None, "userAgent": None})),
        )
    ]
    with workspace(tmp_path_factory.mktemp("periods"), events=events, costs=COSTS) as opened:
        yield opened.engine


def window(start: str, end: str, data_from: str | None = "2020-01-01") -> Question:
    first = None if data_from is None else date.fromisoformat(data_from)
    days = Window(date.fromisoformat(start), date.fromisoformat(end))
    return cast(Question, type("Asked", (), {"window": days, "data_from": first}))


@pytest.mark.parametrize(
    ("start", "end", "compare", "match", "expected"),
    [
        ("2026-03-02", "2026-03-08", "previous", "weekdays", ("2026-02-23", "2026-03-01")),
        ("2026-03-01", "2026-03-31", "previous", "weekdays", ("2026-01-25", "2026-02-24")),
        ("2026-03-01", "2026-03-31", "previous", "dates", ("2026-01-29", "2026-02-28")),
        ("2026-03-05", "2026-03-05", "previous", "weekdays", ("2026-02-26", "2026-02-26")),
        ("2026-03-02", "2026-03-08", "last-year", "weekdays", ("2025-03-03", "2025-03-09")),
        ("2024-02-29", "2024-03-01", "last-year", "dates", ("2023-02-28", "2023-03-01")),
        ("2026-03-02", "2026-03-08", "2026-01-05..2026-01-06", "weekdays", ("2026-01-05", "2026-01-06")),
    ],
)
def test_which_days_are_compared(start: str, end: str, compare: str, match: Match, expected: tuple[str, str]) -> None:
    found = compared_with(window(start, end), compare, match)
    first, last = map(date.fromisoformat, expected)
    assert found == Compared(first, last, is_covered=True)
    if match == "weekdays" and ".." not in compare:
        assert found.start.weekday() == date.fromisoformat(start).weekday()
        assert found.end < date.fromisoformat(start)


def test_days_that_cannot_be_compared_are_refused_and_half_known_ones_are_marked() -> None:
    week = window("2026-03-02", "2026-03-08", "2026-02-25")
    assert compared_with(week, None, "weekdays") is None
    assert compared_with(week, "previous", "weekdays") == Compared(
        date(2026, 2, 23), date(2026, 3, 1), is_covered=False
    )
    with pytest.raises(
        UsageError, match="no data from 2025-03-03 to 2025-03-09 to compare with: it begins on 2026-02-25"
    ):
        compared_with(week, "last-year", "weekdays")
    with pytest.raises(UsageError, match="There is no data to compare"):
        compared_with(window("2026-03-02", "2026-03-08", None), "previous", "weekdays")
    with pytest.raises(UsageError, match="match is one of weekdays, dates"):
        compared_with(week, "previous", "months")
    for wrong in ("last", "2026-01-01", "2026-01-02..2026-01-01", "..", "2026-13-01..2026-13-02"):
        with pytest.raises(UsageError, match="compare is previous, last-year, or days such as"):
            compared_with(week, wrong, "weekdays")


@pytest.mark.parametrize("by", ["channel", "campaign", "source", "site", "week"])
@pytest.mark.parametrize("model", ["LINEAR", "FIRST_TOUCH"])
def test_both_sides_are_what_each_period_alone_says(engine: Engine, by: By, model: str) -> None:
    both = attribution_report(engine, ORGANIZATION, by=by, model=model, compare=DAYS, **MARCH)
    now, then = (
        attribution_report(engine, ORGANIZATION, by=by, model=model, **days)
        for days in (MARCH, {"start": date(2026, 2, 1), "end": date(2026, 2, 28)})
    )
    assert {row.key: row.credit for row in both.rows if row.credit} == {
        row.key: row.credit for row in now.rows if row.credit
    }
    assert (
        both.totals.conversions_before
        == then.totals.conversions
        == sum(row.conversions_before or 0 for row in both.rows)
    )
    assert both.totals.value_before_micros == then.totals.value_micros
    assert sum(row.spend_before_micros or 0 for row in both.rows) == (then.totals.spend_micros or 0)
    if by != "week":
        earlier = {row.key: (row.conversions, row.share, row.spend_micros) for row in then.rows}
        found = {row.key: (row.conversions_before, row.share_before, row.spend_before_micros) for row in both.rows}
        assert {key: one for key, one in found.items() if key in earlier} == earlier
        assert {key for key, one in found.items() if one[0]} <= earlier.keys() <= found.keys()
    assert sum(row.share_change or 0 for row in both.rows) == pytest.approx(0)
    assert both.share_moved == pytest.approx(sum(abs(row.share_change or 0) for row in both.rows) / 2)
    assert [row.conversions_change for row in both.rows] == [
        row.conversions - (row.conversions_before or 0) for row in both.rows
    ]


def test_models_have_a_drift_and_their_earlier_conversions(engine: Engine) -> None:
    found = model_comparison(engine, ORGANIZATION, compare=DAYS, **MARCH)
    rows = {row.key: (row.models[0].conversions, row.models[0].conversions_before) for row in found.rows}
    assert {key: both for key, both in rows.items() if any(both)} == {
        "Paid Search": (2.0, 1.0), "Email": (1.0, 2.0), "(unattributed)": (1.0, 0.0), "Referral": (0.0, 1.0),
    }  # fmt: skip
    assert found.drift[0] == pytest.approx(0.5)
    table = report_named("models").table_of(found)
    before = table.columns.index("FIRST_TOUCH_before")
    assert {row[0]: row[before] for row in table.rows}["Email"] == 2.0
    assert model_comparison(engine, ORGANIZATION).drift == (None,) * len(found.models)


def test_a_value_among_the_others_of_one_period_is_not_called_new(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("touchline.reports.tally.MOST_VALUES", 1)
    both = attribution_report(engine, ORGANIZATION, by="source", model="LINEAR", compare=DAYS, **MARCH)
    rows = {row.key: (row.conversions, row.conversions_before) for row in both.rows}
    assert rows[OTHER][1] == pytest.approx(4.0 - sum(then or 0 for key, (_, then) in rows.items() if key != OTHER))
    assert sum(now for now, _ in rows.values()) == sum(then or 0 for _, then in rows.values()) == 4.0
    one = attribution_report(engine, ORGANIZATION, by="source", model="LINEAR", compare="2026-03-01..2026-03-31",
                             start=date(2026, 2, 3), end=date(2026, 2, 3))  # fmt: skip
    assert {row.key: row.conversions_before for row in one.rows if row.key != OTHER}.get("letter") is None


@pytest.mark.parametrize("by", PERIODS)
@pytest.mark.parametrize("basis", ["CONVERSION", "TOUCH"])
def test_days_add_up_in_their_order(engine: Engine, by: By, basis: Any) -> None:
    report = attribution_report(engine, ORGANIZATION, by=by, basis=basis, model="LINEAR")
    whole = attribution_report(engine, ORGANIZATION, by="channel", basis=basis, model="LINEAR").totals
    keys = [row.key for row in report.rows]
    assert keys == sorted(keys)
    assert (report.totals.credit, report.totals.spend_micros) == (whole.credit, whole.spend_micros)
    months = performance_report(engine, ORGANIZATION, per=cast(Period, by), basis=basis, model="LINEAR")
    assert [(str(row.start), row.conversions, row.spend_micros) for row in months.rows] == [
        (row.key, row.conversions, row.spend_micros) for row in report.rows
    ]
    assert {"month": ["2026-02-01", "2026-03-01"], "week": ["2026-02-02", "2026-02-09", "2026-02-23"]}.get(by, keys)[
        :2
    ] == keys[:2]


def test_performance_lays_weeks_next_to_weeks(engine: Engine) -> None:
    choices: dict[str, Any] = {"start": date(2026, 3, 2), "end": date(2026, 3, 15), "compare": "2026-02-02..2026-02-15"}
    found = performance_report(engine, ORGANIZATION, per="week", **choices)
    assert [(row.conversions, row.conversions_before, row.spend_before_micros) for row in found.rows] == [
        (2.0, 2.0, 7_000_000), (1.0, 1.0, None)
    ]  # fmt: skip
    assert found.totals is not None
    assert (found.totals.conversions_before, found.totals.value_before_micros) == (3.0, 60_000_000)
    alone = performance_report(engine, ORGANIZATION, per="week")
    assert {row.conversions_before for row in alone.rows} == {None}
    choices |= {"start": date(2026, 3, 9), "compare": "2026-01-26..2026-02-15"}  # three weeks next to one
    (week,) = performance_report(engine, ORGANIZATION, per="week", **choices).rows
    assert (week.conversions, week.conversions_before) == (1.0, 3.0)


def test_what_is_asked_is_the_same_value_everywhere(engine: Engine) -> None:
    """The table, from which CSV and exports are made, has the columns whether or not something is compared."""
    report = report_named("attribution")
    asked_for: Callable[..., AttributionReport] = report.function
    compared, alone = (
        report.table_of(asked_for(engine, ORGANIZATION, **one)) for one in ({"compare": DAYS, **MARCH}, {})
    )
    assert (compared.columns, compared.kinds) == (alone.columns, alone.kinds)
    assert {one.name for one in report.parameters} >= {"compare", "match"}
    assert get_args(Match) == ("weekdays", "dates")
    assert asked(engine, ORGANIZATION).data_from == date(2026, 2, 3)
