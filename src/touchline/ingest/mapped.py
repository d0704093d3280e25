"""Rows of a foreign file, converted to fields of the wire by a mapping."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from touchline.ingest.event import EventType, Reason
from touchline.ingest.mapping import Column, EventRule, FileMapping, TimeRule
from touchline.ingest.rejection import Rejection, shortened
from touchline.ingest.wire_event import FIELDS
from touchline.numerals import decimal_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT = (None, "")
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_ISO = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:[Tt ][0-9].*)?")
"""Python accepts more as a time: weeks, and any letter between the day and the hour."""
_BOOLEANS = frozenset(name for name, kind in FIELDS.items() if kind is bool)

Row = Mapping[str, object]


class BadCell(Exception):  # noqa: N818 - never leaves this module: it carries a rejection out of nested calls
    """A cell without the kind of value that the mapping declares."""

    def __init__(self, reason: Reason, field: str, message: str) -> None:
        super().__init__(message)
        self.rejection = Rejection(reason, field, message)


class RowMapper:
    """A mapping, prepared for all rows of a file."""

    def __init__(self, mapping: FileMapping) -> None:
        self._mapping = mapping
        self._fields = [(name, rule, _converter(name, mapping.time)) for name, rule in mapping.fields.items()]

    def payload(self, row: Row) -> dict[str, object] | Rejection:
        r"""The row as fields of the wire, or the reason why it cannot be one.

        >>> from touchline.ingest.mapping import parse_mapping
        >>> mapping = parse_mapping('[fields]\neventId = "id"\nvalue = "data:total"\n[constants]\ntype = "CONVERSION"')
        >>> RowMapper(mapping).payload({"id": "7", "data": '{"total": 9.5}'})
        {'type': 'CONVERSION', 'eventId': '7', 'value': '9.5'}
        """
        cells = _Cells(row)
        try:
            fields: dict[str, object] = dict(self._mapping.constants)
            fields.update(self._event_fields(cells))
            for name, rule, convert in self._fields:
                value = cells.first(rule.columns)
                if value is None:
                    continue
                converted = convert(value)
                if not (rule.drops_invalid and _is_invalid(name, converted)):
                    fields[name] = converted
            if self._mapping.event_id_hash:
                fields["eventId"] = self._hash(cells)
        except BadCell as bad:
            return bad.rejection._replace(payload=msgspec.json.encode(dict(row), enc_hook=str).decode())
        return fields

    def _event_fields(self, cells: "_Cells") -> dict[str, object]:
        if not self._mapping.event_name:
            return {}
        value = cells.first(self._mapping.event_name)
        if value is None:
            names = " or ".join(map(str, self._mapping.event_name))
            raise BadCell(Reason.MISSING_FIELD, names, f"{names}: expected the event's name, but it is empty.")
        text = text_of(value)
        rule = self._mapping.events.get(text) or EventRule(EventType.CUSTOM, text)
        return {"type": rule.type.value, "name": rule.name} if rule.name else {"type": rule.type.value}

    def _hash(self, cells: "_Cells") -> str:
        """128 bits of the SHA-256 of the row's values: the same row has the same id however often it is imported."""
        values = [None if value is None else text_of(value) for value in map(cells.first, self._mapping.event_id_hash)]
        return sha256(msgspec.json.encode(values)).hexdigest()[:32]


class _Cells:
    """The cells of one row; a JSON cell is parsed once, however many paths read it."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._parsed: dict[str, object] = {}

    def first(self, columns: Sequence[Column]) -> object:
        """The first value that is there, or ``None``."""
        for column in columns:
            value = self._row.get(column.name)
            if value in _ABSENT:
                continue
            if column.path:
                value = _inside(self._json(column.name, value), column.path)
            if isinstance(value, str):
                value = value.strip()
            if value not in _ABSENT and not _is_nan(value):
                return value
        return None

    def _json(self, name: str, value: object) -> object:
        if not isinstance(value, str):
            return value
        if name not in self._parsed:
            self._parsed[name] = _json(name, value)
        return self._parsed[name]


def _is_nan(value: object) -> bool:
    """Some writers use NaN for a missing value."""
    return isinstance(value, float) and math.isnan(value)


def _json(name: str, text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"{name}: expected JSON, but {shortened(text)}: {error}."
        raise BadCell(Reason.MALFORMED, name, message) from error


def _inside(found: object, path: tuple[str, ...]) -> object:
    for part in path:
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list) and part.isascii() and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _is_invalid(name: str, value: object) -> bool:
    try:
        msgspec.convert(value, FIELDS[name])
    except msgspec.ValidationError:
        return True
    return False


def text_of(value: object) -> str:
    """The value as a text-only file would have it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):  # some writers of Parquet declare that their text is no text
        return value.decode(errors="surrogateescape")
    if isinstance(value, dict | list):
        return msgspec.json.encode(value, order="sorted", enc_hook=str).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _converter(name: str, time: TimeRule) -> Callable[[object], object]:
    if name == "occurredAt":
        return lambda value: _time(value, time)
    if name == "properties":
        return lambda value: _json(name, value) if isinstance(value, str) else value
    if name == "survey":
        return lambda value: {"answer": text_of(value)}
    return _boolean if name in _BOOLEANS else text_of


def _boolean(value: object) -> object:
    text = text_of(value).lower()
    return True if text in _TRUE else False if text in _FALSE else value


def _time(value: object, rule: TimeRule) -> object:
    """A datetime if possible, else the text, which the wire's own check rejects."""
    if rule.format != "iso" and not isinstance(value, datetime):
        return _from_epoch(value, 1_000_000 if rule.format == "epoch_s" else 1_000)
    moment = value if isinstance(value, datetime) else _parsed_time(text_of(value))
    if isinstance(moment, datetime) and moment.tzinfo is None and rule.zone is not None:
        return local_time(moment, rule.zone)
    return moment


def local_time(naive: datetime, zone: ZoneInfo) -> datetime:
    """A local time of a zone. If it occurs twice, in the night when clocks go back, the first one is meant.

    :raises BadCell: if it does not occur, because clocks skip it.

    >>> local_time(datetime(2026, 10, 25, 2, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-10-25T02:30:00+02:00'
    """
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before is not None and after is not None and before < after:
        raise BadCell(
            Reason.OUT_OF_RANGE, "occurredAt",
            f"occurredAt: {naive} does not exist in {zone}: the clocks go forward over it. "
            "Write times with an offset or in UTC.",
        )  # fmt: skip
    return first


def iso_time(text: str) -> datetime:
    """Parse an ISO 8601 time, with or without an offset.

    :raises ValueError: if the text is no such time.
    """
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text)


def _parsed_time(text: str) -> Any:
    try:
        return iso_time(text)
    except ValueError:
        return text


def _from_epoch(value: object, micros_per_unit: int) -> object:
    count = decimal_of(text_of(value))
    try:
        return text_of(value) if count is None else _EPOCH + timedelta(microseconds=int(count * micros_per_unit))
    except OverflowError:
        return text_of(value)
