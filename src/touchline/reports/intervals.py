"""How much of what a model gives to a row could be chance: intervals from drawing the persons again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.attribution.path_table import Floats
from touchline.attribution.resampling import BUCKETS, FEWEST_CONVERSIONS, drawn_weights, interval, shares_of
from touchline.engines import Engine
from touchline.engines.answers import python_rows
from touchline.magnitudes import CREDIT
from touchline.reports.dimensions import OTHER, WITH_COSTS, key_and_name
from touchline.reports.queries import Row, selected
from touchline.reports.question import Question, Window, asked
from touchline.reports.tally import entities_named, entity_place

LEVEL = 0.9
"""The share of the resamples that lies in an interval."""
RESAMPLES = 1_000
MOST_INTERVALS = 100
"""Rows that have intervals, those with the most credit; the others share one."""
_SEED = 0
_QUERIES = "touchline.reports.queries"
_NAMED = ("is_rest", "is_unattributed")

Sure = Literal[
    "channel", "source_class", "platform", "campaign", "adset", "ad", "source", "medium", "term", "content",
    "landing_page", "app", "device", "city", "district",
]  # fmt: skip
"""What rows can be: what touches show. What is a fact of the conversion, such as its site, hangs on no model."""


@dataclass(frozen=True)
class IntervalRow:
    """What one model gives one channel, campaign, …, and between which numbers that lies."""

    key: str
    """As in :class:`touchline.reports.side_by_side.ComparisonRow`."""
    name: str
    model: str
    conversions: float
    conversions_low: float
    conversions_high: float
    share: float
    share_low: float
    share_high: float
    credited_conversions: int
    """Conversions of which the model gives the row a part."""
    has_few_conversions: bool
    """Fewer than 20, so that the interval is narrower than it should be."""


@dataclass(frozen=True)
class IntervalsReport:
    """Intervals of every model, by row."""

    organization_id: str
    by: Sure
    goal: str
    site_id: str
    account_id: str
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    level: float
    resamples: int
    rows: tuple[IntervalRow, ...]


def intervals_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, by: Sure = "channel", start: date | None = None, end: date | None = None,
    goal: str | None = None, currency: str | None = None, site: str | None = None, account: str | None = None,
) -> IntervalsReport:  # fmt: skip
    r"""Intervals around the conversions of the report ``models``; arguments as for its function.

    The persons who convert in the window are put into 200 groups, and groups are drawn again with replacement, 1,000
    times: the conversions of resample b are

    .. math:: X_b = \sum_{g=1}^{200} w_{bg}\, x_g, \qquad w_b \sim \text{Multinomial}(200;\; 1/200, \dots, 1/200)

    with :math:`x_g` those of group g. An interval leaves out a twentieth of the resamples on each side. It tells how
    the numbers would vary among persons of the same kind; it does not tell what a channel causes, nor whether a model
    is right. Of fitted models, the fit stays as it is.

    :raises UnknownError: if there is no such organization, goal, site or account.
    :raises UsageError: if the window ends before it starts.

    Source: B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap* (1993).
    """
    question = asked(
        engine, organization_id, goal=goal, start=start, end=end, currency=currency, site=site, account=account
    )
    found = _sums(engine, question, by)
    return IntervalsReport(
        **question.answered,
        by=by,
        level=LEVEL,
        resamples=RESAMPLES,
        rows=_rows(found, _names(engine, question, by, found), question.models),
    )


def _sums(engine: Engine, question: Question, by: Sure) -> pa.Table:
    """Credit by place of a row, model and group of persons."""
    parameters = {**question.parameters, "basis": "CONVERSION", "most_values": MOST_INTERVALS, "by": by}
    package = f"{_QUERIES}.paid" if by in WITH_COSTS else _QUERIES
    return selected(engine, package, "credit_by_group", **parameters, grain=by.upper())


def _names(engine: Engine, question: Question, by: Sure, found: pa.Table) -> Mapping[int, tuple[str, str]]:
    """The keys and the names of rows, by their places."""
    labels = [name for name in found.column_names if name not in {"model", "part", "credit", "conversions"}]
    rows: list[Row] = python_rows(found.select(labels).group_by(labels).aggregate([]))
    if by not in WITH_COSTS:
        return {row["place"]: key_and_name(row) for row in rows}
    entities = entities_named(engine, question, by, "CONVERSION")
    return {
        row["place"]: (OTHER, OTHER) if row["is_rest"] else entities[entity_place(row, row["is_unattributed"])]
        for row in rows
    }


def _rows(found: pa.Table, names: Mapping[int, tuple[str, str]], models: Sequence[str]) -> tuple[IntervalRow, ...]:
    weights, places = drawn_weights(RESAMPLES, _SEED), sorted(names)
    made = []
    for model in models:
        of_model = found.filter(pc.equal(found["model"], model))
        credit, conversions = (_spread(of_model, name, places) for name in ("credit", "conversions"))
        drawn = np.vstack([credit.sum(axis=0), weights @ credit])
        made.append((model, _measured(drawn / CREDIT), _measured(shares_of(drawn)), conversions.sum(axis=0)))
    return tuple(
        _row(names[place], model, (*counts, *shares), credited, number)
        for number, place in enumerate(places)
        for model, counts, shares, credited in made
    )


def _row(named: tuple[str, str], model: str, measured: Sequence[Floats], credited: Floats, number: int) -> IntervalRow:
    """The row at one place."""
    conversions, low, high, share, share_low, share_high = (float(part[number]) for part in measured)
    count = int(credited[number])
    return IntervalRow(
        *named, model, conversions, low, high, share, share_low, share_high, count, count < FEWEST_CONVERSIONS
    )


def _spread(of_model: pa.Table, name: str, places: Sequence[int]) -> Floats:
    """A column of the sums by group of persons and place, shape ``(BUCKETS, places)``."""
    filled = np.zeros((BUCKETS, len(places)))
    numbers = np.searchsorted(np.array(places, np.int64), of_model["place"].to_numpy())
    filled[of_model["part"].to_numpy().astype(np.int64), numbers] = of_model[name].to_numpy()
    return filled


def _measured(drawn: Floats) -> tuple[Floats, Floats, Floats]:
    """What was counted, in the first row of what was drawn, and the ends of its intervals."""
    return drawn[0], *interval(drawn[1:], LEVEL)
