"""Reports by day, week and month, and against earlier days: both sides are what each period alone says."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, cast, get_args

import pytest

from tests.reports.conftest import ORGANIZATION, event, order, workspace
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.attribution import AttributionReport, attribution_report, model_comparison
from touchline.reports.catalog import report_named
from touchline.reports.dimensions import OTHER, PERIODS, By
from touchline.reports.performance import performance_report
from touchline.reports.periods import Compared, Counterparts, Match, Period, compared_with, first_day, last_day
from touchline.reports.question import Question, Window, asked
from touchline.reports.words import compared_in_words

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
    known = [row.share_change for row in both.rows if row.share_change is not None]
    is_known = len(known) == len(both.rows)
    assert is_known == (by != "week")  # March ends three days after any day of February
    assert both.share_moved == (pytest.approx(sum(map(abs, known)) / 2) if is_known else None)
    if is_known:
        assert sum(known) == pytest.approx(0)
    assert [row.conversions_change for row in both.rows] == [
        None if row.conversions_before is None else row.conversions - row.conversions_before for row in both.rows
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
    assert one.share_moved is None


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


def test_a_period_is_compared_with_as_many_days_or_says_that_it_is_not(engine: Engine) -> None:
    """Three weeks next to one, one next to three, and months next to days that are no months."""
    longer: dict[str, Any] = {"start": date(2026, 3, 9), "end": date(2026, 3, 15), "compare": "2026-02-09..2026-03-01"}
    found = performance_report(engine, ORGANIZATION, per="week", **longer)
    (week,), total = found.rows, found.totals
    assert (week.conversions, week.conversions_before, week.days_before) == (1.0, 1.0, 7)
    assert total is not None
    assert (total.conversions_before, total.days_before) == (2.0, 21)
    assert "Those are 21 days, these are 7: totals" in compared_in_words(found.compared, found.window)
    shorter = {"start": date(2026, 2, 23), "end": date(2026, 3, 15), "compare": "2026-02-09..2026-02-18"}
    for rows in (
        performance_report(engine, ORGANIZATION, per="week", **shorter).rows,  # type: ignore[arg-type]
        attribution_report(engine, ORGANIZATION, by="week", **shorter).rows,  # type: ignore[arg-type]
    ):
        assert [(row.conversions_before, row.days_before) for row in rows] == [(1.0, 7), (0.0, 3), (None, 0)]
    months = {"start": date(2026, 2, 1), "end": date(2026, 3, 31), "compare": "2026-01-31..2026-03-30"}
    by_month = attribution_report(engine, ORGANIZATION, by="month", **months).rows  # type: ignore[arg-type]
    assert [(row.conversions_before, row.days_before) for row in by_month] == [(3.0, 28), (4.0, 31)]


LEAP_DAY = date(2024, 2, 29)


@pytest.mark.parametrize("per", PERIODS)
def test_each_earlier_day_is_compared_once_by_its_date_or_in_order(per: Period) -> None:
    chance = Random(per)
    for _ in range(300):
        start = date(2023, 1, 1) + timedelta(chance.choice([31, 58, 59, 365, 424, 425, chance.randint(0, 1_000)]))
        end = start + timedelta(chance.randint(0, 120))
        asked_for = chance.choice(["previous", "last-year", "2021-02-27..2021-03-30", "2020-02-29..2020-02-29"])
        earlier = compared_with(window(str(start), str(end)), asked_for, chance.choice(["weekdays", "dates"]))
        assert earlier is not None
        days = Counterparts(start, end, earlier)
        every = [earlier.start + timedelta(n) for n in range(earlier.days)]
        placed = [days.day_of(day) for day in every]
        known = [day for day in placed if day is not None]
        assert known == sorted(known)
        assert placed[: len(known)] == known  # those past the window's last are compared with none
        if not (start <= LEAP_DAY <= end or LEAP_DAY in every):
            assert [day - start for day in known] == [day - earlier.start for day in every[: len(known)]]
        firsts = {first_day(start + timedelta(n), per) for n in range((end - start).days + 1)}
        counts = Counter(first_day(day, per) for day in known)
        assert {first: days.number(first, last_day(first, per)) for first in firsts} == {
            first: counts[first] for first in firsts
        }


def test_the_same_dates_are_compared_in_leap_years_too() -> None:
    earlier = compared_with(window("2024-01-01", "2024-03-31"), "last-year", "dates")
    assert earlier is not None
    days = Counterparts(date(2024, 1, 1), date(2024, 3, 31), earlier)
    assert days.day_of(date(2023, 3, 1)) == date(2024, 3, 1)
    assert [days.number(first, last_day(first, "month")) for first in (date(2024, n, 1) for n in (1, 2, 3))] == [
        31, 28, 31,
    ]  # fmt: skip
    assert days.number(LEAP_DAY, LEAP_DAY) == 0
    back = Counterparts(date(2025, 1, 1), date(2025, 3, 31), Compared(date(2024, 1, 1), date(2024, 3, 31), True))
    assert (back.day_of(LEAP_DAY), back.number(date(2025, 2, 28), date(2025, 2, 28))) == (date(2025, 2, 28), 2)


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
