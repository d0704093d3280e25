"""``import events``, ``import touches`` and ``import costs``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from touchline.amounts import counted
from touchline.cli.answer import COMMON, SCOPE, Answer, Options, Scope, Whole
from touchline.cli.setting_up import now_micros
from touchline.cli.terminal import number, progress, stacked, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.importing import ImportReport
    from touchline.jobs.workspace import Workspace

imports = App(name="import", help="Read events, captured touches and ad costs.")


@dataclass(frozen=True)
class Refused:
    """One refused row: where it stands, and what was expected and came."""

    reason: str
    source: str
    message: str


@imports.command(name="events")
def import_events(
    *files: Path, mapping: Path | None = None, format: Literal["combined"] | None = None,  # noqa: A002
    site: str | None = None, show_rejected: Whole = 3, options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Read events from files: all of them, or nothing.

    Lines of JSON in the wire format explain themselves, and so do CSV and Parquet files whose columns are named like
    the wire's fields. Any other file needs a mapping. Reading a file twice changes nothing.

    :param files: JSON lines, CSV, TSV, JSON or Parquet files, or access logs.
    :param mapping: a TOML file that says which column is which field.
    :param format: what the files are, where their names do not say it: combined, the access logs of Apache and nginx.
    :param site: the site's id; needed where there are several.
    :param show_rejected: how many refused rows to show of each reason.
    """
    from touchline.jobs import importing
    from touchline.ledger import schema

    now = now_micros()
    with options.opened() as workspace, progress("Reading", is_quiet=options.json) as told:
        report = importing.import_events(
            workspace, files, site_id=site, mapping=mapping, now=now, progress=told, form=format
        )
        refused = examples(workspace, schema.REJECTED_EVENTS, report.rejected, show_rejected, received_at=now)
    return Answer(document_of(report, refused), partial(reconciliation, "Events", report, refused))


@imports.command(name="touches")
def import_touches(
    database: str, *, tenant: str | None = None, prefix: str = "", schema: str | None = None, site: str | None = None,
    show_rejected: Whole = 3, options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Read what an app has recorded with attribution-campaign-context: all of it, or nothing.

    Touches become page views, and links of the relation conversion become conversions. Reading a database twice, or one
    whose touches were also sent, changes nothing. The database is read, never written.

    :param database: the app's SQLite file, or its URL: sqlite:///… or postgresql://….
    :param tenant: whose touches; needed where the database has those of several.
    :param prefix: what the names of the recorder's tables begin with.
    :param schema: the schema of PostgreSQL that the tables are in.
    :param site: the site's id; needed where there are several.
    :param show_rejected: how many refused rows to show of each reason.
    """
    from touchline.jobs import capturing
    from touchline.ledger import schema as kept

    now = now_micros()
    source = capturing.Source(database, tenant, prefix, schema)
    with options.opened() as workspace, progress("Reading", is_quiet=options.json) as told:
        report = capturing.import_touches(workspace, source, site_id=site, now=now, progress=told)
        refused = examples(workspace, kept.REJECTED_EVENTS, report.rejected, show_rejected, received_at=now)
    document = {"touches": report.touches, "conversions": report.conversions, **outcomes_of(report, refused)}
    title = (
        f"Captured: {counted(report.touches, 'touch', 'touches')} and {counted(report.conversions, 'conversion')} read"
    )
    return Answer(document, partial(parts, title, report, refused))


@imports.command(name="costs")
def import_costs(*files: Path, source: str = "csv", show_rejected: Whole = 3, scope: Scope = SCOPE) -> Answer:
    """Read daily ad costs from files: all of them, or nothing.

    The header of CSV, or the names in each JSON object, say what is what: date, platform, cost; and, where known,
    account_id, campaign_id, campaign_name, adset_id, adset_name, ad_id, ad_name, impressions, clicks, currency. What a
    file says of a day of a platform's account replaces what was known of it from the same source.

    :param files: CSV files with one header line, lines of JSON (.jsonl, .ndjson) or JSON lists (.json).
    :param source: where the figures come from; figures of different sources stand side by side.
    :param show_rejected: how many refused rows to show of each reason.
    """
    from touchline.jobs import importing
    from touchline.ledger import schema

    now = now_micros()
    with scope.opened() as workspace:
        report = importing.import_costs(workspace, files, organization_id=scope.organization, source=source, now=now)
        refused = [
            example
            for number in report.load_numbers
            for example in examples(
                workspace, schema.REJECTED_AD_COSTS, report.rejected, show_rejected, load_number=number
            )
        ]
    return Answer(document_of(report, refused), partial(reconciliation, "Cost rows", report, refused))


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
    return {"files": report.files, **days, **outcomes_of(report, refused)}


def outcomes_of(report: "ImportReport", refused: Sequence[Refused]) -> dict[str, Any]:
    """What became of the rows."""
    return {
        "read": report.read,
        "accepted": report.accepted,
        "superseding": report.superseding,
        "duplicate": report.duplicate,
        "conflicting": report.conflicting,
        "rejected": dict(sorted(report.rejected.items())),
        "rejected_examples": refused,
    }


def reconciliation(what: str, report: "ImportReport", refused: Sequence[Refused] = ()) -> "RenderableType":
    """Where every row of some files went."""
    files = counted(report.files, "file")
    return parts(f"{what}: {report.read:,} read from {files}", report, refused)


def parts(title: str, report: "ImportReport", refused: Sequence[Refused]) -> "RenderableType":
    """Where every row went; the parts add up to what was read."""
    rows = [
        ("accepted", number(report.accepted), "; ".join(filter(None, (_superseded(report), *_days_of(report))))),
        ("duplicate", number(report.duplicate), _conflicts(report.conflicting)),
        *(("rejected", number(count), reason) for reason, count in sorted(report.rejected.items())),
    ]
    counts = table(title, ("", ">rows", ""), rows)
    if not refused:
        return counts
    shown = [(one.reason, one.source, one.message) for one in refused]
    return stacked(counts, table("Rejected, for example", ("reason", "where", "what is wrong"), shown))


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


COMMANDS = (imports,)
