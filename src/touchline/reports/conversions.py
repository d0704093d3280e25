"""The conversions behind a number: each with its order, its value, and what a model gives a channel of it."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.reports.queries import Row, rows
from touchline.reports.question import Window, asked


@dataclass(frozen=True)
class ConversionRow:
    """A counted conversion, without the person."""

    conversion_id: str
    order_id: str | None
    goal: str
    site_id: str
    day: date
    """By the calendar of the site, as reports count it."""
    time: str
    """By the clock of the site, such as ``14:02``."""
    value_micros: int
    is_verified: bool
    """Whether it was reported with a secret key or an import."""
    conversions: float
    """What the model gives the channel of it, from 0 to 1; without a channel, 1."""
    credited_micros: int
    """The value that goes with it."""


@dataclass(frozen=True)
class ConversionsReport:
    """The newest conversions; ``count`` and ``conversions`` cover those beyond the limit, too."""

    organization_id: str
    model: str
    channel: str
    """``""``: all channels."""
    goal: str
    site_id: str
    """``""``: all sites together."""
    account_id: str
    """``""``: this report looks at all accounts."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    rows: tuple[ConversionRow, ...]
    count: int
    """How many conversions there are of which the channel has a part."""
    conversions: float
    """What the model gives the channel of them: the number in the report of attribution."""


def conversions_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, channel: str = "", model: str | None = None, start: date | None = None,
    end: date | None = None, goal: str | None = None, limit: int = 100, currency: str | None = None,
    site: str | None = None,
) -> ConversionsReport:  # fmt: skip
    """The ``limit`` newest conversions, those alone of which a channel has a part where one is named.

    Arguments as for :func:`touchline.reports.attribution.attribution_report`.

    :param channel: as that report names it, such as ``Paid Search`` or ``(unattributed)``; ``""``: all.
    :raises UsageError: if ``limit`` is less than 1.
    """
    if limit < 1:
        raise UsageError(f"A report shows at least one conversion, not {limit}.")
    question = asked(
        engine, organization_id, model=model, goal=goal, start=start, end=end, currency=currency, site=site
    )
    found = rows(
        engine, "conversions_listed", **question.parameters, model=question.model, channel=channel, limit=limit
    )
    return ConversionsReport(
        **question.answered,
        model=question.model,
        channel=channel,
        rows=tuple(map(_row, found)),
        count=found[0]["how_many"] if found else 0,
        conversions=found[0]["all_credit"] / CREDIT if found else 0.0,
    )


def _row(row: Row) -> ConversionRow:
    copied = ("conversion_id", "order_id", "goal", "site_id", "value_micros", "is_verified", "credited_micros")
    return ConversionRow(
        **{name: row[name] for name in copied},
        day=row["conversion_date"],
        time=f"{row['local_time']:%H:%M}",
        conversions=row["credit"] / CREDIT,
    )
