"""Hashes of addresses that servers send: whatever they are made with, nothing on a disk leads back to the address."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.ledger.filled import held
from tests.server.collect.test_track import events_in, rejected_in
from tests.server.collect.test_visitor_ids import Site
from tests.server.conftest import NOW, WIDE, Place
from tests.server.serving import serving
from touchline.jobs import importing
from touchline.jobs.workspace import Workspace

PLAIN = sha256(b"198.51.100.7").hexdigest()
TOLD = {
    "type": "PAGE_VIEW", "anonId": "ada", "url": f"https://shop.example/?ip_hash={PLAIN}", "ipHash": PLAIN,
    "properties": {"clientIpHash": PLAIN.upper(), "plan": "B"},
}  # fmt: skip


def test_a_plain_hash_is_nowhere_after_any_door(any_place: Place, tmp_path: Path) -> None:
    """Not under the key of the home either, which is next to it: all addresses of IPv4 can be tried out."""
    head: Any = {"authorization": f"Bearer {any_place.secret}"}
    with serving(any_place.home.path, WIDE, any_place.environment) as server:
        for event_id, fields, status in (
            ("good", {}, 200), ("capitals", {"ipHash": PLAIN.upper()}, 200), ("bad", {"currency": "EURO"}, 400),
        ):  # fmt: skip
            assert server.send({"eventId": event_id, **TOLD, **fields}, **head).status == status
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps({"eventId": name, **TOLD}) + "\n" for name in ("filed", "again")))
    with Workspace(any_place.home) as workspace:
        report = importing.import_events(workspace, [file], site_id=None, mapping=None, now=2 * NOW)
        assert report.accepted == 2
        known = [PLAIN, workspace.ledger.keyed(PLAIN)]
    kept = {row["event_id"]: row["ip_hash"] for row in events_in(any_place)}
    assert kept["good"] == kept["capitals"] != kept["filed"] == kept["again"]
    assert len(rejected_in(any_place)) == 1
    kept_bytes = [file.read_bytes().lower() for file in any_place.home.path.rglob("*") if file.is_file()]
    kept_bytes.append(repr(held(any_place.home.ledger)).lower().encode())
    assert [hash_ for hash_ in known if any(hash_.encode() in content for content in kept_bytes)] == []


def test_the_same_hash_is_another_one_on_each_day(tmp_path: Path) -> None:
    site = Site(tmp_path, "cookies", is_secret=True)
    first = site.kept([{"eventId": "one", **TOLD}], {})
    site.day += 1
    second = site.kept([{"eventId": "one", **TOLD}], {})
    assert None is not first[0]["ip_hash"] != second[0]["ip_hash"]
    assert first[0]["payload_hash"] == second[0]["payload_hash"]
