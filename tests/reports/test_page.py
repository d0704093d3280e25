"""The page is one file, inert whatever campaigns are called, and says what it does not know."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair as alt
import pytest
from altair.typing import ChartType
from altair.utils.schemapi import SchemaValidationError
from markupsafe import Markup

from tests.reports.conftest import HOSTILE, ORGANIZATION
from touchline.engines import Engine
from touchline.errors import StorageError
from touchline.reports.drawing import Colour, configured
from touchline.reports.overview import overview
from touchline.reports.page import page, write_report

VOID = {"meta", "br", "hr"}


class Reader(HTMLParser):
    """Every element's name and attributes, and the text between."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def corner(engine: Engine) -> str:
    return page(overview(engine, ORGANIZATION))


@pytest.fixture(scope="module")
def shop_page(demo_engine: Engine) -> str:
    return page(overview(demo_engine, "fernwood-home"))


@pytest.mark.parametrize("which", ["corner", "shop_page"])
def test_page_needs_nothing_else(which: str, request: pytest.FixtureRequest) -> None:
    text: str = request.getfixturevalue(which)
    reader = read(text)
    names = {name for name, _ in reader.elements}
    assert names.isdisjoint({"script", "img", "iframe", "object", "embed", "link", "image", "use", "a", "base", "form"})
    assert "svg" in names
    for _, attributes in reader.elements:
        assert not {"src", "href", "xlink:href", "srcset", "action"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert re.findall(r"url\((?!#)", text) == []
    assert "@import" not in text
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_a_browser_takes_the_style_sheet_and_no_other(shop_page: str) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', shop_page)
    (sheet,) = re.findall(r"<style>(.*?)</style>", shop_page, re.DOTALL)
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_hostile_names_are_text(corner: str) -> None:
    words = "".join(read(corner).words)
    assert HOSTILE in words
    assert "<img src=x onerror=alert(1)>" in words
    assert "<script" not in corner
    assert "<img" not in corner


def test_every_colour_of_a_chart_is_in_the_style_sheet(shop_page: str) -> None:
    style = shop_page.partition("</style>")[0]
    for colour in Colour:
        assert style.count(f"{colour.variable}:") == 2
    assert "#0a0b" not in shop_page


def test_every_chart_stands_there_for_wide_and_narrow_screens(shop_page: str) -> None:
    drawn = [attributes["class"] for name, attributes in read(shop_page).elements if name == "svg"]
    assert drawn == ["wide", "narrow"] * 5


def test_every_chart_keeps_to_the_schema_of_charts(demo_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[ChartType] = []

    def noted(chart: ChartType, **_: str) -> Markup:
        drawn.append(chart)
        return Markup()

    monkeypatch.setattr("touchline.reports.page.svg", noted)
    page(overview(demo_engine, "fernwood-home"))
    definitions = [configured(chart).to_dict(validate=True) for chart in drawn]  # raises where one does not
    assert [definition["config"]["aria"] for definition in definitions] == [False] * 10


def test_what_keeps_to_no_schema_is_noticed() -> None:
    unknown: Any = "blot"
    with pytest.raises(SchemaValidationError):
        configured(alt.Chart(alt.InlineData(values=[]), mark=unknown)).to_dict(validate=True)


def test_numbers_are_written_for_people(corner: str, shop_page: str) -> None:
    assert "200.01" in corner
    assert "1 Mar 2026 – 7 Mar 2026" in corner
    assert "—" in corner
    assert ">None<" not in corner + shop_page
    assert re.search(r"\d,\d{3}\.\d\d", shop_page)
    assert "31 of 31 checks hold exactly" in shop_page


@pytest.mark.usefixtures("without_charts")
def test_one_is_one(engine: Engine) -> None:
    report = overview(engine, ORGANIZATION)
    for count, said in ((1, "1 customer answered"), (2, "2 customers answered")):
        assert said in page(replace(report, health=replace(report.health, answered=count)))
    (finding, *_) = report.waste.findings
    for conversions, said in ((1.0, "spent for 1 conversion at"), (1.5, "spent for 1.5 conversions at")):
        told = replace(finding, conversions=conversions, explanation=_costing(finding.explanation))
        assert said in page(replace(report, waste=replace(report.waste, findings=(told,), count=1)))
    assert "1 more finding with less waste is not" in page(replace(report, waste=replace(report.waste, count=9)))


def _costing(explanation: dict[str, Any]) -> dict[str, Any]:
    return {**explanation, "metrics": {**explanation["metrics"], "cpa": 7.0}}


def test_page_without_data_says_so(empty: Engine) -> None:
    text = page(overview(empty, ORGANIZATION))
    assert "There are no counted conversions yet" in text
    assert "<svg" not in text


def test_report_is_written(engine: Engine, tmp_path: Path) -> None:
    report = overview(engine, ORGANIZATION)
    write_report(report, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(StorageError, match="cannot be written"):
        write_report(report, tmp_path / "nowhere" / "report.html")


def test_one_day_is_enough_for_a_page(engine: Engine) -> None:
    day = date(2026, 3, 5)
    text = page(overview(engine, ORGANIZATION, start=day, end=day))
    assert "5 Mar 2026 – 5 Mar 2026" in text
    assert "The best of 1 days" not in text
