"""``import``: events, captured touches, ad costs and identity claims."""

from functools import partial
from pathlib import Path
from typing import Literal

from cyclopts import App

from touchline.amounts import counted
from touchline.cli.answer import COMMON, SCOPE, Answer, Options, Scope, Whole
from touchline.cli.claims_shown import document_of as claims_document
from touchline.cli.claims_shown import reconciled
from touchline.cli.clock import now_micros
from touchline.cli.reconciliation import document_of, examples, outcomes_of, parts, reconciliation
from touchline.cli.terminal import progress

imports = App(name="import", help="Read events, captured touches and ad costs.")


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
    return Answer(claims_document(report, refused), partial(reconciled, report, refused, "claims accepted"))


COMMAND = imports
