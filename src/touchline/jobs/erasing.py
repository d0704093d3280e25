"""Erasing a person, and what a retention period has outlived: decided at once in the ledger, deleted in slices."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from touchline.errors import UnknownError
from touchline.ingest import EVERYBODY, entries_of
from touchline.jobs.clocks import is_ahead
from touchline.jobs.compacting import Remains
from touchline.jobs.deciding import Decision, name_all
from touchline.jobs.erasure_work import (
    DELETING,
    DONE,
    NAMING,
    OPEN,
    MovedOnError,
    Request,
    erasure_pace,
    last_of,
    rejections_meant,
)
from touchline.jobs.named_persons import identifiers_named
from touchline.jobs.pace import AfterSlice, Pace, ignore_slices
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import PersonSearch, Sought, schema
from touchline.magnitudes import DAY_MICROS, day_of

STALE_SECONDS = 60.0
"""After this long without a slice, the process that worked on a request counts as gone."""


@dataclass(frozen=True)
class ErasureReport:
    """What went, or would go: the person's identifiers, and how many rows of the ledger."""

    identifiers: tuple[str, ...]
    events: int
    """With those that name nobody, and an order of the person."""
    rejected: int
    """Rejected events in whose kept text one of the identifiers, or an order of the person alone, stands."""
    claims: int
    is_dry_run: bool = False
    unproven: tuple[str, ...] = ()
    """Those of the identifiers that only a browser ties to the named one, and that servers or files reported."""
    run_failure: str = ""
    """Why the run after it failed, so that the numbers have not followed yet; empty where none failed."""
    remains: tuple[Remains, ...] = ()
    """Where something of it may still be."""
    is_log_empty: bool = True
    """Whether the ledger's write-ahead log was emptied, which others may have been reading."""

    def with_more(self, identifiers: Sequence[str], row: Row) -> "ErasureReport":
        """What went, and what a request took."""
        return replace(
            self, identifiers=tuple(sorted({*self.identifiers, *identifiers})), events=self.events + row["events"],
            rejected=self.rejected + row["rejected"], claims=self.claims + row["claims"],
        )  # fmt: skip


@dataclass(frozen=True)
class RetentionReport:
    """What one organization's retention period took: everything before ``before`` (microseconds since 1970)."""

    organization_id: str
    before: int
    events: int
    rejected: int


class _LaterError(Exception):
    """The rest is left for later."""


def erase(  # noqa: PLR0913 - the four ways to name somebody are the command's
    workspace: Workspace, organization_id: str, *, visitor: str | None = None, user: str | None = None,
    email_hash: str | None = None, email: str | None = None, order: str | None = None, account: str | None = None,
    address_hash: str | None = None, now: int, is_proven_only: bool = False, is_dry_run: bool = False,
    after_slice: AfterSlice = ignore_slices,
) -> ErasureReport:  # fmt: skip
    """Erase the person whom one id names: the events of all ids that are known to be theirs.

    Needs no run: the ids are those that a run would join now. The numbers follow at the next run. What happened up to
    ``now`` (microseconds since 1970) and comes again is refused as ``erased``; what the same browser does later is
    somebody new.

    Once it is decided, nothing takes it back. If it is interrupted, the next erasure continues it; the same command
    again also reports everything that it deleted.

    A page can claim with its publishable key that its visitor is anybody. So an account that a server or a file of the
    owner's reported is erased only if its id is the named one, or if such a report ties it to that one.

    :param email_hash: the SHA-256 of the e-mail address, in hexadecimal digits, or its stored form.
    :param email: the address; neither the ledger nor a log gets it.
    :param order: everybody on a verified event with this order; if there is none, on any.
    :param account: all members of an account, as events name it.
    :param address_hash: everybody on an event with this hash of an address, which is of one day.
    :param is_proven_only: leave alone whatever only a browser ties to the named id.
    :param after_slice: called after each short transaction.
    :raises UsageError: if not exactly one id is given, or if only a browser ties such an account to it.
    :raises UnknownError: if nothing is known of such a person, and nothing was erased.
    """
    started = time.monotonic()
    named = identifiers_named(
        workspace, organization_id, visitor, user, email_hash, email, order, account, address_hash
    )
    if is_dry_run:
        return _rehearsed(workspace, organization_id, named, is_proven_only=is_proven_only)
    report, pace = ErasureReport((), 0, 0, 0), erasure_pace(workspace, after_slice)
    for identifiers, row in _finished(workspace, pace, organization_id=organization_id):
        if not identifiers.isdisjoint(named):
            report = report.with_more(sorted(identifiers), row)
    decision = Decision(workspace, organization_id, named, is_proven_only=is_proven_only)
    decision.check()
    if not report.identifiers and not _is_known(workspace, organization_id, named, decision.identifiers):
        raise _unknown(named)
    number = decision.enter(now + int((time.monotonic() - started) * 1_000_000))
    identifiers, row = finish(workspace, number, pace)
    report = report.with_more(sorted(identifiers.union(decision.identifiers)), row)
    return replace(report, is_log_empty=workspace.ledger.settle())


