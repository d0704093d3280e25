"""``import``: events, captured touches, ad costs and identity claims."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from touchline.amounts import counted
from touchline.cli.answer import SCOPE, Answer, Scope, Whole
from touchline.cli.claims_shown import document_of as claims_document
from touchline.cli.claims_shown import reconciled, refused_claims
from touchline.cli.clock import now_micros
from touchline.cli.rates_shown import rates_shown
from touchline.cli.reconciliation import document_of, examples, outcomes_of, parts, reconciliation
from touchline.cli.terminal import progress
from touchline.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from touchline.jobs.importing import CostQuery

imports = App(name="import", help="Read events, captured touches and ad costs.")


@imports.command(name="events")
def import_events(
    *files: Path, mapping: Path | None = None, format: Literal["combined", "ledger"] | None = None,  # noqa: A002
    site: str | None = None, show_rejected: Whole = 3, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Import events from files, while a server may go on collecting.

    All files are checked before anything is stored: a file that cannot be read leaves nothing of any file. A command
    that is interrupted while it stores is finished by the same command.

    JSON Lines in the wire format need no mapping, nor do CSV and Parquet files whose columns are named like the wire
    fields. Any other file needs a mapping. Importing a file twice changes nothing.

    :param files: JSON lines, CSV, TSV, JSON or Parquet files, or access logs.
    :param mapping: a TOML file that maps columns to fields.
    :param format: the format, if the file names do not show it: combined, for Apache and nginx access logs;
        ledger, for events that `touchline export ledger` wrote.
    :param site: the site's id; required if there are several.
    :param show_rejected: how many rejected rows to show for each reason.
    """
    from touchline.jobs import importing
    from touchline.ledger import schema

    now = now_micros()
    with scope.opened() as workspace, progress("Reading", is_quiet=scope.json) as told:
        site_id = workspace.site(site, scope.organization)["site_id"]
        report = importing.import_events(
            workspace, files, site_id=site_id, mapping=mapping, now=now, progress=told, form=format
        )
        of_import = {"received_at": now, "site_id": site_id}
        refused = examples(workspace, schema.REJECTED_EVENTS, report.rejected, show_rejected, **of_import)
    return Answer(document_of(report, refused), partial(reconciliation, "Events", report, refused))


