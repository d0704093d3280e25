"""Three doors and one visitor: a page with the tracker, an app with the capture middleware, a machine's plain requests.

What the visitor does, and what it must come to (two touches, two conversions, half a credit of each to each):

1. comes by a newsletter, to a page with the tracker; a script shows another page
2. does something without network; goes on, and back
3. comes again by an ad of Google's, to the app, and orders there for 50
4. the examples of the specification are sent with the visitor's id: two views, and a conversion of 99.99
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attribution_campaign_context import CapturePolicy
from attribution_campaign_context.cookies import VISITOR_COOKIE
from tests.acceptance.conftest import World
from tests.cli.conftest import Command, touchline
from tests.server.serving import free_port
from touchline.jobs import setup
from touchline.jobs.workspace import Workspace
from touchline.server.tracker.cookie import AGE_SECONDS

__all__ = ["touchline"]


@contextmanager
def app_of(world: World) -> Iterator[str]:
    """The app, until the block ends, which waits for what it has to send; its address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--port", str(port), "--log-level", "warning", "--factory",
         "captured_app:create"],
        cwd=Path(__file__).parent,
        env={**os.environ, "TOUCHLINE_URL": f"http://127.0.0.1:{world.server.port}", "TOUCHLINE_KEY": world.key},
    )  # fmt: skip
    try:
        world.eventually(lambda: _answers(port) or process.poll() is not None, 60)
        yield f"http://app.shop.example:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


def in_the_browser(world: World, app: str) -> str:
    """Steps 1 to 3; returns the visitor's id."""
    page = world.opened("/?utm_source=newsletter&utm_medium=email&utm_campaign=spring")
    visitor_id = str(world.wait(1)[0]["visitor_id"])
    page.evaluate("history.pushState({}, '', '/shoes')")
    page.context.set_offline(True)
    page.evaluate("touchline('event', 'while away')")
    world.rest(1.5)
    page.context.set_offline(False)
    world.wait(3)
    page.goto(world.pages.url("/cart"))
    world.wait(4)
    page.go_back(wait_until="commit")
    world.wait(5)
    page.evaluate("touchline('event', 'on the way out')")
    page.goto(f"{app}/?gclid=Cj0KCQ_x", wait_until="commit", referer="https://www.google.com/")
    world.wait(7)
    assert page.evaluate("fetch('/order/7', {method: 'POST'}).then(reply => reply.json())") == {"conversions": 1}
    world.wait(8)
    return visitor_id


def by_a_machine(world: World, visitor_id: str) -> None:
    """Step 4: the bodies of the specification's examples, with this visitor's id and key."""
    single = {
        "publicKey": world.key, "eventId": "evt_123", "type": "PAGE_VIEW", "url": "https://example.com/page",
        "path": "/page", "anonId": visitor_id, "sessionId": "sess_123",
    }  # fmt: skip
    view = {**single, "eventId": "evt_1", "url": "https://example.com/page1", "path": "/page1"}
    sale = {**single, "eventId": "evt_2", "type": "CONVERSION", "url": "https://example.com/checkout",
            "path": "/checkout", "value": 99.99}  # fmt: skip
    for body, taken in ((single, 1), ({"publicKey": world.key, "events": [view, sale]}, 2)):
        answer = world.server.send(body, user_agent="curl/8.5.0")
        assert (answer.status, answer.document["accepted"]) == (200, taken)


def test_tracker_app_and_machine_tell_of_one_visitor(world: World, touchline: Command) -> None:
    with app_of(world) as app:
        visitor_id = in_the_browser(world, app)
    by_a_machine(world, visitor_id)
    found = world.settled(11)
    assert {event["visitor_id"] for event in found} == {visitor_id}
    assert [event["event_id"].partition("-")[0] for event in found[6:8]] == ["touch", "link"]

    with Workspace(world.place.home) as workspace:
        setup.set_goal(workspace, world.site_id, setup.Goal(setup.DEFAULT_GOAL))
    scope = ("--home", world.place.home.path, "--organization", world.site_id, "--json")
    assert touchline("run", *scope[:2]).exit_code == 0
    report = touchline("report", "attribution", "--model", "LINEAR", "--goal", "conversion", *scope).document
    half = (50_000_000 + 99_990_000) // 2
    assert {row["name"]: (row["credit"], row["value_micros"]) for row in report["rows"] if row["credit"]} == {
        "Email": (1_000_000_000, half), "Paid Search": (1_000_000_000, half)
    }  # fmt: skip


def test_tracker_server_and_middleware_have_one_contract() -> None:
    policy = CapturePolicy()
    assert (policy.visitor_cookie, policy.visitor_age.total_seconds()) == (VISITOR_COOKIE, AGE_SECONDS)
    source = (Path(__file__).parents[2] / "src" / "touchline" / "server" / "tracker" / "t.js").read_text()
    assert f"+ {policy.visitor_age.days * 864}e5 - Date.now()" in source
    assert f'"{policy.visitor_cookie}"' in source
    assert f'"{policy.session_cookie}"' in source
    assert policy.session_timeout.total_seconds() * 1_000 == 18e5
    assert source.count("18e5") == 2
