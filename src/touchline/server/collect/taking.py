"""Splits the events of a request into valid and rejected ones, without blocking the event loop for long."""

import asyncio
import time

from touchline.ingest import (
    KEPT_PAYLOAD,
    ConsentRow,
    Reason,
    Refused,
    Rejection,
    Row,
    TrackingEvent,
    consent_row,
    refused,
    row_of,
)  # fmt: skip
from touchline.ingest.context import Context
from touchline.ingest.steps import processed
from touchline.ingest.wire import Posted

DOOR = "api/track"
"""The value of ``rejected_events.source`` for tracked requests."""
LEAST_KEPT = 512
"""The number of characters of a rejected event that are always stored, however many others are rejected with it."""
_SLICE_SECONDS = 0.001


async def taken(
    posted: Posted, context: Context
) -> tuple[list[Row], list[int], list[tuple[int, Refused]], list[ConsentRow]]:
    """The valid events and the rejected ones, with their places, and the records of consent.

    Other requests run after each slice.
    """
    events: list[Row] = []
    consents: list[ConsentRow] = []
    places: list[int] = []
    rejections: list[tuple[int, Rejection]] = []
    until = time.perf_counter() + _SLICE_SECONDS
    for place, wire in enumerate(posted.events):
        if time.perf_counter() > until:
            await asyncio.sleep(0)
            until = time.perf_counter() + _SLICE_SECONDS
        outcome: TrackingEvent | ConsentRow | Rejection
        if isinstance(wire, Rejection):
            outcome = wire
        elif wire.public_key is not None and wire.public_key != posted.public_key:
            outcome = Rejection(Reason.FOREIGN_KEY, "publicKey", "Expected the key that the request itself has.")
        elif wire.consent_record is not None:
            outcome = consent_row(wire, context)
        else:
            outcome = processed(wire, context)
        if isinstance(outcome, Rejection):
            rejections.append((place, outcome))
        elif isinstance(outcome, ConsentRow):
            consents.append(outcome)
        else:
            events.append(row_of(outcome))
            places.append(place)
    most = max(LEAST_KEPT, KEPT_PAYLOAD // max(1, len(rejections)))
    kept = [(place, refused(one, DOOR, posted.said(place), context, most)) for place, one in rejections]
    return events, places, kept, consents
