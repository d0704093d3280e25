"""Fields of an event that Touchline does not read: they are removed before decoding, and named to the sender."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from attribution_campaign_context.personal_text import scrub_text
from touchline.characters import cleaned
from touchline.ingest.wire_event import NAMES, ConsentRecord, Metadata, MetadataUtm, Survey, WireEvent

MOST_COUNTED = 100
"""The number of names of one site, or of one import, that are counted separately."""
MOST_NAME = 64
"""The number of characters of a name that are stored; the sender chooses it."""
_MOST_SCRUBBED = 1_024
"""Characters of a name that are looked at: it may be as long as the event."""
OTHERS = "(others)"
"""Stands for all names beyond :data:`MOST_COUNTED`."""

_UNKNOWN = "Object contains unknown field"
_INNER: Mapping[type[msgspec.Struct], Mapping[str, type[msgspec.Struct]]] = {
    WireEvent: {"survey": Survey, "metadata": Metadata, "consentRecord": ConsentRecord},
    Metadata: {"utm": MetadataUtm},
}
_KNOWN = {kind: frozenset(name for _, name in names) for kind, names in NAMES.items()}
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def is_of_unread(error: Exception | None) -> bool:
    """Whether a decoder failed because of an unknown field."""
    return str(error).startswith(_UNKNOWN)


def without_unread(payload: bytes, kind: type[msgspec.Struct] = WireEvent, inside: str = "") -> tuple[bytes, list[str]]:
    """The event with only its known fields, otherwise unchanged, and the names of the others.

    >>> without_unread(b'{"eventId": "e1", "metadata": {"fp": 1, "city": "Bonn"}, "sku": "A"}')
    (b'{"eventId":"e1","metadata":{"city":"Bonn"}}', ['metadata.fp', 'sku'])
    """
    fields, unread = _decode_fields(payload), []
    for name in [*fields]:
        raw = bytes(fields[name])
        if name not in _KNOWN[kind]:
            unread.append(f"{inside}{name}")
            del fields[name]
        elif name in _INNER.get(kind, {}) and raw.lstrip()[:1] == b"{":
            known, deeper = without_unread(raw, _INNER[kind][name], f"{inside}{name}.")
            fields[name] = msgspec.Raw(known)
            unread += deeper
    return msgspec.json.encode(fields), unread


def names_beside(payload: bytes, known: frozenset[str]) -> list[str]:
    """The names in an object that are not in ``known``."""
    return [name for name in _decode_fields(payload) if name not in known]


class FieldNames:
    """Counts names that senders choose: the first ones separately, and all further ones together."""

    def __init__(self, most: int = MOST_COUNTED) -> None:
        self._most = most
        self._names: set[str] = set()

    def settled(self, counts: Mapping[str, int]) -> Counter[str]:
        """Counts by names that are cut, safe for a terminal, and limited in number.

        >>> FieldNames(1).settled({"sku": 2, "color": 1, "size": 1})
        Counter({'sku': 2, '(others)': 2})
        """
        settled = Counter[str]()
        for name, count in counts.items():
            kept = scrub_text(name[:_MOST_SCRUBBED])
            cut = cleaned(kept if len(kept) <= MOST_NAME else f"{kept[: MOST_NAME - 1]}…")
            if len(self._names) < self._most:
                self._names.add(cut)
            settled[cut if cut in self._names else OTHERS] += count
        return settled
