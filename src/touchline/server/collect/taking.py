"""Splits the events of a request into valid and rejected ones, without blocking the event loop for long."""

import asyncio
import time

from touchline.ingest import KEPT_PAYLOAD, Reason, Refused, Rejection, Row, TrackingEvent, refused, row_of
from touchline.ingest.steps import Context, processed
from touchline.ingest.wire import Posted

DOOR = "api/track"
"""The value of ``rejected_events.source`` for tracked requests."""
LEAST_KEPT = 512
"""The number of characters of a rejected event that are always stored, however many others are rejected with it."""
_SLICE_SECONDS = 0.001


async def taken(posted: Posted, context: Context) -> tuple[list[Row], list[int], list[tuple[int, Refused]]]:
    """The valid events and the rejected ones, with their places; other requests run after each slice."""
    events: list[Row] = []
    places: list[int] = []
    rejections: list[tuple[int, Rejection]] = []
    until = time.perf_counter() + _SLICE_SECONDS
    for place, wire in enumerate(posted.events):
        if time.perf_counter() > until:
            await asyncio.sleep(0)
            until = time.perf_counter() + _SLICE_SECONDS
        outcome: TrackingEvent | Rejection
        if isinstance(wire, Rejection):
            outcome = wire
        elif wire.public_key is not None and wire.public_key != posted.public_key:
            outcome = Rejection(Reason.FOREIGN_KEY, "publicKey", "Expected the key that the request itself has.")
        else:
            outcome = processed(wire, context)
        if isinstance(outcome, Rejection):
            rejections.append((place, outcome))
        else:
            events.append(row_of(outcome))
            places.append(place)
    most = max(LEAST_KEPT, KEPT_PAYLOAD // max(1, len(rejections)))
    kept = [(place, refused(one, DOOR, posted.said(place), context, most)) for place, one in rejections]
    return events, places, kept
