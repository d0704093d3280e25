"""Deciding whom an erasure takes: nobody waits while that is found out, and what is decided holds for all that comes.

The ledger is held for as long as it takes to read what came since and to write at most
:data:`~touchline.jobs.erasure_work.ENTRIES_AT_ONCE` entries. Events that name a person who is entered are refused from
then on, so the ids of a person with many are soon complete.
"""

import json
from collections.abc import Collection, Sequence
from typing import Literal

from touchline.errors import BusyError, UsageError
from touchline.ingest import entry_of
from touchline.jobs.belonging import Belonging, Belongings
from touchline.jobs.erasure_work import ENTRIES_AT_ONCE, NAMING, ORDERING, Request, last_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import Erasing, schema
from touchline.ledger.entry import Entry

Act = Literal["erase", "export"]
_TRIES = 10
"""How often a person is looked at again who may have changed while others were erased, or claims were withdrawn."""
_SHOWN = 3
"""Accounts that an error names."""


class Decision:
    """Whom an erasure of the ``named`` takes, as far as was looked."""

    def __init__(
        self, workspace: Workspace, organization_id: str, named: Sequence[str], *, is_proven_only: bool
    ) -> None:
        self._workspace = workspace
        self._organization_id = organization_id
        self._named = named
        self._is_proven_only = is_proven_only
        self._look()

    def _look(self) -> None:
        with self._workspace.ledger.reading(self._organization_id) as reading:
            self._standing = reading.standing()
            self._belongings = Belongings(self._workspace, self._organization_id, self._named)
            self._belongings.look(reading)
            found = self._belongings.look(reading)  # what came while pairs were looked up is soon read
        self.identifiers = found.proven if self._is_proven_only else found.identifiers
        """Whose rows go."""
        self.shared = found.shared
        """Those of them that are somebody else's at other times, and when they are this person's."""
        self.unproven: tuple[str, ...] = ()
        """Those of the identifiers that only a browser ties to the named one, and that servers or files reported."""
        if not self._is_proven_only:
            self.unproven = accounts(self._workspace, self._organization_id, found)

    def check(self, act: Act = "erase") -> None:
        """Refuse to erase, or export, an account on a browser's word.

        :raises UsageError: if there is one.
        """
        if self.unproven:
            raise _unproven(self._named[0], self.unproven, act)

    def enter(self, now: int) -> int:
        """Enter the erasure, and what is left to do for it; returns its number.

        :raises UsageError: if a browser tied an account to the person meanwhile.
        :raises BusyError: if others do not come to an end.
        """
        for _ in range(_TRIES):
            number = self._entered(now)
            if number:
                return number
            self._look()
            self.check()
        raise BusyError(
            "Others are being erased, or claims withdrawn, all the time.", "Run the command again when that is done."
        )

    def _entered(self, now: int) -> int:
        """The number of the request; 0: it may be another person by now, and nothing was written."""
        with self._workspace.ledger.transaction() as entry:
            erasing = entry.erasing(self._organization_id)
            if erasing.standing() != self._standing or self._belongings.has_news(erasing):
                return 0
            first = self.identifiers[:ENTRIES_AT_ONCE]
            newest = last_of(erasing.newest())
            number = entry.add(
                schema.ERASURE_REQUESTS, organization_id=self._organization_id, requested_at=now,
                phase=ORDERING if len(first) == len(self.identifiers) else NAMING, named=json.dumps(self._named),
                is_proven_only=self._is_proven_only, decided_event=newest["last_event"], worked_at=now, **newest,
            )  # fmt: skip
            _note(erasing, self._organization_id, number, first, now)
        return number


def name_all(workspace: Workspace, request: Request) -> None:
    """Enter the identifiers of a request that are not entered yet, and those that come to the person meanwhile."""
    row, organization_id = request.row, request.row["organization_id"]
    belongings = Belongings(
        workspace, organization_id, json.loads(row["named"]), happened_by=row["requested_at"]
    )  # fmt: skip
    while request.row["phase"] == NAMING:
        with workspace.ledger.reading(organization_id) as reading:
            found = belongings.look(reading)
        noted = request.names_noted()
        missing = sorted(_meant(workspace, request, found, noted) - noted)
        for start in range(0, len(missing), ENTRIES_AT_ONCE):
            part = missing[start : start + ENTRIES_AT_ONCE]

            def note(_: Entry, erasing: Erasing, part: Sequence[str] = part) -> None:
                _note(erasing, organization_id, request.number, part, row["requested_at"])

            request.slice(note, is_alone=True)

        def end(entry: Entry, erasing: Erasing) -> None:
            if not belongings.has_news(erasing):
                request.move_on(entry, erasing, ORDERING)

        request.slice(end, is_alone=True)
        request.read_again()


def accounts(workspace: Workspace, organization_id: str, found: Belonging) -> tuple[str, ...]:
    """Those that only a browser ties to the named ones, and that stand on verified events or claims."""
    if not found.unproven:
        return ()
    with workspace.ledger.looking_for(organization_id, found.unproven) as search:
        return tuple(sorted(search.verified_names()))


def _meant(workspace: Workspace, request: Request, found: Belonging, noted: Collection[str]) -> set[str]:
    """Who is to be entered: what a browser said of an account after the decision changes nothing."""
    if request.row["is_proven_only"]:
        return set(found.proven)
    late = set(accounts(workspace, request.row["organization_id"], found)).difference(noted)
    return {*noted, *found.proven} if late else set(found.identifiers)


def _note(erasing: Erasing, organization_id: str, number: int, identifiers: Sequence[str], requested_at: int) -> None:
    erasing.note([entry_of(organization_id, name, erasing.keyed) for name in identifiers], requested_at)
    erasing.add_names(number, identifiers)


def _unproven(named: str, accounts: tuple[str, ...], act: Act) -> UsageError:
    users = [name for name in accounts if name.startswith("u:")] or list(accounts)
    return UsageError(
        f"Only a browser says that {named} is {' and '.join(users[:_SHOWN])}, whom your servers or files reported.",
        f"Anybody can make a browser say so. If it is one person, {act} that id, which also {act}s the browser's"
        " events; "
        f"if not, or if you are not sure, {act} {named} with --proven-only.",
    )
