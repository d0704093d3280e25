"""The capture library's records in: an app's touches become page views, its links to conversions become conversions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchline.amounts import counted
from touchline.errors import UsageError
from touchline.ingest import Payload, Reason, Rejection
from touchline.ingest.captured import conversion_payloads, touch_payloads
from touchline.jobs.importing import ImportReport, chunked, intake
from touchline.jobs.workspace import Workspace
from touchline.ledger.captured import CHUNK, Captured, Unreadable, captured
from touchline.progress import Progress, ignore_progress

Row = Mapping[str, Any]
SaidBy = Callable[[Iterable[Row]], Iterator[tuple[str, Payload]]]


@dataclass
class TouchReport(ImportReport):
    """An import's report, and how many of the rows were touches and how many conversions."""

    touches: int = 0
    conversions: int = 0


@dataclass(frozen=True)
class Source:
    """Where an app keeps what it captured, and whose of it is meant."""

    place: str
    """A SQLite file, or the URL of a database."""
    tenant: str | None = None
    """``None``: the only one."""
    prefix: str = ""
    schema: str | None = None


def import_touches(
    workspace: Workspace, source: Source, *, site_id: str | None, now: int, progress: Progress = ignore_progress
) -> TouchReport:
    """Read every touch and conversion of one tenant into one site; reading them twice changes nothing.

    All of them are read before the first is stored, and an import that was interrupted is finished by the same one.

    The ids of the events are derived from the records' ids, so what an app has sent over HTTP too counts once.

    :raises InputError: if the database cannot be read, or has no touches of the tenant.
    """
    report = TouchReport()
    with (
        captured(source.place, prefix=source.prefix, schema=source.schema) as app,
        intake(workspace, report, site_id=site_id, now=now, progress=progress) as take_in,
    ):
        tenant = _tenant(app, source.tenant)
        total = app.count(tenant)

        def touched(rows: int) -> None:
            report.touches += rows
            progress("touches", report.touches, total)

        def converted(rows: int) -> None:
            report.conversions += rows
            progress("conversions", report.touches + report.conversions, total)

        take_in(chunked(_payloads("touch", _counted(app.touches(tenant), touched), touch_payloads)))
        take_in(chunked(_payloads("link", _counted(app.conversions(tenant), converted), conversion_payloads)))
    return report


def _payloads(kind: str, rows: Iterable[Row | Unreadable], said_by: SaidBy) -> Iterator[tuple[str, Payload]]:
    """What the rows say, each with its source; one that cannot be read is refused where it stands."""
    for row in rows:
        if isinstance(row, Unreadable):
            message = f"Expected a record, but a value of it cannot be read: {row.message}."
            yield f"{kind} {row.id}", Rejection(Reason.MALFORMED, None, message)
        else:
            yield from said_by((row,))


def _tenant(app: Captured, wanted: str | None) -> str:
    """The named tenant, or the only one."""
    tenants = app.tenants()
    names = ", ".join(repr(name) for name in tenants[:10]) + (", …" if len(tenants) > 10 else "")
    if wanted is not None and wanted not in tenants:
        raise UsageError(f"There are no touches of the tenant {wanted!r}.", f"There are of: {names or 'nobody'}.")
    if wanted is None and len(tenants) > 1:
        raise UsageError(f"There are touches of {counted(len(tenants), 'tenant')}: {names}.", "Name one with --tenant.")
    return wanted if wanted is not None else (tenants or [""])[0]


def _counted(rows: Iterable[Row | Unreadable], advance: Callable[[int], None]) -> Iterator[Row | Unreadable]:
    """The rows; ``advance`` reports every :data:`CHUNK` of them, and of the rest."""
    since = 0
    for row in rows:
        since += 1
        yield row
        if since == CHUNK:
            advance(since)
            since = 0
    advance(since)
