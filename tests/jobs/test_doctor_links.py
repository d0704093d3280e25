"""For which causes conversions have no touch with credit: counted by organization, with the newest of each."""

from dataclasses import astuple

from tests.jobs.conftest import NOW, Tell
from touchline.jobs import running, setup
from touchline.jobs.doctor.untouched import missing_links
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

DAY = 86_400_000_000


def visit(who: str, at: str) -> dict[str, object]:
    return {"eventId": f"{who}-{at}", "anonId": who, "url": "https://shop.example/?utm_source=x", "occurredAt": at}


def sale(number: str, who: str | None, at: str, **said: object) -> dict[str, object]:
    return {"eventId": number, "type": "CONVERSION", "anonId": who, "occurredAt": at, **said}


def test_each_cause_is_counted_by_organization_and_names_its_newest(workspace: Workspace, tell: Tell) -> None:
    with workspace.ledger.transaction() as entry:
        entry.add(schema.ORGANIZATIONS, organization_id="other", name="other", currency="EUR", created_at=NOW)
    setup.add_site(workspace, "other", name="other", domain="other.example", time_zone="UTC", now=NOW)
    setup.set_goal(workspace, "other", setup.Goal("conversion"))
    tell(
        # Outside the lookback of 30 days; the nearest touch of the first is 41 days before it, of the second 40.
        visit("ada", "2026-01-01T10:00:00Z"), visit("ada", "2026-01-10T10:00:00Z"),
        sale("far-1", "ada", "2026-02-20T10:00:00Z"), visit("ann", "2026-01-12T10:00:00Z"),
        sale("far-2", "ann", "2026-02-21T10:00:00Z"),
        # Only afterwards, of two persons.
        sale("early-1", "bob", "2026-03-01T10:00:00Z"), visit("bob", "2026-03-02T10:00:00Z"),
        sale("early-2", "ben", "2026-02-01T10:00:00Z"), visit("ben", "2026-03-02T10:00:00Z"),
        # Nobody's, and people's without a visit; of two at one moment the first by its id is the newest.
        sale("nobody", None, "2026-03-02T10:00:00Z"),
        sale("alone-b", "cid", "2026-03-02T11:00:00Z"), sale("alone-a", "cid", "2026-03-02T11:00:00Z"),
        sale("alone-c", "cid", "2026-03-01T10:00:00Z"),
        # One that has its touch, and one that does not count whatever it has.
        visit("dan", "2026-03-02T10:00:00Z"), sale("well", "dan", "2026-03-02T10:00:00Z"),
        sale("trial", "dan", "2026-03-02T10:00:00Z", isTest=True),
    )  # fmt: skip
    tell(
        sale("alone-z", "cid", "2026-03-04T10:00:00Z"), sale("alone-y", None, "2026-03-04T10:00:00Z", userId="cid"),
        visit("ada", "2026-02-19T10:00:00Z"), site_id="other-example",
    )  # fmt: skip
    running.run(workspace)
    found = [(name, *astuple(one)) for name in ("other", "shop") for one in missing_links(workspace, name)]
    assert found == [
        ("other", "no_visit", 1, None, "other-example:alone-y"),
        ("other", "unseen_visitor", 1, None, "other-example:alone-z"),
        ("shop", "no_identity", 1, None, "shop-example:nobody"),
        ("shop", "only_afterwards", 2, None, "shop-example:early-1"),
        ("shop", "outside_lookback", 2, 40 * DAY, "shop-example:far-2"),
        ("shop", "test", 1, 0, "shop-example:trial"),
        ("shop", "unseen_visitor", 3, None, "shop-example:alone-a"),
    ]


def test_a_touch_at_the_moment_of_the_conversion_came_before_it(workspace: Workspace, tell: Tell) -> None:
    """It has credit, so that there is nothing to tell; the lookback's last microsecond counts, and no more."""
    tell(
        visit("ada", "2026-03-02T10:00:00Z"), sale("now", "ada", "2026-03-02T10:00:00Z"),
        visit("bob", "2026-01-31T10:00:00Z"), sale("last", "bob", "2026-03-02T10:00:00Z"),
        visit("cid", "2026-01-31T09:59:59.999999Z"), sale("past", "cid", "2026-03-02T10:00:00Z"),
    )  # fmt: skip
    running.run(workspace)
    found = [astuple(missing) for missing in missing_links(workspace, "shop")]
    assert found == [("outside_lookback", 1, 30 * DAY + 1, "shop-example:past")]


def test_conversions_of_one_cause_are_one_whatever_else_is_known_of_them(workspace: Workspace, tell: Tell) -> None:
    """Direct alone: of somebody with a touch too far back, and of somebody without a name of their own."""
    page = {"url": "https://shop.example/pay", "userAgent": "Desk/1"}
    tell(
        visit("ada", "2026-01-01T10:00:00Z"), sale("direct-1", "ada", "2026-03-02T10:00:00Z", **page),
        sale("direct-2", None, "2026-03-03T10:00:00Z", **page),
    )  # fmt: skip
    running.run(workspace)
    found = [astuple(missing) for missing in missing_links(workspace, "shop")]
    assert found == [("no_evidence", 2, 0, "shop-example:direct-2")]
