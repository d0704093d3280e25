"""Reading a file of daily ad costs, row by row, good rows and bad: CSV, lines of JSON, or a JSON list."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path

import msgspec

from touchline.characters import binary_kind, encoding_of, is_wide
from touchline.errors import InputError
from touchline.spend.costs import OPTIONAL, REQUIRED, AdCost, Place, RejectedCost, RowError, cost_of, place_of, refused

_KNOWN = frozenset({*REQUIRED, *OPTIONAL})
_values = msgspec.json.Decoder(float_hook=str).decode
"""A number with a point stays the text that it is: money is read to the last digit."""
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_NO_JSON = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)

Row = tuple[int, Mapping[str, str] | RowError, object, Place]
"""Where it stands (the line, or the element of a list; from 1), its cells by name, what came, and whose spend it is."""
_NOWHERE: Place = (None, None, None)


class TooLongError(InputError):
    """There are more rows than are taken at a time."""


@dataclass(frozen=True)
class CostFile:
    """A file of costs. ``.jsonl`` and ``.ndjson`` are lines of JSON, ``.json`` is a list, everything else is CSV."""

    path: Path
    content: bytes
    most_rows: int | None = None
    """How many rows are taken at a time; ``None``: as many as there are."""

    @classmethod
    def at(cls, path: Path) -> "CostFile":
        """The file that lies at ``path``.

        :raises InputError: if it cannot be read.
        """
        try:
            return cls(path, path.read_bytes())
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.", "Mend its permissions.") from error


def read_costs(file: CostFile, *, default_currency: str, last_day: date = date.max) -> Iterator[AdCost | RejectedCost]:
    """The rows of a file of daily ad costs, in its order.

    The header of CSV, or the names in each JSON object, say what is what: ``date, platform, cost`` must be there;
    ``account_id, campaign_id, campaign_name, adset_id, adset_name, ad_id, ad_name, impressions, clicks, currency`` may.
    ``cost`` is a decimal number of currency units; a credit note is negative.

    :param last_day: of which there can be costs already; a later day is refused, as one before 2000 is.
    :raises InputError: if the file cannot be read, or the header of CSV lacks a column or has an unknown one.
    :raises TooLongError: if it has more rows than it may have.

    >>> file = CostFile(Path("a.jsonl"), b'{"date": "2026-01-31", "platform": "META", "cost": 0.29}')
    >>> [row.spend_micros for row in read_costs(file, default_currency="EUR")]
    [290000]
    """
    return (row for _, row in numbered_costs(file, default_currency=default_currency, last_day=last_day))


def numbered_costs(
    file: CostFile, *, default_currency: str, last_day: date = date.max
) -> Iterator[tuple[str, AdCost | RejectedCost]]:
    """As :func:`read_costs`, each row with its source, ``<file name>:<line, or place in the list>``."""
    _refuse_binary(file)
    rows = _FORMS.get(file.path.suffix.lower(), _csv)(file)
    for count, (number, cells, came, place) in enumerate(rows, 1):
        if file.most_rows is not None and count > file.most_rows:
            raise TooLongError(f"There are more than {file.most_rows:,} rows.", "Send fewer at a time.")
        source = f"{file.path.name}:{number}"
        if isinstance(cells, RowError):
            yield source, refused(source, cells, came, place)
        else:
            yield source, cost_of(source, cells, default_currency, last_day)


def _refuse_binary(file: CostFile) -> None:
    if is_wide(file.content):
        raise InputError(f"{file.path} is {encoding_of(file.content)} text, UTF-8 was expected.", "Save it as UTF-8.")
    if kind := binary_kind(file.content):
        raise InputError(f"{file.path} is {kind}, text was expected.", "Unpack it, or export it as CSV in UTF-8.")


def _csv(file: CostFile) -> Iterator[Row]:
    last = 1
    try:
        reader = csv.DictReader(TextIOWrapper(BytesIO(file.content), "utf-8-sig", newline=""), strict=True)
        _check_header(file.path, reader.fieldnames)
        for row in reader:
            is_whole = None not in row and None not in row.values()
            fault = RowError("malformed", "", "the row has more or fewer cells than the header")
            yield reader.line_num, row if is_whole else fault, row, place_of(row, is_whole=is_whole)
            last = reader.line_num
    except UnicodeDecodeError as error:
        raise _not_csv(file, f"it is {encoding_of(file.content)}, not UTF-8") from error
    except csv.Error as error:
        raise _not_csv(file, f"the row that starts on line {last + 1} is none: {error}") from error


def _not_csv(file: CostFile, why: str) -> InputError:
    return InputError(
        f"{file.path} cannot be read as a CSV file of costs: {why}.", "Save it as UTF-8 CSV with one header line."
    )


def _check_header(path: Path, names: object) -> None:
    found = list(names) if isinstance(names, (list, tuple)) else []
    missing = [name for name in REQUIRED if name not in found]
    unknown = [str(name) for name in found if name not in _KNOWN]
    repeated = sorted({str(name) for name in found if found.count(name) > 1})
    if missing or unknown or repeated:
        faults = [f"lacks {', '.join(missing)}"] if missing else []
        faults += [f"has unknown {', '.join(unknown)}"] if unknown else []
        faults += [f"repeats {', '.join(repeated)}"] if repeated else []
        raise InputError(
            f"The header of {path} {' and '.join(faults)}.",
            f"Expected {', '.join(REQUIRED)} and any of {', '.join(OPTIONAL)}.",
        )


def _lines(file: CostFile) -> Iterator[Row]:
    for number, line in enumerate(BytesIO(file.content.removeprefix(b"\xef\xbb\xbf")), 1):
        if line.strip():
            yield number, *_said(line)


def _list(file: CostFile) -> Iterator[Row]:
    try:
        elements = _elements(file.content)
    except _NO_JSON as error:
        raise InputError(
            f"{file.path} cannot be read as a JSON list of costs: {error}.", "Expected [{…}, …]."
        ) from error
    for number, element in enumerate(elements, 1):
        yield number, *_said(bytes(element))


def _said(text: bytes) -> tuple[Mapping[str, str] | RowError, object, Place]:
    """The cells of a JSON object, as CSV would have them; the text itself; and whose spend it is."""
    found: object = None
    try:
        found = _values(text)
        if not isinstance(found, dict):
            raise RowError("malformed", "", "a row is a JSON object with date, platform and cost")
        _check_names(found)
        cells = {name: _cell(name, value) for name, value in found.items()}
    except RowError as fault:
        return fault, text, place_of(found) if isinstance(found, dict) else _NOWHERE
    except _NO_JSON as error:
        return RowError("malformed", "", f"a row is a JSON object: {error}"), text, _NOWHERE
    return cells, text, _NOWHERE


def _check_names(found: Mapping[str, object]) -> None:
    unknown = next((name for name in found if name not in _KNOWN), None)
    if unknown is not None:
        raise RowError("unknown_field", unknown[:64], f"there is no field {unknown!r:.80}")
    missing = next((name for name in REQUIRED if name not in found), None)
    if missing is not None:
        raise RowError("missing_field", missing, f"{missing} is missing")


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise RowError("wrong_type", name, f"{name} is a text or a number")
    return str(value)


_FORMS: Mapping[str, Callable[[CostFile], Iterator[Row]]] = {".jsonl": _lines, ".ndjson": _lines, ".json": _list}
"""Of files whose names end so."""
