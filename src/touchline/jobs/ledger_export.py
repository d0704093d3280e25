"""The whole ledger as files: each table as Parquet, and events as lines that an import takes back as they were."""

import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from touchline.errors import StorageError, UsageError
from touchline.ingest import TrackingEvent
from touchline.ledger import Ledger
from touchline.ledger.all_rows import all_rows
from touchline.progress import Progress, ignore_progress
from touchline.settings import Home

EVENTS = "tracking_events"
_COLUMNS = TrackingEvent.__struct_fields__


@dataclass(frozen=True)
class ExportedLedger:
    """What was written: rows by table, and events by site."""

    folder: str
    tables: dict[str, int]
    events: dict[str, int]


def export_ledger(home: Home, folder: Path, progress: Progress = ignore_progress) -> ExportedLedger:
    """Write every table to ``TABLE.parquet``, and the events of each site to ``events/SITE.jsonl``, as of one moment.

    Only the owner may read the files: they hold what the ledger does, hashes of keys and passwords included.

    :raises UsageError: if the folder has something in it.
    :raises StorageError: if it cannot be written.
    """
    with closing(Ledger(home.ledger)):  # it is there, and has this release's schema
        pass
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty.", "Name a new folder; existing files are never overwritten.")
        tables, events = {}, dict[str, int]()
        try:
            (folder / "events").mkdir(mode=0o700)
            with all_rows(home.ledger) as found:
                for name, rows in found:
                    tables[name] = _write(folder, name, rows, events, progress)
        except BaseException:
            _clear(folder)
            raise
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written: {error.strerror}.", "Free some space, or name another."
        ) from error
    return ExportedLedger(str(folder), tables, events)


def _write(
    folder: Path, name: str, rows: pa.RecordBatchReader, events: dict[str, int], progress: Progress
) -> int:  # fmt: skip
    count = 0
    with ExitStack() as files:
        file = files.enter_context(_private(folder / f"{name}.parquet"))
        writer = files.enter_context(pq.ParquetWriter(file, rows.schema, compression="zstd"))
        for batch in rows:
            writer.write_batch(batch)
            count += batch.num_rows
            progress(name, count, 0)
            if name == EVENTS:
                _append(folder, batch.to_pylist(), events)
    return count


def _append(folder: Path, rows: Sequence[dict[str, Any]], events: dict[str, int]) -> None:
    """Add events to the files of their sites, one file at a time: a home may have more sites than a process files."""
    lines = defaultdict[str, list[bytes]](list)
    for row in rows:
        lines[row["site_id"]].append(_line(row))
    for site, added in lines.items():
        with _private(folder / "events" / f"{site}.jsonl", os.O_APPEND) as file:
            file.writelines(added)
        events[site] = events.get(site, 0) + len(added)


def _clear(folder: Path) -> None:
    """Remove what an export wrote that did not come to its end."""
    for file in folder.glob("*.parquet"):
        file.unlink()
    rmtree(folder / "events", ignore_errors=True)


def _private(file: Path, way: int = os.O_EXCL) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | way, 0o600), "wb")


def _line(row: dict[str, Any]) -> bytes:
    return msgspec.json.encode({name: row[name] for name in _COLUMNS if row[name] is not None}) + b"\n"
