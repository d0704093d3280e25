"""What of the rows that name a person's ids is the person's: a browser that several use is theirs in their own time."""

from collections.abc import Mapping, Sequence
from typing import Any

from touchline.errors import UsageError
from touchline.jobs.belonging import Period
from touchline.ledger import PersonSearch, schema

Row = Mapping[str, Any]
_NOBODYS = "e:"
"""How the identifier of an event begins that names nobody."""


class OwnTime:
    """Says of events and claims whether they are the person's.

    :param identifiers: all ids of the person.
    :param shared: those that are somebody else's at other times, and when they are the person's.
    """

    def __init__(self, identifiers: Sequence[str], shared: Mapping[str, Sequence[Period]]) -> None:
        self.own = [name for name in identifiers if name not in shared]
        """The ids that are the person's at all times."""
        self._known = set(self.own)
        self._shared = shared
        self._others_orders: set[tuple[str, str]] = set()

    def require_one_person(self, named: Sequence[str]) -> None:
        """Refuse a browser that several people use.

        :raises UsageError: if one is named.
        """
        several = [name for name in named if name in self._shared]
        if several:
            raise UsageError(
                f"Several people use {several[0]}, and nothing says for which of them it is named.",
                "Name the person by --user or --email-hash: the file then has what is of their time on that browser.",
            )

    def learn_orders(self, search: PersonSearch) -> None:
        """Note the orders that others named on a shared browser: events that name these orders alone are not theirs."""
        if not self._shared:
            return
        columns = schema.TRACKING_EVENTS.c
        asked = (columns.identifier, columns.user_id, columns.email_hash, columns.occurred_at, columns.site_id,
                 columns.order_id)  # fmt: skip
        for _, found in search.events_after(0, *asked):
            rows = (row._mapping for row in found)  # noqa: SLF001 - its documented name
            self._others_orders.update(
                (row["site_id"], row["order_id"])
                for row in rows
                if row["order_id"] is not None and not _names_nobody(row) and not self._names_them(row)
            )

    def has_event(self, row: Row) -> bool:
        """Whether an event of one of the ids is the person's."""
        if _names_nobody(row) and not self._names_them(row):
            return (row["site_id"], row["order_id"]) not in self._others_orders
        return self._names_them(row)

    def has_claim(self, row: Row) -> bool:
        """Whether a claim is about the person: of a shared browser, only if it names another id of theirs."""
        return not self._known.isdisjoint((row["identifier"], row["linked_identifier"]))

    def _names_them(self, row: Row) -> bool:
        if row["identifier"] not in self._shared:
            return not self._known.isdisjoint({row["identifier"], f"u:{row['user_id']}", f"m:{row['email_hash']}"})
        periods, time = self._shared[row["identifier"]], row["occurred_at"]
        return any((since is None or since <= time) and (until is None or time < until) for since, until in periods)


def _names_nobody(row: Row) -> bool:
    return str(row["identifier"]).startswith(_NOBODYS)
