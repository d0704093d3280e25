"""Events in: all files are read and checked first, and stored in short transactions then."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from touchline.errors import UsageError
from touchline.files import estimate_bytes
from touchline.ingest import RejectedEvent
from touchline.ingest.accept import ADDRESS_KEY_BYTES
from touchline.ingest.access_logs import AccessLog
from touchline.ingest.mapping import load_mapping
from touchline.ingest.readers import Chunk, read_chunks, read_log
from touchline.ingest.unread import FieldNames
from touchline.jobs.checking.frames import FRAME_ROWS, Arrival, Frame
from touchline.jobs.daily_keys import DailyKeys
from touchline.jobs.importing import workers
from touchline.jobs.importing.ledger_rows import import_ledger_events
from touchline.jobs.importing.named_files import named_files
from touchline.jobs.importing.report import ImportReport
from touchline.jobs.importing.slices import Counts, Slices
from touchline.jobs.importing.spool import Spool
from touchline.jobs.pace import Pace
from touchline.jobs.workspace import Workspace, make_folder
from touchline.ledger.rows import Rows
from touchline.progress import Progress, ignore_progress
from touchline.tag_names import tag_names_of

TakeIn = Callable[[Iterable[Chunk]], None]
"""Takes payloads in."""

Format = Literal["combined", "ledger"]
"""A format that no file's name tells: the access logs of Apache and nginx, or what `touchline export ledger` wrote."""

KEPT_OF_NOISE = 100
"""Lines of a log that are no visits, and are kept of each reason to be looked at; the others are counted."""
MOST_ROWS = 20_000
"""Rows that one transaction takes at most, however fast the disk is."""
_REASON = RejectedEvent.__struct_fields__.index("reason")


def import_events(
    workspace: Workspace, files: Sequence[Path], *, site_id: str | None, mapping: Path | None, now: int,
    progress: Progress = ignore_progress, form: Format | None = None,
) -> ImportReport:  # fmt: skip
    """Read events of one site from files of the wire format, of any shape with a mapping, or from access logs.

    All files are checked before anything is stored. What is stored then stays, and a command that was interrupted is
    finished by the same command.

    :raises UsageError: if both a mapping and a format are given.
    :raises InputError: if a file is not what it claims to be; then nothing of any file is kept.
    """
    site = workspace.site(site_id)
    if mapping and form:
        raise UsageError("A file of a known format needs no mapping.", "Give either --mapping or --format.")
    if form == "ledger":
        return import_ledger_events(workspace, files, site_id=site_id, now=now, progress=progress)
    shape = load_mapping(mapping) if mapping else None
    log = AccessLog(f"https://{site['domain']}", _visitors(workspace)) if form else None
    total = sum(estimate_bytes(file) for file in named_files(files))
    report, done = ImportReport(files=len(files)), 0
    with intake(workspace, report, site_id=site_id, now=now, progress=progress, is_log=log is not None) as take_in:
        for file in files:

            def advance(used: int, file: Path = file) -> None:
                nonlocal done
                done += used
                progress(file.name, done, total)

            if log:
                take_in(workers.chunked(read_log(file, log, advance)))
            else:
                take_in(read_chunks(file, workers.CHUNK_ROWS, shape, advance, report.unread))
    return report


@contextmanager
def intake(
    workspace: Workspace, report: ImportReport, *, site_id: str | None, now: int, progress: Progress = ignore_progress,
    is_log: bool = False,
) -> Iterator[TakeIn]:  # fmt: skip
    """What it gives checks payloads of a site's events; at the end all of them are stored, slice by slice."""
    site = workspace.site(site_id)
    organization_id = site["organization_id"]
    currency = workspace.organization(organization_id)["currency"]
    settings = workspace.settings(organization_id)
    arrival = Arrival(
        site["site_id"], now, currency, is_log, tag_names_of(settings.tag_names), settings.redaction,
        secrets.token_bytes(ADDRESS_KEY_BYTES),
    )  # fmt: skip
    counts, names = Counts(unread=report.unread), FieldNames()
    make_folder(workspace.home.path)
    with closing(Spool(workspace.home.path)) as spool:
        with closing(workers.Checkers(arrival)) as checkers:

            def take_in(chunks: Iterable[Chunk]) -> None:
                for frame in checkers.check_all(chunks):
                    spool.add(frame, _kept(frame, counts))
                    report.unread.update(names.settled(frame.unread))

            yield take_in
        slices = Slices(
            workspace.ledger, site, f"{site['site_id']} {spool.digest}",
            keeps_all=not settings.retention_days, now=now,
        )  # fmt: skip
        pace = Pace(workspace.home, first=FRAME_ROWS, most=MOST_ROWS)
        slices.store(spool, counts, report, pace, lambda rows: progress("Storing", rows, spool.size))


def _visitors(workspace: Workspace) -> Callable[[str], str]:
    keys = DailyKeys(workspace.home.path)
    return lambda text: keys.digest("log", text)


def _kept(frame: Frame, counts: Counts) -> Rows:
    """The lines of noise that are kept of a log: the first ones of each reason."""
    kept = []
    for row in frame.noise:
        reason = row[_REASON]
        counts.noise[reason] += 1
        if counts.noise[reason] > KEPT_OF_NOISE:
            counts.unkept[reason] += 1
        else:
            kept.append(row)
    return kept
