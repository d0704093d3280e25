"""What a run holds on its way, as files for a person to look at."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from touchline.errors import InputError
from touchline.table import Table

if TYPE_CHECKING:
    from touchline.engines import Engine, IncrementalEngine


def inspected(engine: "Engine", folder: Path) -> "Engine":
    """``engine``, which also writes to ``folder`` what a run holds, and the tables that it replaces whole.

    One Parquet file each, numbered in the order of the run, such as ``001-scope_touched.parquet``. A run over new
    events holds what changed and what that needs; a rebuild holds nothing, and its tables are written as they stand.
    """
    return cast("Engine", _Inspected(engine, folder))


def empty_folder(folder: Path) -> Path:
    """The folder, made where it is not there.

    :raises InputError: if there are files in it: those of two runs would be taken for one's.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not empty.", "Name an empty or new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Inspected:
    """Writes down what it hands on; whatever is not mentioned here is the engine's own."""

    def __init__(self, engine: "Engine", folder: Path) -> None:
        self._engine = cast("IncrementalEngine", engine)  # `keep` is asked of one that is, and of no other
        self._folder = folder
        self._written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        rows = self._engine.keep(name, select, views)
        self._write(name)
        return rows

    def hold(self, name: str, table: Table, rows: pa.Table) -> int:
        held = self._engine.hold(name, table, rows)
        self._write(name)
        return held

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        rows = self._engine.replace(table, select, views, scope)
        if scope is None:
            self._write(table.name)
        return rows

    def _write(self, name: str) -> None:
        self._written += 1
        rows = self._engine.select(f"select * from {name}")  # noqa: S608 - the name of a relation of the river
        pq.write_table(rows, self._folder / f"{self._written:03}-{name}.parquet")
