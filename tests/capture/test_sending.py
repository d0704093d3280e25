"""The recorder that sends to Touchline, against a real HTTP server that reads with Touchline's own wire."""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import Recorder
from attribution_campaign_context.recorders.http import Sending, TouchlineRecorder
from attribution_campaign_context.recorders.memory import MemoryRecorder
from touchline.ingest.accept import accept
from touchline.tracking_event import TrackingEvent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUICK: dict[str, Any] = {"flush_after": 0.01, "first_wait": 0.01, "longest_wait": 0.05, "timeout": 5.0}


class Collector(ThreadingHTTPServer):
    """``POST /api/track`` as it will be: reads with the wire, keeps the first of each id, and fails on order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[str] = []
        """What happens to the next requests: a status, ``429:<Retry-After>``, ``reset``, ``hang`` or ``lost``."""
        self.events: dict[str, TrackingEvent] = {}
        self.times: list[float] = []
        self.keys: set[str] = set()
        self.sizes: list[int] = []
        self.asked = threading.Event()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def take(self, body: bytes) -> dict[str, Any]:
        received = int(datetime.now(UTC).timestamp() * 1e6)
        (batch,) = accept([("wire", body)], site_id="s", received_at=received, default_currency="EUR")
        for event in batch.accepted:
            self.events.setdefault(event.event_id, event)
        places = {event["eventId"]: place for place, event in enumerate(json.loads(body)["events"])}
        rejected = [
            {"index": places[event.event_id], "eventId": event.event_id, "reasons": [{"code": event.reason}]}
            for event in batch.rejected
            if event.event_id is not None
        ]
        return {"total": len(places), "rejected": rejected} if rejected else {"total": len(places)}


class _Handler(BaseHTTPRequestHandler):
    server: Collector
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        payload = json.loads(body)
        assert self.path == "/api/track"
        key = payload.get("publicKey") or self.headers["Authorization"].removeprefix("Bearer ")
        assert key in {"pk_1", "sk_1"}
        self.server.keys.add(key)
        assert abs(datetime.now(UTC) - datetime.fromisoformat(payload["sentAt"])) < timedelta(seconds=30)
        self.server.times.append(time.monotonic())
        self.server.asked.set()
        self.server.sizes.append(len(payload["events"]))
        order = self.server.script.pop(0) if self.server.script else "200"
        if order == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        if order == "hang":
            self.server.released.wait(20)
            self.close_connection = True
            return
        if order == "picky":
            self.server.script.insert(0, "picky")
            order = "400" if any(event["eventId"] == "touch-bad" for event in payload["events"]) else "200"
        status, _, wait = order.partition(":")
        said = self.server.take(body) if status in {"200", "lost"} else {}
        if said.get("rejected"):
            status = "400" if len(said["rejected"]) == said["total"] else "207"
        answer = json.dumps(said).encode()
        if status == "lost":  # taken, but the answer does not arrive
            self.close_connection = True
            return
        self.send_response(int(status))
        if wait:
            self.send_header("Retry-After", wait)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        """Silent."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def sent(
    collector: Collector, story: Callable[[TouchlineRecorder], Awaitable[None]], within: float = 20, **more: Any
) -> TouchlineRecorder:
    """What a recorder has done after the story and its end."""
    beside = more.pop("beside", None)
    touch_of = more.pop("touch_of", None)

    async def told() -> TouchlineRecorder:
        recorder = TouchlineRecorder(
            collector.url, "pk_1", sending=Sending(**{**QUICK, **more}), beside=beside, touch_of=touch_of
        )
        await story(recorder)
        await recorder.aclose(within)
        await recorder.aclose()
        return recorder

    return asyncio.run(told())


def touch(name: str, **more: Any) -> AttributionTouch:
    return AttributionTouch(id=name, **{"visitor_id": "v1", "created_at": NOW, **more})


def touches(number: int) -> Callable[[TouchlineRecorder], Awaitable[None]]:
    async def story(recorder: TouchlineRecorder) -> None:
        for index in range(number):
            await recorder.record_touch(touch(f"t{index}"), {})

    return story


def test_touches_arrive_in_batches(collector: Collector) -> None:
    recorder = sent(collector, touches(250))
    assert len(collector.events) == recorder.counts.sent == recorder.counts.queued == 250
    assert sorted(collector.sizes) == [50, 100, 100]
    assert recorder.waiting == 0
    assert isinstance(recorder, Recorder)


