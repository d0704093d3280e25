"""A plain recount of the demo's files, which knows nothing of how they were made."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from crawleruseragents import is_crawler

Event = dict[str, Any]
is_crawling = cache(is_crawler)
CAMPAIGN_KEYS = ("gad_campaignid", "utm_id")


@dataclass
class Recount:
    """What the lines of the event files are."""

    lines: int
    bad_json: int
    missing_type: int
    repeated: int
    bots: list[Event]
    accepted: list[Event]


def recount(files: tuple[Path, ...]) -> Recount:
    found = Recount(0, 0, 0, 0, [], [])
    seen: dict[str, bytes] = {}
    for line in (line for file in files for line in file.read_bytes().splitlines()):
        found.lines += 1
        try:
            event = json.loads(line)
        except ValueError:
            found.bad_json += 1
            continue
        if "type" not in event:
            found.missing_type += 1
        elif event["eventId"] in seen:
            assert seen[event["eventId"]] == line
            found.repeated += 1
        else:
            seen[event["eventId"]] = line
            (found.bots if is_crawling(event.get("userAgent", "")) else found.accepted).append(event)
    return found


def instant(event: Event) -> datetime:
    return datetime.fromisoformat(event["occurredAt"])


def local_date(event: Event) -> date:
    return instant(event).astimezone(ZoneInfo("Europe/Berlin")).date()


def persons(events: list[Event]) -> dict[str, list[Event]]:
    """The events of each person in time order, where ids that stand on one event are one person's."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for event in events:
        names = _names(event)
        for other in names[1:]:
            parent[root(other)] = root(names[0])
    grouped = defaultdict(list)
    for event in sorted(events, key=lambda event: (event["occurredAt"], event["eventId"])):
        if names := _names(event):
            grouped[root(names[0])].append(event)
    return grouped


def _names(event: Event) -> list[str]:
    return [f"{key}:{event[key]}" for key in ("anonId", "userId", "emailHash") if key in event]


def campaign_id(event: Event) -> str | None:
    """The campaign that an event's URL names."""
    parameters = parse_qs(urlsplit(event.get("url", "")).query)
    return next((parameters[key][0] for key in CAMPAIGN_KEYS if key in parameters), None)


def has_source(event: Event) -> bool:
    """Whether a page view tells where the visit came from."""
    if event["type"] != "PAGE_VIEW":
        return False
    own = f"https://{urlsplit(event['url']).hostname}/"
    return bool(urlsplit(event["url"]).query) or not event.get("referrer", own).startswith(own)


def purchases(events: list[Event]) -> Iterator[tuple[int, Event]]:
    return ((at, event) for at, event in enumerate(events) if event["type"] == "CONVERSION")


def cost_rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def micros(rows: list[dict[str, str]]) -> int:
    return int(sum(Decimal(row["cost"]) for row in rows) * 1_000_000)
