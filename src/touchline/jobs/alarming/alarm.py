"""An alarm: something that broke, with what people did about it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from touchline.reports.breaks import Break

State = Literal["new", "acknowledged", "muted", "closed"]
"""In force and nobody said anything; somebody looks at it; nobody is to be notified for now; over."""


@dataclass(frozen=True)
class Alarm(Break):
    """Something that broke, under the id that it keeps."""

    state: State
    acknowledged_by: str
    note: str
    muted_until: date | None
    """The day from which it is notified of again."""


def alarm_of(found: Break, row: Mapping[str, Any] | None, today: date) -> Alarm:
    """A break with what the ledger knows of it; ``None``: nothing yet.

    :param today: by which it is judged whether an alarm is muted.
    """
    facts = {one.name: getattr(found, one.name) for one in fields(found)}
    if row is None:
        return Alarm(**facts, state="closed" if found.is_over else "new", acknowledged_by="", note="", muted_until=None)
    facts["alarm_id"] = row["alarm_id"]
    said = {name: row[name] for name in ("acknowledged_by", "note", "muted_until")}
    return Alarm(**facts, **said, state=_state(found, row, today))


def _state(found: Break, row: Mapping[str, Any], today: date) -> State:
    if found.is_over:
        return "closed"
    if is_muted(row, today):
        return "muted"
    return "acknowledged" if row["acknowledged_at"] is not None else "new"


def is_muted(row: Mapping[str, Any], today: date) -> bool:
    """Whether nobody is to be notified of it today."""
    return row["muted_until"] is not None and row["muted_until"] > today


def is_same(found: Break, row: Mapping[str, Any]) -> bool:
    """Whether a break is what a row is about: limits move, and with them the first day, but not all days."""
    names = ("site_id", "measure", "goal", "direction")
    is_alike = all(getattr(found, name) == row[name] for name in names)
    return is_alike and row["since"] <= found.until and found.since <= row["until"]
