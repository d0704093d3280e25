"""A mapping file says which column of a foreign file is which field of the wire.

It is TOML:

.. code-block:: toml

    event_name = "event_name"                     # the column whose values [events] translates

    [fields]
    anonId     = ["client_id", "clientId"]        # alternatives: one of them must exist; the first non-empty one counts
    value      = "event_data:revenue"             # a path into a JSON column; dots go deeper, digits into lists
    emailHash  = { column = "event_data:user_email", optional_invalid = "drop" }
    city       = { column = "city", optional = true }       # the file may do without this column
    eventId    = { hash = ["client_id|clientId", "timestamp", "event_name"] }

    [constants]
    currency = "USD"

    [time]
    format = "iso"                                # or epoch_s, epoch_ms; iso is the default
    zone   = "Europe/Berlin"                      # of ISO times without an offset

    [events]                                      # a name that is not here becomes CUSTOM under its own name
    page_viewed        = { type = "PAGE_VIEW" }
    checkout_completed = { type = "CONVERSION", name = "purchase" }

Everything wrong in it is a :class:`MappingError`, raised before the first row is read.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from touchline.errors import MappingError
from touchline.ingest.event import EventType
from touchline.ingest.wire_event import FIELDS
from touchline.numerals import zone_of

TimeFormat = Literal["iso", "epoch_s", "epoch_ms"]

MAPPABLE = frozenset(FIELDS) - {"publicKey", "metadata"}
"""The fields of the wire that a file may fill; ``survey`` takes the answer's text."""


@dataclass(frozen=True)
class Column:
    """A cell of the file, or a place inside a JSON cell."""

    name: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join(filter(None, (self.name, ".".join(self.path))))


@dataclass(frozen=True)
class FieldRule:
    """The source of a field of the wire."""

    columns: tuple[Column, ...]
    is_optional: bool = False
    """Whether the columns may be missing from the file."""
    drops_invalid: bool = False
    """Whether an invalid value is dropped instead of rejecting the row."""


@dataclass(frozen=True)
class EventRule:
    """The event that an event name of the file becomes."""

    type: EventType
    name: str | None = None


@dataclass(frozen=True)
class TimeRule:
    """How ``occurredAt`` is written in the file."""

    format: TimeFormat = "iso"
    zone: ZoneInfo | None = None
    """The zone of ISO times without an offset; ``None``: such a time is rejected, because it is a guess."""


@dataclass(frozen=True)
class FileMapping:
    """A valid mapping; :meth:`check_columns` compares it with a file."""

    fields: Mapping[str, FieldRule]
    event_id_hash: tuple[tuple[Column, ...], ...] = ()
    """The values whose hash is the event id: for each, its alternatives. Empty: ``eventId`` is a field."""
    event_name: tuple[Column, ...] = ()
    events: Mapping[str, EventRule] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    time: TimeRule = TimeRule()
    delimiter: str | None = None
    """Between the cells of CSV; ``None``: as the file's name says."""
    origin: str = "the mapping"

    @property
    def column_names(self) -> frozenset[str]:
        """All columns that are read."""
        rules = [rule.columns for rule in self.fields.values()]
        return frozenset(
            column.name for columns in (*rules, *self.event_id_hash, self.event_name) for column in columns
        )

    def check_columns(self, present: Iterable[str], where: str) -> None:
        """Raises :class:`MappingError` unless every mapped column exists in the file ``where``."""
        names = list(present)
        for wire_name, rule in self.fields.items():
            if not rule.is_optional:
                self._check(wire_name, rule.columns, names, where)
        for columns in self.event_id_hash:
            self._check("eventId", columns, names, where)
        if self.event_name:
            self._check("event_name", self.event_name, names, where)

    def _check(self, wire_name: str, columns: tuple[Column, ...], present: list[str], where: str) -> None:
        wanted = [column.name for column in columns]
        if not any(name in present for name in wanted):
            raise MappingError(
                f"{self.origin}: {wire_name} comes from {' or '.join(map(repr, wanted))}, which {where} does not have.",
                f"Its columns are: {', '.join(present)}. Name one of them, or write optional = true.",
            )
        twice = next((name for name in wanted if present.count(name) > 1), None)
        if twice is not None:
            raise MappingError(f"{where} has the column {twice!r} twice.", "Rename one of them.")


