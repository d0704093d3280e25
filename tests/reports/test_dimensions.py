"""Reports by any dimension, and the paid part of each row: known answers, exact sums, and the same on every engine."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest

from tests.oracle.engine import snapshot, told
from tests.oracle.world import Row, World, at, event, goal, organization, reference, site
from tests.oracle.worlds import drawn
from tests.reports.conftest import ORGANIZATION, order, workspace
from tests.reports.conftest import event as said
from tests.reports.recount import BY_PAYMENT, OF_NEW, Recount, by_payment, firsts, influence, of_new
from tests.reports.three_engines import SHOP, Numbers, opened
from touchline import pipeline
from touchline.cli.shown import attribution
from touchline.cli.terminal import console
from touchline.engines import DuckDB, Engine
from touchline.engines.answers import python_rows
from touchline.errors import UnknownError
from touchline.grains import UNATTRIBUTED
from touchline.models import MODELS
from touchline.reports.attribution import AttributionReport, AttributionRow, attribution_report, model_comparison
from touchline.reports.conversions import conversions_report
from touchline.reports.dimensions import (
    MISSING,
    OF_CONVERSIONS,
    OTHER,
    PERIODS,
    WITH_COSTS,
    By,
    key_and_name,
)
from touchline.reports.freshness import freshness
from touchline.reports.intervals import Sure, intervals_report
from touchline.reports.journeys import journeys_report
from touchline.reports.overview import overview
from touchline.reports.page import page
from touchline.reports.performance import performance_report
from touchline.reports.queries import rows
from touchline.reports.report import document
from touchline.reports.side_by_side import ComparisonRow, ModelCell
from touchline.reports.views import define_views
from touchline.settings import Home

LANDING = "https://shop.example/shoes"
CLICK = f"fbclid=IwAR{'x' * 40}"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
TAGS = "utm_source=facebook&utm_medium=paid_social&utm_campaign=Spring&utm_id=m1&utm_term=set&utm_content=film"
BURSA = {"metadata": {"city": "Bursa", "district": "Nilüfer"}}
COSTS = "date,platform,campaign_id,campaign_name,cost,currency\n2026-03-01,META,m1,Spring,60,EUR\n"

EVENTS = [
    # Ann clicked a tagged ad of Meta's in Bursa, on a telephone: 100 EUR.
    said("ann", "03-01T10:00", url=f"{LANDING}?{TAGS}&{CLICK}", userAgent=PHONE, **BURSA),
    order("ann", "03-01T10:05", "1", 100.0),
    # Bea came with an fbclid and nothing else, which nobody can call paid: 50 EUR.
    said("bea", "03-02T10:00", url=f"{LANDING}?{CLICK}#top", **BURSA),
    order("bea", "03-02T10:05", "2", 50.0),
    # Cid saw both, the lone fbclid last: 30 EUR.
    said("cid", "03-02T11:00", url=f"{LANDING}?{TAGS}&{CLICK}"),
    said("cid", "03-03T11:00", url=f"https://shop.example/hats?{CLICK}", metadata={"city": "(none)"}),
    order("cid", "03-03T11:05", "3", 30.0),
    # Dan came by a newsletter, and Eva from nowhere.
    said("dan", "03-04T10:00", url="https://shop.example/?utm_source=letter&utm_medium=email"),
    order("dan", "03-04T10:05", "4", 20.0),
    order("eva", "03-04T11:05", "5", 10.0, url=None, userAgent=None),
]
BYS: tuple[By, ...] = get_args(By)
SURE: tuple[Sure, ...] = ("channel", "source", "campaign")


@pytest.fixture(scope="module")
def meta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with workspace(tmp_path_factory.mktemp("meta"), events=EVENTS, costs=COSTS) as opened_home:
        yield opened_home.engine


def by_name(report: AttributionReport) -> dict[str, float]:
    return {row.name: row.conversions for row in report.rows}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("city", {"Bursa": 2.0, "—": 1.0, "(none)": 1.0, UNATTRIBUTED: 1.0}),
        ("district", {"Nilüfer": 2.0, "—": 2.0, UNATTRIBUTED: 1.0}),
        ("device", {"mobile": 1.0, "desktop": 3.0, UNATTRIBUTED: 1.0}),
        ("source", {"facebook": 1.0, "letter": 1.0, "—": 2.0, UNATTRIBUTED: 1.0}),
        ("medium", {"paid_social": 1.0, "email": 1.0, "—": 2.0, UNATTRIBUTED: 1.0}),
        ("term", {"set": 1.0, "—": 3.0, UNATTRIBUTED: 1.0}),
        ("content", {"film": 1.0, "—": 3.0, UNATTRIBUTED: 1.0}),
        ("landing_page", {LANDING: 2.0, "https://shop.example/hats": 1.0, "https://shop.example/": 1.0,
                          UNATTRIBUTED: 1.0}),
        ("app", {"—": 4.0, UNATTRIBUTED: 1.0}),
        ("site", {"shop-example": 5.0}),
        ("customer", {"new": 5.0}),
    ],
)  # fmt: skip
def test_a_dimension_shows_its_values_and_a_dash_where_there_is_none(
    meta: Engine, by: By, expected: dict[str, float]
) -> None:
    report = attribution_report(meta, ORGANIZATION, model="LAST_TOUCH", by=by)
    found = {name: count for name, count in by_name(report).items() if count}
    assert found == expected
    assert len({row.key for row in report.rows}) == len(report.rows)
    assert [row.spend_micros for row in report.rows if row.spend_micros is not None] == []


def test_a_value_that_reads_like_a_row_of_the_report_has_a_key_of_its_own() -> None:
    plain = {"is_unattributed": 0, "is_rest": 0}
    special = [{**plain, "value": ""}, {"is_unattributed": 1, "is_rest": 0, "value": ""}]
    special.append({"is_unattributed": 0, "is_rest": 1, "value": ""})
    keys = [key_and_name(row)[0] for row in special]
    assert keys == [MISSING, UNATTRIBUTED, OTHER]
    named = [key_and_name({**plain, "value": value}) for value in (MISSING, UNATTRIBUTED, OTHER)]
    assert [name for _, name in named] == [MISSING, UNATTRIBUTED, OTHER]
    assert {key for key, _ in named} & set(keys) == set()


def test_the_values_after_the_first_share_a_row(meta: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("touchline.reports.tally.MOST_VALUES", 2)
    report = attribution_report(meta, ORGANIZATION, model="LAST_TOUCH", by="landing_page")
    assert by_name(report) == {LANDING: 2.0, OTHER: 2.0, UNATTRIBUTED: 1.0}
    assert report.totals.value_micros == 210_000_000


def test_by_site_is_what_each_site_alone_says(meta: Engine) -> None:
    (row,) = attribution_report(meta, ORGANIZATION, by="site").rows
    alone = attribution_report(meta, ORGANIZATION, by="channel", site=row.key).totals
    assert (row.credit, row.value_micros) == (alone.credit, alone.value_micros)


@pytest.mark.parametrize("by", ["platform", "campaign"])
def test_a_platforms_row_shows_the_paid_part_beside_the_blended_one(meta: Engine, by: By) -> None:
    report = attribution_report(meta, ORGANIZATION, model="LINEAR", by=by)
    found = [row for row in report.rows if row.platform == "META"]
    assert sum(row.conversions for row in found) == 3.0
    assert sum(row.paid_credit for row in found) == 1_500_000_000
    assert sum(row.ambiguous_credit for row in found) == 1_500_000_000
    assert sum(row.paid_value_micros for row in found) == 115_000_000
    assert sum(row.ambiguous_value_micros for row in found) == 65_000_000
    if by == "platform":
        (row,) = found
        assert (row.cpa, row.paid_cpa) == (20.0, 40.0)
        assert row.roas == 3.0
        assert row.paid_roas == pytest.approx(115 / 60)
        assert row.ambiguous_share == 0.5


def test_a_campaign_has_no_ambiguous_touch_and_the_platforms_remainder_has_them_all(meta: Engine) -> None:
    found = {row.key: row for row in attribution_report(meta, ORGANIZATION, model="LAST_TOUCH", by="campaign").rows}
    spring, remainder = found["META/m1"], found["META/(none)"]
    assert (spring.credit, spring.paid_credit, spring.ambiguous_share) == (10**9, 10**9, 0.0)
    assert (remainder.credit, remainder.paid_credit, remainder.ambiguous_share) == (2 * 10**9, 0, 1.0)


@pytest.mark.campaign(21)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("by", BYS)
def test_totals_with_and_without_the_ambiguous_are_exact(meta: Engine, by: By, model: str) -> None:
    totals = attribution_report(meta, ORGANIZATION, model=model, by=by).totals
    channels = attribution_report(meta, ORGANIZATION, model=model, by="channel").rows
    unpaid = [row for row in channels if not row.paid_credit and not row.ambiguous_credit]
    assert (totals.credit, totals.value_micros) == (5 * 10**9, 210_000_000)
    for whole, paid, ambiguous in (
        ("credit", "paid_credit", "ambiguous_credit"), ("value_micros", "paid_value_micros", "ambiguous_value_micros"),
    ):  # fmt: skip
        rest = sum(getattr(row, whole) for row in unpaid)
        assert getattr(totals, whole) == getattr(totals, paid) + getattr(totals, ambiguous) + rest
    assert totals.ambiguous_share == 2 / 5


def test_models_are_compared_by_any_dimension(meta: Engine) -> None:
    for by in BYS:
        comparison = model_comparison(meta, ORGANIZATION, by=by)
        sums = [sum(row.models[number].credit for row in comparison.rows) for number, _ in enumerate(MODELS)]
        assert sums == [5 * 10**9] * len(MODELS)


def test_ranks_and_assists_are_those_of_going_through_the_links(lived: tuple[DuckDB, Recount]) -> None:
    """Each row against its definition, and the change of rank between any two models is antisymmetric."""
    engine, recount = lived
    seen: Counter[str] = Counter()
    for owner in recount.tables["organizations"]:
        own, by_pairs = owner["organization_id"], dict[tuple[str, str, str], int | None]()
        for baseline in ("LAST_TOUCH", "FIRST_TOUCH"):
            found = model_comparison(engine, own, by="source", goal="", currency="EUR", baseline=baseline)
            moved = dict(zip(found.models, found.share_moved, strict=True))
            for row in found.rows:
                cells = {cell.model: cell for cell in row.models}
                by_pairs |= {(row.key, baseline, model): cell.rank_change for model, cell in cells.items()}
                for model, cell in cells.items():
                    ranked = [other for other in found.rows if other.key not in {UNATTRIBUTED, OTHER}]
                    thousandths = round(cell.conversions, 3)
                    more = [other for other in ranked if round(_cell(other, model).conversions, 3) > thousandths]
                    assert cell.rank == (None if row.key == UNATTRIBUTED else len(more) + 1)
                    assert cell.difference == (cell.credit - cells[baseline].credit) / 10**9
                assert (row.assists, row.assisted_value_micros) == _assisted(recount, own, row.key), (own, row.key)
                seen["assists"] += row.assists or 0
                seen["changes"] += sum(bool(cell.rank_change) for cell in row.models)
            if moved["LINEAR"] is not None:
                shares = [(_cell(row, "LINEAR").share, _cell(row, baseline).share) for row in found.rows]
                assert moved["LINEAR"] == pytest.approx(sum(abs((a or 0) - (b or 0)) for a, b in shares) / 2)
                assert moved[baseline] == 0
        for (key, baseline, model), change in by_pairs.items():
            if (key, model, baseline) in by_pairs:
                assert change == (None if change is None else -(by_pairs[key, model, baseline] or 0))
    assert (seen["assists"] > 0, seen["changes"] > 0) == (True, True)


def _cell(row: ComparisonRow, model: str) -> ModelCell:
    return next(cell for cell in row.models if cell.model == model)


def _assisted(recount: Recount, own: str, source: str) -> tuple[int | None, int | None]:
    """The conversions with a touch of the source on their path, of which the last touch is of another one."""
    shown: dict[str, set[str]] = {"path": set(), "last": set()}
    for link in recount.of("attribution_links", {"organization_id": own}, model="LAST_TOUCH"):
        touch, conversion = recount.touches.get(link["touchpoint_id"]), recount.conversions[link["conversion_id"]]
        if touch and conversion["currency"] == "EUR":
            value = touch["utm_source"] or touch["referrer_host"] or touch["app"] or ""
            if key_and_name({"is_unattributed": 0, "is_rest": 0, "value": value})[0] == source:
                shown["path"].add(link["conversion_id"])
                shown["last"] |= {link["conversion_id"]} if link["credit"] else set()
    if not shown["path"]:
        return None, None
    assisted = shown["path"] - shown["last"]
    return len(assisted), sum(recount.conversions[one]["value_micros"] for one in assisted)


def test_facts_of_conversions_have_no_assists_and_days_have_no_rank(meta: Engine) -> None:
    for by in BYS:
        comparison = model_comparison(meta, ORGANIZATION, by=by)
        assert any(row.assists is not None for row in comparison.rows) == (by not in OF_CONVERSIONS), by
        assert any(cell.rank for row in comparison.rows for cell in row.models) == (by not in PERIODS), by
        assert comparison.totals.assists is None
    with pytest.raises(UnknownError, match="no model 'LAST'"):
        model_comparison(meta, ORGANIZATION, baseline="LAST")


@pytest.mark.usefixtures("without_charts")
def test_the_page_shows_the_dimensions_that_say_something(meta: Engine) -> None:
    report = overview(meta, ORGANIZATION, model="LAST_TOUCH")
    assert [found.by for found in report.dimensions] == ["platform", "source", "landing_page", "device", "city"]
    text = page(report)
    assert f"<bdi>{LANDING}</bdi>" in text
    assert "<bdi>Bursa</bdi></td><td>2</td><td>40.0%</td><td>150.00</td>" in text
    assert "Blended CPA (EUR)" in text
    assert "<td>20.00</td><td>3.00</td><td>60.00</td><td>1.67</td><td>50.0%</td>" in text
    assert "Ambiguous: 40.0% of the touches" in text


@pytest.mark.usefixtures("without_charts")
def test_the_page_says_how_many_values_it_leaves_out(meta: Engine) -> None:
    report = overview(meta, ORGANIZATION)
    (city,) = (found for found in report.dimensions if found.by == "city")
    many = replace(city, rows=tuple(replace(city.rows[0], name=f"Town {number}") for number in range(12)))
    text = page(replace(report, dimensions=(many,)))
    assert ("Town 9<" in text, "Town 10<" in text) == (True, False)
    assert "2 rows with less credit are not shown" in text


def test_the_terminal_names_what_is_blended_and_what_is_paid(meta: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    shown = {
        by: _terminal(attribution(attribution_report(meta, ORGANIZATION, by=by)), capsys) for by in ("platform", "city")
    }
    assert [name for name in ("blended CPA", "blended ROAS", "paid CPA", "ambiguous") if name in shown["platform"]] == [
        "blended CPA", "blended ROAS", "paid CPA", "ambiguous",
    ]  # fmt: skip
    assert "paid CPA" not in shown["city"]
    assert ["Ambiguous: 40.0 % of the touches" in text for text in shown.values()] == [True, False]


def _terminal(made: Any, capsys: pytest.CaptureFixture[str]) -> str:
    console().print(made, width=200)
    return capsys.readouterr().out


def ambiguous_world() -> World:
    """Paid and ambiguous clicks of Meta's before orders of two goals, two currencies and two sites."""
    came: tuple[Row, ...] = (
        {"click_id_names": "fbclid"}, {"click_id_names": "fbclid", "utm_source": "facebook", "utm_medium": "cpc"},
        {"click_id_names": "fbclid", "utm_campaign": "c1"}, {"utm_source": "letter", "utm_medium": "email"},
    )  # fmt: skip
    events = []
    for number in range(24):
        where = {"organization_id": "m", "site_id": ("ma", "mb")[number % 2]}
        who, day = f"p{number % 7}", 1 + number
        events.append(
            event(f"v{number}", at(f"2026-03-{day:02} 10:00"), visitor_id=who, **where, **came[number % 4])
        )  # fmt: skip
        if number % 3 == 2:
            sale: dict[str, Any] = {"type": "CONVERSION", "value_micros": 7_000_001 * number}
            sale |= {"currency": "USD"} if number == 5 else {}
            events.append(event(f"c{number}", at(f"2026-03-{day:02} 10:05"), visitor_id=who, **where, **sale))
    return World(organization("m"), [site("m", "ma"), site("m", "mb")], [goal("m")], [], events)


