"""Which columns of the ledger may have hashes of personal data in them, and rows with the keyed form of these."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from touchline.ledger.hash_key import DIGEST_LENGTH, HashKey
from touchline.ledger.rows import Row, Rows
from touchline.table import Kind
from touchline.tracking_event import EVENT_FIELDS

PAYLOAD_HASH = "payload_hash"
_WITHOUT = frozenset(
    {
        "site_id", "type", "page_domain", "referrer_host", "referrer_domain", "click_id_names", "user_agent",
        "device_type", "currency", "consent", "tags_from",
        "ip_hash",  # has the key of its day
    }
)  # fmt: skip
KEYED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "tracking_events": tuple(
        field.name for field in EVENT_FIELDS if field.kind is Kind.TEXT and field.name not in _WITHOUT
    ),
    "rejected_events": ("event_id", "message", "source", "payload"),
    "consents": ("consent_id", "visitor_id"),
    "identity_claims": ("identifier", "linked_identifier"),
    "erasures": ("identifier",),
}
"""By table. What an erasure is to delete is listed by names that are keyed already."""


class KeyedRows:
    """Rows of one table, as tuples in the order of ``columns``; one may be cut at its end."""

    def __init__(self, key: HashKey, table: str, columns: Sequence[str]) -> None:
        self._key = key
        named = KEYED_COLUMNS.get(table, ())
        self._places = [place for place, name in enumerate(columns) if name in named and name != PAYLOAD_HASH]
        self._digest_at = columns.index(PAYLOAD_HASH) if PAYLOAD_HASH in columns and named else None
        self._within = cache(self._places_within)

    def of(self, rows: Rows) -> Rows:
        """The rows as they are stored."""
        return [self._row(row) for row in rows] if self._places else rows

    def _row(self, row: Row) -> Row:
        values, length, digest_at = list(row), len(row), self._digest_at
        for place in self._within(length):
            value = values[place]
            if value is not None and len(value) >= DIGEST_LENGTH:
                values[place] = self._key.keyed(value)
        if digest_at is not None and digest_at < length:
            values[digest_at] = self._key.keyed_digest(values[digest_at])
        return tuple(values)

    def _places_within(self, length: int) -> list[int]:
        return [place for place in self._places if place < length]


def keyed_values(
    key: HashKey, table: str, values: Mapping[str, Any], columns: Sequence[str] | None = None
) -> dict[str, Any]:
    """A row by its columns' names, as it is stored.

    :param columns: those that may have a hash in them; by default, the table's in :data:`KEYED_COLUMNS`.
    """
    named = KEYED_COLUMNS.get(table, ()) if columns is None else columns
    return {
        name: key.keyed(value) if name in named and isinstance(value, str) else value for name, value in values.items()
    }
