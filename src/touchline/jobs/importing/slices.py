"""From the spool into the ledger, in transactions so short that a running server goes on acknowledging.

How far an import is stands in the ledger, written in the same transaction as the rows: the same import, begun again
after it was interrupted, goes on there. The last transaction takes the note away.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import astuple

from touchline.errors import BusyError
from touchline.ingest import RejectedEvent, TrackingEvent, erased_among, happened, refusal_of, standing, unstorable
from touchline.jobs.importing.report import ImportReport
from touchline.jobs.importing.spool import Spool, StoredFrame
from touchline.jobs.pace import Pace
from touchline.ledger import Ledger, schema
from touchline.ledger.entry import Entry
from touchline.ledger.rows import Rows
from touchline.ledger.storable import UnstorableError

ReportStored = Callable[[int], None]
"""Called with how many rows are stored."""

_EVENT_COLUMNS = TrackingEvent.__struct_fields__
_REJECTED_COLUMNS = RejectedEvent.__struct_fields__


@dataclass
class Counts:
    """What an import counts of rows that it does not keep."""

    noise: Counter[str] = field(default_factory=Counter)
    """Lines of a log that are no visits, by reason."""
    unkept: Counter[str] = field(default_factory=Counter)
    """Refused rows that are not kept, by reason."""
    unread: Counter[str] = field(default_factory=Counter)
    """Events with each field that nothing reads."""


class _Slice(NamedTuple):
    """What one transaction stores."""

    frames: Sequence[StoredFrame]
    stored: int
    """Rows of the import that were stored before."""
    done: int
    """Rows of it that are stored then."""
    counts: Counts | None
    """What is counted in the last one."""


class Slices:
    """The way of one import's spool into the ledger of a site.

    :param import_id: identifies an interrupted import when it is requested again.
    """

    def __init__(self, ledger: Ledger, site: Mapping[str, str], import_id: str, *, keeps_all: bool, now: int) -> None:
        self._ledger = ledger
        self._site_id, self._organization_id = site["site_id"], site["organization_id"]
        self._import_id = import_id
        self._keeps_all = keeps_all
        self._now = now
        self._erased: Mapping[str, int] = {}
        self._erased_as: object = None

    def store(
        self, spool: Spool, counts: Counts, report: ImportReport, pace: Pace, report_stored: ReportStored
    ) -> None:
        """Store what is not stored yet, slice after slice."""
        note = self._ledger.newest(schema.UNFINISHED_IMPORTS, import_id=self._import_id)
        report.resumed = stored = note["stored"] if note else 0
        slices = _sliced(_after(spool.frames(), stored), pace)
        report_stored(stored)
        current = next(slices, [])
        while True:
            following = next(slices, [])
            part = _Slice(current, stored, stored + sum(frame.size for frame in current), None if following else counts)
            with pace.transaction():
                report.add(self._stored(part))
            report_stored(stored := part.done)
            if not following:
                return
            current = following

    def _stored(self, part: _Slice) -> ImportReport:
        """Store a slice; returns what became of its rows.

        To be able to take single rows back costs a quarter of storing them, and hardly ever is one refused: a slice
        with such a row is taken back as a whole, and stored again.
        """
        try:
            return self._written(part, is_careful=False)
        except UnstorableError:
            return self._written(part, is_careful=True)

    def _written(self, part: _Slice, *, is_careful: bool) -> ImportReport:
        """What became of the rows of a slice, in a transaction."""
        report = ImportReport()
        with self._ledger.transaction() as entry:
            self._advance(entry, part.stored, part.done)
            self._read_erased(entry)
            for frame in part.frames:
                self._keep(entry, frame, report, is_careful)
            if part.counts is not None:
                self._finish(entry, part.counts)
        return report

    def _advance(self, entry: Entry, stored: int, done: int) -> None:
        """Note how far the import is, unless another process is at it."""
        if stored == 0:
            entry.add_new(schema.UNFINISHED_IMPORTS, [
                {"import_id": self._import_id, "site_id": self._site_id, "stored": 0, "begun_at": self._now}
            ])  # fmt: skip
        where = {"import_id": self._import_id, "stored": stored}
        if not entry.change(schema.UNFINISHED_IMPORTS, where, stored=done):
            raise BusyError("Another process imports the same rows.", "Wait for it to finish.")

    def _finish(self, entry: Entry, counts: Counts) -> None:
        """Count what is not kept, and take the note away.

        The counts are of this very microsecond: the server counts by whole minutes and days, and neither replaces the
        other's count.
        """
        entry.remove(schema.UNFINISHED_IMPORTS, import_id=self._import_id)
        for name, count in counts.unread.items():
            entry.put(schema.UNREAD_FIELDS, site_id=self._site_id, field=name, counted_at=self._now, count=count)
        for reason, count in counts.unkept.items():
            row = {"site_id": self._site_id, "reason": reason, "minute_at": self._now, "count": count}
            entry.put(schema.UNKEPT_REJECTIONS, **row)

    def _keep(self, entry: Entry, frame: StoredFrame, report: ImportReport, is_careful: bool) -> None:
        """Store the rows of a frame but those of erased persons, and, carefully, those that the database refuses."""
        rows, refused = self._screened(frame)
        if is_careful:
            appended, unstored = entry.add_storable_events(_EVENT_COLUMNS, rows)
        else:
            appended, unstored = entry.add_events(_EVENT_COLUMNS, rows), []
        refused += [unstorable(TrackingEvent(**dict(zip(_EVENT_COLUMNS, row, strict=False)))) for row in unstored]
        kept = [*frame.rejected, *map(astuple, refused)]
        entry.add_many(schema.REJECTED_EVENTS, _REJECTED_COLUMNS, kept)
        report.accepted += appended.accepted
        report.duplicate += appended.duplicate
        report.conflicting += appended.conflicting
        report.superseding += appended.superseding
        report.rejected.update(frame.reasons)
        report.rejected.update(event.reason for event in refused)

    def _read_erased(self, entry: Entry) -> None:
        """See who is erased, where that changed; from here to the end of the transaction nobody else is."""
        erasing = entry.erasing(self._organization_id, is_alone=False)
        newest = erasing.newest_entry()
        if newest != self._erased_as:
            self._erased = standing(erasing.known(), keeps_all=self._keeps_all)
            self._erased_as = newest

    def _screened(self, frame: StoredFrame) -> tuple[Rows, list[RejectedEvent]]:
        """The rows that may be stored, and refusals of those of erased persons."""
        events = map(happened, frame.accepted)
        gone = frozenset(erased_among(events, self._organization_id, self._erased, self._ledger.keyed))
        if not gone:
            return frame.accepted, []
        rows = [row for place, row in enumerate(frame.accepted) if place not in gone]
        return rows, [refusal_of(self._site_id, self._now) for _ in gone]


def _after(frames: Iterator[StoredFrame], stored: int) -> Iterator[StoredFrame]:
    """The frames after the first ``stored`` rows."""
    done = 0
    for frame in frames:
        done += frame.size
        if done > stored:  # one that was cut elsewhere, by another release, is stored again: its events are known
            yield frame


def _sliced(frames: Iterable[StoredFrame], pace: Pace) -> Iterator[list[StoredFrame]]:
    """The frames in lists of about as many rows as the pace allows when each is read."""
    part: list[StoredFrame] = []
    size = 0
    for frame in frames:
        part.append(frame)
        size += frame.size
        if size >= pace.size:
            yield part
            part, size = [], 0
    if part:
        yield part