@pytest.fixture(scope="module")
def lived() -> Iterator[tuple[DuckDB, Recount]]:
    worlds = [*drawn(6, 28), ambiguous_world()]
    engine = DuckDB()
    pipeline.run(told(worlds).feed, engine)
    define_views(engine)
    yield engine, Recount({**reference(worlds), **snapshot(engine)})
    engine.close()


PLACES = {
    "PLATFORM": ("platform",), "CAMPAIGN": ("platform", "campaign_id"),
    "ADSET": ("platform", "campaign_id", "adset_id"), "AD": ("platform", "campaign_id", "adset_id", "ad_id"),
}  # fmt: skip


@pytest.mark.parametrize("basis", ["CONVERSION", "TOUCH"])
@pytest.mark.parametrize("grain", PLACES)
def test_the_paid_part_of_an_entity_is_that_of_a_recount(lived: tuple[DuckDB, Recount], grain: str, basis: str) -> None:
    engine, recount = lived
    placed = python_rows(engine.select("select * from touchline.touches"))
    places = {row["touch_id"]: row for row in placed}
    seen = 0
    for owner in recount.tables["organizations"]:
        for site_id in ("", *(one["site_id"] for one in recount.of("sites", owner))):
            given = {
                "organization_id": owner["organization_id"], "currency": "EUR", "goal": "", "site_id": site_id,
                "account_id": "", "start": date(2026, 3, 28), "end": date(2026, 10, 28),
            }  # fmt: skip
            given |= {"start": date(2026, 3, 2)} if owner["organization_id"] == "m" else {}
            expected = _recounted(recount, places, given, grain, basis)
            came = rows(engine, "paid.paid_by_entity", **given, grain=grain, basis=basis)
            assert {_key(row): {name: row[name] for name in SHOWN} for row in came} == expected
            seen += sum(counts["ambiguous_touches"] > 0 for counts in expected.values())
    assert seen


