"""Ingest: events from the wire and from files, checked and enriched; every rejected event has a typed reason.

``accept`` is the stage; ``readers`` and ``mapping`` read files for it; ``erased_among`` finds events of erased persons.
"""

from touchline.ingest.accept import KEPT_PAYLOAD, Batch, Payload, Refused, accept, refused, rejected
from touchline.ingest.claims import Claim, keyed_claim, names_erased, read_claims, value_of
from touchline.ingest.consent_records import ConsentRow, consent_row
from touchline.ingest.erased import (
    EVERYBODY,
    entries_of,
    entry_of,
    erased_among,
    name_of_order,
    of_browsers,
    refusal_of,
    standing,
)
from touchline.ingest.event import (
    NOBODYS_FAULT,
    VISITOR_ID,
    EventType,
    Reason,
    RejectedEvent,
    Row,
    happened,
    is_of_wrong_clock,
    row_of,
)  # fmt: skip
from touchline.ingest.rejection import Rejection
from touchline.ingest.unstorable import harmless, unstorable
from touchline.tracking_event import TrackingEvent

__all__ = [
    "EVERYBODY", "KEPT_PAYLOAD", "NOBODYS_FAULT", "VISITOR_ID", "Batch", "Claim", "ConsentRow",
    "EventType", "Payload", "Reason", "Refused", "RejectedEvent", "Rejection", "Row", "TrackingEvent", "accept",
    "consent_row", "entries_of", "entry_of", "erased_among", "happened", "harmless", "is_of_wrong_clock",
    "keyed_claim", "name_of_order", "names_erased", "of_browsers", "read_claims", "refusal_of", "refused", "rejected",
    "row_of", "standing", "unstorable", "value_of",
]  # fmt: skip