def test_touch_arrives_with_all_that_it_says(collector: Collector) -> None:
    async def story(recorder: TouchlineRecorder) -> None:
        given = touch(
            "t1", session_id="s1", landing_url="https://shop.example/a?utm_source=News&gclid=Cj0_x",
            landing_path="/a", referer="https://google.com/", utm_medium="cpc", click_ids={"wbraid": "W"},
        )  # fmt: skip
        await recorder.record_touch(
            given, {"headers": [(b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")]}
        )

    sent(collector, story, send_user_agent=True)
    event = collector.events["touch-t1"]
    assert (event.identifier, event.session_id, event.path) == ("v:s:v1", "s1", "/a")
    assert (event.utm_source, event.utm_medium, event.referrer_host) == ("news", "cpc", "google.com")
    assert event.click_ids == '{"gclid":"Cj0_x","wbraid":"W"}'
    assert event.occurred_at == int(NOW.timestamp()) * 1_000_000
    assert event.user_agent is not None


def order(name: str, touch_id: str = "t1", **more: Any) -> AttributionSubjectLink:
    return AttributionSubjectLink(id=name, touch_id=touch_id, subject_resource="order", subject_id="7", **more)


def test_conversion_arrives_with_its_money(collector: Collector) -> None:
    async def found(touch_id: str) -> AttributionTouch | None:
        return touch("old", visitor_id="v2") if touch_id == "old" else None

    async def story(recorder: TouchlineRecorder) -> None:
        await recorder.record_touch(touch("t1"), {})
        snapshot = {"value": "12.30", "currency": "usd", "occurred_at": NOW}
        links = [order("l1", snapshot=snapshot), order("l2", "old"), order("l3", "nowhere"),
                 order("l4", relation="assist"), order("l5", snapshot={"value": "much"})]  # fmt: skip
        assert await recorder.record_links(links) == links
        with pytest.raises(ValueError, match="rolled back"):
            await recorder.record_links(links, object())
        assert await recorder.touches_of("v1") == []

    recorder = sent(collector, story, touch_of=found)
    event = collector.events["link-l1"]
    assert (event.type, event.value_micros, event.currency) == ("CONVERSION", 12_300_000, "USD")
    assert (event.order_id, event.visitor_id, event.occurred_at) == ("7", "v1", int(NOW.timestamp()) * 1_000_000)
    assert collector.events["link-l2"].visitor_id == "v2"
    assert sorted(collector.events) == ["link-l1", "link-l2", "touch-t1"]
    assert recorder.counts.refused == {"nobody": 1, "bad_value": 1}


@pytest.mark.parametrize("trouble", ["500", "503", "429", "408", "reset", "lost"])
def test_trouble_is_tried_again_and_counts_once(collector: Collector, trouble: str) -> None:
    collector.script = [trouble] * 3
    recorder = sent(collector, touches(5))
    assert sorted(collector.events) == [f"touch-t{number}" for number in range(5)]
    assert recorder.counts.sent == 5
    assert recorder.counts.retried >= 3
    assert not recorder.counts.dropped
    assert not recorder.counts.refused


def test_retry_after_is_kept(collector: Collector) -> None:
    collector.script = ["429:1"]
    sent(collector, touches(1))
    first, second = collector.times
    assert second - first >= 1.0
    assert len(collector.events) == 1


def test_server_that_hangs_holds_up_nobody(collector: Collector) -> None:
    collector.script = ["hang"]

    async def story(recorder: TouchlineRecorder) -> None:
        await touches(1)(recorder)
        await asyncio.to_thread(collector.asked.wait, 10)
        turns: list[int] = []
        ticking = asyncio.create_task(_tick(turns))
        await touches(300)(recorder)
        await until(lambda: len(turns) > 100)
        ticking.cancel()
        assert recorder.waiting == 301

    recorder = sent(collector, story, within=0.2)
    assert recorder.counts.dropped == {"not_drained": 301}
    assert recorder.waiting == 0


async def until(is_so: Callable[[], object]) -> None:
    for _ in range(3_000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("Expected it within thirty seconds, but it has not come.")


async def _tick(turns: list[int]) -> None:
    while True:
        turns.append(1)
        await asyncio.sleep(0)


def test_request_times_out_and_is_sent_again(collector: Collector) -> None:
    collector.script = ["hang"]
    recorder = sent(collector, touches(2), timeout=0.2)
    assert recorder.counts.sent == len(collector.events) == 2


def test_full_queue_drops_what_is_new_and_says_so(collector: Collector) -> None:
    recorder = sent(collector, touches(25), queue_size=20)
    assert sorted(collector.events) == sorted(f"touch-t{number}" for number in range(20))
    assert (recorder.counts.queued, recorder.counts.dropped) == (20, {"queue_full": 5})


def test_one_bad_event_does_not_take_the_others_with_it(collector: Collector) -> None:
    collector.script = ["picky"]

    async def story(recorder: TouchlineRecorder) -> None:
        await touches(30)(recorder)
        await recorder.record_touch(touch("bad"), {})

    recorder = sent(collector, story)
    assert len(collector.events) == recorder.counts.sent == 30
    assert recorder.counts.refused == {"http_400": 1}


@pytest.mark.parametrize("status", ["401", "403", "404"])
def test_refused_key_is_not_tried_again(collector: Collector, status: str) -> None:
    collector.script = [status] * 9
    recorder = sent(collector, touches(3))
    assert recorder.counts.refused == {f"http_{status}": 3}
    assert recorder.counts.retried == 0
    assert len(collector.times) == 1


def test_what_touchline_refuses_of_a_batch_is_counted_by_reason(collector: Collector) -> None:
    async def story(recorder: TouchlineRecorder) -> None:
        await recorder.record_touch(touch("t1"), {})
        await recorder.record_touch(touch("t2", created_at=datetime(1999, 1, 1, tzinfo=UTC)), {})

    recorder = sent(collector, story)
    assert (recorder.counts.sent, recorder.counts.refused) == (1, {"out_of_range": 1})
    assert len(collector.times) == 1


def test_what_is_refused_altogether_is_counted_by_reason_too(collector: Collector) -> None:
    async def story(recorder: TouchlineRecorder) -> None:
        for name in ("t1", "t2"):
            await recorder.record_touch(touch(name, created_at=datetime(1999, 1, 1, tzinfo=UTC)), {})

    recorder = sent(collector, story)
    assert (recorder.counts.sent, recorder.counts.refused) == (0, {"out_of_range": 2})


def test_batch_is_given_up_in_the_end(collector: Collector) -> None:
    collector.script = ["500"] * 99
    recorder = sent(collector, touches(4), give_up_after=0.05)
    assert recorder.counts.dropped == {"gave_up": 4}
    assert recorder.counts.sent == 0


def test_nothing_is_taken_after_the_end(collector: Collector) -> None:
    async def story(recorder: TouchlineRecorder) -> None:
        await recorder.aclose()
        await touches(1)(recorder)

    assert sent(collector, story).counts.dropped == {"closed": 1}


def test_recorder_beside_keeps_what_is_sent(collector: Collector) -> None:
    beside = MemoryRecorder()

    async def story(recorder: TouchlineRecorder) -> None:
        await recorder.record_touch(touch("t1"), {})
        assert len(await recorder.record_links([order("l1")])) == 1
        assert len(await recorder.record_links([order("l1")])) == 0
        assert [found.id for found in await recorder.touches_of("v1")] == ["t1"]

    assert sent(collector, story, beside=beside).counts.sent == 2
    assert len(beside.links) == 1


def test_server_that_is_away_costs_no_request_its_answer() -> None:
    with reserved() as port:

        async def told() -> TouchlineRecorder:
            recorder = TouchlineRecorder(f"http://127.0.0.1:{port}/", "pk_1", sending=Sending(**QUICK))
            await touches(3)(recorder)
            await until(lambda: recorder.counts.retried)
            assert recorder.counts.sent == 0
            await recorder.aclose(0.1)
            return recorder

        recorder = asyncio.run(told())
    assert recorder.counts.retried > 0
    assert recorder.counts.dropped == {"not_drained": 3}


@contextmanager
def reserved() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_settings_are_checked() -> None:
    for url in ("attribution.example", "ftp://attribution.example", "https://"):
        with pytest.raises(ValueError, match="Expected Touchline's address"):
            TouchlineRecorder(url, "pk")
    wrongs: list[dict[str, Any]] = [{"batch_size": 101}, {"batch_size": 0}, {"queue_size": 0}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="Expected a"):
            Sending(**wrong)


def test_an_erasure_in_the_app_reaches_touchline(collector: Collector) -> None:
    """As a withdrawal of consent of the same visitor; what the app keeps itself goes at once."""
    bodies: list[dict[str, Any]] = []

    def take(body: bytes) -> dict[str, Any]:
        bodies.append(json.loads(body))
        return {"total": 1}

    collector.take = take  # type: ignore[method-assign]
    gone: list[str] = []

    class Kept(MemoryRecorder):
        async def erase(self, *, visitor_id: str) -> int:
            gone.append(visitor_id)
            return 3

    async def story(recorder: TouchlineRecorder) -> None:
        assert await recorder.erase(visitor_id="v1") == 3

    sent(collector, story, beside=Kept())
    ((event,),) = [body["events"] for body in bodies]
    said = {name: event[name] for name in ("type", "consent", "consentRecord")}
    assert said == {"type": "CUSTOM", "consent": "denied", "consentRecord": {"anonId": "v1", "source": "app"}}
    assert gone == ["v1"]
