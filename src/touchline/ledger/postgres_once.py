"""Adds events to PostgreSQL once each, and lets verified reports take the place of unverified ones.

The steps are a generator of statements, so that the importer's driver and the server's run the same ones.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from touchline.ledger.rows import Key, Row, Rows
from touchline.ledger.schema import SUPERSEDED
from touchline.ledger.verdicts import Judged, Places, Report, judge, verified_keys

Statement = tuple[TextClause, Mapping[str, Sequence[Any]]]
Steps = Generator[Statement, Sequence[Any], Judged]
"""Gives statements, takes the rows that each returns, and ends with what became of the events."""

KEY = ("site_id", "event_id", "payload_hash", "received_at", "is_verified")


class _Found(NamedTuple):
    """What stands under a key."""

    report: Report
    received_at: int
    follows: int
    is_own: bool
    """Whether the key was taken for the rows that are judged."""


def taken_keys(columns: Sequence[str], rows: Rows, places: Places) -> dict[str, list[Any]]:
    """The parameters of :data:`TAKE_KEYS`, sorted by key so that two writers do not deadlock."""
    in_order = sorted(rows, key=places.key)  # of two with one id the first stays the first
    return _columns_of(columns, in_order)


def settled(columns: Sequence[str], rows: Rows, places: Places, taken: Collection[Key] | None = None) -> Steps:
    """Judge rows whose keys were offered, and make room for the winners, which are to be inserted then.

    :param taken: the keys that were taken for these rows; ``None``: all that this transaction took.
    """
    found = yield from _standing({places.key(row) for row in rows}, taken)
    contested = {key for key in verified_keys(rows, places) if not found[key].report.is_verified}
    if any(not found[key].is_own for key in contested):
        yield LOCK, _keys(contested)
        found = yield from _standing(found.keys(), taken)  # another may have superseded one meanwhile
    judged = judge(rows, places, {key: stands.report for key, stands in found.items() if not stands.is_own})
    replaced = {key: row for key, row in judged.winners.items() if places.report(row) != found[key].report}
    if replaced:
        yield CORRECT, _columns_of(columns, replaced.values())
        gone = yield BURY, _buried({key: found[key] for key in replaced if not found[key].is_own})
        numbers, received = zip(*gone, strict=True) if gone else ((), ())
        yield REMOVE, {"sequence": list(numbers), "received_at": list(received)}
    return judged


def _standing(
    keys: Collection[Key], taken: Collection[Key] | None
) -> Generator[Statement, Sequence[Any], dict[Key, _Found]]:
    rows = yield STANDING, _keys(keys)
    found = {}
    for site_id, event_id, payload_hash, is_verified, received_at, follows, is_own in rows:
        key = site_id, event_id
        is_taken = is_own if taken is None else key in taken
        found[key] = _Found(Report(payload_hash, is_verified), received_at, follows, is_taken)
    return found


def _keys(keys: Collection[Key]) -> dict[str, list[Any]]:
    return {"site_id": [key[0] for key in keys], "event_id": [key[1] for key in keys]}


def _columns_of(columns: Sequence[str], rows: Collection[Row]) -> dict[str, list[Any]]:
    places = {name: columns.index(name) for name in KEY}
    return {name: [row[place] for row in rows] for name, place in places.items()}


def _buried(found: Mapping[Key, _Found]) -> dict[str, list[Any]]:
    received_at = [stands.received_at for stands in found.values()]
    follows = [stands.follows for stands in found.values()]
    return {**_keys(found.keys()), "received_at": received_at, "follows": follows}


TAKE_KEYS = text("""
    insert into event_keys (site_id, event_id, payload_hash, received_at, is_verified, follows)
    select said.*, newest.number
    from unnest(
        cast(:site_id as text[]), cast(:event_id as text[]), cast(:payload_hash as text[]),
        cast(:received_at as bigint[]), cast(:is_verified as boolean[])
    ) as said
    cross join (
        select case when is_called then last_value else 0 end as number from tracking_events_sequence_seq
    ) as newest
    on conflict do nothing
""")
TAKE_AND_TELL = text(f"{TAKE_KEYS} returning site_id, event_id")
STANDING = text("""
    select k.site_id, k.event_id, k.payload_hash, k.is_verified, k.received_at, k.follows,
        k.xmin = cast(pg_current_xact_id() as xid)
    from event_keys as k
    join unnest(cast(:site_id as text[]), cast(:event_id as text[])) as said(site_id, event_id)
        on said.site_id = k.site_id and said.event_id = k.event_id
""")
"""Which of these keys stand, under what, and whether this transaction took them."""
LOCK = text("""
    select k.event_id
    from event_keys as k
    join unnest(cast(:site_id as text[]), cast(:event_id as text[])) as said(site_id, event_id)
        on said.site_id = k.site_id and said.event_id = k.event_id
    where not k.is_verified
    order by k.site_id, k.event_id
    for update of k
""")
CORRECT = text("""
    update event_keys as k
    set payload_hash = said.payload_hash, received_at = said.received_at, is_verified = said.is_verified
    from unnest(
        cast(:site_id as text[]), cast(:event_id as text[]), cast(:payload_hash as text[]),
        cast(:received_at as bigint[]), cast(:is_verified as boolean[])
    ) as said(site_id, event_id, payload_hash, received_at, is_verified)
    where k.site_id = said.site_id and k.event_id = said.event_id
""")
BURY = text(f"""
    with gone as (
        select e.sequence, e.received_at
        from unnest(
            cast(:site_id as text[]), cast(:event_id as text[]), cast(:received_at as bigint[]),
            cast(:follows as bigint[])
        ) as said(site_id, event_id, received_at, follows)
        cross join lateral (
            select t.sequence, t.received_at
            from tracking_events as t
            where t.sequence > said.follows and t.received_at = said.received_at
                and t.site_id = said.site_id and t.event_id = said.event_id
            order by t.sequence
            limit 1
        ) as e
    ),
    buried as (
        insert into erased_events (erasure, sequence)
        select {SUPERSEDED}, sequence from gone order by sequence
    )
    select sequence, received_at from gone
""")
"""Leaves the numbers of superseded events. Their successors get their own numbers after this, so that a reader
events first and tombstones then never sees both."""
REMOVE = text("""
    delete from tracking_events as e
    using unnest(cast(:sequence as bigint[]), cast(:received_at as bigint[])) as gone(sequence, received_at)
    where e.sequence = gone.sequence and e.received_at = gone.received_at
""")
ALL = (TAKE_KEYS, STANDING, LOCK, CORRECT, BURY, REMOVE)