SHOWN = (*OF_NEW.split(), *BY_PAYMENT.split(), "influenced", "influenced_value_micros")


def _key(row: Row) -> tuple[Any, ...]:
    return (row["is_unattributed"], *(row[name] for name in PLACES["AD"]), row["model"])


def _recounted(
    recount: Recount, places: dict[str, Row], given: Row, grain: str, basis: str
) -> dict[tuple[Any, ...], Row]:
    sums: dict[tuple[Any, ...], Counter[str]] = {}
    links: dict[tuple[Any, ...], list[Row]] = {}
    new = {row["conversion_id"] for row in firsts(recount, given)}
    ever = {**given, "start": date(2020, 1, 1), "end": date(2030, 1, 1)}
    wanted = {row["conversion_id"] for row in recount.chosen(ever)}
    for link in recount.of("attribution_links", given):
        if link["conversion_id"] in wanted:
            touch, conversion = recount.touches.get(link["touchpoint_id"]), recount.conversions[link["conversion_id"]]
            day = touch["touch_date"] if touch and basis == "TOUCH" else conversion["conversion_date"]
            if given["start"] <= day <= given["end"]:
                place = places.get(link["touchpoint_id"], {})
                names = (place.get(name) or "" if name in PLACES[grain] else "" for name in PLACES["AD"])
                key = (int(touch is None), *names, link["model"])
                parts = by_payment(recount, link, touch) | of_new(link, is_new=link["conversion_id"] in new)
                links.setdefault(key, []).append(link)
                found = sums.setdefault(key, Counter())
                found.update({name: parts[name] for name in (*OF_NEW.split(), *BY_PAYMENT.split())})
    return {key: {**found, **influence(recount, links[key])} for key, found in sums.items()}


