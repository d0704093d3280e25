"""Reading a file of daily ad costs, row by row, good rows and bad: tables, lines of JSON, or a JSON list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import msgspec

from touchline.amounts import counted
from touchline.characters import MARK, marked
from touchline.errors import InputError
from touchline.files import BadRow, Cells, Format, format_of, numbered_lines, open_table, text_of
from touchline.files.formats import suffix_of
from touchline.files.lines import object_of
from touchline.spend.cost_formats import OWN, CostFormat, format_for, known_formats
from touchline.spend.costs import OPTIONAL, REQUIRED, AdCost, Place, RejectedCost, RowError, cost_of, place_of, refused

_decode = msgspec.json.Decoder(float_hook=str).decode
"""A number with a point stays the text that it is: money is read to the last digit."""
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_NO_JSON = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_NOWHERE: Place = (None, None, None)

Rows = Iterator[tuple[str, Cells | BadRow, CostFormat]]
"""Where each stands, its cells under the names of the file, and the format that says what they mean."""


class TooLongError(InputError):
    """There are more rows than are taken at a time."""


@dataclass(frozen=True)
class CostFile:
    """A file of costs: a table of any format that :mod:`touchline.files` reads, or a list in ``.json``.

    What the name says nothing of is CSV. The columns tell which :mod:`~touchline.spend.cost_formats` it is.
    """

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
            raise InputError(f"{path} cannot be read: {error.strerror}.", "Fix its permissions.") from error


def read_costs(file: CostFile, *, default_currency: str, last_day: date = date.max) -> Iterator[AdCost | RejectedCost]:
    r"""The rows of a file of daily ad costs, in its order.

    The header, or the names in each JSON object, say what is what: ``date, platform, cost`` must be there;
    ``account_id, campaign_id, campaign_name, adset_id, adset_name, ad_id, ad_name, impressions, clicks, currency`` may;
    or they are those of a format of ``spend/formats``. ``cost`` is a decimal number of currency units; a credit note is
    negative.

    :param last_day: of which there can be costs already; a later day is refused, as one before 2000 is.
    :raises InputError: if the file cannot be read, or the header of a table lacks a column or has an unknown one.

    >>> file = CostFile(Path("c.csv"), b"date,platform,cost\n2026-01-31,google ads,0.29\n")
    >>> [cost.spend_micros for cost in read_costs(file, default_currency="EUR")]
    [290000]
    """
    return (row for _, row in numbered_costs(file, default_currency=default_currency, last_day=last_day))


def numbered_costs(
    file: CostFile, *, default_currency: str, last_day: date = date.max
) -> Iterator[tuple[str, AdCost | RejectedCost]]:
    """As :func:`read_costs`, each row with its source, ``<file name>:<line, or place in the list>``."""
    for count, (source, row, form) in enumerate(_rows(file), 1):
        if file.most_rows is not None and count > file.most_rows:
            most = counted(file.most_rows, "row is", "rows are")
            raise TooLongError(f"At most {most} accepted per request.", "Send fewer at a time.")
        yield source, _cost(source, row, form, default_currency, last_day)


def _cost(
    source: str, row: Cells | BadRow, form: CostFormat, default_currency: str, last_day: date
) -> AdCost | RejectedCost:
    if isinstance(row, BadRow):
        place = place_of(form.cells(row.cells), is_whole=row.field is not None) if row.cells else _NOWHERE
        return refused(source, RowError(row.kind, row.field or "", row.message), dict(row.cells) or row.text, place)
    said = form.cells(row)
    try:
        _check_names(row, form)
        cells = {name: _cell(name, value) for name, value in said.items()}
    except RowError as fault:
        return refused(source, fault, row, place_of(said))
    return cost_of(source, cells, default_currency, last_day)


def _rows(file: CostFile) -> Rows:
    if suffix_of(file.path) == ".json":
        return _list(file)
    form = _form(file.path)
    return _lines(file) if form == "jsonl" else _table(file, form)


def _form(path: Path) -> Format:
    try:
        return format_of(path)
    except InputError:
        if suffix_of(path) == ".parquet":
            raise
        return "csv"


def _table(file: CostFile, form: Format) -> Rows:
    found: CostFormat = OWN

    def may_break(column: str) -> bool:
        return found.is_free_text(column)

    wanted = {column for one in known_formats() for column in one.columns.values()}
    with open_table(file.path, form, content=file.content, wanted=wanted, may_break=may_break) as (columns, rows):
        found = _checked(file.path, columns)
        for source, row in rows:
            yield source, row, found


def _checked(path: Path, names: list[str]) -> CostFormat:
    repeated = sorted({name for name in names if names.count(name) > 1})
    found = format_for(names)
    if found and not repeated:
        return found
    missing = [name for name in REQUIRED if name not in names]
    unknown = [] if found else [name for name in names if name not in OWN.columns]
    faults = [f"lacks {', '.join(missing)}"] if missing else []
    faults += [f"has unknown {', '.join(unknown)}"] if unknown else []
    faults += [f"repeats {', '.join(repeated)}"] if repeated else []
    exports = ", ".join(form.says for form in known_formats() if form is not OWN)
    raise InputError(
        f"The header of {path} {' and '.join(faults)}.",
        f"Expected {', '.join(REQUIRED)} and any of {', '.join(OPTIONAL)}; or a known export: {exports}.",
    )


def _lines(file: CostFile) -> Rows:
    with text_of(BytesIO(file.content), file.path) as stream:
        for source, line in numbered_lines(stream, file.path.name):
            yield source, *_named(object_of(line, _decode))


def _list(file: CostFile) -> Rows:
    try:
        with text_of(BytesIO(file.content), file.path) as stream:
            elements = _raw(stream.read())
    except _NO_JSON as error:
        raise InputError(
            f"{file.path} cannot be read as a JSON list of costs: {error}.", "Expected [{…}, …]."
        ) from error
    for number, element in enumerate(elements, 1):
        yield f"{file.path.name}:{number}", *_named(_element(bytes(element)))


def _raw(content: bytes) -> list[msgspec.Raw]:
    try:
        return _elements(content)
    except _NO_JSON:
        return _elements(marked(content, len(content)))


def _element(text: bytes) -> dict[str, object] | BadRow:
    if MARK in text:
        return BadRow("malformed", "Expected text, but there is an unpaired surrogate.", text.decode(errors="replace"))
    return object_of(text, _decode)


def _named(row: dict[str, object] | BadRow) -> tuple[Cells | BadRow, CostFormat]:
    """A JSON object with the format that its names tell; ours judges those that fit none."""
    return row, (not isinstance(row, BadRow) and format_for(row)) or OWN


def _check_names(row: Cells, form: CostFormat) -> None:
    """Refuse an object that lacks a name or has an unknown one; of a table the header was checked."""
    unknown = next((name for name in row if not form.is_known(name)), None)
    if unknown is not None:
        raise RowError("unknown_field", unknown[:64], f"there is no field {unknown!r:.80}")
    missing = next((name for name in form.required if name not in row), None)
    if missing is not None:
        raise RowError("missing_field", missing, f"{missing} is missing")


def _cell(name: str, value: object) -> str:
    """A cell as CSV would have it."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise RowError("wrong_type", name, f"{name} is a text or a number")
    return format(value, "f") if isinstance(value, Decimal) else str(value)
