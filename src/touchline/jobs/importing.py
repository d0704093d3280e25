"""Files in: events and ad costs, each command in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from touchline.characters import cleaned
from touchline.errors import InputError, UsageError
from touchline.files import estimate_bytes
from touchline.ingest import (
    Batch,
    Payload,
    RejectedEvent,
    TrackingEvent,
    accept,
    harmless,
    screened,
    standing,
    unstorable,
)
from touchline.ingest.access_logs import AccessLog
from touchline.ingest.event import Reason
from touchline.ingest.mapping import load_mapping
from touchline.ingest.readers import read, read_log
from touchline.ingest.unread import FieldNames
from touchline.jobs.daily_keys import DailyKeys
from touchline.jobs.naming import check_name
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.rows import Row
from touchline.ledger.storable import faults
from touchline.progress import Progress, ignore_progress
from touchline.spend import AdCost, CostFile, RejectedCost, numbered_costs, with_kept_days

TakeIn = Callable[[Iterable[tuple[str, Payload]]], None]
"""Takes payloads in, each with its source."""

Format = Literal["combined"]
"""A format that no file's name tells: the access logs of Apache and nginx."""

COST_SOURCE = "csv"
"""Where costs come from if nobody says: one source for all files, so that the newest stands whichever way it came."""

KEPT_OF_NOISE = 100
"""Lines of a log that are no visits, and are kept of each reason to be looked at; the others are counted."""
_NOISE = frozenset({Reason.ASSET, Reason.NO_PAGE, Reason.BOT, Reason.MONITORING})

_EVENT_COLUMNS = TrackingEvent.__struct_fields__
_REJECTED_COLUMNS = RejectedEvent.__struct_fields__
_COST_COLUMNS = tuple(AdCost.__dataclass_fields__)
_REJECTED_COST_COLUMNS = tuple(name for name in RejectedCost.__dataclass_fields__ if name != "place")


@dataclass
class ImportReport:
    """Where every row went: ``read = accepted + duplicate + Σ rejected``; ``conflicting`` duplicates differ."""

    accepted: int = 0
    superseding: int = 0
    """Of the accepted rows, verified reports that took the place of an unverified report of the same event id."""
    duplicate: int = 0
    conflicting: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    """How many events had each field, or column, that nothing reads."""
    files: int = 0
    replaced_days: int = 0
    """Days of an ad account that earlier loads had, and that these files replace."""
    kept_days: int = 0
    """Days of an ad account of which earlier loads' spend stays, as a row of theirs was refused."""
    load_numbers: list[int] = field(default_factory=list)
    """Of files of costs, by which the ledger knows them."""

    @property
    def read(self) -> int:
        """How many rows there were."""
        return self.accepted + self.duplicate + self.rejected.total()


def import_events(
    workspace: Workspace, files: Sequence[Path], *, site_id: str | None, mapping: Path | None, now: int,
    progress: Progress = ignore_progress, form: Format | None = None,
) -> ImportReport:  # fmt: skip
    """Read events of one site from files of the wire format, of any shape with a mapping, or from access logs.

    :raises UsageError: if both a mapping and a format are given.
    :raises InputError: if a file is not what it claims to be; then nothing of any file is kept.
    """
    site = workspace.site(site_id)
    if mapping and form:
        raise UsageError("An access log needs no mapping.", "Give either --mapping or --format.")
    shape = load_mapping(mapping) if mapping else None
    log = AccessLog(f"https://{site['domain']}", _visitors(workspace)) if form else None
    total = sum(estimate_bytes(file) for file in _named(files))
    report, done = ImportReport(files=len(files)), 0
    with intake(workspace, report, site_id=site_id, now=now, is_log=log is not None) as take_in:
        for file in files:

            def advance(used: int, file: Path = file) -> None:
                nonlocal done
                done += used
                progress(file.name, done, total)

            take_in(read_log(file, log, advance) if log else read(file, shape, advance, report.unread))
    return report


@contextmanager
def intake(
    workspace: Workspace, report: ImportReport, *, site_id: str | None, now: int, is_log: bool = False
) -> Iterator[TakeIn]:
    """One transaction of a site's events; what it gives takes payloads in and counts what became of them."""
    site = workspace.site(site_id)
    organization_id = site["organization_id"]
    currency = workspace.organization(organization_id)["currency"]
    keeps_all = not workspace.settings(organization_id).retention_days
    unkept, names = Counter[str](), FieldNames()
    with workspace.ledger.transaction() as entry:
        erased = standing(entry.erasing(organization_id, is_alone=False).known(), keeps_all=keeps_all)

        def take_in(payloads: Iterable[tuple[str, Payload]]) -> None:
            for came in accept(payloads, site_id=site["site_id"], received_at=now, default_currency=currency):
                batch = _storable(screened(came, organization_id, erased))
                rows = [msgspec.structs.astuple(event) for event in batch.accepted]
                appended, refused = entry.add_storable_events(_EVENT_COLUMNS, rows)
                batch.rejected.extend(unstorable(_event_of(row)) for row in refused)
                rejected = [msgspec.structs.astuple(r) for r in _kept(batch.rejected, report, unkept, is_log=is_log)]
                entry.add_many(schema.REJECTED_EVENTS, _REJECTED_COLUMNS, rejected)
                report.accepted += appended.accepted
                report.duplicate += appended.duplicate
                report.conflicting += appended.conflicting
                report.superseding += appended.superseding
                report.rejected.update(r.reason for r in batch.rejected)
                report.unread.update(names.settled(batch.unread))

        yield take_in
        # At this very microsecond: the server counts by whole minutes and days, and neither replaces the other's count.
        for name, count in report.unread.items():
            entry.put(schema.UNREAD_FIELDS, site_id=site["site_id"], field=name, counted_at=now, count=count)
        for reason, uncounted in unkept.items():
            row = {"site_id": site["site_id"], "reason": reason, "minute_at": now, "count": uncounted}
            entry.put(schema.UNKEPT_REJECTIONS, **row)


