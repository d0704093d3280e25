"""Strangers who use one order id cost what their events cost: orders and refunds never meet one by one."""

from datetime import timedelta

import pytest

from tests.oracle.engine import rebuilt, told
from tests.oracle.world import Row, World, at, event, goal, organization, site

STRANGERS = 3_000
"""Orders, and as many refunds, of one order id: nine million pairs."""

pytestmark = pytest.mark.timeout(120)


@pytest.mark.usefixtures("on_every_engine")
def test_thousands_of_orders_and_refunds_of_one_order_id_are_no_product() -> None:
    start = at("2026-03-02 10:00")
    claimed: Row = {"order_id": "1", "is_verified": False}
    orders = [
        event(f"o{n}", start + timedelta(seconds=n), type="CONVERSION", visitor_id=f"buyer-{n}", **claimed)
        for n in range(STRANGERS)
    ]
    refunds = [
        event(f"r{n}", start + timedelta(seconds=n), type="REFUND", visitor_id=f"other-{n}", **claimed)
        for n in range(STRANGERS)
    ]
    tables = rebuilt(told([World(organization(), [site()], [goal()], events=orders + refunds)]))
    buyers = {row["identifier"]: row["person_id"] for row in tables["identities"]}
    assert len(tables["corrections"]) == STRANGERS
    for row in tables["corrections"]:  # each belongs to the newest order before it
        assert row["person_id"] == buyers[f"v:s:buyer-{row['event_id'].removeprefix('r')}"]
        assert row["reason"] == "claimed_by_browser"
    assert {row["status"] for row in tables["conversions"]} == {"completed"}
