"""Events of `touchline export ledger` back into a ledger, exactly as they were."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import astuple

from touchline.errors import InputError
from touchline.ingest import RejectedEvent, TrackingEvent, erased_among, refusal_of, standing
from touchline.jobs.importing.named_files import named_files
from touchline.jobs.importing.report import ImportReport
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.hash_key import HashKey
from touchline.ledger.storable import faults
from touchline.progress import Progress, ignore_progress

_ROWS = 2_000
"""Events that one transaction takes: others wait for it."""
_COLUMNS = TrackingEvent.__struct_fields__
_decode = msgspec.json.Decoder(TrackingEvent).decode


def import_ledger_events(
    workspace: Workspace, files: Sequence[Path], *, site_id: str | None, now: int, progress: Progress = ignore_progress
) -> ImportReport:
    """Take events back as they were, with their times of receipt and their trust; those that are there are duplicates.

    Persons who were erased in this ledger stay erased.

    :param files: ``events/SITE.jsonl`` or ``tracking_events.parquet`` of an export.
    :raises InputError: if a row is no event of an export, or of another site than the one that was named, or if its
        hashes are made with another key than this home's.
    """
    site = workspace.site(site_id)
    report = ImportReport(files=len(files))
    for file in named_files(files):
        for _ in _read(file, site["site_id"], workspace.ledger.key):
            pass
    for file in files:
        part: list[TrackingEvent] = []
        for event in _read(file, site["site_id"], workspace.ledger.key):
            part.append(event)
            if len(part) == _ROWS:
                report.add(_stored(workspace, site, part, now))
                progress(file.name, report.read, 0)
                part = []
        report.add(_stored(workspace, site, part, now))
    return report


def _stored(workspace: Workspace, site: Any, events: Sequence[TrackingEvent], now: int) -> ImportReport:
    keeps_all = not workspace.settings(site["organization_id"]).retention_days
    with workspace.ledger.transaction() as entry:
        known = entry.erasing(site["organization_id"], is_alone=False).known()
        holding = standing(known, keeps_all=keeps_all)
        erased = set(erased_among(events, site["organization_id"], holding, workspace.ledger.keyed))
        rows = [astuple(event) for place, event in enumerate(events) if place not in erased]
        appended = entry.add_events(_COLUMNS, rows)
        refused = [refusal_of(site["site_id"], now) for _ in erased]
        entry.add_many(schema.REJECTED_EVENTS, RejectedEvent.__struct_fields__, [astuple(each) for each in refused])
    report = ImportReport(appended.accepted, appended.superseding, appended.duplicate, appended.conflicting)
    report.rejected.update(event.reason for event in refused)
    return report


def _read(file: Path, site_id: str, key: HashKey) -> Iterator[TrackingEvent]:
    for number, said in enumerate(_rows(file), 1):
        try:
            event = _decode(said) if isinstance(said, bytes) else msgspec.convert(said, TrackingEvent)
        except msgspec.MsgspecError as error:
            raise InputError(f"{file}:{number} is no event of `touchline export ledger`: {error}.") from error
        for field, expected in faults(_COLUMNS, astuple(event)):
            raise InputError(f"{file}:{number}, {field}: {expected}")
        if foreign := key.foreign_in(event.payload_hash):
            raise InputError(
                f"{file}:{number} has hashes of the key {foreign}, and this home has the key {key.key_id}.",
                "Ids of two keys cannot be joined: import into a new home that was made with that key in"
                " TOUCHLINE_HASH_KEY; the export has it in secrets.parquet.",
            )
        if event.site_id != site_id:
            raise InputError(
                f"{file}:{number} is of the site {event.site_id!r}, not {site_id!r}.",
                f"Ids of visitors belong to a site: name it with --site, or add a site with the id {event.site_id}.",
            )
        yield event


def _rows(file: Path) -> Iterator[bytes | dict[str, Any]]:
    """Lines of a file, or rows of a Parquet file without what the ledger gives out itself."""
    if file.suffix != ".parquet":
        with file.open("rb") as lines:
            yield from lines
        return
    try:
        with pq.ParquetFile(file) as found:
            for batch in found.iter_batches(_ROWS):
                for row in batch.to_pylist():
                    yield {name: value for name, value in row.items() if name in _COLUMNS and value is not None}
    except pa.ArrowInvalid as error:
        raise InputError(f"{file} is no Parquet file: {error}.") from error
