"""What an import of costs would store: read and checked as the import does it, and nothing is written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from touchline.jobs.importing.costs import checked_costs, note, standing_rows
from touchline.jobs.importing.overlaps import Overlap
from touchline.jobs.importing.report import ImportReport
from touchline.jobs.workspace import Workspace
from touchline.spend import AdCost, CostFile, RejectedCost

SHOWN_ROWS = 10
"""Rows that would be stored, as a preview shows them."""
SHOWN_REFUSED = 50
"""Refused rows, as a preview shows them."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that would not be stored."""

    source: str
    """The file's name and the row."""
    reason: str
    field: str
    message: str


@dataclass(frozen=True)
class CostPreview:
    """What would become of a file."""

    accepted: int
    refused: int
    by_reason: dict[str, int]
    first_day: date | None
    last_day: date | None
    spend: dict[tuple[str, str], int]
    """Micros, by platform and currency."""
    replaced_days: int
    """Days of an ad account that are known, and that the file replaces."""
    kept_days: int
    """Days that are known and stay as they are, because a row of each is refused."""
    repeated: int
    """Rows that say what an earlier one says; both count."""
    remarks: tuple[str, ...]
    rows: tuple[AdCost, ...]
    refused_rows: tuple[RefusedRow, ...]


def preview_costs(
    workspace: Workspace, file: CostFile, *, organization_id: str, source: str, now: int, overlap: Overlap = "refuse"
) -> CostPreview:
    """What :func:`touchline.jobs.importing.load_costs` would store of a file.

    :raises InputError: if the file cannot be read as one of costs, or states money again.
    """
    ((_, read),) = checked_costs(
        workspace, [file], organization_id=organization_id, source=source, now=now, overlap=overlap
    )
    report = ImportReport()
    note(file, read, report)
    standing = standing_rows(workspace, read.rows, organization_id, source, report)
    costs = [row for row in standing if isinstance(row, AdCost)]
    rejected = [row for row in standing if isinstance(row, RejectedCost)]
    known = workspace.ledger.known_cost_days(organization_id, source)
    return CostPreview(
        accepted=len(costs),
        refused=len(rejected),
        by_reason=dict(sorted(Counter(row.reason for row in rejected).items())),
        first_day=min((row.cost_date for row in costs), default=None),
        last_day=max((row.cost_date for row in costs), default=None),
        spend=_spend(costs),
        replaced_days=len(known & {(row.platform, row.account_id, row.cost_date) for row in costs}),
        kept_days=report.kept_days,
        repeated=len(report.repeated),
        remarks=tuple(report.remarks),
        rows=tuple(costs[:SHOWN_ROWS]),
        refused_rows=tuple(
            RefusedRow(row.source, row.reason, row.field, row.message) for row in rejected[:SHOWN_REFUSED]
        ),
    )


def _spend(costs: Sequence[AdCost]) -> dict[tuple[str, str], int]:
    found = Counter[tuple[str, str]]()
    for row in costs:
        found[row.platform, row.currency] += row.spend_micros
    return dict(sorted(found.items()))
