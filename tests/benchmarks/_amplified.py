"""A ledger of many events, made set at a time: the invented shop of :mod:`touchline.demo`, copied inside SQLite.

Every copy has visitors, customers and orders of its own, and the shop's campaigns, pages and days. The copies of an
event lie side by side, so that the events of one visitor are spread over the whole ledger, as they are in a real one.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.benchmarks.river import imported
from touchline.ledger import schema
from touchline.settings import Home

SHOP_EVENTS = 200_000
"""Events of the shop that is copied."""

_OWN = ("identifier", "visitor_id", "user_id", "email_hash", "order_id", "session_id", "account_id")
"""Columns that name somebody or something of one copy alone."""


def amplified(folder: Path, events: int) -> Home:
    """A home whose ledger has about ``events`` events, and the costs of one shop."""
    shop = min(events, SHOP_EVENTS)
    home = imported(folder, shop)
    with closing(sqlite3.connect(home.ledger_file, isolation_level=None)) as connection:
        # Nothing here has to outlive a power cut.
        for pragma in ("synchronous = off", "cache_size = -200000", "wal_autocheckpoint = 100000"):
            connection.execute(f"pragma {pragma}")
        connection.execute("create temp table shop as select * from tracking_events")
        (stored,) = connection.execute("select count(*) from shop").fetchone()
        connection.execute(copying(round(events / stored)))
        connection.execute("pragma wal_checkpoint(truncate)")
    return home


def with_conversions(folder: Path, conversions: int, months: int = 24) -> Home:
    """A home with about ``conversions`` conversions in so many months, the visitors who convert copied alone."""
    home = imported(folder, SHOP_EVENTS)
    with closing(sqlite3.connect(home.ledger_file, isolation_level=None)) as connection:
        for pragma in ("synchronous = off", "cache_size = -200000", "wal_autocheckpoint = 100000"):
            connection.execute(f"pragma {pragma}")
        connection.execute(_BUYERS)
        (stored,) = connection.execute("select count(*) from shop where type = 'CONVERSION'").fetchone()
        connection.execute(copying(round(conversions / stored) + 1, months // 3))
        connection.execute("pragma wal_checkpoint(truncate)")
    return home


_BUYERS = """create temp table shop as
  with orders as (select email_hash, user_id, visitor_id from tracking_events where type = 'CONVERSION'),
  known as (
    select user_id, visitor_id from orders
    union select user_id, visitor_id from tracking_events where email_hash in (select email_hash from orders)
  )
  select * from tracking_events
  where type = 'CONVERSION' or user_id in (select user_id from known where user_id is not null)
    or visitor_id in (select visitor_id from known where visitor_id is not null)"""


def copying(copies: int, quarters: int = 1) -> str:
    """The statement that brings a shop's events to ``copies`` times their number.

    :param quarters: over how many times 90 days the copies are spread, back from those of the shop.

    >>> "printf('event-" in copying(2)
    True
    """
    columns = [column.name for column in schema.TRACKING_EVENTS.columns if column.name != "sequence"]
    numbers = f"select 1 union all select copy + 1 from copies where copy + 1 < {copies:d}"
    copied = [_copied(column, quarters) for column in columns]
    return (
        f"with recursive copies(copy) as ({numbers}) insert into tracking_events ({', '.join(columns)})"
        f" select {', '.join(copied)} from shop as e cross join copies where copy < {copies:d}"
    )


def _copied(column: str, quarters: int) -> str:
    if column == "event_id":  # rises with the number of the row, so that the unique index grows at its end
        return "printf('event-%09d-%09d', e.sequence, copy)"
    if column in _OWN:
        return f"e.{column} || '-' || copy"
    if column == "occurred_at":
        return f"e.occurred_at - copy % {quarters:d} * 90 * 86400000000"
    if column == "url":
        return "e.url || case when instr(e.url, '?') then '&' else '?' end || 'copy=' || copy"
    return f"e.{column}"
