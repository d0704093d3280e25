"""Recorders: where touches and links are kept. This module is the protocol; its siblings are the implementations."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.subjects import SubjectRef

__all__ = ["Recorder"]


@runtime_checkable
class Recorder(Protocol):
    """A place that keeps touches and links, and gives them back.

    Writing is idempotent by id: what is there already stays as it is.
    """

    async def record_touch(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> AttributionTouch | None:
        """Keep a touch; ``scope`` is the ASGI scope of its request.

        Returns the touch as it was kept, or ``None`` where nothing about it changed. The bound method serves as
        ``AttributionMiddleware(record_touch=…)``.
        """
        ...

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> Sequence[AttributionSubjectLink]:
        """Keep the links whose id is not there yet, and return those.

        With ``db``, a session or connection of the caller, they are written in the caller's transaction and the caller
        commits; without it, in one of the recorder's own.
        """
        ...

    async def links_of(self, subject: SubjectRef) -> Sequence[AttributionSubjectLink]:
        """The links of one subject of one tenant, the oldest first.

        A subject is its resource, id and tenant; ``table`` and ``pk_type`` do not tell two apart.
        """
        ...

    async def touches_of(self, visitor_id: str) -> Sequence[AttributionTouch]:
        """The touches of one visitor, the oldest first."""
        ...
