"""A recorder for tests: keeps everything in two lists, and keeps its word like the others."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self, TypeVar
from uuid import uuid4

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.subjects import SubjectRef

_Record = TypeVar("_Record", AttributionTouch, AttributionSubjectLink)


class MemoryRecorder:
    """A :class:`~attribution_campaign_context.recorders.Recorder` that keeps its records in this process.

    It is for tests of apps: it forgets everything with the process, knows no transactions (``db`` is not looked at),
    and finds records by walking through all. ``now`` tells the time that records without ``created_at`` get.

    >>> import asyncio
    >>> recorder = MemoryRecorder()
    >>> touch = AttributionTouch(id="t1", visitor_id="v1")
    >>> for _ in range(2):
    ...     kept = asyncio.run(recorder.record_touch(touch, {}))
    >>> [touch.id for touch in recorder.touches], kept.created_at is None
    (['t1'], False)
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._tenant = ""
        self._touches: dict[str, AttributionTouch] = {}
        self._tenants: dict[str, str] = {}  # whose each touch is, by its id
        self._links: dict[str, AttributionSubjectLink] = {}

    def for_tenant(self, tenant: str) -> Self:
        """The same recorder for another tenant: it sees that one's touches alone, and refuses another one's links."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__, _tenant=tenant)
        return twin

    @property
    def touches(self) -> list[AttributionTouch]:
        """Copies of all touches, in the order in which they were recorded."""
        return [touch.model_copy(deep=True) for touch in self._touches.values()]

    @property
    def links(self) -> list[AttributionSubjectLink]:
        """Copies of all links, in the order in which they were recorded."""
        return [link.model_copy(deep=True) for link in self._links.values()]

    async def record_touch(
        self,
        touch: AttributionTouch,
        scope: Mapping[str, Any],  # noqa: ARG002 — others read the app's state there
    ) -> AttributionTouch:
        """Keep a touch, once per id, and return it as it is kept: with an id and ``created_at``."""
        kept = self._filled(touch)
        self._tenants.setdefault(str(kept.id), self._tenant)
        return self._touches.setdefault(str(kept.id), kept).model_copy(deep=True)

    async def record_links(
        self,
        links: Sequence[AttributionSubjectLink],
        db: Any = None,  # noqa: ARG002 — there are no transactions here
    ) -> list[AttributionSubjectLink]:
        """Keep the links whose id is not there yet, and return those; a link without an id is always new."""
        for link in links:
            self._check_tenant(link.subject_tenant_id)
        new = []
        for link in map(self._filled, links):
            if str(link.id) not in self._links:
                self._links[str(link.id)] = link
                new.append(link.model_copy(deep=True))
        return new

    async def links_of(self, subject: SubjectRef) -> list[AttributionSubjectLink]:
        """The links of one subject of one tenant, the oldest first."""
        self._check_tenant(subject.tenant_id)
        wanted = (subject.resource, subject.subject_id, subject.tenant_id)
        found = [
            link for link in self.links if (link.subject_resource, link.subject_id, link.subject_tenant_id) == wanted
        ]
        return sorted(found, key=_moment)

    async def touches_of(self, visitor_id: str) -> list[AttributionTouch]:
        """The touches of one visitor, the oldest first."""
        touches = (touch for touch in self.touches if touch.visitor_id == visitor_id)
        return sorted((touch for touch in touches if self._tenants[str(touch.id)] == self._tenant), key=_moment)

    def _check_tenant(self, tenant: str | None) -> None:
        if self._tenant and tenant != self._tenant:
            raise ValueError(f"expected a subject of the tenant {self._tenant!r}, got {tenant!r}; use for_tenant")

    def _filled(self, record: _Record) -> _Record:
        """A copy that nobody else holds, with an id and a time of its own where it had none."""
        given = {"id": record.id or uuid4().hex, "created_at": record.created_at or self._now()}
        return record.model_copy(update=given, deep=True)


def _moment(record: AttributionTouch | AttributionSubjectLink) -> tuple[float, str]:
    return record.created_at.timestamp() if record.created_at else 0.0, str(record.id)
