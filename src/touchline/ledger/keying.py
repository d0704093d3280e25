"""Opens a ledger's key, which is made once, and gives it to the rows that an earlier release stored.

Rows are keyed in slices of bounded size, each in a transaction of its own that also notes how far it has come. If a
process is killed, the next one that opens the ledger goes on; two at once take turns. Nobody gets the ledger before
the last slice.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, inspect, select, table, tuple_, update
from sqlalchemy import column as named
from sqlalchemy.sql import TableClause

from touchline.ledger import hash_key, schema
from touchline.ledger.digests import Digests, digest_of, has_no_order
from touchline.ledger.hash_key import HashKey
from touchline.ledger.keyed_rows import KEYED_COLUMNS, keyed_values
from touchline.ledger.store import Store

ROWS_AT_ONCE = 1_000
_KEYED, _DONE = "keyed", "done"
_KINDS = "vuma"

Values = Mapping[str, Any]


class _Source(NamedTuple):
    """A table with rows to key."""

    table: Table | TableClause
    key: tuple[str, ...]
    """By which it is read in slices, and by which a row is changed."""
    columns: tuple[str, ...]
    """What may have a hash in it."""


def check_key(connection: Connection) -> None:
    """Refuse the key of the environment where it is not the ledger's, before anything is written.

    :raises UsageError: if it is no key.
    :raises HomeError: if it is another one, the ledger has none itself and the environment gives none, or the ledger
        has rows and would take it without a word.
    """
    hash_key.given_key()
    known = _secrets(connection) if inspect(connection).has_table(schema.SECRETS.name) else {}
    if hash_key.NAME in known:
        hash_key.key_of(known[hash_key.NAME])
    elif _is_in_use(connection):
        hash_key.require_meant()


def open_key(store: Store, key: HashKey | None = None, *, keys_rows: bool = True) -> HashKey:
    """The ledger's key, once all of its rows have it.

    :param key: what a ledger takes that has none, if the environment gives none; by default, a random one.
    :param keys_rows: whether rows of an earlier release are keyed now.
    :raises HomeError: if the key is not in the ledger, and the environment does not give it.
    """
    with store.engine.connect() as connection:
        known = _secrets(connection)
        if hash_key.NAME not in known and _is_in_use(connection):
            hash_key.require_meant()
    if hash_key.NAME not in known:
        known = _made(store, key)
    found = hash_key.key_of(known[hash_key.NAME])
    if keys_rows and known.get(_KEYED) != _DONE:
        key_rows(store, found)
    return found


def key_rows(store: Store, key: HashKey) -> None:
    """Key what is not keyed yet, and leave no trace of what stood there."""
    count = 0
    while (looked_at := _slice(store, key)) is not None:
        count += looked_at
    if count:
        store.settle()


def _secrets(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(schema.SECRETS))}


def _is_in_use(connection: Connection) -> bool:
    """Whether somebody has set the ledger up."""
    organizations = schema.ORGANIZATIONS
    if not inspect(connection).has_table(organizations.name):
        return False
    return connection.scalar(select(organizations.c.organization_id).limit(1)) is not None


def _made(store: Store, key: HashKey | None) -> dict[str, str]:
    """Make the key, unless another process was first: the row that stands is the key."""
    rows = [
        {"name": hash_key.NAME, "value": hash_key.new_value(key)},
        {"name": _KEYED, "value": json.dumps([0, None])},
    ]
    with store.engine.begin() as connection:
        connection.execute(store.inserting(schema.SECRETS).on_conflict_do_nothing(), rows)
        return _secrets(connection)


def _slice(store: Store, key: HashKey) -> int | None:
    """Key some rows; returns how many were looked at, and ``None`` where none is left."""
    columns = schema.SECRETS.c
    with store.engine.begin() as connection:
        note = update(schema.SECRETS).where(columns.name == _KEYED)
        connection.execute(note.values(value=columns.value))  # from here on, nobody else has a slice
        noted = _secrets(connection)[_KEYED]
        if noted == _DONE:
            return None
        sources, (number, after), looked_at = _sources(connection), json.loads(noted), 0
        while number < len(sources) and looked_at < ROWS_AT_ONCE:
            rows = _rows_after(connection, sources[number], after, ROWS_AT_ONCE - looked_at)
            _key(connection, key, sources[number], rows)
            looked_at += len(rows)
            number, after = (number, [rows[-1][name] for name in sources[number].key]) if rows else (number + 1, None)
        is_done = number == len(sources)
        connection.execute(note.values(value=_DONE if is_done else json.dumps([number, after])))
    return looked_at


def _sources(connection: Connection) -> list[_Source]:
    keys = {
        schema.TRACKING_EVENTS: ("sequence",), schema.REJECTED_EVENTS: ("rejection",),
        schema.IDENTITY_CLAIMS: ("claim",), schema.CONSENTS: ("consent_id",), schema.ERASURES: ("erasure",),
    }  # fmt: skip
    sources = [_Source(one, key, KEYED_COLUMNS[one.name]) for one, key in keys.items()]
    sources += [  # of erasures that were cut off: what they are to delete has the key by now
        _Source(schema.ERASURE_REQUESTS, ("request",), ("named",)),
        _Source(schema.ERASURE_NAMES, ("request", "identifier"), ("identifier",)),
        _Source(schema.ERASURE_ORDERS, ("request", "site_id", "order_id"), ("order_id",)),
    ]
    if inspect(connection).has_table(_EVENT_KEYS.name):  # of PostgreSQL
        sources.append(_Source(_EVENT_KEYS, ("site_id", "event_id"), ("event_id", "payload_hash")))
    return sources


_EVENT_KEYS = table("event_keys", *map(named, ("site_id", "event_id", "payload_hash")))


def _rows_after(connection: Connection, source: _Source, after: Sequence[Any] | None, most: int) -> list[Values]:
    columns = source.table.c
    key = [columns[name] for name in source.key]
    also = ["site_id", "received_at"] if source.table is schema.TRACKING_EVENTS else []
    shown = dict.fromkeys((*source.key, *also, *source.columns))
    statement = select(*(columns[name] for name in shown)).order_by(*key).limit(most)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after) if len(key) > 1 else key[0] > after[0])
    return [dict(row) for row in connection.execute(statement).mappings()]


def _key(connection: Connection, key: HashKey, source: _Source, rows: Iterable[Values]) -> None:
    """Change the rows that have something to key, those with the same columns by one statement."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        kept = keyed_values(key, source.table.name, row, source.columns)
        if source.table is schema.IDENTITY_CLAIMS:
            names = sorted((kept[name] for name in source.columns), key=lambda name: (_KINDS.index(name[0]), name))
            kept |= zip(source.columns, names, strict=True)
        changed = tuple(name for name in source.columns if kept[name] != row[name])
        if not changed:
            continue
        if source.table is schema.TRACKING_EVENTS and "event_id" in changed and connection.dialect.name == "sqlite":
            _change_digest(connection, row, kept["event_id"])
        where = {f"old_{name}": row[name] for name in _place(source)}
        by_columns.setdefault(changed, []).append({**where, **{f"new_{name}": kept[name] for name in changed}})
    for changed, values in by_columns.items():
        statement = update(source.table).values({name: bindparam(f"new_{name}") for name in changed})
        for name in _place(source):
            statement = statement.where(source.table.c[name] == bindparam(f"old_{name}"))
        connection.execute(statement, values)


def _place(source: _Source) -> tuple[str, ...]:
    """What says where a row is: of an event in PostgreSQL, also its month."""
    return ("sequence", "received_at") if source.table is schema.TRACKING_EVENTS else source.key


def _change_digest(connection: Connection, row: Values, event_id: str) -> None:
    """An id that comes in no order is known by its digest in a SQLite file."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a connection in a transaction has one
    if has_no_order(row["event_id"]):
        Digests(driver).forget([((row["site_id"], row["event_id"]), row["sequence"])])
    if has_no_order(event_id):
        digest = digest_of((row["site_id"], event_id))
        driver.execute("insert into new_id_digests values (?, ?)", (digest, row["sequence"]))
