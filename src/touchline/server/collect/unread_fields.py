"""Counts fields that Touchline does not read, and names them in answers. Clients choose names, so these are bounded."""

from collections.abc import Mapping
from typing import Any

from touchline.ingest.unread import FieldNames
from touchline.ingest.unread_tags import message_of
from touchline.ingest.wire_event import FIELDS
from touchline.magnitudes import day_of

MOST_WARNINGS = 20
"""The number of names in one answer."""

_PLAIN = {name.lower(): name for name in FIELDS}


class UnreadFields:
    """The unread field names that each site has sent since the start."""

    def __init__(self) -> None:
        self._names: dict[str, FieldNames] = {}

    def counts(self, site_id: str, names: Mapping[str, int], received_at: int) -> dict[tuple[str, str, int], int]:
        """The counts for the ledger, by site, name and day.

        >>> UnreadFields().counts("shop", {"sku": 2}, 86_400_000_001)
        {('shop', 'sku', 86400000000): 2}
        """
        if not names:
            return {}
        known = self._names.setdefault(site_id, FieldNames())
        day = day_of(received_at)
        return {(site_id, name, day): count for name, count in known.settled(names).items()}


def warnings_of(names: Mapping[str, int]) -> list[dict[str, Any]]:
    """The warnings about them in an answer.

    >>> warnings_of({"event_name": 3})[0]["message"]
    'event_name: Nothing reads this field, so what it says is lost.'
    >>> warnings_of({"event_id": 3})[0]["message"]
    'event_id: Nothing reads this field, so what it says is lost. Did you mean eventId?'
    """
    return [
        {"code": "unread_field", "field": name, "message": message_of(name) or f"{name}: {_LOST}{_meant(name)}"}
        for name in FieldNames(MOST_WARNINGS).settled(names)
    ]


_LOST = "Nothing reads this field, so what it says is lost."


def _meant(name: str) -> str:
    meant = _PLAIN.get(name.lower().replace("_", "").replace("-", ""))
    return f" Did you mean {meant}?" if meant else ""
