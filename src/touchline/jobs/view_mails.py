"""Saved views that are sent by mail, again and again: to whom, when next, and what became of it.

Each address has a row of its own, so that none is shown to another, and each ends its mails alone. A mail belongs to
whichever process of the servers moves its ``due_at`` first; the same mail that is sent again after a failure has the
same id.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from touchline.errors import UnknownError, UsageError
from touchline.jobs.mail_addresses import check_address
from touchline.jobs.saved_views import SavedView
from touchline.jobs.workspace import Row
from touchline.ledger import Ledger, schema
from touchline.magnitudes import DAY_MICROS

RHYTHMS: Mapping[str, str] = {
    "daily": "Every day", "weekly": "Every Monday", "monthly": "On the first day of a month",
}  # fmt: skip
MOST_MAILS = 200
"""Addresses to which an organization's views are sent."""
LEASE_SECONDS = 600.0
"""How long a mail is one process's: if that is killed meanwhile, another one sends it again."""
FIRST_SECONDS = 60.0
MOST_SECONDS = 6 * 3_600.0
"""Between two attempts: at first, and at most; it doubles from one to the next."""
MOST_ATTEMPTS = 8
"""After about two hours, a mail has failed, and the next one is sent at its own time."""
_LONGEST_DAYS = 32
"""From one to the next; what is further ahead is of a clock that was ahead."""
_LONGEST_FAILURE = 512
_SECOND = 1_000_000


@dataclass(frozen=True)
class ViewMail:
    """A view that is sent to one address; times are microseconds since 1970."""

    mail_id: str
    organization_id: str
    view_id: str
    owner: str
    address: str
    rhythm: str
    hour: int
    time_zone: str
    stop_token: str
    slot_at: int
    due_at: int
    attempts: int
    sent_at: int | None
    failure: str
    """Why the newest attempt failed; ``""``: it did not."""

    @property
    def issue(self) -> str:
        """The id of what is sent next, the same in each attempt."""
        return f"{self.mail_id}.{self.slot_at // _SECOND}"


def add_mails(
    ledger: Ledger, view: SavedView, addresses: Collection[str], *, owner: str, rhythm: str, hour: int, now: int
) -> int:  # fmt: skip
    """Send a view to addresses, each at its time of its own; returns how many are new.

    :param owner: who asks for it; it ends with the owner.
    :param hour: 0 to 23, in the time zone of the view's site.
    :raises UsageError: if an address, the rhythm or the hour is none, or there are too many already.
    """
    if rhythm not in RHYTHMS or not 0 <= hour <= 23:
        raise UsageError(f"A mail is sent {', '.join(RHYTHMS)}, at an hour from 0 to 23.")
    if not addresses:
        raise UsageError("A mail needs an address.", "It is ops@shop.example, for example.")
    for address in addresses:
        check_address(address)
    organization_id, zone = view.kept.organization_id, _zone(ledger, view)
    slot = next_slot(rhythm, hour, zone, now)
    known = {(one.view_id, one.address): one for one in mails_of(ledger, organization_id)}
    new = [address for address in dict.fromkeys(addresses) if (view.view_id, address) not in known]
    if len(known) + len(new) > MOST_MAILS:
        raise UsageError(f"Views are sent to {MOST_MAILS} addresses at most.", "Stop some first.")
    with ledger.transaction() as entry:
        for address in new:
            entry.add(
                schema.VIEW_MAILS, mail_id=f"mail_{secrets.token_hex(8)}", organization_id=organization_id,
                view_id=view.view_id, owner=owner, address=address, rhythm=rhythm, hour=hour, time_zone=zone,
                stop_token=secrets.token_urlsafe(24), created_at=now, slot_at=slot, due_at=slot, attempts=0,
                sent_at=None, failure="",
            )  # fmt: skip
    return len(new)


def _zone(ledger: Ledger, view: SavedView) -> str:
    """The time zone of the view's site, or of the first one."""
    rows = ledger.rows(schema.SITES, organization_id=view.kept.organization_id)
    chosen = [row for row in rows if f"site={row['site_id']}" in view.kept.query.split("&")]
    return str((chosen or rows)[0]["time_zone"])


