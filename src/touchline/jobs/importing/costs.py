"""Ad costs in: a load is a file's rows of some days, stored in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from touchline.amounts import counted
from touchline.characters import cleaned
from touchline.exports.queries import answer
from touchline.jobs.importing.named_files import named_files
from touchline.jobs.importing.overlaps import Overlap, Overlaps, gaps
from touchline.jobs.importing.rates import COST_COLUMNS, cost_row, known_rates
from touchline.jobs.importing.report import ImportReport
from touchline.jobs.naming import check_name
from touchline.jobs.pace import Pace
from touchline.jobs.platforms import declared_platforms
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.entry import Entry
from touchline.spend import (
    AdCost,
    CostFile,
    CostOptions,
    CostSource,
    Notes,
    ReadCosts,
    Reading,
    RejectedCost,
    cost_file_of,
    read_file,
    with_kept_days,
)
from touchline.spend.exports import totals_in_words
from touchline.spend.rates import Rates

COST_SOURCE = "csv"
"""Where costs come from if nobody says: one source for all files, so that the newest stands whichever way it came."""
LOAD_ROWS = 5_000
"""Rows after which a load ends with its day of an ad account: others write then."""

Numbered = list[tuple[str, AdCost | RejectedCost]]
"""Rows, each with its source."""

_REJECTED_COST_COLUMNS = tuple(name for name in RejectedCost.__dataclass_fields__ if name != "place")


class _Load(NamedTuple):
    """What one transaction stores of a file."""

    costs: list[AdCost]
    rejected: list[RejectedCost]


def import_costs(
    workspace: Workspace, files: Sequence[Path], *, organization_id: str | None, source: str = COST_SOURCE, now: int,
    options: CostOptions | None = None, overlap: Overlap = "refuse",
) -> ImportReport:  # fmt: skip
    """Read daily ad costs; each (source, platform, account, day) in a file replaces what was known of it.

    :param options: what holds for every row that does not say otherwise.
    :param overlap: what becomes of a file that may state the same money again as an earlier one.
    :raises InputError: if a file cannot be read as such a file, or states the same money again; then nothing of any
        file is kept.
    """
    owner = workspace.organization(organization_id)["organization_id"]
    named = (CostFile.at(file, options) for file in named_files(files))
    return load_costs(workspace, named, organization_id=owner, source=source, now=now, overlap=overlap)


def import_from(
    workspace: Workspace, source: CostSource, *, organization_id: str | None, now: int,
    options: CostOptions | None = None, overlap: Overlap = "refuse",
) -> ImportReport:  # fmt: skip
    """As :func:`import_costs`, of rows that Python gives; the source's name is that of its figures."""
    file = cost_file_of(source, options)
    return load_costs(workspace, [file], organization_id=organization_id, source=source.name, now=now, overlap=overlap)


@dataclass
class CostQuery:
    """Costs in a database of the user's own, as a :class:`CostSource`.

    :param address: a DuckDB or SQLite file, or the URL of a PostgreSQL database, which is only read.
    :param select: one query whose columns are ours, those of a known export, or those that a mapping names.
    """

    name: str
    address: str
    select: str

    def rows(self) -> Iterator[Mapping[str, object]]:
        """The answer; see :func:`touchline.exports.queries.answer`."""
        with answer(self.address, self.select) as rows:
            yield from rows


def load_costs(
    workspace: Workspace, files: Iterable[CostFile], *, organization_id: str | None, source: str, now: int,
    overlap: Overlap = "refuse",
) -> ImportReport:  # fmt: skip
    """As :func:`import_costs`, of files that need not lie anywhere.

    A day of an account is stored whole, or not at all. A file of many rows is stored in several loads of whole days,
    so that others can write in between; a command that is interrupted is finished by the same command.
    """
    organization = workspace.organization(organization_id)
    name, currency = organization["organization_id"], organization["currency"]
    read = checked_costs(workspace, files, organization_id=name, source=source, now=now, overlap=overlap)
    report, pace = ImportReport(), Pace(workspace.home, first=LOAD_ROWS, most=LOAD_ROWS)
    for file, (named, notes) in read:
        kept = {
            "organization_id": name, "source": source, "file_name": cleaned(file.path.name),
            "file_hash": hashlib.sha256(file.content).hexdigest(), "loaded_at": now, **_kind_of(file, notes),
        }  # fmt: skip
        numbers = []
        for load in _loads(standing_rows(workspace, named, name, source, report)):
            with pace.transaction(), workspace.ledger.transaction() as entry:
                numbers.append(_stored(entry, load, kept))
            report.accepted += len(load.costs)
            report.rejected.update(row.reason for row in load.rejected)
        report.files += 1
        report.load_numbers += numbers
        report.replaced_days += workspace.ledger.replaced_cost_days(numbers)
        note(file, ReadCosts(named, notes), report)
        _note_rates(file, named, currency, report)
    return report