def load_mapping(path: Path) -> FileMapping:
    """Reads and checks a mapping file; raises :class:`MappingError`."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} cannot be read as a mapping file: {error}.") from error
    return parse_mapping(content, path.name)


def parse_mapping(content: str, origin: str = "the mapping") -> FileMapping:
    r"""Checks the text of a mapping file; raises :class:`MappingError`.

    >>> mapping = parse_mapping('[fields]\neventId = "id"\nurl = ["page", "page_url"]\n[constants]\ntype = "PAGE_VIEW"')
    >>> [str(column) for column in mapping.fields["url"].columns]
    ['page', 'page_url']
    """
    try:
        document = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(
            f"{origin} is not TOML: {error}.", "See the example mapping in the documentation."
        ) from error
    return _Parser(origin).mapping(document)


def wire_mapping(columns: Sequence[str], where: str) -> FileMapping:
    """The mapping of a file whose columns already have the names of the wire."""
    fields = {name: FieldRule((Column(name),)) for name in columns if name in MAPPABLE}
    missing = [name for name in ("eventId", "type") if name not in fields]
    if missing:
        raise MappingError(
            f"{where} has no column {' and no column '.join(missing)}, so a mapping is needed.",
            f"Its columns are: {', '.join(columns)}. Give a mapping file that says which column is which field.",
        )
    return FileMapping(fields, origin=where)


class _Parser:
    """Converts a TOML document to a mapping; every error names the file and the key."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def mapping(self, document: dict[str, Any]) -> FileMapping:
        self._known(document, "", ("event_name", "delimiter", "fields", "constants", "time", "events"))
        fields = self._table(document, "fields")
        self._known(fields, "fields.", MAPPABLE)
        hashed = fields.pop("eventId") if _is_hash(fields.get("eventId")) else None
        mapping = FileMapping(
            {name: self._field(f"fields.{name}", value) for name, value in fields.items()},
            self._hash(hashed) if hashed is not None else (),
            self._columns("event_name", document["event_name"]) if "event_name" in document else (),
            self._events(self._table(document, "events")),
            self._constants(self._table(document, "constants")),
            self._time(self._table(document, "time")),
            self._delimiter(document.get("delimiter")),
            self.origin,
        )
        self._complete(mapping)
        return mapping

    def _complete(self, mapping: FileMapping) -> None:
        if "eventId" not in mapping.fields and not mapping.event_id_hash:
            hint = 'Map the column with the event\'s id, or write eventId = { hash = ["column", …] }.'
            raise self._error("fields.eventId", "a column or a hash", "nothing", hint)
        has_type = "type" in mapping.fields or "type" in mapping.constants or mapping.event_name
        if not has_type:
            hint = 'Write event_name = "column" with an [events] table, or type under [fields] or [constants].'
            raise self._error("fields.type", "a way to tell the type of an event", "nothing", hint)
        if mapping.events and not mapping.event_name:
            raise self._error("event_name", "the column that [events] translates", "nothing", "")

    def _field(self, key: str, value: object) -> FieldRule:
        if not isinstance(value, dict):
            return FieldRule(self._columns(key, value))
        self._known(value, f"{key}.", ("column", "optional", "optional_invalid"))
        choice = value.get("optional_invalid", "reject")
        if choice not in {"drop", "reject"}:
            raise self._error(f"{key}.optional_invalid", '"drop" or "reject"', choice)
        optional = value.get("optional", False)
        if not isinstance(optional, bool):
            raise self._error(f"{key}.optional", "true or false", optional)
        return FieldRule(self._columns(f"{key}.column", value.get("column")), optional, choice == "drop")

    def _columns(self, key: str, value: object) -> tuple[Column, ...]:
        names = value if isinstance(value, list) else [value]
        if not names or not all(isinstance(name, str) and name for name in names):
            raise self._error(key, "a column's name, or a list of alternatives", value)
        return tuple(_column(str(name)) for name in names)

    def _hash(self, value: dict[str, Any]) -> tuple[tuple[Column, ...], ...]:
        self._known(value, "fields.eventId.", ("hash",))
        names = value["hash"]
        if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
            raise self._error("fields.eventId.hash", "a list of columns", names)
        return tuple(tuple(_column(part) for part in name.split("|")) for name in names)

    def _events(self, table: dict[str, Any]) -> dict[str, EventRule]:
        return {name: self._event(f"events.{name}", value) for name, value in table.items()}

    def _event(self, key: str, value: object) -> EventRule:
        if not isinstance(value, dict):
            raise self._error(key, 'a table such as { type = "PAGE_VIEW" }', value)
        self._known(value, f"{key}.", ("type", "name"))
        kind, name = value.get("type"), value.get("name")
        if kind not in list(EventType):
            raise self._error(f"{key}.type", f"one of {', '.join(EventType)}", kind)
        if name is not None and not (isinstance(name, str) and name):
            raise self._error(f"{key}.name", "text", name)
        return EventRule(EventType(kind), name)

    def _constants(self, table: dict[str, Any]) -> dict[str, Any]:
        self._known(table, "constants.", MAPPABLE - {"eventId", "occurredAt", "properties", "survey"})
        return table

    def _time(self, table: dict[str, Any]) -> TimeRule:
        self._known(table, "time.", ("format", "zone"))
        form, zone = table.get("format", "iso"), table.get("zone")
        if form not in {"iso", "epoch_s", "epoch_ms"}:
            raise self._error("time.format", '"iso", "epoch_s" or "epoch_ms"', form)
        found = zone_of(zone) if isinstance(zone, str) else None
        if zone is not None and found is None:
            raise self._error("time.zone", 'a zone such as "Europe/Berlin"', zone)
        return TimeRule(form, found)

    def _delimiter(self, value: object) -> str | None:
        if value is not None and not (isinstance(value, str) and len(value) == 1):
            raise self._error("delimiter", "one character", value)
        return value

    def _table(self, document: dict[str, Any], key: str) -> dict[str, Any]:
        value = document.get(key, {})
        if not isinstance(value, dict):
            raise self._error(key, "a table", value)
        return dict(value)

    def _known(self, table: Mapping[str, object], prefix: str, known: Iterable[str]) -> None:
        names = sorted(known)
        for key in table:
            if key not in names:
                close = difflib.get_close_matches(key, names, n=1)
                hint = f"Did you mean {close[0]}?" if close else f"Known are: {', '.join(names)}."
                raise MappingError(f"{self.origin}: there is no {prefix}{key}.", hint)

    def _error(self, key: str, expected: str, came: object, hint: str = "Fix the mapping file.") -> MappingError:
        return MappingError(f"{self.origin}: {key} must be {expected}, not {came!r}.", hint)


def _is_hash(value: object) -> bool:
    return isinstance(value, dict) and "hash" in value


def _column(text: str) -> Column:
    name, _, path = text.partition(":")
    return Column(name, tuple(path.split("."))) if path and name else Column(text)
