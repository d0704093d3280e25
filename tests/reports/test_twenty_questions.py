"""The questions of analysts on the page, over the views, have the answers of the reports, on every engine."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.reports.three_engines import SHOP, Numbers
from touchline import demo
from touchline.engines import Engine
from touchline.reports.attribution import AttributionReport, AttributionRow, attribution_report, model_comparison
from touchline.reports.health import health_report
from touchline.reports.journeys import journeys_report
from touchline.reports.overview import overview

PAGE = REPOSITORY / "docs" / "howto" / "query-with-sql.md"
FIRST, LAST = date(2026, 8, 1), date(2026, 8, 20)
Answer = set[tuple[Any, ...]]


def questions(page: Path) -> dict[int, str]:
    """The statements of the page's numbered list, by number."""
    section = page.read_text(encoding="utf-8").partition("\n## Twenty questions\n")[2].partition("\n## ")[0]
    found = re.findall(r"^(\d+)\. .+?```sql\n(.+?)```", section, flags=re.DOTALL | re.MULTILINE)
    return {int(number): statement for number, statement in found}


def report(engine: Engine, **asked: Any) -> AttributionReport:
    return attribution_report(engine, SHOP, **asked)


def _money(micros: int | None) -> float:
    return (micros or 0) / 1e6


def _by_channel(found: AttributionReport) -> Answer:
    return {(row.key, row.conversions, _money(row.value_micros)) for row in found.rows if row.credit}


def _campaign(key: str) -> tuple[str, str]:
    platform, _, campaign = key.partition("/")
    return platform, campaign


def _paid(engine: Engine) -> list[AttributionRow]:
    """The campaigns that cost money."""
    return [row for row in report(engine, by="campaign").rows if row.platform and row.spend_micros]


def _ads(engine: Engine) -> Answer:
    rows = report(engine, by="ad").rows
    return {(*row.key.split("/"), row.impressions, row.clicks) for row in rows if row.impressions is not None}


def _models(engine: Engine) -> Answer:
    row = next(row for row in model_comparison(engine, SHOP).rows if row.key == "Paid Search")
    return {(cell.model, cell.conversions) for cell in row.models if cell.credit}


def _days(engine: Engine) -> Answer:
    found = overview(engine, SHOP)
    return {(day.day, _money(day.spend_micros), day.conversions) for day in found.days}


def _health(engine: Engine, measure: str) -> Answer:
    return {(next(rate.numerator for rate in health_report(engine, SHOP).rates if rate.measure == measure),)}


def _orders(found: AttributionReport) -> Answer:
    return {(round(found.totals.conversions), _money(found.totals.value_micros))}


def _answers(engine: Engine) -> Answer:
    return {(a.answer, a.channel or "(unattributed)", a.conversions) for a in health_report(engine, SHOP).answers}


EXPECTED: Mapping[int, Callable[[Engine], Answer]] = {
    1: lambda engine: _orders(report(engine, goal="purchase")),
    2: lambda engine: _orders(report(engine, start=FIRST, end=LAST)),
    3: lambda engine: {(g.goal, round(report(engine, goal=g.goal).totals.conversions)) for g in demo.GOALS},
    4: lambda engine: {(report(engine).verification.unverified,)},
    5: lambda engine: _by_channel(report(engine, model="LINEAR", goal="purchase")),
    6: lambda engine: {row[:2] for row in _by_channel(report(engine, model="LAST_TOUCH"))},
    7: _models,
    8: lambda engine: {row[:2] for row in _by_channel(report(engine, by="source_class"))},
    9: lambda engine: {
        (row.platform, _money(row.spend_micros), _money(row.value_micros))
        for row in report(engine, by="platform").rows
        if row.platform
    },
    10: lambda engine: {(*_campaign(row.key), row.cpa) for row in _paid(engine)},
    11: lambda engine: {(*_campaign(row.key), row.roas) for row in _paid(engine)},
    12: lambda engine: {(row.name, _money(row.spend_micros)) for row in _paid(engine) if not row.credit},
    13: _days,
    14: _ads,
    15: lambda engine: {row[:2] for row in _by_channel(report(engine, basis="TOUCH", start=FIRST, end=LAST))},
    16: lambda engine: {(t.touches, t.conversions) for t in journeys_report(engine, SHOP).touches if t.touches},
    17: lambda engine: {(t.conversions,) for t in journeys_report(engine, SHOP).touches if not t.touches},
    18: lambda engine: _health(engine, "behavioural_coverage"),
    19: _answers,
    20: lambda engine: _health(engine, "direct_landing_rate"),
}  # fmt: skip
"""By the number of the question: the answer of the reports."""


def comparable(answer: Answer) -> list[tuple[Any, ...]]:
    """Rows in an order, with fractions to nine digits: engines add them up in any order."""
    rounded = [
        tuple(float(f"{cell:.9g}") if isinstance(cell, float | Decimal) else cell for cell in row) for row in answer
    ]
    return sorted(rounded, key=repr)


def test_there_are_twenty_questions_and_each_is_a_few_lines() -> None:
    asked = questions(PAGE)
    assert list(asked) == list(range(1, 21)) == list(EXPECTED)
    assert {number for number, statement in asked.items() if len(statement.strip().splitlines()) > 3} == set()


@pytest.mark.parametrize("number", EXPECTED)
def test_an_answer_over_the_views_is_that_of_the_report(numbers: Numbers, number: int) -> None:
    expected = EXPECTED[number](numbers.engine)
    assert expected
    assert comparable({*numbers.rows(questions(PAGE)[number])}) == comparable(expected)


EXAMPLES = re.findall(
    r"^<!-- file: (\w+)\.sql -->\n```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize(("name", "statement"), EXAMPLES, ids=lambda part: part.split()[0])
def test_the_examples_of_the_page_run_everywhere(numbers: Numbers, name: str, statement: str) -> None:
    """Their answers on DuckDB are on the page, which a test follows."""
    found = numbers.rows(statement)
    assert 2 <= len(found) <= 5, name
    assert found == sorted(found, key=lambda row: -row[2 if name == "reasons" else 1])