def checked_costs(
    workspace: Workspace, files: Iterable[CostFile], *, organization_id: str, source: str, now: int, overlap: Overlap
) -> list[tuple[CostFile, ReadCosts]]:
    """What files say, once it is known that they state no money again; nothing is stored.

    :raises InputError: as :func:`import_costs`.
    :raises UsageError: if the source's name is none.
    """
    check_name("A source", source, 64)
    currency = workspace.organization(organization_id)["currency"]
    reading = Reading(currency, _last_day(now), declared_platforms(workspace, organization_id))
    rates = known_rates(workspace, organization_id)
    read = [(file, _with_rates(read_file(file, reading), rates, currency)) for file in files]
    overlaps = Overlaps(workspace, organization_id, source, overlap)
    for file, (rows, notes) in read:
        standing = standing_rows(workspace, rows, organization_id, source, ImportReport())
        overlaps.check(file.path.name, [row for row in standing if isinstance(row, AdCost)], notes)
    return read


def _with_rates(read: ReadCosts, rates: Rates, currency: str) -> ReadCosts:
    rows = [(source, rates.converted(row, currency) if isinstance(row, AdCost) else row) for source, row in read.rows]
    return ReadCosts(rows, read.notes)


def _kind_of(file: CostFile, notes: Notes) -> dict[str, object]:
    start, end = notes.spread or (None, None)
    zone = file.options.time_zone
    return {
        "format": notes.says, "level": notes.kind, "time_zone": zone.key if zone else None,
        "spread_start": start, "spread_end": end,
    }  # fmt: skip


def standing_rows(
    workspace: Workspace, named: Numbered, organization_id: str, source: str, report: ImportReport
) -> list[AdCost | RejectedCost]:
    """The rows, without those of known days that a refused row may be of."""
    rows = [row for _, row in named]
    if not any(isinstance(row, RejectedCost) for row in rows):
        return rows
    rows, kept_days = with_kept_days(named, workspace.ledger.known_cost_days(organization_id, source))
    report.kept_days += kept_days
    return rows


def _loads(rows: list[AdCost | RejectedCost]) -> Iterator[_Load]:
    """The rows in loads of whole days, the refused ones in the first; one load at least."""
    costs = [row for row in rows if isinstance(row, AdCost)]
    rejected = [row for row in rows if isinstance(row, RejectedCost)]
    if len(costs) > LOAD_ROWS:
        costs.sort(key=_day_of)
    part: list[AdCost] = []
    for cost in costs:
        if len(part) >= LOAD_ROWS and _day_of(cost) != _day_of(part[-1]):
            yield _Load(part, rejected)
            part, rejected = [], []
        part.append(cost)
    yield _Load(part, rejected)


def _day_of(cost: AdCost) -> tuple[date, str, str]:
    return cost.cost_date, cost.platform, cost.account_id


def _stored(entry: Entry, load: _Load, kept: dict[str, object]) -> int:
    """Store a load; returns its number."""
    load_number = entry.add(
        schema.AD_COST_LOADS, **kept, accepted=len(load.costs), rejected=len(load.rejected)
    )  # fmt: skip
    for table, columns, rows in (
        (schema.AD_COST_ROWS, COST_COLUMNS, map(cost_row, load.costs)),
        (schema.REJECTED_AD_COSTS, _REJECTED_COST_COLUMNS, map(_rejected_row, load.rejected)),
    ):
        entry.add_many(table, ("load_number", *columns), [(load_number, *row) for row in rows])
    return load_number


def note(file: CostFile, read: ReadCosts, report: ImportReport) -> None:
    """What is to be said of a file: rows that repeat others, totals, days that are missing, and what was spread."""
    report.repeated += read.notes.repeated
    name = file.path.name
    if read.notes.says:
        report.remarks.append(f"{name}: read as {read.notes.says}, by {read.notes.kind}")
    if read.notes.spread is not None:
        start, end = read.notes.spread
        days = (end - start).days + 1
        report.remarks.append(
            f"{name}: totals of {start} to {end}, spread evenly over {days} days; each row of the file makes {days}"
        )
    if words := totals_in_words(read.notes):
        report.remarks.append(f"{name}: {words}")
    missing = list(gaps({row.cost_date for _, row in read.rows if isinstance(row, AdCost)}))
    if missing:
        shown = ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        report.remarks.append(f"{name}: no costs on {shown}{more}")


def _note_rates(file: CostFile, rows: Numbered, currency: str, report: ImportReport) -> None:
    """Say which rows are in a currency that has no rate: their spend is kept as it is, and is not converted."""
    foreign = [row for _, row in rows if isinstance(row, AdCost) and row.currency != currency]
    missing = Counter(row.currency for row in foreign if row.exchange_rate is None)
    report.without_rate += missing
    for code, count in sorted(missing.items()):
        days = sorted({row.cost_date for row in foreign if row.currency == code and row.exchange_rate is None})
        shown = f"{days[0]}" if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
        report.remarks.append(
            f"{file.path.name}: missing_rate: {counted(count, 'row')} in {code} without an exchange rate to {currency} "
            f"({shown}); the spend is kept in {code}. Add rates with `touchline import rates FILE`."
        )


def _last_day(now: int) -> date:
    """Of which there can be costs at ``now``: somewhere it is tomorrow already."""
    return (datetime.fromtimestamp(now / 1_000_000, UTC) + timedelta(days=1)).date()


def _rejected_row(row: RejectedCost) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _REJECTED_COST_COLUMNS)