def next_slot(rhythm: str, hour: int, zone: str, after: int) -> int:
    """The first time of a rhythm after a moment (microseconds since 1970).

    >>> next_slot("weekly", 8, "Europe/Berlin", 1_772_323_200_000_000)  # 1 March 2026, a Sunday
    1772434800000000
    """
    local = ZoneInfo(zone)
    day = datetime.fromtimestamp(after // _SECOND, UTC).astimezone(local).date()
    for ahead in range(_LONGEST_DAYS + 1):
        found = day + timedelta(days=ahead)
        at = round(datetime.combine(found, time(hour), local).timestamp()) * _SECOND
        if at > after and _is_of(rhythm, found):
            return at
    raise AssertionError(rhythm)


def _is_of(rhythm: str, day: date) -> bool:
    return rhythm == "daily" or (rhythm == "weekly" and day.weekday() == 0) or (rhythm == "monthly" and day.day == 1)


def mails_of(ledger: Ledger, organization_id: str) -> Sequence[ViewMail]:
    """The mails of an organization, by view and address."""
    found = map(_mail, ledger.rows(schema.VIEW_MAILS, organization_id=organization_id))
    return sorted(found, key=lambda one: (one.view_id, one.address))


def remove_mail(ledger: Ledger, organization_id: str, mail_id: str, person: str, *, is_anybodys: bool) -> ViewMail:
    """Send a view to an address no longer.

    :param is_anybodys: whether the person may end those of others.
    :raises UnknownError: if there is no such mail, or it is not the person's.
    """
    for one in mails_of(ledger, organization_id):
        if one.mail_id == mail_id and (is_anybodys or person in {one.owner, one.address}):
            with ledger.transaction() as entry:
                entry.remove(schema.VIEW_MAILS, mail_id=mail_id)
            return one
    raise UnknownError("There is no such mail of yours.", "Somebody may have stopped it.")


def mail_of(ledger: Ledger, stop_token: str) -> ViewMail | None:
    """The mail of a token; ``None`` where there is none any more."""
    rows = ledger.rows(schema.VIEW_MAILS, stop_token=stop_token)
    return _mail(rows[0]) if rows else None


def stop(ledger: Ledger, stop_token: str) -> ViewMail | None:
    """End the mail of a token; returns what it was, ``None`` where there is none any more."""
    found = mail_of(ledger, stop_token)
    if found:
        with ledger.transaction() as entry:
            entry.remove(schema.VIEW_MAILS, mail_id=found.mail_id)
    return found


def due_mails(ledger: Ledger, now: int) -> list[ViewMail]:
    """What is to be sent now, the oldest first."""
    rows = map(_mail, ledger.rows(schema.VIEW_MAILS))
    due = [one for one in rows if not now < one.due_at <= now + _LONGEST_DAYS * DAY_MICROS]
    return sorted(due, key=lambda one: (one.due_at, one.mail_id))


def claim(ledger: Ledger, mail: ViewMail, now: int) -> bool:
    """Take a mail that is due; false where another process has taken it, or it has ended."""
    with ledger.transaction() as entry:
        where = {"mail_id": mail.mail_id, "due_at": mail.due_at}
        lease = now + int(LEASE_SECONDS * _SECOND)
        return bool(entry.change(schema.VIEW_MAILS, where, due_at=lease, attempts=mail.attempts + 1))


def settle(ledger: Ledger, mail: ViewMail, now: int, failure: str = "") -> None:
    """Say what became of a mail that was taken, and when it is due next.

    :param failure: why it was not sent; ``""``: it was.
    """
    following = next_slot(mail.rhythm, mail.hour, mail.time_zone, now)
    again = now + int(min(FIRST_SECONDS * 2**mail.attempts, MOST_SECONDS) * _SECOND)
    is_over = not failure or mail.attempts + 1 >= MOST_ATTEMPTS or again >= following
    state = {"slot_at": following, "due_at": following, "attempts": 0} if is_over else {"due_at": again}
    if not failure:
        state["sent_at"] = now
    with ledger.transaction() as entry:
        entry.change(schema.VIEW_MAILS, {"mail_id": mail.mail_id}, **state, failure=failure[:_LONGEST_FAILURE])


def _mail(row: Row) -> ViewMail:
    return ViewMail(**{one.name: row[one.name] for one in fields(ViewMail)})
