"""``import claims`` and ``claims withdraw``: what the owner's own systems say about who is who."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from touchline.amounts import counted
from touchline.cli.answer import SCOPE, Answer, Scope, Whole
from touchline.cli.importing import Refused, examples, imports
from touchline.cli.setting_up import now_micros
from touchline.cli.terminal import number, stacked, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from touchline.jobs.claiming import ClaimsReport

claims = App(name="claims", help="What your own systems said about which ids are one person's.")


@imports.command(name="claims")
def import_claims(
    *files: Path, source: str = "csv", site: str | None = None, show_rejected: Whole = 3, scope: Scope = SCOPE
) -> Answer:
    """Read which ids are one person's, as your own systems know it: all files, or nothing.

    Each row names at least two of visitor_id, user_id, email_hash, linked_visitor_id, linked_user_id and
    linked_email_hash, and may say in claimed_at when that became known. Reading a file twice changes nothing.

    :param files: CSV, TSV, JSON lines or Parquet files whose columns have these names.
    :param source: the system that says it; `touchline claims withdraw` takes back what one source said.
    :param site: the site of the visitors; needed where the organization has several and a row names a visitor.
    :param show_rejected: how many refused rows to show of each reason.
    """
    from touchline.jobs import claiming
    from touchline.ledger import schema

    now = now_micros()
    with scope.opened() as workspace:
        report = claiming.import_claims(
            workspace, files, organization_id=scope.organization, site_id=site, source=source, now=now
        )
        refused = examples(workspace, schema.REJECTED_CLAIMS, report.rejected, show_rejected, received_at=now)
    return Answer(_document(report, refused), partial(_reconciled, report, refused, "claims accepted"))


@claims.command(name="withdraw")
def withdraw_claims(*files: Path, source: str = "csv", site: str | None = None, scope: Scope = SCOPE) -> Answer:
    """Take back claims that turned out to be wrong; the next run sets the persons apart again.

    :param files: files like those of `touchline import claims`, with the claims to take back.
    :param source: the system that had said it; what others say stands.
    :param site: the site of the visitors; needed where the organization has several and a row names a visitor.
    """
    from touchline.jobs import claiming

    with scope.opened() as workspace:
        report = claiming.withdraw_claims(
            workspace, files, organization_id=scope.organization, site_id=site, source=source
        )
    return Answer(_document(report, ()), partial(_reconciled, report, (), "claims withdrawn"))


def _document(report: "ClaimsReport", refused: "Sequence[Refused]") -> dict[str, Any]:
    return {**vars(report), "rejected": dict(sorted(report.rejected.items())), "rejected_examples": refused}


def _reconciled(report: "ClaimsReport", refused: "Sequence[Refused]", wanted: str) -> "RenderableType":
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


COMMANDS = (claims,)
