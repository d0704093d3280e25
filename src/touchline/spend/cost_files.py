"""Reading a file of daily ad costs, row by row, good rows and bad: tables, lines of JSON, or a JSON list."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from touchline.amounts import counted
from touchline.characters import MARK, marked
from touchline.errors import InputError
from touchline.files import (
    BadRow,
    Cells,
    Format,
    format_of,
    head_of,
    numbered_lines,
    open_table,
    table_below,
    text_of,
    unpacked,
)
from touchline.files.formats import suffix_of
from touchline.files.heads import MOST_BYTES, MOST_COLUMNS, check_width
from touchline.files.lines import object_of
from touchline.numerals import date_of
from touchline.spend.cost_formats import (
    OWN,
    Header,
    declared_platforms,
    headers_for,
    is_bookkeeping,
    may_be_cost,
    own_header,
)
from touchline.spend.costs import REQUIRED, AdCost, Place, Reading, RejectedCost, RowError, cost_of, place_of, refused
from touchline.spend.exports import Line, Notes, read_export
from touchline.spend.options import CostOptions
from touchline.spend.spread import spread_evenly
from touchline.spend.totals import adding_up, is_total
from touchline.spend.unknown_tables import check_header
from touchline.spend.written_dates import day_in, time_in

_decode = msgspec.json.Decoder(float_hook=str).decode
"""A number with a point stays the text that it is: money is read to the last digit."""
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{},]', re.DOTALL)
"""Of JSON: texts, one without an end to the last byte, and what parts and holds elements."""
_NO_JSON = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_NOWHERE: Place = (None, None, None)
_MOST_ROWS = 2_000_000
"""Of a file, which is judged as a whole."""

Found = list[tuple[str, Cells | BadRow]]
"""The rows of a file as they came, each with its source."""
Numbered = list[tuple[str, AdCost | RejectedCost]]
"""Rows of costs, each with its source."""


class TooLongError(InputError):
    """There are more rows than are taken at a time."""


class ReadCosts(NamedTuple):
    """What a file says, and what is to be said of it."""

    rows: Numbered
    notes: Notes


@dataclass(frozen=True)
class CostFile:
    """A file of costs: a table of any format that :mod:`touchline.files` reads, or a list in ``.json``.

    What the name says nothing of is CSV. The columns tell which :mod:`~touchline.spend.cost_formats` it is.
    """

    path: Path
    content: bytes
    most_rows: int | None = None
    """How many rows are taken at a time; ``None``: as many as there are."""
    options: CostOptions = field(default_factory=CostOptions)

    @classmethod
    def at(cls, path: Path, options: CostOptions | None = None) -> "CostFile":
        """The file that lies at ``path``.

        :raises InputError: if it cannot be read, or is too large.
        """
        try:
            if path.stat().st_size > MOST_BYTES:
                raise InputError(
                    f"{path} has more than {MOST_BYTES >> 20} MB.", "Export fewer days or columns at a time."
                )
            return cls(path, path.read_bytes(), options=options or CostOptions())
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.", "Fix its permissions.") from error


def read_costs(
    file: CostFile, *, default_currency: str, last_day: date = date.max, platforms: Collection[str] = ()
) -> Iterator[AdCost | RejectedCost]:
    r"""The rows of a file of daily ad costs, in its order.

    The header, or the names in each JSON object, say what is what: ``date, platform, cost`` must be there;
    ``account_id, campaign_id, campaign_name, adset_id, adset_name, ad_id, ad_name, impressions, clicks, currency`` and
    others may; or they are those of a format of ``spend/formats``. ``cost`` is a decimal number of currency units; a
    credit note is negative.

    :param last_day: of which there can be costs already; a later day is refused, as one before 2000 is.
    :param platforms: codes of platforms that are known besides the common ones.
    :raises InputError: if the file cannot be read, or the header of a table lacks a column or has an unknown one.

    >>> file = CostFile(Path("c.csv"), b"date,platform,cost\n2026-01-31,google ads,0.29\n")
    >>> [cost.spend_micros for cost in read_costs(file, default_currency="EUR")]
    [290000]
    """
    rows, _ = read_file(file, Reading(default_currency, last_day, platforms))
    return (row for _, row in rows)


def read_file(file: CostFile, reading: Reading) -> ReadCosts:
    """As :func:`read_costs`, each row with its source, ``<file name>:<line, or place in the list>``.

    :raises InputError: if the file cannot be read as one of costs.
    """
    known = Reading(reading.currency, reading.last_day, frozenset({*reading.platforms, *declared_platforms()}))
    if suffix_of(file.path) == ".json":
        return _of_objects(file, list(_listed(_list(file), file)), known)
    form = _form(file.path)
    if form == "jsonl":
        return _of_objects(file, list(_listed(_lines(file), file)), known)
    header, found, above = _parquet(file) if form == "parquet" else _table(file)
    return _of_rows(file, header, found, above, known)


def _listed(rows: Iterable[tuple[str, Cells | BadRow]], file: CostFile) -> Iterator[tuple[str, Cells | BadRow]]:
    for count, row in enumerate(rows, 1):
        if file.most_rows is not None and count > file.most_rows:
            raise _too_long(file.most_rows)
        if count > _MOST_ROWS:
            raise InputError(f"{file.path.name} has more than {_MOST_ROWS:,} rows.", "Export fewer days at a time.")
        yield row


def _of_rows(file: CostFile, header: Header, found: Found, above: Sequence[str], reading: Reading) -> ReadCosts:
    if header.form is OWN and file.options.decimal is None and file.options.order is None:
        return _own(file, found, reading)
    if header.form is OWN:
        header = replace(header, form=replace(OWN, is_written=True))
    lines = [_line(source, row, header) for source, row in found]
    return ReadCosts(*read_export(file.path.name, header, lines, above, reading, file.options))


def _line(source: str, row: Cells | BadRow, header: Header) -> Line:
    if isinstance(row, BadRow):
        return Line(source, row, "", hash(row.text))
    try:
        cells = {name: _cell(name, value) for name, value in header.cells(row).items()}
    except RowError as fault:
        return Line(source, BadRow("malformed", str(fault), repr(dict(row)), fault.field, {}), "", hash(str(fault)))
    return Line(source, cells, str(row.get(header.names[0], "") or ""), hash(tuple(map(str, row.values()))))


def _own(file: CostFile, found: Found, reading: Reading) -> ReadCosts:
    """The rows of a table, or objects, under our own names."""
    notes, rows, first_of = Notes(spread=file.options.spread), Numbered(), dict[AdCost, str]()
    said = [(source, _own_cost(source, row, reading, file.options)) for source, row in found if not _is_total(row)]
    costs = [cost for _, cost in said if isinstance(cost, AdCost)]
    sums = _sums_of(costs)
    notes.left_out = len(found) - len(said) + len(sums)
    for source, cost in said:
        if id(cost) in sums:
            continue
        if isinstance(cost, AdCost) and (before := first_of.setdefault(cost, source)) != source:
            notes.repeated.append((source, before))
        spread = file.options.spread if isinstance(cost, AdCost) else None
        rows += ((source, one) for one in (spread_evenly(cost, spread) if isinstance(cost, AdCost) else (cost,)))
    return ReadCosts(rows, notes)


def _is_total(row: Cells | BadRow) -> bool:
    """Whether a row says in the place of its day that it is a total."""
    return is_total(str((row.cells if isinstance(row, BadRow) else row).get("date", "")))


def _sums_of(costs: Sequence[AdCost]) -> set[int]:
    """Those that are called a total and are the sum of the others, by their identities."""
    called = {
        place for place, cost in enumerate(costs)
        if any(map(is_total, (cost.campaign_id, cost.campaign_name, cost.adset_name, cost.ad_name, cost.account_id)))
    }  # fmt: skip
    amounts = [(cost.cost_date, Decimal(cost.spend_micros).scaleb(-6)) for cost in costs]
    return {id(costs[place]) for place in adding_up(amounts, called)} if called else set()


def _own_cost(source: str, row: Cells | BadRow, reading: Reading, options: CostOptions) -> AdCost | RejectedCost:
    if isinstance(row, BadRow):
        said = {name: row.cells[name] for name in OWN.columns if name in row.cells}
        place = place_of(said, reading.platforms, is_whole=row.field is not None) if said else _NOWHERE
        return refused(source, RowError(row.kind, row.field or "", row.message), dict(row.cells) or row.text, place)
    given = _given(options)
    try:
        _check_names(row, given)
        cells = {name: _cell(name, value) for name, value in row.items() if name in OWN.columns}
        cells["date"] = _day_of(cells.get("date", ""), options.time_zone)
        if options.day or options.spread:
            _check_no_day(cells)
        cells = {**cells, **{name: value for name, value in given.items() if not cells.get(name, "").strip()}}
    except RowError as fault:
        return refused(source, fault, row, place_of(row, reading.platforms))
    return cost_of(source, cells, reading)


def _day_of(text: str, zone: ZoneInfo | None) -> str:
    """A day as it is written, or that of a moment: the one that begins then, or the one that it is in the zone."""
    at = time_in(text)
    if at is None or date_of(text.strip()[:10]) is None or (zone is None and at != time()):
        return text
    day = day_in(text, read=zone)
    return text if day is None else f"{day}"


def _given(options: CostOptions) -> dict[str, str]:
    """What the options say of every row, by our names."""
    day = options.day or (options.spread or (None,))[0]
    said = {"date": f"{day}" if day else "", "platform": options.platform, "account_id": options.account,
            "currency": options.currency}  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _check_no_day(cells: dict[str, str]) -> None:
    if cells.get("date", "").strip():
        raise RowError("malformed", "date", f"date is {cells['date']!r:.40}, but --date or --spread says another")


def _form(path: Path) -> Format:
    try:
        return format_of(path)
    except InputError:
        if suffix_of(path) == ".parquet":
            raise
        return "csv"


def _header(file: CostFile, names: Sequence[str]) -> Header | None:
    """The columns of a file, if one format has them."""
    if (mapping := file.options.mapping) is not None:
        return mapping.header(names)
    fitting = headers_for(names, file.options.platform)
    return fitting[0] if len(fitting) == 1 else None


def _table(file: CostFile) -> tuple[Header, Found, Sequence[str]]:
    text = unpacked(file.content, file.path)
    delimiter = "\t" if suffix_of(file.path) == ".tsv" else None
    head = head_of(text, lambda names: len(names) <= MOST_COLUMNS and _header(file, names) is not None, delimiter)
    header = own_header(())

    def may_break(column: str) -> bool:
        return header.is_free_text(column)

    names, rows = table_below(text, head, file.path.name, may_break)
    header = check_header(file.path, names, _header(file, names), file.options)
    return header, list(_listed(rows, file)), head.above


def _parquet(file: CostFile) -> tuple[Header, Found, Sequence[str]]:
    with open_table(file.path, "parquet", content=file.content, wanted=()) as (names, _):
        check_width(file.path.name, names)
        header = check_header(file.path, names, _header(file, names), file.options)
    read = [name for theirs in header.columns.values() for name in theirs]
    with open_table(file.path, "parquet", content=file.content, wanted=read) as (_, rows):
        return header, list(_listed(rows, file)), ()


def _lines(file: CostFile) -> Iterator[tuple[str, Cells | BadRow]]:
    with text_of(BytesIO(file.content), file.path) as stream:
        for source, line in numbered_lines(stream, file.path.name):
            yield source, object_of(line, _decode)


def _list(file: CostFile) -> Iterator[tuple[str, Cells | BadRow]]:
    try:
        with text_of(BytesIO(file.content), file.path) as stream:
            content = stream.read(MOST_BYTES + 1)
            _check_length(content, file)
            elements = _raw(content)
    except _NO_JSON as error:
        raise InputError(
            f"{file.path} cannot be read as a JSON list of costs: {error}.", "Expected [{…}, …]."
        ) from error
    for number, element in enumerate(elements, 1):
        yield f"{file.path.name}:{number}", _element(bytes(element))


def _check_length(content: bytes, file: CostFile) -> None:
    """Refuse a list that is too long before an object is made of each of its elements."""
    if len(content) > MOST_BYTES:
        raise InputError(
            f"{file.path.name} has more than {MOST_BYTES >> 20} MB of text.", "Export fewer days at a time."
        )
    if file.most_rows is None or content.count(b",") < file.most_rows:
        return
    depth = count = 0
    for token in _TOKENS.finditer(content):
        mark = token[0]
        depth += (mark in b"[{") - (mark in b"]}")
        count += depth == 1 and mark == b","
        if count >= file.most_rows:
            raise _too_long(file.most_rows)


def _too_long(most_rows: int) -> TooLongError:
    most = counted(most_rows, "row is", "rows are")
    return TooLongError(f"At most {most} accepted per request.", "Send fewer at a time.")


def _raw(content: bytes) -> list[msgspec.Raw]:
    try:
        return _elements(content)
    except _NO_JSON:
        return _elements(marked(content, len(content)))


def _element(text: bytes) -> dict[str, object] | BadRow:
    if MARK in text:
        return BadRow("malformed", "Expected text, but there is an unpaired surrogate.", text.decode(errors="replace"))
    return object_of(text, _decode)


def _of_objects(file: CostFile, found: Found, reading: Reading) -> ReadCosts:
    """JSON objects: the names of all of them together tell the format, or those that most of them have."""
    shapes = Counter(tuple(row) for _, row in found if not isinstance(row, BadRow))
    if not shapes:
        return _own(file, found, reading)
    names = tuple(dict.fromkeys(name for shape in shapes for name in shape))
    ((usual, _),) = shapes.most_common(1)
    header = (_header(file, names) if len(names) <= MOST_COLUMNS else None) or (
        _header(file, usual) if len(usual) <= MOST_COLUMNS else None
    )
    if header is None or header.form is OWN:
        return _own(file, found, reading)
    known = {*header.names}
    rows = [(source, row if isinstance(row, BadRow) else _known(row, known)) for source, row in found]
    return _of_rows(file, header, rows, (), reading)


def _known(row: Cells, known: Collection[str]) -> Cells | BadRow:
    """An object of an export; one with a name that the others do not have may be of something else."""
    unknown = next((name for name in row if name not in known), None)
    if unknown is None or not may_be_cost(unknown):
        return row
    return BadRow("malformed", f"there is no field {unknown!r:.80}", repr(row), unknown[:64])


def _check_names(row: Cells, given: Collection[str]) -> None:
    """Refuse a row that lacks one of our names or has an unknown one."""
    unknown = next((name for name in row if name not in OWN.columns and not is_bookkeeping(name)), None)
    if unknown is not None:
        raise RowError("unknown_field", unknown[:64], f"there is no field {unknown!r:.80}")
    missing = next((name for name in REQUIRED if name not in row and name not in given), None)
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
