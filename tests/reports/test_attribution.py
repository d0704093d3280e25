"""Attribution by row: known answers, sums, and nothing that is zero where it is unknown."""

from datetime import date
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tests.reports.conftest import EVENTS, ORGANIZATION, order, workspace
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.models import MODELS
from touchline.reports.attribution import attribution_report, model_comparison
from touchline.reports.dimensions import SPENDING, Basis, By

CREDIT = 1_000_000_000
CONVERSIONS, VALUE, SPEND = 4, 200_010_000, 50_000_000


def test_channels_under_last_touch(engine: Engine) -> None:
    report = attribution_report(engine, ORGANIZATION, model="LAST_TOUCH", by="channel")
    found = {row.key: (row.conversions, row.value_micros) for row in report.rows}
    assert found == {
        "Email": (1.0, 100_000_000),
        "Organic Search": (1.0, 50_000_000),
        "Direct": (1.0, 25_000_000),
        "Paid Search": (0.0, 0),
        "(no visit)": (0.0, 0),
        "(unattributed)": (1.0, 25_010_000),
    }
    assert report.rows[-1].key == "(unattributed)"
    assert report.window.start == date(2026, 3, 1)
    assert report.window.end == date(2026, 3, 7)


def test_campaigns_under_linear(engine: Engine) -> None:
    report = attribution_report(engine, ORGANIZATION, model="LINEAR", by="campaign")
    spring = next(row for row in report.rows if row.key == "GOOGLE_ADS/c1")
    assert (spring.name, spring.spend_micros, spring.clicks, spring.conversions) == ("Spring", 30_000_000, 50, 0.5)
    assert (spring.cpa, spring.ctr, spring.cpc) == (60.0, 0.05, 0.6)
    assert spring.roas == pytest.approx(50 / 30)
    assert spring.share == 0.125


def test_rate_without_denominator_is_unknown_and_not_zero(engine: Engine) -> None:
    report = attribution_report(engine, ORGANIZATION, model="LAST_TOUCH", by="campaign")
    rows = {row.key: row for row in report.rows}
    hostile, nowhere = rows["META/c2"], rows["(unattributed)"]
    assert (hostile.impressions, hostile.clicks) == (0, 0)
    assert (hostile.cpa, hostile.ctr, hostile.cpc, hostile.roas) == (None, None, None, 0.0)
    assert (nowhere.spend_micros, nowhere.clicks, nowhere.cpa, nowhere.roas) == (None, None, None, None)


@pytest.mark.campaign(42)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("basis", get_args(Basis))
@pytest.mark.parametrize("by", get_args(By))
def test_rows_add_up(engine: Engine, by: By, basis: Basis, model: str) -> None:
    report = attribution_report(engine, ORGANIZATION, model=model, by=by, basis=basis)
    assert sum(row.credit for row in report.rows) == CONVERSIONS * CREDIT == report.totals.credit
    assert sum(row.value_micros for row in report.rows) == VALUE == report.totals.value_micros
    assert sum(row.share or 0 for row in report.rows) == pytest.approx(1)
    costs = SPEND if by in SPENDING else None
    assert report.totals.spend_micros == costs
    assert len({row.key for row in report.rows}) == len(report.rows)


def test_window_takes_its_first_and_its_last_day(engine: Engine) -> None:
    report = attribution_report(engine, ORGANIZATION, by="platform", start=date(2026, 3, 2), end=date(2026, 3, 4))
    assert report.totals.conversions == 1
    assert report.totals.spend_micros == 20_000_000


def test_basis_moves_credit_to_the_day_of_the_touch(engine: Engine) -> None:
    day = date(2026, 3, 1)
    touched = attribution_report(
        engine, ORGANIZATION, model="FIRST_TOUCH", by="channel", start=day, end=day, basis="TOUCH"
    )
    converted = attribution_report(engine, ORGANIZATION, model="FIRST_TOUCH", by="channel", start=day, end=day)
    assert [(row.key, row.conversions) for row in touched.rows] == [("Paid Search", 1.0)]
    assert [(row.key, row.conversions, row.spend_micros) for row in converted.rows] == [
        ("Paid Search", 0.0, 30_000_000)
    ]
    assert converted.totals.share is None


def test_other_currency_is_named_and_not_added(tmp_path: Path) -> None:
    dollars = {**order("fay", "03-04T12:00", "F1", 70.0), "currency": "USD"}
    with workspace(tmp_path, events=[*EVENTS, dollars], costs="") as opened:
        own = attribution_report(opened.engine, ORGANIZATION, by="channel")
        other = attribution_report(opened.engine, ORGANIZATION, by="channel", currency="usd")
    assert (own.currency, own.other_currencies, own.totals.value_micros) == ("EUR", ("USD",), VALUE)
    assert (other.currency, other.other_currencies, other.totals.value_micros) == ("USD", ("EUR",), 70_000_000)


def test_a_currency_without_money_is_refused_with_those_that_have_some(engine: Engine) -> None:
    with pytest.raises(UnknownError, match="no money in USD") as refused:
        attribution_report(engine, ORGANIZATION, by="platform", currency="USD")
    assert refused.value.hint == "Currencies are: EUR. What has an exchange rate is in EUR."


def test_the_organizations_own_currency_is_never_unknown(empty: Engine) -> None:
    assert attribution_report(empty, ORGANIZATION, by="channel", currency="EUR").totals.value_micros == 0


def test_models_side_by_side(engine: Engine) -> None:
    comparison = model_comparison(engine, ORGANIZATION, by="channel")
    paid = next(row for row in comparison.rows if row.key == "Paid Search")
    assert {cell.model: cell.difference for cell in paid.models}["FIRST_TOUCH"] == 1.0
    assert {cell.model: cell.relative_difference for cell in paid.models}["FIRST_TOUCH"] is None
    assert comparison.models == MODELS
    for number, _ in enumerate(MODELS):
        assert sum(row.models[number].credit for row in comparison.rows) == CONVERSIONS * CREDIT
        assert comparison.totals.models[number].value_micros == VALUE


def test_report_is_json(engine: Engine) -> None:
    data = msgspec.to_builtins(attribution_report(engine, ORGANIZATION))
    assert data["window"] == {"start": "2026-03-01", "end": "2026-03-07"}
    assert data["rows"][0]["credit"] == CREDIT


def test_no_data_is_no_rows(empty: Engine) -> None:
    report = attribution_report(empty, ORGANIZATION, by="campaign")
    assert (report.rows, report.window.start, report.totals.spend_micros) == ((), None, None)


@pytest.mark.parametrize("wrong", [{"model": "BEST"}, {"goal": "fame"}])
def test_unknown_names_are_refused(engine: Engine, wrong: dict[str, str]) -> None:
    with pytest.raises(UnknownError, match="There is no"):
        attribution_report(engine, ORGANIZATION, model=wrong.get("model"), goal=wrong.get("goal"))


def test_unknown_organization_is_refused_and_no_other_is_named(engine: Engine) -> None:
    with pytest.raises(UnknownError, match=r"^(?!.*corner-shop).*no numbers of an organization 'another'"):
        attribution_report(engine, "another")


def test_nonsense_is_refused(engine: Engine) -> None:
    with pytest.raises(UsageError, match="before it starts"):
        attribution_report(engine, ORGANIZATION, start=date(2026, 3, 4), end=date(2026, 3, 3))
    with pytest.raises(UsageError, match="by is one of"):
        attribution_report(engine, ORGANIZATION, by="colour")  # type: ignore[arg-type]