def _storable(batch: Batch) -> Batch:
    """The batch without events that a database refuses, so that one of them does not end the import."""
    kept = Batch([], [harmless(row) for row in batch.rejected], batch.unread)
    for event in batch.accepted:
        fault = next(faults(_EVENT_COLUMNS, msgspec.structs.astuple(event)), None)
        if fault is None:
            kept.accepted.append(event)
        else:
            kept.rejected.append(unstorable(event, *fault))
    return kept


def _event_of(row: Row) -> TrackingEvent:
    return TrackingEvent(**dict(zip(_EVENT_COLUMNS, row, strict=True)))


def _visitors(workspace: Workspace) -> Callable[[str], str]:
    keys = DailyKeys(workspace.home.path)
    return lambda text: keys.digest("log", text)


def _kept(
    rejected: list[RejectedEvent], report: ImportReport, unkept: Counter[str], *, is_log: bool
) -> list[RejectedEvent]:
    """The refused events that are kept: of a log, in which most lines are no visits, the first ones of each reason."""
    if not is_log:
        return rejected
    kept, seen = [], Counter(report.rejected)
    for event in rejected:
        seen[event.reason] += 1
        if event.reason in _NOISE and seen[event.reason] > KEPT_OF_NOISE:
            unkept[event.reason] += 1
        else:
            kept.append(event)
    return kept


def import_costs(
    workspace: Workspace, files: Sequence[Path], *, organization_id: str | None, source: str = COST_SOURCE, now: int
) -> ImportReport:
    """Read daily ad costs; each (source, platform, account, day) in a file replaces what was known of it.

    :raises InputError: if a file cannot be read as such a file; then nothing of any file is kept.
    """
    owner = workspace.organization(organization_id)["organization_id"]
    named = (CostFile.at(file) for file in _named(files))
    return load_costs(workspace, named, organization_id=owner, source=source, now=now)


def load_costs(
    workspace: Workspace, files: Iterable[CostFile], *, organization_id: str | None, source: str, now: int
) -> ImportReport:
    """As :func:`import_costs`, of files that need not lie anywhere."""
    check_name("A source", source, 64)
    organization = workspace.organization(organization_id)
    report = ImportReport()
    with workspace.ledger.transaction() as entry:
        for file in files:
            named = list(numbered_costs(file, default_currency=organization["currency"], last_day=_last_day(now)))
            rows = [row for _, row in named]
            if any(isinstance(row, RejectedCost) for row in rows):
                known = entry.known_cost_days(organization["organization_id"], source)
                rows, kept_days = with_kept_days(named, known)
                report.kept_days += kept_days
            rejected = [row for row in rows if isinstance(row, RejectedCost)]
            costs = [row for row in rows if isinstance(row, AdCost)]
            load_number = entry.add(
                schema.AD_COST_LOADS,
                organization_id=organization["organization_id"], source=source, file_name=cleaned(file.path.name),
                file_hash=hashlib.sha256(file.content).hexdigest(), loaded_at=now,
                accepted=len(costs), rejected=len(rejected),
            )  # fmt: skip
            for table, columns, kept in (
                (schema.AD_COST_ROWS, _COST_COLUMNS, [_stored(cost) for cost in costs]),
                (schema.REJECTED_AD_COSTS, _REJECTED_COST_COLUMNS, [_refused(one) for one in rejected]),
            ):
                entry.add_many(table, ("load_number", *columns), [(load_number, *row) for row in kept])
            report.files += 1
            report.load_numbers.append(load_number)
            report.accepted += len(costs)
            report.rejected.update(r.reason for r in rejected)
            report.replaced_days += entry.replaced_cost_days(load_number)
    return report


def _last_day(now: int) -> date:
    """Of which there can be costs at ``now``: somewhere it is tomorrow already."""
    return (datetime.fromtimestamp(now / 1_000_000, UTC) + timedelta(days=1)).date()


def _refused(row: RejectedCost) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _REJECTED_COST_COLUMNS)


def _stored(cost: AdCost) -> tuple[object, ...]:
    """The row as the driver takes it: dates as ISO text."""
    return tuple(getattr(cost, name) if name != "cost_date" else cost.cost_date.isoformat() for name in _COST_COLUMNS)


def _named(files: Sequence[Path]) -> Sequence[Path]:
    if not files:
        raise UsageError("No file is named.", "Name at least one.")
    missing = next((file for file in files if not file.is_file()), None)
    if missing:
        raise InputError(f"There is no file {missing}.")
    return files
