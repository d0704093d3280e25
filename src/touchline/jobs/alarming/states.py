"""What people do about alarms: acknowledge and mute them; and the list of all."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from touchline.characters import unstorable
from touchline.errors import UnknownError, UsageError
from touchline.jobs.alarming.alarm import Alarm, alarm_of, is_same
from touchline.jobs.alarming.notes import require_note
from touchline.jobs.alarming.silence import silent_sites
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.breaks import Break, breaks_of

LONGEST_NAME = 100
_ID = re.compile(r"a_[0-9a-f]{16}")
Row = Mapping[str, Any]


def today_of(now: int) -> date:
    """The day (UTC) of a time in microseconds since 1970."""
    return datetime.fromtimestamp(now // 1_000_000, UTC).date()


def found_breaks(workspace: Workspace, organization_id: str, now: int, site: str | None = None) -> list[Break]:
    """What is broken or was: days that stand out, and sites of which nothing arrives.

    :param now: microseconds since 1970.
    :param site: only this site; ``None``: all sites.
    """
    silent = silent_sites(workspace, organization_id, now)
    return [
        *(one for one in silent if site in {None, one.site_id}),
        *breaks_of(workspace.engine, organization_id, site=site),
    ]


def alarms_of(workspace: Workspace, organization_id: str, now: int, *, site: str | None = None) -> tuple[Alarm, ...]:
    """All alarms, the newest first, with what people did about them."""
    return with_states(workspace, organization_id, found_breaks(workspace, organization_id, now, site), now)


def with_states(
    workspace: Workspace, organization_id: str, breaks: Sequence[Break], now: int
) -> tuple[Alarm, ...]:  # fmt: skip
    """What broke, with what people did about it.

    :param now: microseconds since 1970, by which it is judged whether an alarm is muted.
    """
    rows = workspace.ledger.rows(schema.HEALTH_ALARMS, organization_id=organization_id)
    return tuple(alarm_of(one, row_of(one, rows), today_of(now)) for one in breaks)


def row_of(found: Break, rows: Sequence[Row]) -> Row | None:
    """The row that is about a break: the one of its own id, else one of the same days; ``None``: there is none."""
    same = [row for row in rows if is_same(found, row)]
    return min(same, key=lambda row: (row["alarm_id"] != found.alarm_id, row["since"]), default=None)


def acknowledge(
    workspace: Workspace, organization_id: str, alarm_id: str, *, by: str, note: str = "", now: int
) -> None:  # fmt: skip
    """Say that somebody looks at an alarm.

    :param by: who does.
    :param note: what is known, up to 1,000 characters.
    :raises UnknownError: if there is no such alarm.
    :raises UsageError: if the id, the name or the note is none.
    """
    if not by.strip() or len(by) > LONGEST_NAME or unstorable(by):
        raise UsageError(f"Who acknowledges is a name of up to {LONGEST_NAME} characters.", "Give it with --by.")
    require_note(note)
    _change(workspace, organization_id, alarm_id, now, acknowledged_at=now, acknowledged_by=by.strip(), note=note)


def mute(workspace: Workspace, organization_id: str, alarm_id: str, *, until: date, now: int) -> None:
    """Notify nobody of an alarm, and of others of its measure at its site, before a day.

    :raises UnknownError: if there is no such alarm.
    :raises UsageError: if the id is none, or the day is over.
    """
    if until <= today_of(now):
        raise UsageError(f"An alarm is muted until a day to come, not {until}.", "Give --until YYYY-MM-DD.")
    _change(workspace, organization_id, alarm_id, now, muted_until=until)


def row_for(found: Break, organization_id: str, now: int) -> dict[str, Any]:
    """A new row for a break."""
    names = ("alarm_id", "site_id", "measure", "goal", "direction", "since", "until")
    return {name: getattr(found, name) for name in names} | {
        "organization_id": organization_id, "raised_at": now, "closed_at": now if found.is_over else None,
        "notified_at": None, "acknowledged_at": None, "acknowledged_by": "", "note": "", "muted_until": None,
    }  # fmt: skip


def _change(workspace: Workspace, organization_id: str, alarm_id: str, now: int, **values: Any) -> None:
    if not _ID.fullmatch(alarm_id):
        raise UsageError(f"An alarm's id is a_ and 16 hexadecimal digits, not {alarm_id!r:.80}.", _SEE)
    where = {"organization_id": organization_id, "alarm_id": alarm_id}
    with workspace.ledger.transaction() as entry:
        if entry.change(schema.HEALTH_ALARMS, where, **values):
            return
    found = next((one for one in found_breaks(workspace, organization_id, now) if one.alarm_id == alarm_id), None)
    if found is None:
        raise UnknownError(f"There is no alarm {alarm_id}.", _SEE)
    with workspace.ledger.transaction() as entry:
        entry.add_new(schema.HEALTH_ALARMS, [row_for(found, organization_id, now)])
        entry.change(schema.HEALTH_ALARMS, where, **values)


_SEE = "See `touchline health alarms`."
