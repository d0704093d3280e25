"""Visits before a conversion that show a source and get no credit for it: what they showed, and why not."""

from dataclasses import dataclass
from datetime import UTC, datetime

from touchline.engines import Engine
from touchline.magnitudes import DAY_MICROS
from touchline.reports.queries import Row, rows
from touchline.reports.words import uncredited_in_words


@dataclass(frozen=True)
class Uncredited:
    """A visit whose source is no touch."""

    event_id: str
    person_id: str
    """Whose visit it is: a colleague's, where the account owns the path."""
    occurred_at: datetime
    local_time: datetime
    """The same by the clock of the conversion's site."""
    url: str | None
    referrer: str | None
    """The referrer's host."""
    reason: str
    """``weaker_source``, ``own_link``, ``payment``, ``sign_in`` or ``ignored_referrer``."""
    reason_in_words: str


def uncredited_visits(engine: Engine, found: Row, lookback_days: int) -> tuple[tuple[Uncredited, ...], int]:
    """The newest hundred before the conversion ``found``, within the lookback, and how many there are in all."""
    named = {name: found[name] for name in ("organization_id", "person_id", "conversion_id")}
    answer = rows(engine, "uncredited_before_conversion", **named, lookback_micros=lookback_days * DAY_MICROS)
    visits = tuple(_uncredited(row) for row in reversed(answer))
    return visits, answer[0]["how_many"] if answer else 0


def _uncredited(row: Row) -> Uncredited:
    said = {name: row[name] for name in ("event_id", "person_id", "local_time", "url", "referrer", "reason")}
    return Uncredited(
        **said, occurred_at=row["occurred_at"].replace(tzinfo=UTC), reason_in_words=uncredited_in_words(row["reason"])
    )