def retain(workspace: Workspace, *, now: int, after_slice: AfterSlice = ignore_slices) -> list[RetentionReport]:
    """Erase what is older than each organization's ``retention_days``, to the day (UTC); what was cut off goes first.

    :param now: microseconds since 1970.
    :param after_slice: called after each short transaction.
    """
    pace = erasure_pace(workspace, after_slice)
    taken = [row for _, row in _finished(workspace, pace)]
    for organization in workspace.ledger.rows(schema.ORGANIZATIONS):
        name = organization["organization_id"]
        days = workspace.settings(name).retention_days
        number = days and _outlived(workspace, name, day_of(now) - days * DAY_MICROS, now)
        if number:
            taken.append(finish(workspace, number, pace)[1])
    if taken:
        workspace.ledger.settle()
    return list(_by_organization([row for row in taken if row["happened_before"] is not None]))


def resume(workspace: Workspace, *, seconds: float, after_slice: AfterSlice = ignore_slices) -> bool:
    """Go on for a while with what was cut off, where nobody works on it any more; returns whether there was any."""
    until = time.monotonic() + seconds

    def look_at_clock() -> None:
        after_slice()
        if time.monotonic() > until:
            raise _LaterError

    now = time.time_ns() // 1000
    try:
        finished = list(_finished(workspace, erasure_pace(workspace, look_at_clock), left_at=now))
    except _LaterError:
        return True
    if finished:
        workspace.ledger.settle()
    return bool(finished)


def _open_requests(workspace: Workspace, **where: object) -> list[Row]:
    phases = workspace.ledger.rows_with(schema.ERASURE_REQUESTS, "phase", OPEN)
    found = [row for row in phases if where.items() <= row.items()]
    return sorted(found, key=lambda row: row["request"])


def _finished(
    workspace: Workspace, pace: Pace, *, left_at: int | None = None, **where: object
) -> Iterator[tuple[set[str], Row]]:
    """Finish what was cut off; gives the identifiers of each, and what it took in all.

    :param left_at: only what nobody works on at this time, in microseconds since 1970.
    """
    for row in _open_requests(workspace, **where):
        if left_at is None or _is_left(row, left_at):
            yield finish(workspace, row["request"], pace)


def _is_left(row: Row, now: int) -> bool:
    """Whether nobody works on a request any more; a time that is still to come is of a clock that was ahead."""
    return row["worked_at"] < now - int(STALE_SECONDS * 1_000_000) or is_ahead(row["worked_at"], now)


def finish(workspace: Workspace, number: int, pace: Pace) -> tuple[set[str], Row]:
    """Do all that is left of a request; returns its identifiers, and what it took in all."""
    identifiers = set[str]()
    while True:
        request = Request(workspace, number, pace)
        identifiers |= request.names()
        try:
            if request.row["phase"] == DONE:
                return identifiers, request.row
            if request.row["phase"] == NAMING:
                name_all(workspace, request)
            else:
                request.advance()
        except MovedOnError:
            continue


