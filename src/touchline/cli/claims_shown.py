"""What became of the rows of a file of identity claims."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from touchline.amounts import counted
from touchline.cli.reconciliation import Refused, examples
from touchline.cli.terminal import number, stacked, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.claiming import ClaimsReport
    from touchline.jobs.workspace import Workspace


def document_of(report: "ClaimsReport", refused: Sequence[Refused]) -> dict[str, Any]:
    """The report as ``--json`` prints it."""
    return {**vars(report), "rejected": dict(sorted(report.rejected.items())), "rejected_examples": refused}


def refused_claims(
    workspace: "Workspace", report: "ClaimsReport", received_at: int, most: int, organization_id: str | None
) -> Sequence[Refused]:
    """Some of the rows that the command of this time refused, for each reason at most ``most``."""
    from touchline.ledger import schema

    of_command = {
        "received_at": received_at, "organization_id": workspace.organization(organization_id)["organization_id"],
    }  # fmt: skip
    return examples(workspace, schema.REJECTED_CLAIMS, report.rejected, most, **of_command)


def reconciled(report: "ClaimsReport", refused: Sequence[Refused], wanted: str) -> "RenderableType":
    """What became of the rows; ``wanted`` is told even where it is nothing."""
    files = counted(report.files, "file")
    outcomes = (("claims accepted", report.accepted), ("claims known before", report.duplicate),
               ("claims withdrawn", report.withdrawn))  # fmt: skip
    rows = [
        *((name, number(count), "") for name, count in outcomes if count or name == wanted),
        *(("rows rejected", number(count), reason) for reason, count in sorted(report.rejected.items())),
    ]
    counts = table(f"Claims: {counted(report.read, 'row')} read from {files}", ("", ">number", ""), rows)
    if not refused:
        return counts
    shown = [(one.reason, one.source, one.message) for one in refused]
    return stacked(counts, table("Rejected, for example", ("reason", "where", "what is wrong"), shown))
