"""The events as they stand on the wire, and batches of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from touchline.demo.days import Ints


class Survey(msgspec.Struct, frozen=True):
    """What a customer was asked, and the answer."""

    question: str
    answer: str


class WireEvent(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """One event as a tracker or a shop's server sends it; what is ``None`` is left out."""

    event_id: str
    type: str
    name: str | None = None
    url: str | None = None
    path: str | None = None
    referrer: str | None = None
    title: str | None = None
    occurred_at: str
    anon_id: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    email_hash: str | None = None
    account_id: str | None = None
    value: float | None = None
    currency: str | None = None
    order_id: str | None = None
    is_test: bool | None = None
    survey: Survey | None = None
    user_agent: str | None = None


@dataclass(frozen=True)
class Batch:
    """Events, and when each occurred in milliseconds since 1970 (UTC), which their text says too."""

    times: Ints
    events: list[WireEvent]


def together(batches: Sequence[Batch]) -> Batch:
    """Several batches as one, in their order."""
    return Batch(
        np.concatenate([batch.times for batch in batches]), [event for batch in batches for event in batch.events]
    )
