"""Files of visits, classified without a home: what ``touchline classify`` does."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc

from touchline.channels.classify import rules_called
from touchline.channels.columns import COLUMNS, classify_columns
from touchline.errors import InputError, UsageError
from touchline.files import BadRow, format_of, open_table
from touchline.reports.csv_text import csv_of_query

_ROWS_AT_ONCE = 50_000
"""Rows that are held at a time."""
_SHOWN_UNREAD = 10


@dataclass(frozen=True)
class ChannelCount:
    """How many visits are in a channel."""

    channel: str
    rows: int
    paid: int
    """Of these, those that somebody paid for."""
    maybe_paid: int
    """Of these, those whose evidence comes on paid and unpaid clicks alike."""
    contradicting: int
    """Of these, those whose evidence disagrees with itself."""


@dataclass(frozen=True)
class UnreadRow:
    """A row that could not be read."""

    place: str
    message: str


@dataclass(frozen=True)
class ClassifiedFiles:
    """What the visits of some files are."""

    rows: int
    ruleset_version: str
    channels: tuple[ChannelCount, ...]
    """The most frequent first."""
    unread: int
    """Rows that could not be read."""
    first_unread: tuple[UnreadRow, ...]
    """The first ten of them."""


def classify_files(
    files: Sequence[Path],
    *,
    columns: Mapping[str, str],
    own_hosts: Sequence[str] = (),
    ruleset: str = "touchline",
    rules_file: Path | None = None,
    output: Path | None = None,
) -> ClassifiedFiles:
    """Classify every row of these files; memory does not grow with them.

    :param files: JSON lines, CSV or Parquet.
    :param columns: names of the files' columns by what they are (:data:`.columns.COLUMNS`), where they differ.
    :param own_hosts: your own hosts.
    :param ruleset: ``touchline``, ``ga4`` or ``seed``.
    :param rules_file: a TOML file of rules that are asked first.
    :param output: a CSV file to write: the place of each row, what was read of it, and the answer.
    :raises InputError: if a file cannot be read, has none of the columns, or lacks one that ``columns`` names.
    :raises UsageError: if there is no such ruleset or kind of column.
    """
    unknown = sorted(set(columns) - set(COLUMNS))
    if unknown:
        raise UsageError(f"There is no column {unknown[0]!r} to name. Expected one of: {', '.join(COLUMNS)}.")
    own_rules = rules_file.read_text(encoding="utf-8") if rules_file else ""
    version = rules_called(ruleset, own_rules).version
    tally = _Tally()
    with ExitStack() as stack:
        writer = _Writer(stack.enter_context(output.open("w", encoding="utf-8", newline=""))) if output else None
        for path in files:
            for places, read in _chunks(path, columns, tally):
                answers = classify_columns(read, own_hosts=own_hosts, ruleset=ruleset, own_rules=own_rules)
                tally.add(answers)
                if writer:
                    writer.write(places, read, answers)
    return tally.result(version)


@dataclass
class _Tally:
    """What has been counted so far."""

    rows: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    maybe_paid: Counter[str] = field(default_factory=Counter)
    contradicting: Counter[str] = field(default_factory=Counter)
    unread: int = 0
    first_unread: list[UnreadRow] = field(default_factory=list)

    def add(self, answers: pa.Table) -> None:
        channels = answers["channel"]
        is_known_paid = pc.fill_null(answers["is_paid"], fill_value=False)
        has_contradiction = pc.greater(pc.list_value_length(answers["contradictions"]), 0)
        for counter, chosen in (
            (self.rows, None), (self.paid, is_known_paid), (self.maybe_paid, pc.is_null(answers["is_paid"])),
            (self.contradicting, has_contradiction),
        ):  # fmt: skip
            counted = pc.value_counts(channels if chosen is None else channels.filter(chosen))
            counter.update({one["values"]: one["counts"] for one in counted.to_pylist()})

    def note(self, place: str, row: BadRow) -> None:
        self.unread += 1
        if len(self.first_unread) < _SHOWN_UNREAD:
            self.first_unread.append(UnreadRow(place, row.message))

    def result(self, version: str) -> ClassifiedFiles:
        channels = tuple(
            ChannelCount(channel, rows, self.paid[channel], self.maybe_paid[channel], self.contradicting[channel])
            for channel, rows in sorted(self.rows.items(), key=lambda item: (-item[1], item[0]))
        )
        return ClassifiedFiles(self.rows.total(), version, channels, self.unread, tuple(self.first_unread))


@dataclass
class _Writer:
    """Writes the answers as one CSV file, a chunk at a time."""

    stream: TextIO
    has_header: bool = False

    def write(self, places: list[str], read: Mapping[str, list[object]], answers: pa.Table) -> None:
        names = ["row", *read, *(f"{name}_answer" if name in read else name for name in answers.column_names)]
        columns = [places, *read.values(), *(_texts(answers[name]) for name in answers.column_names)]
        text = csv_of_query(names, zip(*columns, strict=True))
        self.stream.write(text.partition("\r\n")[2] if self.has_header else text)
        self.has_header = True


def _texts(column: pa.ChunkedArray) -> list[object]:
    """A column for CSV: several marks are one cell."""
    values = column.to_pylist()
    return [" ".join(one) for one in values] if pa.types.is_list(column.type) else values


def _chunks(
    path: Path, columns: Mapping[str, str], tally: _Tally
) -> Iterator[tuple[list[str], dict[str, list[object]]]]:
    """The places and the columns of some rows at a time."""
    with open_table(path, format_of(path)) as (names, rows):
        _require_named(path, columns, names)
        called = {name: columns.get(name, name) for name in COLUMNS}
        found = {name: column for name, column in called.items() if column in names}
        if not found:
            said = ", ".join(names[:20])
            raise InputError(
                f"{path.name}: expected a column for {', '.join(COLUMNS)}, but there are: {said}.",
                "Name the column: --column url=page_url.",
            )
        while chunk := list(islice(rows, _ROWS_AT_ONCE)):
            good = [(place, row) for place, row in chunk if not isinstance(row, BadRow)]
            for place, row in chunk:
                if isinstance(row, BadRow):
                    tally.note(place, row)
            if good:
                read = {name: [row.get(column) for _, row in good] for name, column in found.items()}
                yield [place for place, _ in good], read


def _require_named(path: Path, columns: Mapping[str, str], names: Sequence[str]) -> None:
    """Refuse a column that the file does not have: its visits would look like ones without it."""
    missing = [f"{column} (for {name})" for name, column in columns.items() if column not in names]
    if missing:
        raise InputError(
            f"{path.name}: there is no column {', '.join(missing)}; there are: {', '.join(names[:20])}.",
            "Name one of these, such as --column url=page_url.",
        )
