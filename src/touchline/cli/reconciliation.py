"""What became of each row that an import read, and examples of refused ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from touchline.amounts import counted
from touchline.cli.terminal import number, stacked, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.importing import ImportReport
    from touchline.jobs.workspace import Workspace


_MOST_REPEATED = 3
"""Rows that say what an earlier one says, as people are shown them."""
_MOST_REMARKS = 40
"""What is said of files of costs, as people are shown it."""
_MOST_FIELDS = 20
"""Fields that nothing reads, as people are shown them."""


@dataclass(frozen=True)
class Refused:
    """One refused row: where it stands, and what was expected and came."""

    reason: str
    source: str
    message: str


def examples(
    workspace: "Workspace", rejections: Any, reasons: Mapping[str, int], most: int, **where: Any
) -> list[Refused]:
    """The first refused rows of each reason, at most ``most`` of each."""
    return [
        Refused(reason, row["source"], row["message"])
        for reason in sorted(reasons)
        for row in (workspace.ledger.rows(rejections, limit=most, reason=reason, **where) if most > 0 else ())
    ]


def document_of(report: "ImportReport", refused: Sequence[Refused]) -> dict[str, Any]:
    """The report of files as ``--json`` prints it."""
    days = {"replaced_days": report.replaced_days, "kept_days": report.kept_days}
    repeated = {"repeated": len(report.repeated), "repeated_examples": _repeated(report)}
    return {"files": report.files, **days, **repeated, "remarks": report.remarks, **outcomes_of(report, refused)}


def outcomes_of(report: "ImportReport", refused: Sequence[Refused]) -> dict[str, Any]:
    """What became of the rows."""
    return {
        "read": report.read,
        "accepted": report.accepted,
        "superseding": report.superseding,
        "duplicate": report.duplicate,
        "conflicting": report.conflicting,
        "resumed": report.resumed,
        "rejected": dict(sorted(report.rejected.items())),
        "rejected_examples": refused,
        "unread": dict(report.unread.most_common()),
    }


def reconciliation(what: str, report: "ImportReport", refused: Sequence[Refused] = ()) -> "RenderableType":
    """Where every row of some files went."""
    files = counted(report.files, "file")
    return parts(f"{what}: {report.read:,} read from {files}", report, refused)


def parts(title: str, report: "ImportReport", refused: Sequence[Refused]) -> "RenderableType":
    """Where every row went; the parts add up to what was read."""
    from touchline.ingest.scrubbing import PREFIX

    rows = [
        ("accepted", number(report.accepted), "; ".join(filter(None, (_superseded(report), *_days_of(report))))),
        ("duplicate", number(report.duplicate), _conflicts(report.conflicting)),
        *(("rejected", number(count), reason) for reason, count in sorted(report.rejected.items())),
        *(
            [("stored before", number(report.resumed), "by the same import, which was interrupted")]
            * bool(report.resumed)
        ),
    ]
    shown = [(one.reason, one.source, one.message) for one in refused]
    repeated = [(one["row"], one["repeats"]) for one in _repeated(report)]
    remarks = [(remark,) for remark in report.remarks[:_MOST_REMARKS]]
    unread = [(name, number(count)) for name, count in report.unread.most_common(_MOST_FIELDS)]
    scrubbed = [(name.removeprefix(PREFIX), count) for name, count in unread if name.startswith(PREFIX)]
    fields = [(name, count) for name, count in unread if not name.startswith(PREFIX)]
    tables = [
        table(title, ("", ">rows", ""), rows),
        *([table("Rejected, for example", ("reason", "where", "what is wrong"), shown)] if shown else []),
        *([table(_repetitions(len(report.repeated)), ("row", "repeats"), repeated)] if repeated else []),
        *([table("Remarks", ("",), remarks)] if remarks else []),
        *([table("Fields that nothing reads", ("field", ">events"), fields)] if fields else []),
        *([table("Taken out before it was kept", ("personal data", ">events"), scrubbed)] if scrubbed else []),
    ]
    return stacked(*tables) if len(tables) > 1 else tables[0]


def _repeated(report: "ImportReport") -> list[dict[str, str]]:
    """The first rows that say what an earlier one says."""
    return [{"row": row, "repeats": earlier} for row, earlier in report.repeated[:_MOST_REPEATED]]


def _repetitions(count: int) -> str:
    return f"{counted(count, 'row repeats', 'rows repeat')} an earlier row of the file word for word; all of them count"


def _replaced(days: int) -> str:
    known = f"{counted(days, 'day')} of an ad account {'was' if days == 1 else 'were'}"
    return f"{known} known and {'is' if days == 1 else 'are'} replaced" if days else ""


def _days_of(report: "ImportReport") -> tuple[str, str]:
    return _replaced(report.replaced_days), _kept(report.kept_days)


def _kept(days: int) -> str:
    stay = f"{counted(days, 'known day')} {'stays' if days == 1 else 'stay'}"
    return f"{stay}, because a row of each was refused" if days else ""


def _superseded(report: "ImportReport") -> str:
    count = report.superseding
    reports = "an unverified report" if count == 1 else "unverified reports"
    return f"{count:,} of them took the place of {reports} of the same id" if count else ""


def _conflicts(count: int) -> str:
    return f"{count:,} of them differ from the verified report of the same id, which is kept" if count else ""
