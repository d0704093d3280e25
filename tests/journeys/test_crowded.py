"""One browser of many people: its paths are cut, its credit adds up, and its rows grow with touches and orders."""

from datetime import timedelta

import pytest

from tests.journeys.journey import journey, rows
from tests.oracle.engine import tables_of
from tests.oracle.world import Row, Tables, World, at, event, goal, organization, site
from touchline.models import MODELS
from touchline.settings import CROWDED_TOUCHES_PER_PATH

WHOLE = 1_000_000_000
LETTER = {"utm_source": "letter", "utm_medium": "email"}


def visits(number: int, *, every: int = 31, sources: tuple[Row, ...] = (LETTER,)) -> list[Row]:
    """So many visits of one visitor, one each ``every`` minutes, from the sources by turns."""
    begin = at("2026-03-02 00:00")
    return [
        event(
            f"v{n:05}", begin + timedelta(minutes=every * n), visitor_id="kiosk", url="https://shop.example/",
            page_domain="shop.example", **sources[n % len(sources)],
        )
        for n in range(number)
    ]  # fmt: skip


def orders(number: int, after: str) -> list[Row]:
    """So many orders of the same visitor, a second apart."""
    return [
        event(f"o{n:05}", at(after) + timedelta(seconds=n), visitor_id="kiosk", type="CONVERSION", value_micros=7)
        for n in range(number)
    ]


@journey([*visits(6), *orders(1, "2026-03-03 00:00")], touches_per_path=3)
def test_the_first_and_the_nearest_share_the_credit(tables: Tables) -> None:
    kept = rows(tables, "paths", "position", "touchpoint_id", "touchpoint_count", "eligible_count", "idle_count")
    assert kept == [(1, "s:v00000", 3, 6, 0), (2, "s:v00004", 3, 6, 0), (3, "s:v00005", 3, 6, 0)]
    assert rows(tables, "health_measures", "numerator", "denominator", measure="cut_path_rate") == [(1, 1)]


@journey([*visits(3), *orders(1, "2026-03-03 00:00")], touches_per_path=3)
def test_a_path_of_just_so_many_is_whole(tables: Tables) -> None:
    assert rows(tables, "paths", "position", "eligible_count") == [(1, 3), (2, 3), (3, 3)]
    assert rows(tables, "health_measures", "numerator", "denominator", measure="cut_path_rate") == [(0, 1)]


@journey([*visits(9, sources=({}, {}, LETTER)), *orders(1, "2026-03-03 00:00")], touches_per_path=2)
def test_idle_direct_touches_are_kept_by_the_same_rule(tables: Tables) -> None:
    idle = rows(tables, "paths", "touchpoint_id", "eligible_count", "idle_count", is_eligible=False)
    assert idle == [("s:v00000", 3, 6), ("s:v00007", 3, 6)]
    assert rows(tables, "paths", "touchpoint_id", is_eligible=True) == [("s:v00002",), ("s:v00008",)]


@journey(
    [*visits(5), *orders(1, "2026-03-03 00:00")], touches_per_path=4, crowded_touches=4, crowded_touches_per_path=2
)
def test_a_person_past_the_limit_of_touches_is_crowded(tables: Tables) -> None:
    assert rows(tables, "paths", "touchpoint_id") == [("s:v00000",), ("s:v00004",)]


@journey(
    [*visits(4), *orders(1, "2026-03-03 00:00")], touches_per_path=4, crowded_touches=4, crowded_touches_per_path=2
)
def test_a_person_at_the_limit_is_not(tables: Tables) -> None:
    assert len(rows(tables, "paths", "touchpoint_id")) == 4


@journey(
    [*visits(4), *orders(3, "2026-03-03 00:00")], touches_per_path=4, crowded_conversions=2, crowded_touches_per_path=2
)
def test_a_person_past_the_limit_of_conversions_is_crowded(tables: Tables) -> None:
    assert len(rows(tables, "paths", "touchpoint_id")) == 3 * 2


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", [1_000, 3_000])
def test_rows_grow_with_touches_and_orders(number: int, on_every_engine: str) -> None:
    """One ``anonId`` of so many page views and so many orders; every order keeps links that add up."""
    told = [*visits(number, every=1), *orders(number, "2026-03-05 00:00")]
    told = [row | {"utm_campaign": f"c{n}"} if n < number else row for n, row in enumerate(told)]
    tables = tables_of([World(organization(), [site(time_zone="UTC")], [goal()], events=told)])
    links = tables["attribution_links"]
    assert len(tables["touchpoints"]) == len(tables["conversions"]) == number
    assert len(tables["paths"]) == number * CROWDED_TOUCHES_PER_PATH
    assert len(links) == number * CROWDED_TOUCHES_PER_PATH * len(MODELS)
    assert sum(row["credit"] for row in links) == number * len(MODELS) * WHOLE
    assert sum(row["value_micros"] for row in links) == number * len(MODELS) * 7
