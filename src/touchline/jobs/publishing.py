"""Views, tables and reports of one organization, written to files or to tables of the user's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.exports import Place, Written, typed
from touchline.exports.typed import money_of
from touchline.reports.arrow_rows import arrow_table
from touchline.reports.report import ReportTable, is_money
from touchline.reports.sql_answers import statement_over
from touchline.reports.views import views
from touchline.settings import Home


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    :param to: the file, the folder or the database, without a password.
    """

    to: str
    format: str
    tables: tuple[Written, ...]


def names_of_views() -> tuple[str, ...]:
    """The views that people query, in alphabetical order: what is exported if nothing is named."""
    return tuple(sorted(view.name for view in views() if view.is_public))


def export_tables(engine: Engine, organization_id: str, names: Sequence[str], place: Place) -> Exported:
    """Write views and tables, each as it is at one moment, with its rows in the order of its columns.

    :param names: as in a query: of views, or of tables, with ``main.`` in front where a view has the same name.
    :raises UsageError: if two have one name there, or one place cannot hold them.
    :raises UnknownError: if there is no such view or table.
    :raises StorageError: if the place cannot be written; what was there stays.
    """
    called = [name.removeprefix("main.") for name in names]
    if twice := next((name for name in called if called.count(name) > 1), None):
        raise UsageError(f"{twice} is named twice.", "Export the view and the table one after the other.")
    if len(names) > 1 and not (place.form.is_for_many or place.is_folder):
        raise UsageError(
            f"{place.shown} holds one table, not {len(names)}.", f"Give a folder and --format {place.form.name}."
        )
    statements = [_ordered(engine, organization_id, name) for name in names]
    with place.form.opened(place) as sink:
        written = []
        for name, statement in zip(called, statements, strict=True):
            with engine.reader(statement) as rows:
                written.append(sink.write(name, typed(rows)))
    return Exported(place.shown, place.form.name, tuple(written))


def export_report(name: str, table: ReportTable, place: Place) -> Exported:
    """Write the rows of a report; money is in units of the currency."""
    with place.form.opened(place) as sink:
        return Exported(place.shown, place.form.name, (sink.write(name, typed(_in_units(table).to_reader())),))


def check_place(place: Place, home: Home) -> None:
    """Refuse the files in which the numbers themselves are kept.

    :raises UsageError: if it is one.
    """
    if place.path is not None and place.path.resolve().is_relative_to(home.path.resolve()) and home.path.exists():
        raise UsageError(f"{place.shown} is in Touchline's own folder.", "Name a place outside of it.")


def _ordered(engine: Engine, organization_id: str, name: str) -> str:
    asked = f"select * from {name}"  # noqa: S608 - read as a statement that may only read
    columns = engine.select(statement_over(f"{asked} limit 0", organization_id)).column_names
    order = ", ".join(f"{column} nulls first" for column in columns)
    return statement_over(f"{asked} order by {order}", organization_id)


def _in_units(table: ReportTable) -> pa.Table:
    rows = arrow_table(table)
    columns = [money_of(rows[name]) if is_money(name) else rows[name] for name in table.columns]
    return pa.table(columns, names=list(table.titles))
