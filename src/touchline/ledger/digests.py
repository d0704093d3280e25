"""Which events stand already whose ids come in no order, in a ledger in a SQLite file.

Ids that rise with time touch the end of the index that makes them unique. A UUIDv4 touches a page of its own: at ten
million events, each brings a page of 8 KiB to the log for a row of 900 bytes. So the index leaves such ids out. 64 bits
of a hash of each stand in ``id_digests``; those that came last stand in ``new_id_digests``, which is small, and are
carried over in their order, so that every page that is touched takes several. Two ids with one digest are told apart by
their events; a digest whose event is gone says nothing.
"""

import random
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b
from operator import itemgetter
from struct import unpack

from touchline.ledger.rows import Key, Row, Rows

WITHOUT_ORDER = "substr(event_id, 15, 1) = '4'"
"""What SQL says for :func:`has_no_order`."""
KEPT = 250_000
"""Digests that stay apart. With fewer, a page of the many takes fewer at a time; more have more pages of their own."""
_LEAST, _MOST = -(2**63), 2**63 - 1


_version, _RANDOM = itemgetter(slice(14, 15)), "4"


def has_no_order(event_id: str) -> bool:
    """Whether the id looks like a UUIDv4: its 15th character is the version.

    >>> has_no_order("9b2f6c1e-3f0a-4c57-8d67-0a4b5c6d7e8f"), has_no_order("order-1")
    (True, False)
    """
    return bool(_version(event_id) == _RANDOM)


def digest_of(key: Key) -> int:
    """64 bits of a hash of a site and an event id, as the signed integer that SQLite keeps.

    >>> digest_of(("shop", "a")) == digest_of(("shop", "a")) != digest_of(("shop", "b"))
    True
    """
    return digests_of([key])[0]


def digests_of(keys: Collection[Key]) -> tuple[int, ...]:
    """:func:`digest_of` each of the keys, for half of what it costs one by one."""
    hashes = [blake2b(f"{site_id}\n{event_id}".encode(), digest_size=8).digest() for site_id, event_id in keys]
    return unpack(f">{len(hashes)}q", b"".join(hashes))


class Digests:
    """The digests, by one connection that writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._held = 0
        self._version: int | None = None
        self._place = random.randint(_LEAST, _MOST)  # noqa: S311 - where a round begins is no secret

    def add_once(self, rows: Rows, key: tuple[int, int], insert: Callable[[Rows], int]) -> set[Key]:
        """Insert the events whose site does not have their id yet.

        :param key: where in a row the site and the event id stand.
        :param insert: inserts rows by a statement that skips what the unique index knows; returns how many were new.
        :return: the keys of which not each row was inserted, or perhaps not; without one, all rows are new.
        """
        event_id, key_of = itemgetter(key[1]), itemgetter(*key)
        without_order = list(map(_version, map(event_id, rows))).count(_RANDOM)
        if not without_order:
            return set() if insert(rows) == len(rows) else set(map(key_of, rows))
        if without_order == len(rows):
            return self._add_new(rows, list(map(key_of, rows)), insert)
        ordered = [row for row in rows if not has_no_order(event_id(row))]
        unordered = [row for row in rows if has_no_order(event_id(row))]
        perhaps = set(map(key_of, ordered)) if insert(ordered) < len(ordered) else set[Key]()
        return perhaps | self._add_new(unordered, list(map(key_of, unordered)), insert)

    def forget(self, events: Iterable[tuple[Key, int]]) -> None:
        """Take the digests of events away, given by key and number."""
        told = list(events)
        rows = list(zip(digests_of([key for key, _ in told]), (sequence for _, sequence in told), strict=True))
        self._connection.executemany("delete from id_digests where digest = ? and sequence = ?", rows)
        forgotten = self._connection.executemany("delete from new_id_digests where digest = ? and sequence = ?", rows)
        self._held -= forgotten.rowcount

    def standing(self, keys: Collection[Key]) -> dict[Key, tuple[int, str, int]]:
        """Number, hash of payload, and trust (1: verified) of each of these ids without order that stands."""
        if not keys:
            return {}
        found = self._connection.execute(_EVENTS, (str([*digests_of(keys)]),))
        rows = {(site_id, event_id): tuple(stands) for site_id, event_id, *stands in found}
        return {key: rows[key] for key in keys if key in rows}

    def _add_new(self, rows: Rows, keys: Sequence[Key], insert: Callable[[Rows], int]) -> set[Key]:
        """Insert those of the rows whose key is new, each once; returns the keys that are not, or are there twice."""
        digests = digests_of(keys)
        found = {digest for (digest,) in self._connection.execute(_KNOWN, (str([*digests]),))}
        if not found and len(set(digests)) == len(digests):
            self._add(rows, digests, insert)
            return set()
        known = set(self.standing({key for key, digest in zip(keys, digests, strict=True) if digest in found}))
        first: dict[Key, tuple[Row, int]] = {}
        clashing = known.copy()
        for key, row, digest in zip(keys, rows, digests, strict=True):
            if key in first:
                clashing.add(key)
            elif key not in known:
                first[key] = row, digest
        if first:
            self._add([row for row, _ in first.values()], [digest for _, digest in first.values()], insert)
        return clashing

    def _add(self, rows: Rows, digests: Sequence[int], insert: Callable[[Rows], int]) -> None:
        """Insert rows that are new, and their digests."""
        insert(rows)
        newest = self._connection.execute("select seq from sqlite_sequence where name = 'tracking_events'").fetchone()
        numbers = range(newest[0] - len(rows) + 1, newest[0] + 1)  # nobody else writes, and each is one more
        # In the order of the digests: neighbors are on one page.
        taken = sorted(zip(digests, numbers, strict=True))
        self._connection.executemany("insert into new_id_digests values (?, ?)", taken)
        self._carry(len(rows))

    def _carry(self, added: int) -> None:
        """Carry over as many as are too many now, from where the last ones ended."""
        version = self._connection.execute("pragma data_version").fetchone()[0]  # another where others have written
        if version == self._version:
            self._held += added
        else:
            self._held = self._connection.execute("select count(*) from new_id_digests").fetchone()[0]
        self._version = version
        for _ in range(2):  # to the end, and on from the beginning
            if self._held > KEPT:
                self._held -= self._carried(self._held - KEPT)

    def _carried(self, surplus: int) -> int:
        """Carry over this many, or those up to the end if that is nearer; returns how many."""
        end = self._connection.execute(_END, (self._place, surplus - 1)).fetchone()
        span = self._place, end[0] if end else _MOST
        self._connection.execute(_CARRY, span)
        self._place = span[1] if end else _LEAST
        return self._connection.execute(_CLEAR, span).rowcount


_KNOWN = """
    select digest from id_digests where digest in (select value from json_each(?1))
    union all select digest from new_id_digests where digest in (select value from json_each(?1))
"""
_FOUND = _KNOWN.replace("select digest", "select sequence")
_EVENTS = f"""
    select site_id, event_id, sequence, payload_hash, is_verified from tracking_events where sequence in ({_FOUND})
"""
_END = "select digest from new_id_digests where digest > ? order by digest limit 1 offset ?"
_CARRY = "insert into id_digests select digest, sequence from new_id_digests where digest > ? and digest <= ?"
_CLEAR = "delete from new_id_digests where digest > ? and digest <= ?"
