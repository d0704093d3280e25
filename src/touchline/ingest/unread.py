"""Fields of an event that nothing reads: they are taken out before it is decoded, and named to whoever sent it."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from touchline.characters import cleaned
from touchline.ingest.wire_event import NAMES, Metadata, MetadataUtm, Survey, WireEvent

MOST_COUNTED = 100
"""Names of one site, or of one import, that are counted one by one."""
MOST_NAME = 64
"""Characters of a name that are kept: it is anybody's."""
OTHERS = "(others)"
"""Stands for the names beyond :data:`MOST_COUNTED`."""

_UNKNOWN = "Object contains unknown field"
_INNER: Mapping[type[msgspec.Struct], Mapping[str, type[msgspec.Struct]]] = {
    WireEvent: {"survey": Survey, "metadata": Metadata},
    Metadata: {"utm": MetadataUtm},
}
_KNOWN = {kind: frozenset(name for _, name in names) for kind, names in NAMES.items()}
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def is_of_unread(error: Exception | None) -> bool:
    """Whether a decoder stopped at a field that it does not know."""
    return str(error).startswith(_UNKNOWN)


def without_unread(payload: bytes, kind: type[msgspec.Struct] = WireEvent, inside: str = "") -> tuple[bytes, list[str]]:
    """The event with its known fields alone, byte for byte, and the names of the others.

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
    """The names in an object that are none of ``known``."""
    return [name for name in _decode_fields(payload) if name not in known]


class FieldNames:
    """The names that are counted one by one: anybody chooses them, so the first ones are, and all others together."""

    def __init__(self, most: int = MOST_COUNTED) -> None:
        self._most = most
        self._names: set[str] = set()

    def settled(self, counts: Mapping[str, int]) -> Counter[str]:
        """Counts by names that are cut, harmless in a terminal, and not endlessly many.

        >>> FieldNames(1).settled({"sku": 2, "color": 1, "size": 1})
        Counter({'sku': 2, '(others)': 2})
        """
        settled = Counter[str]()
        for name, count in counts.items():
            cut = cleaned(name if len(name) <= MOST_NAME else f"{name[: MOST_NAME - 1]}…")
            if len(self._names) < self._most:
                self._names.add(cut)
            settled[cut if cut in self._names else OTHERS] += count
        return settled
