"""From requests to a shop's app to the report on its marketing; the answers were worked out by hand.

======  =====================================  ==================================================
day     Ada                                    others
======  =====================================  ==================================================
1       opens the newsletter                   Ben comes by a paid ad on Facebook and buys for 10
2       —                                      Cem types the address and buys for 7.50
3       clicks an ad of Google, looks around   —
5       comes by herself, and buys for 90      —
======  =====================================  ==================================================

Of Cem nothing was captured, so there is no touch to link his order to, and no conversion.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from recorder_laws import async_engine

from attribution_campaign_context import AttributionMiddleware, CapturePolicy, Linker, Recorder
from attribution_campaign_context.recorders.http import Sending, TouchlineRecorder
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder
from tests.capture.test_sending import QUICK, Collector, collector
from tests.cli.conftest import Command, home, initialized, touchline

__all__ = ["collector", "home", "initialized", "touchline"]

SHOP = "https://shop.example"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
LINEAR = {
    "Email": (500_000_000, 45_000_000),
    "Paid Search": (500_000_000, 45_000_000),
    "Paid Social": (1_000_000_000, 10_000_000),
}
FIRST = {"Email": (1_000_000_000, 90_000_000), "Paid Social": (1_000_000_000, 10_000_000)}
LAST = {"Paid Search": (1_000_000_000, 90_000_000), "Paid Social": (1_000_000_000, 10_000_000)}


class Shop:
    """An app that takes orders, behind the middleware, at a time of its own."""

    def __init__(self, recorder: Recorder) -> None:
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
        self._linker = Linker(recorder, allowed_resources={"order"})
        self.app = AttributionMiddleware(self._answer, recorder=recorder, policy=CapturePolicy(clock=lambda: self.now))

    async def _answer(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        linking = self._linker.pre_handler(scope)
        if scope["method"] == "POST":
            order = json.loads((await receive())["body"])
            linking = self._linker.post_handler(linking, "order", order["number"])
            said = {"value": order["total"], "currency": "EUR", "occurred_at": self.now.isoformat()}
            await self._linker.post_commit(linking, snapshot=said)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


class Browser:
    """Somebody's browser: it keeps its cookies, the session's for the day only."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._day = 0
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(shop.app),
            base_url=SHOP,
            headers={"user-agent": CHROME, "accept": "text/html"},
        )

    async def opens(self, day: int, path: str, referrer: str | None = None) -> None:
        self._at(day)
        headers = {} if referrer is None else {"referer": referrer}
        assert (await self._client.get(path, headers=headers)).status_code == 200

    async def buys(self, day: int, number: str, total: str) -> None:
        self._at(day)
        order = {"number": number, "total": total}
        assert (await self._client.post("/order", json=order)).status_code == 200

    def _at(self, day: int) -> None:
        """A minute later, or at nine o'clock of a later day, when the session's cookie has run out."""
        nine = datetime(2026, 3, day, 9, tzinfo=UTC)
        if self._shop.now < nine:
            self._shop.now = nine
        else:
            self._shop.now += timedelta(minutes=1)
        if self._day < day and "tl_sid" in self._client.cookies:
            self._client.cookies.delete("tl_sid")
        self._day = day


async def story(recorder: Recorder) -> None:
    shop = Shop(recorder)
    ada, ben, cem = Browser(shop), Browser(shop), Browser(shop)
    await ada.opens(1, "/?utm_source=News&utm_medium=email&utm_campaign=spring")
    await ben.opens(1, "/shoes?utm_source=facebook&utm_medium=paid&fbclid=IwAR1")
    await ben.buys(1, "1", "10.00")
    await cem.opens(2, "/")
    await cem.buys(2, "2", "7.50")
    await ada.opens(3, "/shoes?gclid=Cj0KCQ_x", "https://www.google.com/")
    await ada.opens(3, "/shoes/red", f"{SHOP}/shoes")
    await ada.opens(3, "/logo.png", f"{SHOP}/shoes/red")
    await ada.opens(5, "/")
    await ada.buys(5, "3", "90")
    await ada.buys(5, "3", "90")


def by_channel(touchline: Command, model: str) -> dict[str, tuple[int, int]]:
    words = ("report", "attribution", "--model", model, "--goal", "", "--json")
    report = touchline(*words).document
    assert report["totals"]["credit"] == sum(row["credit"] for row in report["rows"])
    return {row["name"]: (row["credit"], row["value_micros"]) for row in report["rows"] if row["credit"]}


@pytest.fixture
def app_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'app.db'}"


def kept_in(url: str, told: Callable[[SQLAlchemyRecorder], Awaitable[None]]) -> None:
    async def run() -> None:
        async with async_engine(url) as engine:
            recorder = SQLAlchemyRecorder(engine)
            await recorder.upgrade()
            await told(recorder)

    asyncio.run(run())


def assert_is_credited(touchline: Command) -> None:
    assert touchline("run").exit_code == 0
    assert by_channel(touchline, "LINEAR") == LINEAR
    assert by_channel(touchline, "FIRST_TOUCH") == FIRST
    assert by_channel(touchline, "LAST_TOUCH") == LAST


def test_from_an_app_with_a_database(app_url: str, home: Path, touchline: Command) -> None:
    kept_in(app_url, story)
    report = touchline("import", "touches", app_url, "--json").document
    assert (report["touches"], report["conversions"], report["accepted"]) == (3, 2, 5)
    assert_is_credited(touchline)
    assert touchline("import", "touches", app_url, "--json").document["duplicate"] == 5
    assert_is_credited(touchline)


def test_from_an_app_that_sends_and_keeps_a_copy(
    app_url: str, home: Path, touchline: Command, collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies: list[bytes] = []
    take = collector.take

    def taken(body: bytes) -> dict[str, Any]:
        bodies.append(body)
        return take(body)

    monkeypatch.setattr(collector, "take", taken)

    # What a browser calls itself goes with what is sent, and is not kept for an import.
    sending = Sending(**QUICK, send_user_agent=False)

    async def told(copy: SQLAlchemyRecorder) -> None:
        recorder = TouchlineRecorder(collector.url, "pk_1", sending=sending, beside=copy)
        await story(recorder)
        await recorder.aclose(20)
        assert (recorder.counts.sent, recorder.counts.refused) == (5, {})

    kept_in(app_url, told)
    sent = tmp_path / "sent.jsonl"
    sent.write_bytes(b"\n".join(bodies))
    assert touchline("import", "events", sent, "--json").document["accepted"] == 5
    assert_is_credited(touchline)
    again = touchline("import", "touches", app_url, "--json").document
    assert (again["duplicate"], again["conflicting"]) == (5, 0)
    assert_is_credited(touchline)


def test_what_was_never_sent_comes_from_the_copy(
    app_url: str, home: Path, touchline: Command, collector: Collector
) -> None:
    collector.script = ["hang"]

    async def told(copy: SQLAlchemyRecorder) -> None:
        recorder = TouchlineRecorder(collector.url, "pk_1", sending=Sending(**QUICK), beside=copy)
        await story(recorder)
        await recorder.aclose(0.1)
        assert (recorder.counts.sent, recorder.counts.dropped) == (0, {})

    kept_in(app_url, told)
    assert touchline("import", "touches", app_url, "--json").document["accepted"] == 5
    assert_is_credited(touchline)