@pytest.fixture(scope="module")
def on_duckdb(prepared: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The reports of the demo shop on DuckDB."""
    with opened("duckdb", prepared, tmp_path_factory.mktemp("first")) as found:
        by_dimension: dict[str, Any] = {by: document(attribution_report(found.engine, SHOP, by=by)) for by in BYS}
        sure = {f"intervals {by}": intervals_report(found.engine, SHOP, by=by) for by in SURE}
        yield {**by_dimension, **sure, "newest": newest(found.engine)}


def newest(engine: Engine) -> Any:
    """The newest conversions of a channel, how new the data is, what follows the newest ones, and how people came."""
    first = conversions_report(engine, SHOP, limit=3)
    return document((
        conversions_report(engine, SHOP, channel="Email", model="LINEAR"), freshness(engine, SHOP),
        conversions_report(engine, SHOP, limit=3, cursor=first.next_cursor), journeys_report(engine, SHOP, goal=""),
        performance_report(engine, SHOP, start=date(2026, 9, 1), compare="previous"),
    ))  # fmt: skip


@pytest.mark.slow
def test_every_engine_gives_the_same_reports(on_duckdb: dict[str, Any], numbers: Numbers) -> None:
    assert newest(numbers.engine) == on_duckdb["newest"]
    assert on_duckdb["newest"][0]["count"] > 0
    assert on_duckdb["newest"][1]["timeZone"] == "Europe/Berlin"
    for by in BYS:
        assert document(attribution_report(numbers.engine, SHOP, by=by)) == on_duckdb[by], by
    for one in SURE:
        assert intervals_report(numbers.engine, SHOP, by=one) == on_duckdb[f"intervals {one}"], one
    rows_of: tuple[AttributionRow, ...] = attribution_report(numbers.engine, SHOP, by="device").rows
    assert {row.key for row in rows_of} >= {"desktop", "mobile"}
    assert len({on_duckdb[by]["totals"]["credit"] for by in BYS}) == 1
    assert {on_duckdb[by]["totals"]["spendMicros"] is not None for by in WITH_COSTS} == {True}


def test_a_touch_without_credit_counts_in_the_totals_of_every_dimension() -> None:
    """Under LAST_TOUCH a letter has all of the credit; a lone fbclid before it is one of two touches all the same."""
    fbclid: dict[str, Any] = {"click_ids": '{"fbclid":"x"}', "click_id_names": "fbclid"}
    letter: dict[str, Any] = {"utm_source": "letter", "utm_medium": "email"}
    bought: dict[str, Any] = {"type": "CONVERSION", "order_id": "1", "value_micros": 10_000_000}
    events = [
        event("a", at("2026-03-02 10:00"), visitor_id="v", url="https://shop.example/", **fbclid),
        event("b", at("2026-03-03 10:00"), visitor_id="v", url="https://shop.example/", **letter),
        event("c", at("2026-03-03 10:05"), visitor_id="v", **bought),
    ]
    world = World(organization(), [site()], [goal()], [], events)
    engine = DuckDB()
    pipeline.run(told([world]).feed, engine)
    shares = {
        by: attribution_report(engine, world.name, model="LAST_TOUCH", by=by).totals.ambiguous_share
        for by in get_args(By)
    }
    engine.close()
    assert shares == dict.fromkeys(shares, 0.5)
