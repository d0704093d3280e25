"""The catalog is complete, its reports can be asked, and a spreadsheet shows their CSV and never obeys it."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.conftest import ORGANIZATION
from touchline.amounts import plain_units
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.reports import catalog
from touchline.reports.catalog import report_named, reports
from touchline.reports.csv_text import csv_text
from touchline.reports.report import Parameter, Report, ReportTable, document

FORMULAS = ("=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A1")  # noqa: RUF001 - full-width signs


def test_every_file_of_the_catalog_is_a_report_under_its_own_name() -> None:
    files = {file.stem for file in Path(catalog.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(reports()) == files


def test_a_report_that_is_none_is_named_with_those_that_are() -> None:
    with pytest.raises(UnknownError, match="no report 'profit'") as raised:
        report_named("profit")
    assert "accounts, attribution, completeness, conversions, countries, devices, funnel" in raised.value.hint


@pytest.mark.parametrize("name", reports())
def test_every_row_has_every_column(engine: Engine, empty: Engine, name: str) -> None:
    report = report_named(name)
    for holding in (engine, empty):
        table = report.table_of(report.function(holding, ORGANIZATION))
        assert table.columns
        assert [row for row in table.rows if len(row) != len(table.columns)] == []


def test_the_parameters_are_those_of_the_function() -> None:
    waste = {one.name: one for one in report_named("waste").parameters}
    assert list(waste) == [
        "model", "goal", "grain", "start", "end", "severity", "min_waste_micros", "limit", "cursor", "currency", "site",
        "account", "mode",
    ]  # fmt: skip
    grains = ("ORGANIZATION", "PLATFORM", "CAMPAIGN", "ADSET", "AD")
    assert (waste["grain"].choices, waste["grain"].default) == (grains, "CAMPAIGN")
    assert (waste["severity"].choices, waste["severity"].default) == (("high", "medium", "low"), None)
    assert (waste["min_waste_micros"].is_money, waste["min_waste_micros"].asked_name) == (True, "min_waste")
    attribution = {one.name: one.kind for one in report_named("attribution").parameters}
    assert (attribution["start"], attribution["model"]) == (date, str)


def test_a_parameter_without_words_is_noticed() -> None:
    report = Report("x", "X.", "touchline.reports.journeys:journeys_report")
    with pytest.raises(KeyError, match="limit"):
        report.parameters  # noqa: B018 - looking is what is tried


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("minWaste", "12.5", 12_500_000), ("minWaste", "0", 0), ("minWaste", "0.000001", 1), ("limit", "10000", 10_000),
        ("grain", "AD", "AD"), ("currency", "EUR", "EUR"),
    ],
)  # fmt: skip
def test_a_query_is_read_by_the_kinds_of_the_parameters(name: str, text: str, value: object) -> None:
    assert list(report_named("waste").choices({name: text}).values()) == [value]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("minWaste", "-0.01"), ("minWaste", "nan"), ("minWaste", "1e400"), ("minWaste", "1_0"), ("limit", "10001"),
        ("limit", "-10001"), ("limit", "1.5"), ("limit", "٣"), ("grain", "ad"), ("min_waste", "1"), ("model_", "X"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(name: str, text: str) -> None:
    with pytest.raises(UsageError):
        report_named("waste").choices({name: text})


def test_a_day_is_read() -> None:
    assert report_named("attribution").choices({"start": "2026-02-28"}) == {"start": date(2026, 2, 28)}
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        report_named("attribution").choices({"start": "2026-02-29"})


@dataclass(frozen=True)
class Inner:
    spend_micros: int


@dataclass(frozen=True)
class Outer:
    some_rows: tuple[Inner, ...]
    explanation: dict[str, object]


def test_names_of_fields_become_camel_case_and_keys_of_mappings_stay() -> None:
    assert document(Outer((Inner(1),), {"other_models": Inner(2)})) == {
        "someRows": [{"spendMicros": 1}], "explanation": {"other_models": {"spendMicros": 2}}
    }  # fmt: skip


@given(st.lists(st.tuples(st.text(), st.none() | st.integers(-(10**15), 10**15)), max_size=5))
def test_csv_says_what_the_table_says(rows: list[tuple[str, int | None]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(ReportTable(("name", "spend_micros"), (str, int), rows)), newline="")))
    assert read[0] == ["name", "spend"]
    begins = tuple(formula[0] for formula in FORMULAS)
    names = [f"'{name}" if name.startswith(begins) else name for name, _ in rows]
    assert read[1:] == [[name, "" if m is None else plain_units(m)] for name, (_, m) in zip(names, rows, strict=True)]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_obey_is_text(text: str) -> None:
    (_, (cell, amount)) = csv.reader(
        io.StringIO(csv_text(ReportTable(("name", "spend_micros"), (str, int), [(text, -1_500_000)])), newline="")
    )
    assert (cell, amount) == (f"'{text}", "-1.50")


@given(st.integers(-(10**18), 10**18))
def test_an_amount_is_exact(micros: int) -> None:
    whole, _, decimals = plain_units(micros).lstrip("-").partition(".")
    assert 2 <= len(decimals) <= 6
    assert int(whole) * 1_000_000 + int(decimals.ljust(6, "0")) == abs(micros)
    assert plain_units(micros).startswith("-") == (micros < 0)


def test_a_choice_of_booleans_and_numbers_is_plain() -> None:
    table = ReportTable(("a", "b", "c", "d"), (bool, float, date, str), [(True, 1.5, date(2026, 1, 2), None)])
    assert csv_text(table).splitlines()[1] == "true,1.5,2026-01-02,"


def test_money_is_asked_for_without_its_ending() -> None:
    assert Parameter("spend_micros", int, 0, (), "").asked_name == "spend"
    assert Parameter("limit", int, 0, (), "").asked_name == "limit"
