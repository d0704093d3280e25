"""Ingest: what happened, from the wire and from files, checked and enriched; what is refused has a typed reason.

``accept`` is the stage; ``readers`` and ``mapping`` bring files to it; ``screened`` holds back who was erased.
"""

from touchline.ingest.accept import Batch, Payload, accept
from touchline.ingest.claims import Claim, is_erased, read_claims, value_of
from touchline.ingest.erased import EVERYBODY, entry_of, screened
from touchline.ingest.event import EventType, Reason, RejectedEvent, TrackingEvent
from touchline.ingest.rejection import Rejection
from touchline.ingest.steps import names_somebody

__all__ = [
    "EVERYBODY", "Batch", "Claim", "EventType", "Payload", "Reason", "RejectedEvent", "Rejection", "TrackingEvent",
    "accept", "entry_of", "is_erased", "names_somebody", "read_claims", "screened", "value_of",
]  # fmt: skip
