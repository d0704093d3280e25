"""The conversions behind a number: each with its order, its value, and what a model gives a channel of it."""

from dataclasses import dataclass
from datetime import date

from touchline.characters import unstorable
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.numerals import whole_of
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
    """The newest conversions after the cursor; ``count`` and ``conversions`` cover all of them, too."""

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
    next_cursor: str
    """For the conversions that follow; ``""``: these are the last."""


def conversions_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, channel: str = "", model: str | None = None, start: date | None = None,
    end: date | None = None, goal: str | None = None, limit: int = 100, currency: str | None = None,
    site: str | None = None, cursor: str = "",
) -> ConversionsReport:  # fmt: skip
    """The ``limit`` newest conversions, those alone of which a channel has a part where one is named.

    Arguments as for :func:`touchline.reports.attribution.attribution_report`.

    :param channel: as that report names it, such as ``Paid Search`` or ``(unattributed)``; ``""``: all.
    :param cursor: ``next_cursor`` of the answer that these conversions follow.
    :raises UsageError: if ``limit`` is less than 1, or ``cursor`` is none.
    """
    after = _after(cursor)
    if limit < 1:
        raise UsageError(f"A report shows at least one conversion, not {limit}.")
    question = asked(
        engine, organization_id, model=model, goal=goal, start=start, end=end, currency=currency, site=site
    )
    parameters = {**question.parameters, "model": question.model, "channel": channel}
    found = rows(engine, "conversions_listed", **parameters, **after, limit=limit + 1)
    counted = found[:1] or rows(engine, "conversions_listed", **parameters, **_after(""), limit=1)
    return ConversionsReport(
        **question.answered,
        model=question.model,
        channel=channel,
        rows=tuple(map(_row, found[:limit])),
        count=counted[0]["how_many"] if counted else 0,
        conversions=counted[0]["all_credit"] / CREDIT if counted else 0.0,
        next_cursor=_cursor(found[limit - 1]) if len(found) > limit else "",
    )


def _cursor(row: Row) -> str:
    return f"{row['occurred_micros']}.{row['conversion_id']}"


def _after(cursor: str) -> dict[str, int | str]:
    """The place that a cursor names; before all of them where there is none.

    >>> _after("12.abc")
    {'last_micros': 12, 'last_id': 'abc'}
    """
    if not cursor:
        return {"last_micros": 2**62, "last_id": ""}
    micros, _, conversion_id = cursor.partition(".")
    number = whole_of(micros.removeprefix("-"))
    if number is None or number >= 2**62 or not conversion_id or unstorable(conversion_id):
        raise UsageError(
            f"A cursor is the nextCursor of an answer, not {cursor!r:.80}.", "Leave it out for the first conversions."
        )
    return {"last_micros": -number if micros.startswith("-") else number, "last_id": conversion_id}


def _row(row: Row) -> ConversionRow:
    copied = ("conversion_id", "order_id", "goal", "site_id", "value_micros", "is_verified", "credited_micros")
    return ConversionRow(
        **{name: row[name] for name in copied},
        day=row["conversion_date"],
        time=f"{row['local_time']:%H:%M}",
        conversions=row["credit"] / CREDIT,
    )
