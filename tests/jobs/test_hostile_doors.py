"""Hostile text through every door is refused with a reason, or stored alike in both ledgers, and fails no neighbor."""

import asyncio
import csv
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorder_laws import sync_engine

from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from tests.ledger.servers import database
from tests.server.conftest import NOW, Place, placed
from tests.server.in_process import answered, collecting
from tests.server.refusals import Request
from touchline.ingest import Reason
from touchline.jobs import capturing, importing
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

PIECES = [
    "\0", "\x01", "\x07", "\x1b[2J", "\x1b]8;;https://evil.example\x07", "\x7f", "\x80", "\x85", "\x9b31m", "\u200b",
    "\u2028", "\u202e", "\u2066", "\ufeff", "\ufffe", "\ud800", "\udfff", "\udc80", "\n", "\r", '"', "\\", "\\u0000",
    "\\x00", "%00", "😀", "é", "a", ",",
]  # fmt: skip
ANY = st.characters(codec=None, exclude_categories=())
HOSTILE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join) | st.text(ANY, min_size=1, max_size=6)
FIELDS = (
    "eventId", "anonId", "userId", "sessionId", "orderId", "name", "title", "url", "path", "referrer", "userAgent",
    "utmSource", "utmCampaign", "country", "city", "currency", "value", "occurredAt", "type", "survey",
)  # fmt: skip
GOOD = {
    "type": "PAGE_VIEW", "anonId": "ada", "url": "https://shop.example/", "title": "Home",
    "occurredAt": "2023-03-02T09:00:00Z",
}  # fmt: skip
LINE = '192.0.2.7 - - [10/Oct/2022:13:55:36 +0000] "GET /{} HTTP/1.1" 200 5 "{}" "{}"'
RECORDED = {
    "anonId": "visitor_id", "sessionId": "session_id", "url": "landing_url", "path": "landing_path",
    "referrer": "referer", "utmSource": "utm_source", "utmCampaign": "utm_campaign",
}  # fmt: skip
RANDOM = {"sequence", "rejection", "received_at"}
"""Columns that no two homes have alike: numbers, and when a request came."""
HASHED = {"access logs": {"identifier", "visitor_id", "payload", "payload_hash"}, "POST /api/track": {"ip_hash"}}
"""By door, the columns that depend on a home's daily keys, by which addresses are hashed."""
_NUMBERS = count()

Fields = Mapping[str, str]
Door = Callable[[Place, int, list[Fields], Path], int]
"""Sends events to a home; returns how many a door refuses by its answer alone, as it cannot read them at all."""


def events_of(number: int, hostile: list[Fields]) -> list[dict[str, str]]:
    """A good event, those with hostile fields, and another good one; no two have one id."""
    events = [{**GOOD, **fields} for fields in ({}, *hostile, {})]
    return [{**said, "eventId": f"{number}.{at}{said.get('eventId', '')}"} for at, said in enumerate(events)]


def through_http(place: Place, number: int, hostile: list[Fields], _: Path) -> int:
    """Each event in a request of its own, at the same time, so that one commit takes them all."""

    def request(said: dict[str, str]) -> Request:
        body = json.dumps({"publicKey": place.publishable, "events": [said]}, ensure_ascii=number % 2 == 0)
        return Request(body.encode(errors="surrogatepass"))

    async def sent() -> list[tuple[int, dict[str, Any]]]:
        async with collecting(place) as application:
            asked = (answered(application, request(one)) for one in events_of(number, hostile))
            return [(answer.status, json.loads(answer.body)) for answer in await asyncio.gather(*asked)]

    first, *others, last = asyncio.run(sent())
    assert (first[0], last[0]) == (200, 200)
    unread = [problem for status, problem in others if status == 400 and problem["code"] != "invalid"]
    assert {problem["code"] for problem in unread} <= {"malformed"}
    assert [problem for problem in unread if not problem["detail"]] == []
    assert {status for status, _ in others} <= {200, 207, 400}
    return len(unread)


def through_json_lines(place: Place, number: int, hostile: list[Fields], folder: Path) -> int:
    lines = "\n".join(json.dumps(one, ensure_ascii=number % 2 == 0) for one in events_of(number, hostile))
    assert imported(place, folder / "e.jsonl", lines) == len(hostile) + 2
    return 0


def through_csv(place: Place, number: int, hostile: list[Fields], folder: Path) -> int:
    events = events_of(number, hostile)
    path = folder / "e.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.DictWriter(
            file, list(dict.fromkeys(name for one in events for name in one)), quoting=csv.QUOTE_ALL
        )
        writer.writeheader()
        writer.writerows(events)
    assert imported(place, path, None) == len(events)
    return 0


