"""Accepted events as the ledger takes them."""

from typing import Any

import msgspec

from touchline.ingest import TrackingEvent

COLUMNS = TrackingEvent.__struct_fields__


def event(event_id: str, **fields: Any) -> tuple[Any, ...]:
    """One event, in the order of ``COLUMNS``."""
    given = {"site_id": "north.example", "identifier": "v:north.example:ada", "type": "PAGE_VIEW", "payload_hash": "1"}
    times = {"occurred_at": 1_700_000_000_000_001, "received_at": 1_700_000_000_000_002}
    return msgspec.structs.astuple(TrackingEvent(event_id=event_id, **{**given, **times, **fields}))
