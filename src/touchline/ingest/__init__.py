"""Ingest: what happened, from the wire and from files, checked and enriched; what is refused has a typed reason.

``accept`` is the stage; ``readers`` and ``mapping`` bring files to it.
"""

from touchline.ingest.accept import Batch, Payload, accept
from touchline.ingest.event import EventType, Reason, RejectedEvent, TrackingEvent
from touchline.ingest.rejection import Rejection

__all__ = ["Batch", "EventType", "Payload", "Reason", "RejectedEvent", "Rejection", "TrackingEvent", "accept"]