@imports.command(name="touches")
def import_touches(
    database: str, *, tenant: str | None = None, prefix: str = "", schema: str | None = None, site: str | None = None,
    show_rejected: Whole = 3, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Import what an app recorded with attribution-campaign-context.

    Touches become page views, and links with the relation conversion become conversions. Importing a database twice, or
    one whose touches were also sent, changes nothing. The database is only read.

    :param database: the app's SQLite file, or its URL: sqlite:///… or postgresql://….
    :param tenant: the tenant to import; required if the database has several.
    :param prefix: the prefix of the recorder's table names.
    :param schema: the PostgreSQL schema that contains the tables.
    :param site: the site's id; required if there are several.
    :param show_rejected: how many rejected rows to show for each reason.
    """
    from touchline.jobs import capturing
    from touchline.ledger import schema as kept

    now = now_micros()
    source = capturing.Source(database, tenant, prefix, schema)
    with scope.opened() as workspace, progress("Reading", is_quiet=scope.json) as told:
        site_id = workspace.site(site, scope.organization)["site_id"]
        report = capturing.import_touches(workspace, source, site_id=site_id, now=now, progress=told)
        of_import = {"received_at": now, "site_id": site_id}
        refused = examples(workspace, kept.REJECTED_EVENTS, report.rejected, show_rejected, **of_import)
    document = {"touches": report.touches, "conversions": report.conversions, **outcomes_of(report, refused)}
    title = (
        f"Captured: {counted(report.touches, 'touch', 'touches')} and {counted(report.conversions, 'conversion')} read"
    )
    return Answer(document, partial(parts, title, report, refused))


@imports.command(name="costs")
def import_costs(  # noqa: PLR0913 - what a file may lack
    *files: Path, source: str = "csv", date: str | None = None, spread: str | None = None,
    currency: str | None = None, time_zone: str | None = None, platform: str | None = None, account: str = "",
    mapping: Path | None = None, date_order: Literal["DMY", "MDY"] | None = None,
    decimal: Literal[".", ","] | None = None, overlap: Literal["refuse", "replace", "add"] = "refuse",
    query: str | None = None, from_: str | None = None,
    show_rejected: Whole = 3, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Import daily ad costs from files, or from a database; a file that cannot be read leaves nothing of any file.

    If every row is refused, the exit code is that of a file that cannot be read.

    Reports that ad platforms and connectors export are known by their columns. In other files, the CSV header, or the
    names in each JSON object, are ours: date, platform, cost; and, if known, account_id, campaign_id, campaign_name,
    adset_id, adset_name, ad_id, ad_name, impressions, clicks, currency, country, region, platform_conversions,
    platform_value. The rows for a day of an ad account replace the stored rows for that day from the same source.

    :param files: CSV, TSV, Parquet, JSON Lines (.jsonl, .ndjson) or JSON list (.json) files.
    :param source: where the figures come from; figures from different sources are stored separately.
    :param date: the day of all rows, if the file has no column of days.
    :param spread: the first and last day of totals, such as 2026-03-01..2026-03-31, which are spread evenly over them.
    :param currency: the currency of amounts that name none; by default the organization's.
    :param time_zone: the ad account's time zone, in which times of other zones are read as days.
    :param platform: the ad platform, if the file does not say it, such as GOOGLE_ADS or "Facebook Ads".
    :param account: the ad account, if the file does not say it.
    :param mapping: a TOML file that says which column is which.
    :param date_order: whether the day or the month comes first in dates such as 02/03/2026.
    :param decimal: the decimal mark of the file's numbers.
    :param overlap: what to do if an earlier load has the same days from elsewhere or of another kind: refuse the file;
        replace what the same source has; or add, if it is other money.
    :param query: a SQL query of the database that --from names; its columns are read as those of a file.
    :param from_: a DuckDB or SQLite file, or postgresql://…; it is only read.
    :param show_rejected: how many rejected rows to show for each reason.
    """
    from touchline.jobs import importing, platforms
    from touchline.ledger import schema
    from touchline.spend import options as said

    now = now_micros()
    with scope.opened() as workspace:
        owner = workspace.organization(scope.organization)["organization_id"]
        known = platforms.declared_platforms(workspace, owner)
        options = said.options_of(
            known, date=date, spread=spread, currency=currency, time_zone=time_zone, platform=platform, account=account,
            mapping=mapping, order=date_order, decimal=decimal,
        )  # fmt: skip
        if (asked := _cost_query(files, source, query, from_)) is not None:
            report = importing.import_from(
                workspace, asked, organization_id=owner, now=now, options=options, overlap=overlap
            )
        else:
            report = importing.import_costs(
                workspace, files, organization_id=owner, source=source, now=now, options=options, overlap=overlap
            )
        refused = [
            example
            for number in report.load_numbers
            for example in examples(
                workspace, schema.REJECTED_AD_COSTS, report.rejected, show_rejected, load_number=number
            )
        ]
    exit_code = InputError.exit_code if report.rejected and not report.accepted else 0
    shown = partial(reconciliation, "Cost rows", report, refused)
    return Answer(document_of(report, refused), shown, exit_code=exit_code)


def _cost_query(files: "Sequence[Path]", source: str, query: str | None, place: str | None) -> "CostQuery | None":
    """The query whose rows are imported instead of files; ``None``: files are."""
    from touchline.jobs.importing import CostQuery

    if (query is None) != (place is None):
        raise UsageError("--query and --from belong together.", "Name the database by --from, and ask it by --query.")
    if query is None or place is None:
        return None
    if files:
        raise UsageError("Files and --query exclude each other.", "Give one of them.")
    return CostQuery(source, place, query)


@imports.command(name="rates")
def import_rates(*files: Path, scope: Scope = SCOPE) -> Answer:
    """Import exchange rates, by which costs in other currencies are converted to the organization's.

    A day without a rate takes the last one of the week before. Costs that are stored already are converted again where
    a rate is new or changed.

    :param files: CSV files with the columns date, from, to and rate, or files of the European Central Bank, also
        zipped.
    """
    from touchline.jobs.importing import rates

    now = now_micros()
    with scope.opened() as workspace:
        report = rates.import_rates(workspace, files, organization_id=scope.organization, now=now)
    return Answer(report, partial(rates_shown, report))


@imports.command(name="claims")
def import_claims(
    *files: Path, source: str = "csv", site: str | None = None, show_rejected: Whole = 3, scope: Scope = SCOPE
) -> Answer:
    """Import identity claims from your own systems: which ids belong to the same person.

    A file that cannot be read leaves nothing of any file. Run a command that was interrupted again to finish it.

    Each row names at least two of visitor_id, user_id, email_hash, linked_visitor_id, linked_user_id and
    linked_email_hash, and may give the time of the claim in claimed_at. Importing a file twice changes nothing.

    :param files: CSV, TSV, JSON lines or Parquet files whose columns have these names.
    :param source: the system that makes the claims; `touchline claims withdraw` withdraws claims by source.
    :param site: the site of the visitors; required if a row names a visitor and the organization has several sites.
    :param show_rejected: how many rejected rows to show for each reason.
    """
    from touchline.jobs import claiming

    now = now_micros()
    with scope.opened() as workspace:
        report = claiming.import_claims(
            workspace, files, organization_id=scope.organization, site_id=site, source=source, now=now
        )
        refused = refused_claims(workspace, report, now, show_rejected, scope.organization)
    return Answer(claims_document(report, refused), partial(reconciled, report, refused, "claims accepted"))


COMMAND = imports
