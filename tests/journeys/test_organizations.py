"""Two shops in one Touchline: small worlds whose answers were written by hand."""

from tests.journeys.journey import rows
from tests.oracle.engine import tables_of
from tests.oracle.world import World, at, event, goal, organization, site


def test_one_user_id_in_two_organizations_is_two_persons_with_visits_of_their_own() -> None:
    shops = [
        World(
            organization(name),
            [site(name, f"{name}-site")],
            [goal(name)],
            events=[
                event(f"{name}1", at("2026-03-02 10:00"), name, f"{name}-site", user_id="7", utm_source=name),
                event(f"{name}2", at("2026-03-02 10:01"), name, f"{name}-site", user_id="7", type="CONVERSION"),
            ],
        )
        for name in ("north", "south")
    ]
    tables = tables_of(shops)
    assert rows(tables, "sessions", "organization_id", "event_count") == [("north", 2), ("south", 2)]
    assert rows(tables, "touchpoints", "utm_source") == [("north",), ("south",)]
    assert rows(tables, "attribution_links", "touchpoint_id", model="LINEAR") == [
        ("north-site:north1",),
        ("south-site:south1",),
    ]
