"""Devices: with how many, and of which kinds, persons visit."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.reports.queries import Row, rows
from touchline.reports.question import Window, asked, rate

MOST_DEVICES = 5
"""This many stands for more, too."""
_KINDS = ("desktop", "mobile", "tablet")
UNKNOWN_KIND = "unknown"


@dataclass(frozen=True)
class DeviceRow:
    """The persons who visited with as many devices, of the same kinds."""

    devices: int
    """Browsers and apps with an id of their own; :data:`MOST_DEVICES` stands for more, too."""
    kinds: str
    """``desktop``, ``mobile`` and ``tablet``, those that there are, with `` + `` between them; or ``unknown``."""
    persons: int
    share: float | None
    """Of all persons of the report."""
    conversions: int
    """Theirs that count, in the window, the goal and the currency of the report."""
    value_micros: int


@dataclass(frozen=True)
class DevicesReport:
    """Persons by their devices; each who visited in the window is in one row."""

    organization_id: str
    goal: str
    site_id: str
    """The site whose visits are counted; ``""``: all sites together."""
    account_id: str
    """The account whose conversions are counted; ``""``: whatever the account."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    rows: tuple[DeviceRow, ...]
    """The fewest devices first."""
    persons: int
    conversions: int
    value_micros: int


def devices_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, start: date | None = None, end: date | None = None,
    goal: str | None = None, currency: str | None = None, site: str | None = None,
    account: str | None = None,
) -> DevicesReport:  # fmt: skip
    """With how many browsers and apps persons visited in the window, and what they did.

    A person who cannot be recognized on a second device counts as two. Arguments as for
    :func:`touchline.reports.attribution.attribution_report`.
    """
    question = asked(
        engine, organization_id, goal=goal, start=start, end=end, currency=currency, site=site, account=account
    )
    found = rows(engine, "devices", **question.parameters)
    total = sum(row["persons"] for row in found)
    return DevicesReport(
        **question.answered,
        rows=tuple(_row(row, total) for row in found),
        persons=total,
        conversions=sum(row["conversions"] for row in found),
        value_micros=sum(row["value_micros"] for row in found),
    )


def _row(row: Row, total: int) -> DeviceRow:
    kinds = " + ".join(kind for kind in _KINDS if row[kind])
    return DeviceRow(
        row["devices"], kinds or UNKNOWN_KIND, row["persons"], rate(row["persons"], total), row["conversions"],
        row["value_micros"],
    )  # fmt: skip
