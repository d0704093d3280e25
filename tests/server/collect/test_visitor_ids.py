"""Sites without cookies, and without ids: what is kept of a browser, and that no two days of it can be joined."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attribution_campaign_context.bridge import touch_event
from attribution_campaign_context.capture import RequestReader
from attribution_campaign_context.key_folder import KeyFolder
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.privacy import RotatingKeys
from attribution_campaign_context.requests import Headers
from tests.server.heads import Head
from touchline.ingest.wire import Posted
from touchline.jobs.daily_keys import FOLDER, DailyKeys
from touchline.redaction import EVERYTHING
from touchline.server.collect.steps import events
from touchline.server.http.addresses import Addresses
from touchline.server.http.request_context import Sight
from touchline.tracking_event import EVENT_FIELDS

FIELDS = [field.name for field in EVENT_FIELDS]
FIRST_DAY = 20_500
ANN: dict[str, str | list[str]] = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4"}
BEN: dict[str, str | list[str]] = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) Version/16.1"}


class Site:
    """A site with one choice, and a clock that the test sets."""

    def __init__(self, home: Path, visitor_ids: str, *, is_secret: bool = False) -> None:
        self.day = FIRST_DAY
        keys = DailyKeys(home, clock=lambda: self.day * 86_400.0 + 40_000)
        self._parts: Any = SimpleNamespace(sight=Sight(Addresses(keys), keys))
        self._access = SimpleNamespace(
            is_secret=is_secret, site_id="s", currency="EUR", tag_names=(), redaction=EVERYTHING, respects_dnt=False,
            visitor_ids=visitor_ids,
        )  # fmt: skip

    def kept(
        self, said: list[dict[str, Any]], head: dict[str, str | list[str]], address: str = "198.51.100.7"
    ) -> list[dict[str, Any]]:
        """The rows of a browser's events of the day; each is whole."""
        known = [{"eventId": f"{self.day}-{address}-{number}", **event} for number, event in enumerate(said)]
        posted = Posted.read(json.dumps({"events": known}).encode())
        request: Any = SimpleNamespace(
            posted=posted, access=self._access, received_at=self.day * 86_400_000_000,
            seen=self._parts.sight(Head(head), f"{address}:4711"), is_verified=self._access.is_secret,
        )  # fmt: skip
        asyncio.run(events.rows(self._parts, request))
        assert request.refused == []
        return [dict(zip(FIELDS, [*row, *[None] * (len(FIELDS) - len(row))], strict=True)) for row in request.events]


def visit(anon_id: str, user_id: str) -> list[dict[str, Any]]:
    """What a tag that keeps an id all the same sends: a landing, a name, and an order."""
    landing = {"at": 1_700_000_000_000, "marks": {"gclid": f"click-{anon_id}"}}
    return [
        {"type": "PAGE_VIEW", "url": f"https://s.example/a?utm_source=news&gclid=click-{anon_id}#x", "anonId": anon_id},
        {"type": "IDENTIFY", "anonId": anon_id, "userId": user_id, "emailHash": "ab" * 32, "accountId": "acme"},
        {"type": "CONVERSION", "anonId": anon_id, "value": 5, "properties": {"landing": landing, "plan": "B"}},
    ]  # fmt: skip


