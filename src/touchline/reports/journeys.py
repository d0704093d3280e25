"""Journeys: the orders of channels by which people came to convert."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.reports.question import Window


@dataclass(frozen=True)
class Step:
    """One channel on a journey, and how many touches in a row came from it."""

    channel: str
    touches: int


@dataclass(frozen=True)
class Journey:
    """All conversions that came by the same channels in the same order."""

    name: str
    """The steps in one text, such as ``Paid Search › Email ×2``; ``(no touch)``; or ``(other paths)``."""
    steps: tuple[Step, ...]
    """Empty for ``(no touch)`` and ``(other paths)``."""
    paths: int
    """How many different paths stand behind the row: 1, but for ``(other paths)``."""
    conversions: int
    share: float | None
    """Of all conversions of the report."""
    value_micros: int
    median_days: float | None
    """Days from the first touch to the conversion; ``None`` without a touch."""
    median_touches: float | None
    """Touches on the path, Direct ones included; ``None`` without a touch."""


@dataclass(frozen=True)
class TouchCount:
    """How many conversions took so many touches."""

    touches: int
    conversions: int


@dataclass(frozen=True)
class JourneysReport:
    """Journeys that add up to every counted conversion of the window."""

    organization_id: str
    goal: str
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    lookback_days: int
    rows: tuple[Journey, ...]
    """Most conversions first; then ``(other paths)`` and ``(no touch)``, where there are any."""
    touches: tuple[TouchCount, ...]
    """Conversions by the number of touches that they took, 0 included where there are any."""
    conversions: int
    value_micros: int


def journeys_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, start: date | None = None, end: date | None = None,
    goal: str | None = None, limit: int = 20, currency: str | None = None,
) -> JourneysReport:  # fmt: skip
    """The ``limit`` paths with the most conversions, and what is left in rows of its own.

    A path shows every touch of the lookback, Direct ones too, and repeats in a row as one step with their number.
    Arguments as for :func:`touchline.reports.attribution.attribution_report`.
    """
    raise NotImplementedError
