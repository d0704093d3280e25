"""The truth table of channels, touch by touch through the river of every engine."""

from attribution_campaign_context.parsing import parse_landing
from tests.channels.test_source_classes import ROWS
from tests.channels.test_touches import TOUCHES
from tests.journeys.journey import journey, page, rows
from tests.oracle.world import Row, Tables
from touchline.domains import registrable_domain


def landing(number: int, touch: dict[str, str]) -> Row:
    """The page view of a row, as the doors make it; every row has a visitor of its own."""
    url = "https://shop.example.com" + touch["url"]
    said = parse_landing(url, touch["referrer"] or None)
    host = said.referrer_host
    return page(
        f"touch-{number}", "02 10:00", visitor_id=f"visitor-{number}", url=url, page_domain="example.com",
        referrer_host=host, referrer_domain=host and registrable_domain(host),
        click_id_names=",".join(said.proofs) or None, **said.utm,
    )  # fmt: skip


def click_before(number: int) -> Row:
    return page(f"past-{number}", "01 10:00", visitor_id=f"visitor-{number}", click_id_names="gclid")


def visits(table: list[dict[str, str]]) -> list[Row]:
    return [landing(number, touch) for number, touch in enumerate(table)] + [
        click_before(number) for number, touch in enumerate(table) if touch["past"]
    ]


def answers(tables: Tables, table: list[dict[str, str]]) -> list[Row]:
    evidence = {row["evidence_id"]: row for row in tables["evidence_channels"]}
    shown = {one: evidence[found] for one, found in rows(tables, "touchpoints", "touchpoint_id", "evidence_id")}
    return [shown[f"s:touch-{number}"] for number in range(len(table))]


@journey(visits(TOUCHES))
def test_the_river_answers_as_the_table_says(tables: Tables) -> None:
    found = answers(tables, TOUCHES)
    expected = [(touch["source_class"], touch["channel"], touch["platform"]) for touch in TOUCHES]
    assert [(one["source_class"], one["channel"], one["platform"]) for one in found] == expected
    assert len(expected) >= 300


@journey(visits(ROWS))
def test_the_river_answers_as_the_table_of_source_classes_says(tables: Tables) -> None:
    expected = [(row["source_class"], row["platform"]) for row in ROWS]
    assert [(one["source_class"], one["platform"]) for one in answers(tables, ROWS)] == expected
    assert len(expected) >= 200
