"""Which of several reports under one event id stands: the first verified one, or the first if none is verified.

What comes with a publishable key, anybody can have sent. If such a report could take an id permanently, a browser that
guesses ``order-1001`` would keep the server's own report of that order out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum
from operator import itemgetter
from typing import NamedTuple

from touchline.ledger.rows import Key, Row, Rows


class Verdict(IntEnum):
    """What became of one event."""

    NEW = 0
    REPEATED = 1
    """Its id stands already, with the same words."""
    CONFLICTING = 2
    """Its id stands already, with other words; those that stand remain."""
    SUPERSEDING = 3
    """It is verified, and takes the place of an unverified report."""


ACCEPTED = frozenset({Verdict.NEW, Verdict.SUPERSEDING})
"""Verdicts after which the event is in the ledger."""


@dataclass(frozen=True)
class Appended:
    """What became of some accepted events."""

    accepted: int
    """Those that stand now, or stood until a later one of them superseded them."""
    duplicate: int
    """Those whose id had a report already."""
    conflicting: int
    """Of the duplicates, those that say something else."""
    superseding: int = 0
    """Of the accepted ones, verified reports that took the place of an unverified one."""

    def __add__(self, other: "Appended") -> "Appended":
        """What became of both."""
        return Appended(*(ours + theirs for ours, theirs in zip(astuple(self), astuple(other), strict=True)))


class Report(NamedTuple):
    """As much of an event as decides whether another may take its place."""

    payload_hash: str
    is_verified: bool


class Places:
    """Where the rows of ``columns`` have what decides."""

    def __init__(self, columns: Sequence[str]) -> None:
        places = [columns.index(name) for name in ("site_id", "event_id", "payload_hash", "is_verified")]
        self.key = itemgetter(*places[:2])
        """Gives the key of a row."""
        self.key_at = places[0], places[1]
        self._report = itemgetter(*places[2:])

    def report(self, row: Row) -> Report:
        """The report that a row makes."""
        payload_hash, is_verified = self._report(row)
        return Report(payload_hash, bool(is_verified))


class Judged(NamedTuple):
    """What became of some rows."""

    verdicts: list[Verdict]
    winners: dict[Key, Row]
    """The row that stands in the end, for each key under which something else, or nothing, stood before."""


def judge(rows: Rows, places: Places, standing: Mapping[Key, Report]) -> Judged:
    """Judge rows in their order, after the reports that are ``standing``.

    >>> places = Places(["site_id", "event_id", "payload_hash", "is_verified"])
    >>> rows = [("shop", "a", "1", False), ("shop", "a", "1", True), ("shop", "a", "2", True)]
    >>> [verdict.name for verdict in judge(rows, places, {}).verdicts]
    ['NEW', 'SUPERSEDING', 'CONFLICTING']
    """
    stands, judged = dict(standing), Judged([], {})
    for row in rows:
        key, offered = places.key(row), places.report(row)
        verdict = _verdict(stands.get(key), offered)
        judged.verdicts.append(verdict)
        if verdict in ACCEPTED:
            stands[key] = offered
            judged.winners[key] = row
    return judged


def _verdict(stands: Report | None, offered: Report) -> Verdict:
    if stands is None:
        return Verdict.NEW
    if offered.is_verified and not stands.is_verified:
        return Verdict.SUPERSEDING
    return Verdict.REPEATED if offered.payload_hash == stands.payload_hash else Verdict.CONFLICTING


def verified_keys(rows: Iterable[Row], places: Places) -> set[Key]:
    """The keys under which at least one of the rows is verified."""
    return {places.key(row) for row in rows if places.report(row).is_verified}
