"""``export``: numbers and what is kept of a person, to take away."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import COMMON, SCOPE, Answer, Options, Scope, Switch
from touchline.cli.clock import now_micros
from touchline.cli.terminal import JsonText, number, progress, stacked, table, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.reports.person_file import PersonFile

export = App(name="export", help="Export views and tables, or what is kept of a person.")


@export.command(name="tables")
def export_tables(
    *names: str, to: str, format: str | None = None, prefix: str = "", scope: Scope = SCOPE,  # noqa: A002
) -> Answer:  # fmt: skip
    """Write views and tables to files, or to tables of your own database, also while the server runs.

    A file or a table that an earlier export wrote is replaced, once all of it is there. A table of another origin is
    never touched.

    :param names: views, or tables, as in a query; by default all views.
    :param to: a file (.csv, .parquet, .xlsx, .duckdb, .sqlite), a folder, or a database: postgresql://…, sqlite:///…,
        duckdb:///….
    :param format: csv or parquet, if TO is a folder: each table is a file of its own.
    :param prefix: before the names of tables in a database.
    """
    from touchline.cli.written import place_named, written
    from touchline.jobs import publishing

    place = place_named(scope, to, format, prefix)
    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        asked = names or publishing.names_of_views()
        return written(publishing.export_tables(workspace.engine, organization_id, asked, place))


@export.command(name="dbt")
def export_dbt(
    folder: Path, /, *, dialect: str = "duckdb", own: tuple[str, ...] = (), with_sources: Switch = False,
    made_from: Path | None = None, options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Write the numbers' SQL as a dbt project, for a warehouse that has the events.

    It has a model for each table and view, the settings and what Python makes as seeds, sources, tests and exposures. A
    project that an earlier export wrote is replaced; files of your own in the folder stay.

    :param folder: the folder of the project; empty, not there yet, or written by an earlier export.
    :param dialect: duckdb, snowflake, bigquery, databricks, or postgres.
    :param own: a source that a model of your own makes, such as tracking_events; may be given several times.
    :param with_sources: also write the events, costs, rates and claims of this home, as Parquet.
    :param made_from: a folder of Parquet files, each with the rows of the model it is named after, of which the
        project's README says that Python makes tables; by default the tables of this home's last run are written.
    """
    from touchline.jobs.dbt.project import Options as Wanted
    from touchline.jobs.dbt.project import export_dbt as exported

    with options.opened(is_reading=True) as workspace:
        project = exported(workspace, folder, Wanted(dialect, own, with_sources, made_from))
    counts = f"{project.models} models and {project.seeds} seeds for {dialect}"
    shown = f"{counts} are in {folder}. The README there says how to build them."
    return Answer(project, lambda: Text(visible(shown)))


@export.command(name="ledger")
def export_ledger(folder: Path, /, *, options: Options = COMMON) -> Answer:
    """Write the whole ledger to a new folder, also while the server runs: each table as Parquet, and events as lines.

    `touchline import events --format ledger` reads the events again, as they were. For a copy of everything to restore,
    use `touchline backup` or `touchline move`.

    :param folder: the folder to create; it may exist if it is empty.
    """
    from touchline.jobs import ledger_export

    with progress("Exporting the ledger", is_quiet=options.json) as reported:
        written = ledger_export.export_ledger(options.place, folder, reported)
    rows = [(name, number(count)) for name, count in written.tables.items() if count]
    lines = [(f"events/{site}.jsonl", number(count)) for site, count in written.events.items()]
    return Answer(written, lambda: table(visible(f"Written to {folder}"), ("", ">rows"), [*rows, *lines]))


@export.command(name="person")
def export_person(
    *, visitor: str | None = None, user: str | None = None, email_hash: str | None = None,
    email: str | None = None, proven_only: Switch = False, html: Path | None = None, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Export everything that is kept of a person: what `touchline erase` would delete, and what was derived from it.

    With --json, it is one document; with --html, one page that can be sent to the person. Without either, only the
    numbers of rows are shown.

    :param visitor: the browser's id, as events carry it in anonId.
    :param user: the site's own id of the user, as events carry it in userId.
    :param email_hash: the SHA-256 of the e-mail address, or its stored form (k1_…).
    :param email: the e-mail address, however events carry it: as emailHash, or as userId, which is kept as its hash.
    :param proven_only: leave out ids that only a browser, and none of your servers or files, linked to this id.
    :param html: write everything to this file, as one HTML page without scripts.
    """
    from touchline.jobs import auditing, exporting
    from touchline.reports import person_file

    @contextmanager
    def opened() -> "Iterator[PersonFile]":
        with scope.opened(is_reading=True) as workspace:
            organization_id = workspace.organization(scope.organization)["organization_id"]
            with exporting.exported(
                workspace, organization_id, visitor=visitor, user=user, email_hash=email_hash, email=email,
                is_proven_only=proven_only,
            ) as person:  # fmt: skip
                yield person

    def chunks() -> Iterator[str]:
        with opened() as person:
            yield from person_file.json_chunks(person)

    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        named = auditing.named_by(visitor=visitor, user=user, email_hash=email_hash, email=email)
        auditing.note(workspace.ledger, organization_id, "exported", f"a person, {named}", now=now_micros())
    if html is not None:
        with opened() as person:
            person_file.write_page(person, html)
    if scope.json:
        text = chunks()
        return Answer(JsonText(chain([next(text)], text)), Text)  # what is wrong is found before the first part
    with opened() as person:
        counts, identifiers = person_file.counts(person), person.identifiers
    return Answer(counts, partial(_shown, counts, identifiers, html))


def _shown(counts: dict[str, int], identifiers: tuple[str, ...], html: Path | None) -> "RenderableType":
    names = Text(visible("Known as: " + ", ".join(identifiers)))
    kept = table("Kept", ("", ">rows"), [(title, number(count)) for title, count in counts.items()])
    written = f"Everything is in {html}." if html else "Export it with --json, or with --html FILE."
    return stacked(names, kept, Text(visible(written)))


COMMAND = export
