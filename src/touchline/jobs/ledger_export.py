"""The whole ledger as files: each table as Parquet, and events as lines that an import takes back as they were."""

import os
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
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
        (folder / "events").mkdir(mode=0o700)
        tables, events = {}, dict[str, int]()
        with all_rows(home.ledger) as found:
            for name, rows in found:
                tables[name] = _write(folder, name, rows, events, progress)
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
        lines: dict[str, BinaryIO] = {}
        for batch in rows:
            writer.write_batch(batch)
            count += batch.num_rows
            progress(name, count, 0)
            for row in batch.to_pylist() if name == EVENTS else ():
                site = row["site_id"]
                if site not in lines:
                    lines[site] = files.enter_context(_private(folder / "events" / f"{site}.jsonl"))
                lines[site].write(_line(row))
                events[site] = events.get(site, 0) + 1
    return count


def _private(file: Path) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _line(row: dict[str, Any]) -> bytes:
    return msgspec.json.encode({name: row[name] for name in _COLUMNS if row[name] is not None}) + b"\n"
