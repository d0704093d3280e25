"""What fitted models themselves give channels, next to the sums of their links."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from touchline.engines import Engine
from touchline.magnitudes import CREDIT
from touchline.models import FITTED_MODELS
from touchline.reports.queries import rows
from touchline.reports.question import Question, rate


@dataclass(frozen=True)
class OwnTotals:
    """By fitted model and channel, the conversions that the model itself gives."""

    totals: Mapping[tuple[str, str], float]
    is_asked: bool
    """Whether the rows are channels, by the day of the conversion."""

    def conversions(self, model: str, key: str) -> float | None:
        """Of a row, 0 where the model gives it nothing; the total has no key. ``None`` of a model without a fit."""
        if not self.is_asked or model not in FITTED_MODELS:
            return None
        return sum(self.totals[one] for one in sorted(self.totals) if one[0] == model and key in {"", one[1]})


def own_totals(engine: Engine, question: Question, by: str, basis: str) -> OwnTotals:
    r"""The model's own totals, of the conversions of the window that each fit serves.

    .. math:: \text{own}_c = \sum_f n_f\, \frac{RE_{fc}}{\sum_k RE_{fk}}

    with :math:`n_f` the touched conversions that fit f serves, and :math:`RE_{fc}` the removal effect of channel c.

    :returns: nothing where rows are no channels, or credit is booked to the days of touches.
    """
    found: dict[tuple[str, str], float] = defaultdict(float)
    if by != "channel" or basis != "CONVERSION":
        return OwnTotals(found, is_asked=False)
    listed = rows(engine, "own_totals", **question.parameters)
    wholes: dict[str, float] = defaultdict(float)
    for row in listed:
        wholes[row["fit_id"]] += row["removal_effect"]
    for row in listed:
        share = rate(row["removal_effect"], wholes[row["fit_id"]]) or 0.0
        found[row["model"], row["channel"]] += row["credit"] / CREDIT * share
    return OwnTotals(found, is_asked=True)
