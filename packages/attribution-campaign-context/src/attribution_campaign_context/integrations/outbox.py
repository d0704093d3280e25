"""What an app's links need of an outbox."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from attribution_campaign_context.models import AttributionSubjectLink


@runtime_checkable
class Outbox(Protocol):
    """Where links wait within the business transaction: either SQL recorder is one, the sync and the async."""

    def for_tenant(self, tenant: str) -> Any:
        """The same outbox for another tenant."""
        ...

    def enqueue(self, db: Any, plan: Sequence[AttributionSubjectLink]) -> Any:
        """Write entries with a connection of the business transaction; may be awaitable."""
        ...

    def drain(self) -> Any:
        """Turn the entries that are committed into links; may be awaitable."""
        ...


@runtime_checkable
class StatedOutbox(Protocol):
    """An outbox that says what it would write, for business transactions that are not SQLAlchemy's."""

    def outbox_statement(
        self, plan: Sequence[AttributionSubjectLink], vendor: str
    ) -> tuple[str, list[tuple[Any, ...]]]:
        """SQL with ``%s`` for values, and the values for each link; ``vendor`` is ``sqlite`` or ``postgresql``."""
        ...
