"""Two records that a recorder derives from touches: the visitor, and the session.

Nobody writes them directly. A visitor's row always equals what its kept touches say, in whatever order they came.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class AttributionVisitor(BaseModel):
    """One browser, by its durable id, with pointers to its first and its last touch.

    The first touch is the earliest by ``created_at``, the last one the newest; of two at the same time the smaller id
    comes first.

    >>> AttributionVisitor(visitor_id="v1").first_touch_id is None
    True
    """

    visitor_id: str
    first_touch_id: str | None = None
    last_touch_id: str | None = None
    created_at: datetime | None = None
    """The time of the first touch."""
    last_seen_at: datetime | None = None
    """The time of the last touch."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    """The app's own; recorders keep it as it is."""


class AttributionSession(BaseModel):
    """One visit, by the session id that the browser sent: evidence, since a browser may send anything.

    >>> AttributionSession(session_id="s1", visitor_id="v1").expires_at is None
    True
    """

    session_id: str
    visitor_id: str | None = None
    """The visitor of the session's first touch."""
    first_touch_id: str | None = None
    last_touch_id: str | None = None
    started_at: datetime | None = None
    last_seen_at: datetime | None = None
    expires_at: datetime | None = None
    """When the session ends if no other touch comes; not a retention time."""
    metadata: dict[str, Any] = Field(default_factory=dict)