def _rehearsed(
    workspace: Workspace, organization_id: str, named: Sequence[str], *, is_proven_only: bool
) -> ErasureReport:
    """What an erasure would report."""
    decision = Decision(workspace, organization_id, named, is_proven_only=is_proven_only)
    identifiers = set(decision.identifiers)
    for row in _open_requests(workspace, organization_id=organization_id):
        theirs = Request(workspace, row["request"], erasure_pace(workspace)).names()
        identifiers |= theirs if theirs.intersection(named) else set()
    with workspace.ledger.looking_for(organization_id, identifiers) as search:
        search.find_orders()
        events, rejected, claims = counts_of(search)
    if not (events or rejected or claims or _was_erased(workspace, organization_id, named)):
        raise _unknown(named)
    return ErasureReport(
        tuple(sorted(identifiers)), events, rejected, claims, is_dry_run=True, unproven=decision.unproven
    )


def counts_of(search: PersonSearch) -> tuple[int, int, int]:
    """How many events, rejected events and claims of the person there are."""
    events = sum(len(rows) for _, rows in search.events_after(0, schema.TRACKING_EVENTS.c.sequence))
    claims = sum(len(rows) for _, rows in search.claims_after(0, schema.IDENTITY_CLAIMS.c.claim))
    return events, sum(len(numbers) for _, numbers in rejections_meant(search)), claims


def _is_known(workspace: Workspace, organization_id: str, named: Sequence[str], identifiers: Sequence[str]) -> bool:
    """Whether there is, or was, anything of such a person; ids that belong together are on an event or in a claim."""
    if len(identifiers) > len(named) or _was_erased(workspace, organization_id, named):
        return True
    events, claims = schema.TRACKING_EVENTS.c.sequence, schema.IDENTITY_CLAIMS.c.claim
    with workspace.ledger.looking_for(organization_id, identifiers) as search:
        return (
            any(rows for _, rows in search.events_after(0, events))
            or any(rows for _, rows in search.claims_after(0, claims))
            or any(numbers for _, numbers in rejections_meant(search))
        )


def _was_erased(workspace: Workspace, organization_id: str, named: Sequence[str]) -> bool:
    with workspace.ledger.reading(organization_id) as reading:
        keyed = workspace.ledger.keyed
        return reading.knows(entry for name in named for entry in entries_of(organization_id, name, keyed))


def _unknown(named: Sequence[str]) -> UnknownError:
    return UnknownError(f"{named[0]} is unknown.", "Check the id, and the organization.")


def _outlived(workspace: Workspace, organization_id: str, before: int, now: int) -> int:
    """Enter what a retention period takes; returns the request's number, or 0 where that is nothing."""
    with workspace.ledger.reading(organization_id) as reading:
        sought = Sought(0, reading.newest(), happened_before=before)
    with workspace.ledger.searching(organization_id, sought) as search:
        events, rejected = schema.TRACKING_EVENTS.c.sequence, schema.REJECTED_EVENTS.c.rejection
        is_any = any(rows for _, rows in search.events_after(0, events)) or any(
            rows for _, rows in search.rejections_after(0, rejected)
        )
    if not is_any:
        return 0
    with workspace.ledger.transaction() as entry:
        erasing = entry.erasing(organization_id)
        erasing.note([EVERYBODY], before - 1)
        newest = last_of(erasing.newest())
        return entry.add(
            schema.ERASURE_REQUESTS, organization_id=organization_id, phase=DELETING, requested_at=before - 1,
            happened_before=before, named="", is_proven_only=False, decided_event=newest["last_event"],
            worked_at=now, **newest,
        )  # fmt: skip


def _by_organization(rows: Sequence[Row]) -> Iterator[RetentionReport]:
    """One report for each organization, of a period that was cut off and of the next one."""
    for name in dict.fromkeys(row["organization_id"] for row in rows):
        theirs = [row for row in rows if row["organization_id"] == name]
        events, rejected = (sum(row[counter] for row in theirs) for counter in ("events", "rejected"))
        yield RetentionReport(name, max(row["happened_before"] for row in theirs), events, rejected)
