"""A page from which a key may not send: the browser hides the refusal, and the owner is told of it."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.server.conftest import NOW, WIDE, Place
from tests.server.serving import serving
from tests.server.whole import wait_until
from touchline.jobs import access_keys, setup
from touchline.jobs.doctor import foreign_pages, told
from touchline.jobs.doctor.check import Check
from touchline.jobs.rejections import refusals
from touchline.jobs.workspace import Workspace

VIEW = {"eventId": "e1", "type": "PAGE_VIEW", "url": "https://elsewhere.example/"}
ELSEWHERE = "https://elsewhere.example"
PREFLIGHT: dict[str, Any] = {"access_control_request_method": "POST"}


def kept(place: Place) -> Mapping[str, int]:
    """How many refused requests are kept, by their origin."""
    with Workspace(place.home, is_read_only=True) as workspace:
        found = refusals(workspace, site_id="shop-example", reason="foreign_origin", show=100)
    origins = [one.payload for each in found for one in each.newest]
    return {origin: origins.count(origin) for origin in origins}


def warned(place: Place) -> list[Check]:
    with Workspace(place.home, is_read_only=True) as workspace:
        found = [*foreign_pages.checks(workspace, "shop")]
        assert found == [c for c in told.checks(workspace, "shop") if c.name == "pages"]
        return found


def test_the_origin_is_kept_logged_and_named_with_the_step_that_allows_it(any_place: Place) -> None:
    with serving(any_place.home.path, WIDE, any_place.environment) as server:
        said = {"publicKey": any_place.publishable, **VIEW}
        large = {"publicKey": any_place.publishable, "events": [{**VIEW, "title": "x" * 500} for _ in range(20)]}
        for body in (said, said, large):
            assert server.send(body, origin=ELSEWHERE).status == 403
        assert server.send({**said, "publicKey": "pk_" + "x" * 43}, origin="https://nobody.example").status == 401
        assert server.send(said, origin="https://shop.example").status == 200
        assert server.send(method="OPTIONS", origin="https://asks.example", **PREFLIGHT).status == 403
        wait_until(lambda: kept(any_place) == {ELSEWHERE: 3, "https://asks.example": 1}, 30)
        log = server.log.read_text(encoding="utf-8")
    assert log.count("elsewhere.example") == 1
    most, other = warned(any_place)
    assert (most.status, most.cause) == ("warning", "foreign_origin")
    assert most.message == f"At least 3 requests came from pages of {ELSEWHERE}, with a key of shop-example for others."
    assert f"touchline key create --site shop-example --origin {ELSEWHERE} " in most.next_step
    assert "https://asks.example" in other.message


def test_of_an_origin_that_is_allowed_meanwhile_nothing_is_said(place: Place) -> None:
    with serving(place.home.path, WIDE) as server:
        assert server.send({"publicKey": place.publishable, **VIEW}, origin=ELSEWHERE).status == 403
        wait_until(lambda: kept(place) == {ELSEWHERE: 1}, 30)
    with Workspace(place.home) as workspace:
        now = time.time_ns() // 1000
        key = access_keys.create_key(workspace, "shop-example", "publishable", origins=(ELSEWHERE,), now=now)
        assert key.key
    assert warned(place) == []


def test_a_page_that_goes_on_with_the_old_key_is_still_named(place: Place) -> None:
    with Workspace(place.home) as workspace:
        access_keys.create_key(workspace, "shop-example", "publishable", origins=(ELSEWHERE,), now=NOW)
    with serving(place.home.path, WIDE) as server:
        assert server.send({"publicKey": place.publishable, **VIEW}, origin=ELSEWHERE).status == 403
        wait_until(lambda: kept(place) == {ELSEWHERE: 1}, 30)
    assert [ELSEWHERE in check.message for check in warned(place)] == [True]


NO_ORIGINS = ("null", "https://evil.example; rm -rf ~", "https://evil.example/\x1b[2J", "x" * 1_000)


@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_what_is_no_origin_gets_into_no_command(place: Place, origin: str) -> None:
    with serving(place.home.path, WIDE) as server:
        assert server.send({"publicKey": place.publishable, **VIEW}, origin=origin).status in {400, 403}
        assert server.send({"publicKey": place.publishable, **VIEW}, origin=ELSEWHERE).status == 403
        wait_until(lambda: ELSEWHERE in kept(place), 30)
    assert [ELSEWHERE in check.message for check in warned(place)] == [True]


def test_an_address_of_the_network_is_not_kept_but_that_of_this_machine(place: Place) -> None:
    origins = ("http://198.51.77.181:8080", "http://[2001:db8:77:9b::9d]", "http://127.0.0.1:8000", "http://[::1]:3000")
    with serving(place.home.path, WIDE) as server:
        for origin in origins:
            assert server.send({"publicKey": place.publishable, **VIEW}, origin=origin).status == 403
        wait_until(lambda: sum(kept(place).values()) == len(origins), 30)
    assert kept(place).keys() == {"http://redacted:8080", "http://[redacted]", *origins[2:]}
    assert {check.message.split()[8].rstrip(",") for check in warned(place)} == {*origins[2:]}


def test_a_preflight_where_there_are_several_sites_is_nobodys(place: Place) -> None:
    with Workspace(place.home) as workspace:
        site = setup.add_site(workspace, "shop", name="other", domain="other.example", time_zone="UTC", now=1)
        access_keys.create_key(workspace, site, "publishable", now=1)
    with serving(place.home.path, WIDE) as server:
        assert server.send(method="OPTIONS", origin=ELSEWHERE, **PREFLIGHT).status == 403
        assert server.send({"publicKey": place.publishable, **VIEW}, origin="https://b.example").status == 403
        wait_until(lambda: kept(place) == {"https://b.example": 1}, 30)


def test_it_says_nothing_of_what_was_sent(place: Place) -> None:
    with serving(place.home.path, WIDE) as server:
        said: dict[str, Any] = {"publicKey": place.publishable, **VIEW, "userId": "ada-lovelace"}
        assert server.send(said, origin=ELSEWHERE).status == 403
        wait_until(lambda: kept(place) == {ELSEWHERE: 1}, 30)
    assert b"ada-lovelace" not in place.home.ledger_file.read_bytes()
    assert json.dumps("ada-lovelace") not in (place.home.path.parent / "log").read_text(encoding="utf-8")