def through_access_logs(place: Place, number: int, hostile: list[Fields], folder: Path) -> int:
    """In the request, the referrer and the agent; a line break makes two lines of it."""
    texts = [[fields.get(name, "x") for name in ("url", "referrer", "userAgent")] for fields in hostile]
    good = [[f"{letter}{number}", "-", "Mozilla/5.0"] for letter in "ab"]
    lines = "\n".join(LINE.format(*said) for said in (good[0], *texts, good[1]))
    assert imported(place, folder / "access.log", lines, form="combined") >= 2
    return 0


def through_captured_touches(place: Place, number: int, hostile: list[Fields], folder: Path) -> int:
    """As an app's file has them, past every check of the library that writes it."""
    file = folder / "app.db"
    file.unlink(missing_ok=True)
    created_at = datetime(2023, 3, 2, tzinfo=UTC)
    with sync_engine(f"sqlite:///{file}") as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        recorder.record_touches(
            [
                AttributionTouch(id=one["eventId"], visitor_id="ada", landing_url=GOOD["url"], created_at=created_at)
                for one in events_of(number, [{}] * len(hostile))
            ]
        )
    with closing(sqlite3.connect(file)) as connection:
        for at, fields in enumerate(hostile, 1):
            for name in fields.keys() & RECORDED:
                change = f"update attribution_touches set {RECORDED[name]} = cast(? as text) where id = ?"
                connection.execute(change, (fields[name].encode(errors="surrogatepass"), f"{number}.{at}"))
        connection.commit()
    with Workspace(place.home) as workspace:
        report = capturing.import_touches(workspace, capturing.Source(str(file)), site_id=None, now=NOW)
    assert report.read == len(hostile) + 2
    assert report.accepted >= 2
    return 0


def imported(place: Place, file: Path, text: str | None, **more: Any) -> int:
    """How many rows were read of a file; at least two of them are good."""
    if text is not None:
        file.write_bytes(text.encode(errors="surrogatepass"))
    with Workspace(place.home) as workspace:
        report = importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW, **more)
    assert report.accepted >= 2
    return report.read


DOORS: dict[str, Door] = {
    "POST /api/track": through_http, "JSON lines": through_json_lines, "CSV": through_csv,
    "access logs": through_access_logs, "captured touches": through_captured_touches,
}  # fmt: skip


@dataclass
class Kept:
    """A ledger, and what is new in it since it was last asked."""

    place: Place
    newest: int = 0
    newest_refusal: int = 0

    def news(self, hidden: set[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        with Workspace(self.place.home) as workspace:
            stored = [dict(row) for row in workspace.ledger.rows(schema.TRACKING_EVENTS)]
            refused = [dict(row) for row in workspace.ledger.rows(schema.REJECTED_EVENTS)]
        events = [row for row in stored if row["sequence"] > self.newest]
        refusals = [row for row in refused if row["rejection"] > self.newest_refusal]
        self.newest = max([self.newest, *(row["sequence"] for row in events)])
        self.newest_refusal = max([self.newest_refusal, *(row["rejection"] for row in refusals)])
        return tuple(  # type: ignore[return-value]
            sorted(({k: v for k, v in row.items() if k not in hidden} for row in rows), key=repr)
            for rows in (events, refusals)
        )


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[list[Kept]]:
    """A home on each database."""
    folder = tmp_path_factory.mktemp("ledgers")
    with database(postgres) as url:
        yield [Kept(placed(folder / "sqlite")), Kept(placed(folder / "postgres", url))]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("door", DOORS)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=max(12, settings().max_examples // 10)
)  # an example has up to twelve events
@given(hostile=st.lists(st.dictionaries(st.sampled_from(FIELDS), HOSTILE, min_size=1, max_size=4), max_size=12))
def test_both_ledgers_keep_the_same_and_the_neighbors(
    ledgers: list[Kept], tmp_path: Path, door: str, hostile: list[Fields]
) -> None:
    number = next(_NUMBERS)
    hidden = RANDOM | HASHED.get(door, set())
    found, unread = [], set()
    for kept in ledgers:
        unread.add(DOORS[door](kept.place, number, hostile, tmp_path))
        found.append(kept.news(hidden))
    assert found[0] == found[1]
    stored, refused = found[0]
    assert len(stored) >= 2
    assert door == "access logs" or unread == {len(hostile) + 2 - len(stored) - len(refused)}
    assert {row["reason"] for row in refused} <= {reason.value for reason in Reason}
    for text in (value for row in (*stored, *refused) for value in row.values() if isinstance(value, str)):
        assert not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
