"""What SQLite keeps of hostile text, PostgreSQL keeps to the letter, whichever door it came through."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.quantifiers import each
from tests.server.conftest import placed
from touchline.jobs import claiming, importing
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

NOW = 1_772_900_000_000_000
PARTS = (
    "\0", "\x01", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\n", "\ufffe", "😀", "%00", "\\u0000"
)  # fmt: skip
FIELDS = (
    "title", "name", "city", "orderId", "anonId", "eventId", "url", "referrer", "userAgent", "utmCampaign", "path"
)  # fmt: skip
KEPT = (
    schema.TRACKING_EVENTS, schema.REJECTED_EVENTS, schema.AD_COST_ROWS, schema.REJECTED_AD_COSTS,
    schema.IDENTITY_CLAIMS, schema.REJECTED_CLAIMS,
)  # fmt: skip
LONG = "".join(chr(0x1F300 + 7 * n) for n in range(128))
"""An id as long as it may be, of four bytes a character, that no index compresses."""
MAPPING = """
[fields]
eventId = "eventId"
title = { column = "title", optional = true }
[constants]
type = "CUSTOM"
"""


def events() -> Iterator[dict[str, Any]]:
    for number, part in enumerate(PARTS):
        for field in FIELDS:
            base: dict[str, Any] = {"eventId": f"{field}{number}", "type": "CONVERSION", "anonId": "a"}
            yield {**base, field: f"https://shop.example/x{number}?utm_source={part}&utm_id={part}{part}"}
            yield {**base, "eventId": f"n{field}{number}", field: f"x{number}{part}y"}
        deep = {"eventId": f"deep{number}", "type": "CUSTOM"}
        yield {**deep, "metadata": {"city": part, "ref": part, "utm": {"campaign": part}}}
        yield {**deep, "eventId": f"p{number}", "properties": {part: {"a": [part]}}}
        yield {**deep, "eventId": f"s{number}", "survey": {"answer": f"a{part}", "question": part}}
        yield {**deep, "eventId": f"bad{part}", "type": part}
    yield {"eventId": LONG, "type": "CONVERSION", "anonId": LONG, "orderId": LONG, "userId": LONG * 2}
    yield {"eventId": "ids", "type": "PAGE_VIEW", "url": f"https://shop.example/?utm_id={LONG}{LONG}&adset_id={LONG}"}


def written(folder: Path) -> None:
    lines = [*map(json.dumps, events()), '{"eventId": "half\\ud800", "type": "CUSTOM"}', "{\x01}"]
    (folder / "e.jsonl").write_text("\n".join(lines))
    cost = {"date": "2026-03-02", "platform": "META", "cost": 1}
    costs = [{**cost, "campaign_id": f"c{part}", "campaign_name": part} for part in PARTS]
    costs.append({**cost, "date": PARTS[2], "cost": PARTS[0], PARTS[0]: 1})
    costs.append({**cost, "campaign_id": LONG, "ad_id": LONG})
    (folder / "c.jsonl").write_text("\n".join(map(json.dumps, costs)))
    claims = [{"visitor_id": f"v{part}v", "user_id": f"u{part}u"} for part in PARTS]
    claims.append({"user_id": LONG * 2, "linked_user_id": "x" + (LONG * 2)[1:]})
    (folder / "claims.jsonl").write_text("\n".join(map(json.dumps, claims)))
    (folder / "m.toml").write_text(MAPPING)


def loaded(folder: Path, url: str) -> dict[str, list[Any]]:
    folder.mkdir()
    written(folder)
    file = folder / "e.jsonl"
    with Workspace(placed(folder / "home", url).home) as workspace:
        report = importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW)
        assert report.read == len(list(events())) + 2
        importing.import_events(workspace, [file], site_id=None, mapping=folder / "m.toml", now=NOW)
        importing.import_costs(workspace, [folder / "c.jsonl"], organization_id=None, now=NOW)
        claiming.import_claims(
            workspace, [folder / "claims.jsonl"], organization_id=None, site_id=None, source="crm", now=NOW
        )
        return {table.name: said(workspace.ledger.rows(table)) for table in KEPT}


def said(rows: list[Any]) -> list[dict[str, Any]]:
    """The rows without the numbers that a database counts them by."""
    return [{name: value for name, value in row.items() if name not in {"sequence", "rejection"}} for row in rows]


@pytest.mark.timeout(120)
def test_both_ledgers_keep_the_same(tmp_path: Path, database_url: str) -> None:
    ours, theirs = loaded(tmp_path / "sqlite", ""), loaded(tmp_path / "postgres", database_url)
    assert each(ours.values())
    for name, rows in ours.items():
        assert rows == theirs[name], name
