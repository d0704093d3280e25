"""How many events a run has not taken over yet, counted by the database."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, and_, false, func, or_, select

from touchline.ledger import schema

Span = tuple[int, int]
"""From the first microsecond since 1970 until before the second."""


class Waiting(NamedTuple):
    """Events that wait."""

    looked_at: int
    of_sites: int
    """Those of the given sites."""
    in_spans: int
    """Those that occurred in their site's span."""


def waiting_after(connection: Connection, sequence: int, spans: Mapping[str, Span], most: int) -> Waiting:
    """Of the first ``most`` events after ``sequence``, how many are of the sites of ``spans`` and within them."""
    events = schema.TRACKING_EVENTS.c
    first = (
        select(events.site_id, events.occurred_at)
        .where(events.sequence > sequence).order_by(events.sequence).limit(most).subquery().c
    )  # fmt: skip
    inside = [
        and_(first.site_id == site_id, first.occurred_at >= begin, first.occurred_at < end)
        for site_id, (begin, end) in spans.items()
    ]
    counts = (
        func.count(), func.count().filter(first.site_id.in_(list(spans))), func.count().filter(or_(false(), *inside)),
    )  # fmt: skip
    return Waiting(*connection.execute(select(*counts).select_from(first.site_id.table)).one())
