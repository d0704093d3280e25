"""The work of an erasure that is decided: in slices, each a short transaction, with the ledger free between them.

The process that begins one finishes it; if it is killed, any other continues. Two that work on one request take turns,
slice by slice, and a slice whose rows are gone takes nothing.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from touchline.ingest import entry_of, name_of_order, of_browsers
from touchline.jobs.mentions import Mentions
from touchline.jobs.pace import AfterSlice, Pace, ignore_slices
from touchline.jobs.workspace import Workspace
from touchline.ledger import Erasing, Newest, PersonSearch, Sought, schema
from touchline.ledger.entry import Entry

NAMING, ORDERING, DELETING, CLOSING, DONE = "naming", "ordering", "deleting", "closing", "done"
"""The phases of a request: who is meant is entered, the orders of the person are, rows go, what was noted of whom goes,
and nothing is left to do."""
OPEN = (NAMING, ORDERING, DELETING, CLOSING)

ENTRIES_AT_ONCE = 2_000
"""Entries that are written while the ledger is held."""
_FEWEST, _FIRST, _MOST = 25, 200, 2_000
"""Rows of a slice."""
_SLICE_SECONDS = 0.025
"""How long a slice should keep others from writing."""

Do = Callable[[Entry, Erasing], None]


class MovedOnError(Exception):
    """Somebody else brought the request to another phase."""


def erasure_pace(workspace: Workspace, after_slice: AfterSlice = ignore_slices) -> Pace:
    """The pace of deletions, which nobody waits for: half of the time is left to others."""
    return Pace(
        workspace.home, first=_FIRST, most=_MOST, fewest=_FEWEST, aim_seconds=_SLICE_SECONDS, is_patient=True,
        after_slice=after_slice,
    )  # fmt: skip


class Request:
    """An open request, and what it still takes."""

    def __init__(self, workspace: Workspace, number: int, pace: Pace) -> None:
        self._workspace = workspace
        self._pace = pace
        self.number = number
        self.read_again()
        self._organization_id: str = self.row["organization_id"]

    def read_again(self) -> None:
        """See how far it is by now."""
        (self.row,) = self._workspace.ledger.rows(schema.ERASURE_REQUESTS, request=self.number)

    def names(self) -> set[str]:
        """The identifiers that are noted, and those that were named; none any more of one that is done."""
        return self.names_noted().union(json.loads(self.row["named"] or "[]"))

    def names_noted(self) -> set[str]:
        """The identifiers that are noted."""
        return {row["identifier"] for row in self._workspace.ledger.rows(schema.ERASURE_NAMES, request=self.number)}

    def advance(self) -> None:
        """Bring it to its next phase, from :data:`ORDERING` on."""
        {ORDERING: self._note_orders, DELETING: self._delete, CLOSING: self._close}[self.row["phase"]]()

    def slice(self, do: Do, rows: int = 0, *, is_alone: bool = False) -> None:
        """One short transaction.

        :param is_alone: nobody takes events in meanwhile: to enter an erasure.
        :raises MovedOnError: if the request is in another phase by now.
        """
        with self._pace.transaction(rows), self._workspace.ledger.transaction() as entry:
            erasing = (entry.erasing if is_alone else entry.deleting)(self._organization_id)
            if not erasing.take_up(self.number, self.row["phase"], time.time_ns() // 1000):
                raise MovedOnError
            do(entry, erasing)

    def change(self, entry: Entry, **values: Any) -> None:
        """Note how far it is."""
        entry.change(schema.ERASURE_REQUESTS, {"request": self.number}, **values)

    def move_on(self, entry: Entry, erasing: Erasing, phase: str) -> None:
        """All that came until now is looked at in the next phase; in a transaction that holds the ledger."""
        self.change(entry, phase=phase, **last_of(erasing.newest()))

    def _search(self) -> AbstractContextManager[PersonSearch]:
        row = self.row
        sought = Sought(
            self.number, Newest(row["last_event"], row["last_rejection"], row["last_claim"]), row["decided_event"],
            row["requested_at"], row["happened_before"],
        )  # fmt: skip
        return self._workspace.ledger.searching(self._organization_id, sought)

    def _note_orders(self) -> None:
        """Find the orders that are the person's alone, and enter them: what names only them is refused from then on."""
        with self._search() as search:
            for _, orders in search.orders_after(0):
                self._enter(list(orders.items()), lambda erasing, some: erasing.add_orders(self.number, dict(some)))
            if not search.has_orders():
                self.slice(lambda entry, _: self.change(entry, phase=DELETING))
                return
            for _, shared in search.shared_orders_after(0):
                self._enter(shared, lambda erasing, some: erasing.share_orders(self.number, some))
            orders = search.orders()
        names = [name_of_order(*key, is_proven=proven) for key, proven in orders.items()]
        entries = [entry_of(self._organization_id, name, self._workspace.ledger.keyed) for name in names]
        self._enter(entries, lambda erasing, some: erasing.note(some, self.row["requested_at"]), is_alone=True)
        self.slice(lambda entry, erasing: self.move_on(entry, erasing, DELETING), is_alone=True)

    def _enter(
        self, values: Sequence[Any], enter: Callable[[Erasing, Sequence[Any]], None], *, is_alone: bool = False
    ) -> None:  # fmt: skip
        """Enter :data:`ENTRIES_AT_ONCE` at a time."""
        for start in range(0, len(values), ENTRIES_AT_ONCE):

            def enter_some(_: Entry, erasing: Erasing, start: int = start) -> None:
                enter(erasing, values[start : start + ENTRIES_AT_ONCE])

            self.slice(enter_some, is_alone=is_alone)

    def _delete(self) -> None:
        """Delete what is meant, table by table."""
        with self._search() as search:
            self._take_events(search)
            self._take_rejections(search)
            self._take_claims(search)
        self._forget_choices()
        self.slice(lambda entry, _: self.change(entry, phase=CLOSING))

    def _forget_choices(self) -> None:
        """Leave out of the records of consent whose they are."""
        names = self.names()
        for site in self._workspace.ledger.rows(schema.SITES, organization_id=self._organization_id):
            site_id, prefix = site["site_id"], f"v:{site['site_id']}:"
            prefixes = prefix, of_browsers(prefix)
            visitors = sorted({name.partition(prefix)[2] for name in names if name.startswith(prefixes)})
            if visitors and self._workspace.ledger.rows(schema.CONSENTS, site_id=site_id, limit=1):
                self._enter(visitors, partial(Erasing.forget_choices, site_id=site_id))

    def _close(self) -> None:
        """Forget whose rows went."""
        is_left = True

        def forget(entry: Entry, erasing: Erasing) -> None:
            nonlocal is_left
            is_left = erasing.forget_worklist(self.number, ENTRIES_AT_ONCE)
            if not is_left:
                self.change(entry, phase=DONE, named="")

        while is_left:
            self.slice(forget)

    def _take_events(self, search: PersonSearch) -> None:
        column = schema.TRACKING_EVENTS.c.sequence
        for end, rows in search.events_after(self.row["done_event"], column):
            self._take("done_event", end, [row[0] for row in rows], Erasing.take_events)

    def _take_rejections(self, search: PersonSearch) -> None:
        is_by_time = self.row["happened_before"] is not None
        for end, numbers in rejections_meant(search, self.row["done_rejection"], is_by_time=is_by_time):
            self._take("done_rejection", end, numbers, Erasing.take_rejections)

    def _take_claims(self, search: PersonSearch) -> None:
        if self.row["happened_before"] is None:
            for end, rows in search.claims_after(self.row["done_claim"], schema.IDENTITY_CLAIMS.c.claim):
                self._take("done_claim", end, [row[0] for row in rows], Erasing.take_claims)

    def _take(
        self, mark: str, end: int, numbers: Sequence[int], take: Callable[[Erasing, int, Sequence[int]], int]
    ) -> None:
        """Take these rows in slices, and note how far that is; after the last one, that all was read up to ``end``."""
        start = 0
        while start == 0 or start < len(numbers):
            part = numbers[start : start + self._pace.size]
            start += max(1, len(part))
            upto = end if start >= len(numbers) else part[-1]

            def take_part(entry: Entry, erasing: Erasing, part: Sequence[int] = part, upto: int = upto) -> None:
                take(erasing, self.number, part)
                self.change(entry, **{mark: upto})

            self.slice(take_part, len(part))


def rejections_meant(
    search: PersonSearch, rejection: int = 0, *, is_by_time: bool = False
) -> Iterator[tuple[int, list[int]]]:
    """The numbers of the rejected events after ``rejection`` that are meant, and up to where each part was read.

    :param is_by_time: whether all are meant that are old enough; else those that mention the person.
    """
    columns = schema.REJECTED_EVENTS.c
    if is_by_time:
        for end, rows in search.rejections_after(rejection, columns.rejection):
            yield end, [row[0] for row in rows]
        return
    mentions = Mentions(search.names(), search.orders())
    texts = (columns.payload, columns.message, columns.event_id)
    for end, rows in search.rejections_after(rejection, columns.rejection, columns.site_id, *texts):
        said = ((number, site, "\n".join(filter(None, kept))) for number, site, *kept in rows)
        yield end, [number for number, site, text in said if mentions.are_in(site, text)]


def last_of(newest: Newest) -> dict[str, int]:
    """The numbers up to which a request looks at rows."""
    return {"last_event": newest.event, "last_rejection": newest.rejection, "last_claim": newest.claim}