def shared(ones: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    """Which values the same event has on both sides."""
    return [
        [(name, value) for name, value in one.items() if value is not None and value == other[name]]
        for one, other in zip(ones, others, strict=True)
    ]


def test_without_ids_nothing_that_is_kept_joins_two_days(tmp_path: Path) -> None:
    """What two days of one browser have in common, a stranger on the same pages has, too; times of receipt aside."""
    site = Site(tmp_path, "anonymous")
    first = site.kept(visit("ann", "user-42"), ANN)
    stranger_first = site.kept(visit("ben", "43"), BEN, "203.0.113.9")
    site.day += 1
    second = site.kept(visit("ann", "user-42"), ANN)
    stranger_second = site.kept(visit("ben", "43"), BEN, "203.0.113.9")
    assert shared(first, second) == shared(first, stranger_second) == shared(stranger_first, second)
    text = repr([first, second])
    assert [
        mark for mark in ("ann", "user-42", "click-", "ab" * 32, "acme", "iPhone", "1_700", "17000") if mark in text
    ] == []


def test_without_ids_a_visit_holds_together_and_says_its_channel(tmp_path: Path) -> None:
    site = Site(tmp_path, "anonymous")
    landing, name, order = site.kept(visit("ann", "user-42"), ANN)
    assert landing["identifier"] == name["identifier"] == order["identifier"] == f"e:s:{landing['session_id']}"
    assert site.kept(visit("other", "7"), ANN)[0]["identifier"] == landing["identifier"]  # by address and user agent
    assert site.kept(visit("ann", "user-42"), ANN, "198.51.100.8")[0]["identifier"] != landing["identifier"]
    assert (landing["utm_source"], landing["click_id_names"], landing["device_type"]) == ("news", "gclid", "mobile")
    assert (landing["url"], order["properties"]) == ("https://s.example/a", '{"plan":"B"}')
    assert [row["visitor_id"] or row["user_id"] or row["ip_hash"] for row in (landing, name, order)] == [None] * 3


@pytest.mark.parametrize(
    ("visitor_ids", "is_same", "user_id"),
    [("cookies", True, "user-42"), ("cookieless", False, "user-42"), ("anonymous", None, None)],
)
def test_a_visitor_is_as_long_the_same_as_the_setting_says(
    tmp_path: Path, visitor_ids: str, *, is_same: bool | None, user_id: str | None
) -> None:
    site = Site(tmp_path, visitor_ids)
    first = site.kept(visit("ann", "user-42"), ANN)
    again = site.kept(visit("ann", "user-42"), ANN)
    site.day += 1
    second = site.kept(visit("ann", "user-42"), ANN)
    visitors = [rows[0]["visitor_id"] for rows in (first, again, second)]
    assert visitors[0] == visitors[1]
    assert (visitors[0] == visitors[2] if visitors[0] else None) == is_same
    assert first[1]["user_id"] == user_id


def test_middleware_with_the_server_s_keys_gives_the_server_s_id(tmp_path: Path) -> None:
    """So that what an app reports of a visitor is of the visitor whom the tracker reports, and its hash is the same."""
    (seen,) = Site(tmp_path, "cookieless").kept([{"type": "PAGE_VIEW"}], ANN)
    keys = RotatingKeys(KeyFolder(tmp_path / FOLDER, clock=_first_day), clock=_first_day)
    clock = partial(datetime.fromtimestamp, _first_day(), UTC)
    reader = RequestReader(CapturePolicy(visitor_ids="cookieless", site_id="s", keys=keys, clock=clock))
    headers = Headers([(name.encode(), str(value).encode()) for name, value in ANN.items()])
    scope = {"client": ("198.51.100.7", 4711), "query_string": b"utm_source=news", "path": "/"}
    touch = reader.touch(reader.page(scope, headers, reader.ids(scope, headers)), scope, headers)
    names = ("visitor_id", "session_id")
    assert [getattr(touch, name) for name in names] == [seen[name] for name in names]
    event = touch_event(touch)
    assert isinstance(event, dict)
    (told,) = Site(tmp_path, "cookieless", is_secret=True).kept([event], {})
    for name in (*names, "ip_hash", "identifier"):
        assert told[name] == seen[name]
    assert touch.ip_hash not in {None, told["ip_hash"]}
    (bare,) = Site(tmp_path, "cookieless", is_secret=True).kept(
        [{name: said for name, said in event.items() if name != "ipHash"}], {}
    )
    assert (bare["ip_hash"], bare["payload_hash"]) == (None, told["payload_hash"])
    (doubted,) = Site(tmp_path, "cookies").kept([event], {}, address="")
    assert doubted["ip_hash"] is None


def _first_day() -> float:
    return FIRST_DAY * 86_400.0 + 40_000
