"""Subjects: the things of the app that touches are linked to, and how the app speaks for them."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class SubjectRef:
    """One thing of the app, by the name of its kind and its opaque id.

    ``table``, ``pk_type`` and ``tenant_id`` are told on to the link and mean nothing to this package, but that links of
    different tenants never meet.

    >>> SubjectRef("lead", "7").tenant_id is None
    True
    """

    resource: str
    subject_id: str
    table: str | None = None
    pk_type: str | None = None
    tenant_id: str | None = None


class SubjectResolver(Protocol):
    """What an app may provide so that links name its subjects in one way, and only those that exist.

    Inherit from it or only have its three methods.
    """

    def canonical_resource(self, model_or_resource: Any) -> str:
        """The one name of a resource, whatever the app calls it at this place; raises what it likes to refuse it."""
        ...

    def canonical_id(self, obj_or_payload: Any) -> str:
        """The id of an object, a payload or an id, as text."""
        ...

    async def exists(self, resource: str, subject_id: str, db: Any) -> bool:
        """Whether the subject is there; ``db`` is what the caller of the hook gave for it."""
        ...
