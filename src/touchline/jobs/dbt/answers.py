"""What Python makes of rows that a warehouse selected: the stages, run on files in the place of an engine."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from touchline.errors import InputError
from touchline.jobs.dbt.nodes import river_models
from touchline.jobs.dbt.shapes import Shapes
from touchline.pipeline import STAGES
from touchline.sql import Query, query
from touchline.table import Column, Table
from touchline.tables import REFERENCE


class _MissingError(Exception):
    """A stage asked for rows that are not there."""


class _Files:
    """A river whose statements have been run elsewhere: what they selected is in files, each named after its model."""

    def __init__(self, folder: Path, shapes: Shapes) -> None:
        self._folder, self._shapes = folder, shapes
        self.made: dict[str, pa.Table] = {}

    def write(self, package: str, table: Table) -> None:
        """Nothing: the warehouse has the table."""

    def put(self, table: Table, rows: pa.Table) -> None:
        """Keep what a stage made."""
        self.made[table.name] = rows

    def read(self, package: str, name: str, table: Table) -> pa.Table:  # noqa: ARG002 - a stage names it
        """The rows of a file; of a statement that reads settings alone, those of this home's settings."""
        asked = query(package, name)
        if reads_settings_alone(asked):
            return self._shapes.answer(asked)
        file = self._folder / f"{name}.parquet"
        if not file.is_file():
            raise _MissingError
        return _as_selected(file, self._shapes.columns(asked))


def reads_settings_alone(asked: Query) -> bool:
    """Whether a statement needs no warehouse."""
    return {*asked.reads} <= {table.name for table in REFERENCE}


def made_from(folder: Path, shapes: Shapes) -> Mapping[str, pa.Table]:
    """The tables that Python can make of the files in a folder, by name.

    :param folder: with Parquet files, each named after a model of which Touchline makes a table.
    :raises InputError: if there is no such file, or one is no Parquet or lacks a column.
    """
    asked = [one.name for one in river_models() if one.is_asked_for and not reads_settings_alone(one.query)]
    if not any((folder / f"{name}.parquet").is_file() for name in asked):
        raise InputError(
            f"{folder} has none of the files that Touchline makes tables of.",
            f"Expected Parquet files with the rows of these models: {', '.join(f'{name}.parquet' for name in asked)}.",
        )
    made: dict[str, pa.Table] = {}
    for stage in STAGES:
        files = _Files(folder, shapes)
        with suppress(_MissingError):  # what was made before it stands; the rest is made once its file is there
            stage.run(files)
        made |= files.made
    return made


def _as_selected(file: Path, columns: tuple[Column, ...]) -> pa.Table:
    """The rows of a file with the columns and types that the statement gives on an engine of ours.

    :raises InputError: if it is no Parquet, lacks a column, or has one of another type.
    """
    try:
        rows = pq.read_table(file)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{file} is not Parquet: {error}", "Write it again from its model.") from error
    by_name = {name.lower(): name for name in rows.column_names}
    if missing := [one.name for one in columns if one.name not in by_name]:
        raise InputError(
            f"{file} has no column {', '.join(missing)}; it has {', '.join(rows.column_names)}.",
            f"Write all columns of the model {file.stem}.",
        )
    try:
        return pa.table({one.name: rows[by_name[one.name]].cast(one.kind.arrow) for one in columns})
    except pa.ArrowException as error:
        raise InputError(f"{file} has values of another type: {error}", f"Write the model {file.stem}.") from error
