"""dbt and its warehouse: a project is built, and what it made is read."""

import os
import subprocess
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from tests.conftest import REPOSITORY
from touchline.engines import Engine
from touchline.jobs.dbt import rows
from touchline.jobs.dbt.nodes import SEED, seeds, sources
from touchline.table import Table
from touchline.tables import ALL, RIVER

DBT = REPOSITORY / ".tools" / "dbt" / "bin" / "dbt"
_PROFILES = """\
touchline:
  target: test
  outputs:
    test: {{type: duckdb, path: "{file}", threads: 2}}
"""
MADE = (*RIVER, *(ALL[name] for name in ("components", "parts", "refused_pairs")))
"""The tables that a run makes, in the order of the stages."""


@dataclass(frozen=True)
class Warehouse:
    """A DuckDB file in which dbt builds the project of a folder."""

    project: Path
    file: Path

    def dbt(self, *words: str) -> str:
        """What a command of dbt says.

        :raises AssertionError: if it fails.
        """
        profiles = self.file.parent / "profiles"
        profiles.mkdir(exist_ok=True)
        (profiles / "profiles.yml").write_text(_PROFILES.format(file=self.file), encoding="utf-8")
        environment = {**os.environ, "DBT_PROFILES_DIR": str(profiles), "DO_NOT_TRACK": "1", "PYTHONPATH": ""}
        command = [str(DBT), "--no-version-check", "--no-use-colors", *words]
        done = subprocess.run(command, cwd=self.project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        return done.stdout

    def rows(self, table: Table, schema: str = "main") -> pa.Table:
        """The rows of a table that was built."""
        with closing(duckdb.connect(str(self.file), read_only=True)) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.sql(f"select * from {schema}.{table.name}{_order(table)}").to_arrow_table()

    def write(self, names: Iterable[str], folder: Path) -> None:
        """Write the rows of models as Parquet, each named after its model."""
        folder.mkdir(exist_ok=True)
        with closing(duckdb.connect(str(self.file), read_only=True)) as connection:
            for name in names:
                connection.execute(f"copy {name} to '{folder / name}.parquet'")


def fill(project: Path, engine: Engine) -> None:
    """Put the rows of an engine in the place of a project's seeds and sources."""
    for table in seeds():
        rows.write_seed(project / "seeds" / f"{SEED}{table.name}.csv", table, rows.stored(engine, table))
    for table in sources():
        rows.write_source(project / "sources" / f"{table.name}.parquet", table, engine)


def differences(warehouse: Warehouse, engine: Engine) -> list[str]:
    """The tables whose rows or types are not those of an engine."""
    found = []
    for table in MADE:
        columns = ", ".join(table.column_names)
        expected = engine.select(f"select {columns} from {table.name}{_order(table)}")
        if not warehouse.rows(table).equals(expected):
            found.append(table.name)
    return found


def _order(table: Table) -> str:
    return f" order by {', '.join(f'{name} nulls first' for name in table.key)}"
