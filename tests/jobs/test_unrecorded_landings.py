"""From the wire to the report: an ad whose landing was not recorded, as consent came later or a script redirected."""

from tests.jobs.conftest import Tell
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.reports.attribution import attribution_report

AD = "https://shop.example/?gclid=Cj0KCQjw1234567890abcdefghij&utm_source=google&utm_medium=cpc&utm_campaign=spring"


def view(event_id: str, time: str, url: str, referrer: str | None, who: str = "ada") -> dict[str, object]:
    return {
        "eventId": event_id,
        "occurredAt": f"2026-03-02T{time}:00Z",
        "anonId": who,
        "url": url,
        "referrer": referrer,
    }


def test_the_address_of_the_page_before_names_the_ad(workspace: Workspace, tell: Tell) -> None:
    """One visitor answers the banner on the second page, one comes back by an ad that redirects, one is known."""
    tell(
        view("two", "09:03", "https://shop.example/shoes", AD),
        view("before", "08:00", "https://shop.example/", None, "ben"),
        view("redirected", "09:00", "https://shop.example/de/", AD, "ben"),
        view("landing", "08:00", AD, None, "eve"),
        view("next", "09:00", "https://shop.example/shoes", AD, "eve"),
        *(
            {"eventId": f"order-{who}", "occurredAt": "2026-03-02T09:30:00Z", "type": "CONVERSION", "anonId": who,
             "orderId": who, "value": 10}
            for who in ("ada", "ben", "eve")
        ),
    )  # fmt: skip
    running.run(workspace)
    report = attribution_report(workspace.engine, "shop")
    assert [(row.name, row.conversions) for row in report.rows] == [("Paid Search", 3.0)]
    touches = workspace.engine.select("select touchpoint_id, utm_campaign from touchpoints order by touchpoint_id")
    assert [tuple(row.values()) for row in touches.to_pylist()] == [
        ("shop-example:before", None),
        ("shop-example:landing", "spring"),
        ("shop-example:next", None),
        ("shop-example:redirected", "spring"),
        ("shop-example:two", "spring"),
    ]
