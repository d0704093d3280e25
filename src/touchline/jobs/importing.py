"""Files in: events and ad costs, each command in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from touchline.errors import InputError, UsageError
from touchline.ingest import RejectedEvent, TrackingEvent, accept, screened, standing
from touchline.ingest.mapping import load_mapping
from touchline.ingest.readers import estimate_bytes, read
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.spend import AdCost, RejectedCost, read_costs

Progress = Callable[[str, int, int], None]
"""Told the file's name, and how many of how many bytes are read."""

_EVENT_COLUMNS = TrackingEvent.__struct_fields__
_REJECTED_COLUMNS = RejectedEvent.__struct_fields__
_COST_COLUMNS = tuple(AdCost.__dataclass_fields__)
_REJECTED_COST_COLUMNS = tuple(RejectedCost.__dataclass_fields__)


@dataclass
class ImportReport:
    """Where every row went: ``read = accepted + duplicate + Σ rejected``; ``conflicting`` duplicates differ."""

    accepted: int = 0
    duplicate: int = 0
    conflicting: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    files: int = 0
    replaced_days: int = 0
    """Days of an ad account that earlier loads knew, and that these files say anew."""

    @property
    def read(self) -> int:
        """How many rows there were."""
        return self.accepted + self.duplicate + self.rejected.total()


def import_events(
    workspace: Workspace, files: Sequence[Path], *, site_id: str | None, mapping: Path | None, now: int,
    progress: Progress | None = None,
) -> ImportReport:  # fmt: skip
    """Read events of one site from files of the wire format, or of any shape with a mapping.

    :raises InputError: if a file is not what it claims to be; then nothing of any file is kept.
    """
    site = workspace.site(site_id)
    currency = workspace.organization(site["organization_id"])["currency"]
    shape = load_mapping(mapping) if mapping else None
    told, total = progress or (lambda _name, _done, _all: None), sum(estimate_bytes(file) for file in _named(files))
    report, done = ImportReport(files=len(files)), 0
    keeps_all = not workspace.settings(site["organization_id"]).retention_days
    with workspace.ledger.transaction() as entry:
        known = entry.erasing(site["organization_id"], is_alone=False).known()
        erased = standing(known, keeps_all=keeps_all)
        for file in files:

            def advance(used: int, file: Path = file) -> None:
                nonlocal done
                done += used
                told(file.name, done, total)

            payloads = read(file, shape, advance)
            for came in accept(payloads, site_id=site["site_id"], received_at=now, default_currency=currency):
                batch = screened(came, site["organization_id"], erased)
                appended = entry.add_events(_EVENT_COLUMNS, [msgspec.structs.astuple(e) for e in batch.accepted])
                rejected = [msgspec.structs.astuple(r) for r in batch.rejected]
                entry.add_many(schema.REJECTED_EVENTS, _REJECTED_COLUMNS, rejected)
                report.accepted += appended.accepted
                report.duplicate += appended.duplicate
                report.conflicting += appended.conflicting
                report.rejected.update(r.reason for r in batch.rejected)
    return report


def import_costs(
    workspace: Workspace, files: Sequence[Path], *, organization_id: str | None, source: str = "csv", now: int
) -> ImportReport:
    """Read daily ad costs; each (source, platform, account, day) in a file replaces what was known of it.

    :raises InputError: if a file cannot be read as such a CSV file; then nothing of any file is kept.
    """
    organization = workspace.organization(organization_id)
    report = ImportReport(files=len(files))
    with workspace.ledger.transaction() as entry:
        for file in _named(files):
            rows = list(read_costs(file, default_currency=organization["currency"]))
            costs = [row for row in rows if isinstance(row, AdCost)]
            rejected = [row for row in rows if isinstance(row, RejectedCost)]
            load_number = entry.add(
                schema.AD_COST_LOADS,
                organization_id=organization["organization_id"], source=source, file_name=file.name,
                file_hash=hashlib.sha256(file.read_bytes()).hexdigest(), loaded_at=now,
                accepted=len(costs), rejected=len(rejected),
            )  # fmt: skip
            for table, columns, kept in (
                (schema.AD_COST_ROWS, _COST_COLUMNS, [_stored(cost) for cost in costs]),
                (schema.REJECTED_AD_COSTS, _REJECTED_COST_COLUMNS, [tuple(vars(r).values()) for r in rejected]),
            ):
                entry.add_many(table, ("load_number", *columns), [(load_number, *row) for row in kept])
            report.accepted += len(costs)
            report.rejected.update(r.reason for r in rejected)
            report.replaced_days += entry.replaced_cost_days(load_number)
    return report


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
