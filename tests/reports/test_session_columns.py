"""The normalized columns of sessions and touches: the strongest source, the first gclid, the month, the click ids."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.engine import snapshot, told
from tests.oracle.world import Row
from tests.oracle.worlds import drawn
from tests.reports.conftest import event, workspace
from tests.reports.three_engines import Numbers
from touchline import pipeline
from touchline.channels.ladder import SOURCE_CLASSES
from touchline.engines import DuckDB, Engine
from touchline.engines.answers import python_rows
from touchline.reports.views import define_views
from touchline.sql import query

FIRST, SECOND = f"Cj0{'a' * 40}", f"Cj0{'b' * 40}"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
SHOP = "https://shop.example/"

EVENTS = [
    # Ann: a click, then a search within the visit, then another click; the first stays.
    event("ann", "03-01T10:00", url=f"{SHOP}?gclid={FIRST}&utm_source=google&utm_medium=cpc&utm_id=77"),
    event("ann", "03-01T10:05", referrer="https://www.google.com/"),
    event("ann", "03-01T10:10", url=f"{SHOP}?gclid={SECOND}&utm_campaign=other"),
    # Bea: a search, then a click in the same visit, which is stronger.
    event("bea", "03-01T10:00", referrer="https://www.google.com/", userAgent=PHONE),
    event("bea", "03-01T10:05", url=f"{SHOP}?gclid={SECOND}", userAgent=PHONE),
    # Cid: a legacy session, whose first event alone says what it knows; the last hour of a month in Berlin.
    event("cid", "03-31T21:59", type="CUSTOM", name="started", userAgent=None,
          metadata={"city": "Bursa", "district": "Nilüfer", "device_type": "tablet", "gclid": FIRST}),
    event("cid", "03-31T22:00"),
    # Dan: a legacy event with everything, and a page view later that knows less.
    event("dan", "03-31T22:30", userAgent=None,
          metadata={"city": "Bonn", "device_type": "mobile", "utm": {"medium": "cpc"}}),
    event("dan", "03-31T22:35"),
]  # fmt: skip


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("columns")
    with workspace(folder, events=EVENTS, costs="") as opened:
        yield opened.engine


def sessions_of(engine: Engine) -> dict[str, dict[str, Any]]:
    found = python_rows(engine.select("select * from touchline.sessions"))
    return {row["session_id"].split("/")[1].rpartition(":")[2]: row for row in found}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ann", ("First Click (Paid)", FIRST, "desktop", None, None, date(2026, 3, 1))),
        ("bea", ("First Click (Paid)", SECOND, "mobile", None, None, date(2026, 3, 1))),
        ("cid", ("First Click (Paid)", FIRST, "tablet", "Bursa", "Nilüfer", date(2026, 3, 1))),
        ("dan", ("Paid (UTM)", None, "mobile", "Bonn", None, date(2026, 4, 1))),
    ],
)
def test_a_session_carries_what_its_strongest_and_first_events_say(
    views: Engine, who: str, expected: tuple[object, ...]
) -> None:
    row = sessions_of(views)[who]
    names = ("attribution_source", "gclid", "device_type", "city", "district", "created_month")
    assert tuple(row[name] for name in names) == expected


def test_a_touch_carries_the_values_of_its_click_ids_and_the_campaigns_id(views: Engine) -> None:
    touches = python_rows(views.select("select * from touchline.touches order by touch_id"))
    (first,) = (row for row in touches if row["utm_id"])
    assert json.loads(first["click_ids"]) == {"gclid": FIRST}
    assert (first["utm_id"], first["campaign_ref"]) == ("77", "77")
    plain = [row for row in touches if row["click_id_names"] is None]
    assert {row["click_ids"] for row in plain} == {None}
    assert plain


def test_the_order_of_strength_is_that_of_the_source_classes() -> None:
    text = query("touchline.reports.views", "sessions").text
    assert [text.index(f"'{name}' then {place}") > 0 for place, name in enumerate(SOURCE_CLASSES, 1)] == [True] * 5


def test_the_columns_are_those_of_a_recount() -> None:
    worlds = drawn(8, 28)
    engine = DuckDB()
    pipeline.run(told(worlds).feed, engine)
    define_views(engine)
    tables = snapshot(engine)
    classes = {row["evidence_id"]: row["source_class"] for row in tables["evidence_channels"]}
    shown = python_rows(
        engine.select("select session_id, attribution_source, gclid, created_month from touchline.sessions")
    )
    started = {row["session_id"]: row["started_date"] for row in tables["sessions"]}
    expected = []
    for session_id, day in started.items():
        touches = [row for row in tables["touchpoints"] if row["session_id"] == session_id]
        strongest = min(SOURCE_CLASSES.index(classes[row["evidence_id"]]) for row in touches)
        expected.append({
            "session_id": session_id, "attribution_source": SOURCE_CLASSES[strongest],
            "gclid": _first_gclid(touches), "created_month": day.replace(day=1),
        })  # fmt: skip
    engine.close()
    assert sorted(shown, key=str) == sorted(expected, key=str)
    assert {row["gclid"] is None for row in expected} == {True, False}


def _first_gclid(touches: list[Row]) -> str | None:
    clicked = [row for row in touches if "gclid" in (row["click_id_names"] or "").split(",")]
    ordered = sorted(clicked, key=lambda row: (row["occurred_at"], row["touchpoint_id"]))
    return json.loads(ordered[0]["click_ids"])["gclid"] if ordered else None


@pytest.fixture(scope="module")
def columns() -> dict[str, list[tuple[Any, ...]]]:
    """What the first engine shows."""
    return {}


def test_every_engine_shows_the_same_columns(numbers: Numbers, columns: dict[str, list[tuple[Any, ...]]]) -> None:
    statement = (
        "select session_id, attribution_source, gclid, created_month, device_type, city, district"
        " from touchline.sessions order by session_id"
    )
    came = numbers.rows(statement)
    expected = columns.setdefault("sessions", came)
    assert came == expected
    assert {row[2] is None for row in came} == {True, False}
