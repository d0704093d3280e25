"""Journeys: the orders of channels by which people came to convert."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import DAY_MICROS
from touchline.reports.queries import Row, rows
from touchline.reports.question import Window, asked, rate

NO_TOUCH, OTHER_PATHS = "(no touch)", "(other paths)"
SEVERAL = "(several)"
"""What lies between the first and the last step of a path, where it is more than one step."""


@dataclass(frozen=True)
class Step:
    """One channel on a journey, and how many touches in a row came from it."""

    channel: str
    touches: int


@dataclass(frozen=True)
class Journey:
    """All conversions that came by the same channels in the same order."""

    name: str
    """The steps in one text, such as ``Paid Search → Email ×2``; ``(no touch)``; or ``(other paths)``."""
    steps: tuple[Step, ...]
    """Empty for ``(no touch)`` and ``(other paths)``."""
    further_steps: int
    """Steps after the tenth, which are not spelled out."""
    paths: int
    """How many different paths stand behind the row: 1, but for ``(other paths)``."""
    conversions: int
    share: float | None
    """Of all conversions of the report."""
    value_micros: int
    median_days: float | None
    """Days from the first touch to the conversion; ``None`` without a touch."""
    median_touches: float | None
    """Touches of the lookback, Direct ones and those that a path does not keep included; ``None`` without a touch."""


@dataclass(frozen=True)
class TouchCount:
    """How many conversions took this many touches."""

    touches: int
    conversions: int


@dataclass(frozen=True)
class Flow:
    """How many conversions came from a first channel by what lies between to a last one."""

    first: str
    between: str
    """The channel of the only step between; ``(several)``; or ``""`` where the path has two steps or one."""
    last: str
    """``""`` where the path has one step."""
    conversions: int


@dataclass(frozen=True)
class Lag:
    """How many conversions came this number of whole days after the first touch of their path."""

    days: int
    conversions: int


@dataclass(frozen=True)
class JourneysReport:
    """Journeys that add up to every counted conversion of the window."""

    organization_id: str
    goal: str
    site_id: str
    """The site whose conversions are counted; ``""``: all sites together."""
    account_id: str
    """The account whose conversions are counted; ``""``: whatever the account."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    lookback_days: int
    rows: tuple[Journey, ...]
    """Most conversions first; then ``(other paths)`` and ``(no touch)``, where there are any."""
    touches: tuple[TouchCount, ...]
    """Conversions by the number of touches that they took, 0 included where there are any."""
    flows: tuple[Flow, ...]
    """All conversions with a touch by the first step of their path, what lies between, and the last; most first."""
    lags: tuple[Lag, ...]
    """The same by the days from the first touch on, in their order."""
    conversions: int
    value_micros: int


def journeys_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, start: date | None = None, end: date | None = None,
    goal: str | None = None, limit: int = 20, currency: str | None = None, site: str | None = None,
    account: str | None = None,
) -> JourneysReport:  # fmt: skip
    """The ``limit`` paths with the most conversions, and what is left in rows of its own.

    A path shows what it keeps of the touches of the lookback, Direct ones too, and repeats in a row as one step with
    their number.
    Arguments as for :func:`touchline.reports.attribution.attribution_report`.

    :raises UsageError: if ``limit`` is less than 1.
    """
    if limit < 1:
        raise UsageError(f"A report shows at least one path, not {limit}.")
    question = asked(
        engine, organization_id, goal=goal, start=start, end=end, currency=currency, site=site, account=account
    )
    found = rows(engine, "journeys", **question.parameters, limit=limit)
    total = sum(row["conversions"] for row in found)
    found.sort(key=lambda row: _LAST.get(row["journey"], 0))
    return JourneysReport(
        **question.answered,
        lookback_days=question.lookback_days,
        rows=tuple(_journey(row, total) for row in found),
        touches=tuple(TouchCount(**row) for row in rows(engine, "touch_counts", **question.parameters)),
        flows=tuple(map(_flow, rows(engine, "journey_flows", **question.parameters))),
        lags=tuple(Lag(**row) for row in rows(engine, "journey_lags", **question.parameters)),
        conversions=total,
        value_micros=sum(row["value_micros"] for row in found),
    )


_LAST = {OTHER_PATHS: 1, NO_TOUCH: 2}


def _flow(row: Row) -> Flow:
    return Flow(row["first_channel"], row["between_channel"], row["last_channel"], row["conversions"])


def _journey(row: Row, total: int) -> Journey:
    spelled, _, further = ("", "", "") if row["journey"] in _LAST else row["journey"].partition("+")
    steps = tuple(Step(channel, int(touches)) for channel, touches in (s.split("|") for s in spelled.split("/") if s))
    has_touches = row["journey"] != NO_TOUCH
    middles = 2 - row["conversions"] % 2  # the query adds up the one or two conversions in the middle
    return Journey(
        name=_name(steps, int(further or 0)) if steps else row["journey"],
        steps=steps,
        further_steps=int(further or 0),
        paths=row["paths"],
        conversions=row["conversions"],
        share=rate(row["conversions"], total),
        value_micros=row["value_micros"],
        median_days=row["middle_age_micros"] / middles / DAY_MICROS if has_touches else None,
        median_touches=row["middle_touches"] / middles if has_touches else None,
    )


def _name(steps: tuple[Step, ...], further: int) -> str:
    """The steps in one text.

    >>> _name((Step("Paid Search", 1), Step("Email", 2)), 0)
    'Paid Search → Email ×2'
    """
    said = [step.channel if step.touches == 1 else f"{step.channel} ×{step.touches}" for step in steps]
    return " → ".join([*said, f"… {further} more"] if further else said)
