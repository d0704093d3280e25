"""What people noted about days, such as a deploy: it stands on charts and next to signals."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from touchline.engines import Engine
from touchline.reports.queries import rows


@dataclass(frozen=True)
class HealthNote:
    """A note on a day."""

    note_id: int
    period: date
    site_id: str
    """``""``: it is about every site."""
    said: str


def notes_of(engine: Engine, **parameters: Any) -> tuple[HealthNote, ...]:
    """The notes on days from ``start`` to ``end``, of all sites or of one with those about every site, oldest first."""
    return tuple(HealthNote(**row) for row in rows(engine, "notes_by_day", **parameters))
