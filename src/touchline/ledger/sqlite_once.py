"""Adds events to a SQLite file once each, and lets verified reports take the place of unverified ones."""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from touchline.ledger.digests import Digests, has_no_order
from touchline.ledger.rows import Key, Rows
from touchline.ledger.schema import SUPERSEDED, WITH_ORDER
from touchline.ledger.verdicts import Places, Report, Verdict, judge

Insert = Callable[[Rows], int]
"""Inserts rows by a statement that skips what the unique index knows; returns how many were new."""


class _Found(NamedTuple):
    """What stands under a key."""

    sequence: int
    report: Report


class EventsOnce:
    """Events of ``columns``, by one connection that is in a transaction of its own."""

    def __init__(self, connection: sqlite3.Connection, columns: Sequence[str], insert: Insert) -> None:
        self.columns = tuple(columns)
        self._connection = connection
        self._places = Places(columns)
        self._digests = Digests(connection)
        self._insert = insert

    def add(self, rows: Rows) -> set[Key]:
        """Add the rows whose key is new; returns the keys that :meth:`judge` has to look at: without one, all are."""
        return self._digests.add_once(rows, self._places.key_at, self._insert)

    def newest(self) -> int:
        """The newest number that an event has got."""
        row = self._connection.execute("select seq from sqlite_sequence where name = 'tracking_events'").fetchone()
        return int(row[0]) if row else 0

    def judge(self, rows: Rows, before: int, clashing: Collection[Key]) -> list[Verdict]:
        """What became of rows that were added after the number ``before``, once superseded reports have gone.

        :param clashing: what :meth:`add` returned; the rows of all other keys are new.
        """
        keys = [self._places.key(row) for row in rows]
        doubtful = [place for place, key in enumerate(keys) if key in clashing]
        found = self._standing({keys[place] for place in doubtful})
        standing = {key: stands.report for key, stands in found.items() if stands.sequence <= before}
        judged, winners = judge([rows[place] for place in doubtful], self._places, standing)
        # Of the keys that are new in these rows the first report was inserted, and a later one may have won.
        replaced = [key for key, row in winners.items() if found[key].report != self._places.report(row)]
        if replaced:
            self._remove({key: found[key].sequence for key in replaced}, before)
            self.add([winners[key] for key in replaced])
        verdicts = [Verdict.NEW] * len(rows)
        for place, verdict in zip(doubtful, judged, strict=True):
            verdicts[place] = verdict
        return verdicts

    def _standing(self, keys: Collection[Key]) -> dict[Key, _Found]:
        unordered = self._digests.standing([key for key in keys if has_no_order(key[1])])
        found = {key: _found(*row) for key, row in unordered.items()}
        for key in keys:
            if key not in found:
                found[key] = _found(*self._connection.execute(STANDING, key).fetchone())
        return found

    def _remove(self, sequences: dict[Key, int], before: int) -> None:
        """Take superseded events away, and leave the numbers of those that a follower may have read."""
        self._digests.forget((key, sequence) for key, sequence in sequences.items() if has_no_order(key[1]))
        known = [(SUPERSEDED, sequence) for sequence in sequences.values() if sequence <= before]
        self._connection.executemany("insert into erased_events (erasure, sequence) values (?, ?)", known)
        gone = [(sequence,) for sequence in sequences.values()]
        self._connection.executemany("delete from tracking_events where sequence = ?", gone)


STANDING = f"""
    select sequence, payload_hash, is_verified from tracking_events
    where site_id = ? and event_id = ? and {WITH_ORDER}
"""


def _found(sequence: int, payload_hash: str, is_verified: int) -> _Found:
    return _Found(sequence, Report(payload_hash, bool(is_verified)))
