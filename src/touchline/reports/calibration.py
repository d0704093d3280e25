"""Credit times what lift tests found: conversions that were caused, in columns of their own next to those credited."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from touchline.engines import Engine
from touchline.magnitudes import CREDIT
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, rate

GRAINS: Mapping[str, str] = {"channel": "CHANNEL", "campaign": "CAMPAIGN"}
"""The rows that lift tests can be of, with their grain."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Calibrated:
    """What lift tests make of a row's credit, as far as it is of days with a factor."""

    conversions: float
    """The sum of credit times factor."""
    low: float | None
    """The same with the lower ends of the factors' intervals; ``None`` where a factor has none, or of several rows,
    whose intervals do not add up."""
    high: float | None
    credit: int
    """The credit that has a factor (billionths)."""

    def share(self, credit: int) -> float | None:
        """How much of a row's credit has a factor."""
        return rate(self.credit, credit)


def calibrations(
    engine: Engine, question: Question, by: str, basis: str, key: Callable[[Row], K], *, is_daily: bool = False
) -> dict[K, Calibrated]:
    r"""By key, what lift tests make of credit.

    .. math:: \text{calibrated}_r = \sum_f \frac{\text{credit}_{rf}}{10^9}\, \text{factor}_f

    with the credit of row r on the days that factor f is for. Days without a factor are not in the sum. Of one account
    there are none: a test says nothing of the customers of one.

    :param by: ``channel`` or ``campaign``; there are no factors of other rows.
    :param key: of the answers' rows: ``day`` (where ``is_daily``), ``model``, and ``entity_id``.
    """
    if by not in GRAINS or question.account_id:
        return {}
    asked = {**question.parameters, "basis": basis, "grain": GRAINS[by], "is_daily": "yes" if is_daily else "no"}
    grouped: dict[K, list[Row]] = defaultdict(list)
    for row in rows(engine, "calibrated", **asked):
        grouped[key(row)].append(row)
    return {one: _sum(listed) for one, listed in grouped.items()}


def _sum(listed: Iterable[Row]) -> Calibrated:
    found = list(listed)
    is_one = len({row["entity_id"] for row in found}) == 1
    low, high = (_weighed(found, name) if is_one else None for name in ("low", "high"))
    return Calibrated(_weighed(found, "factor") or 0.0, low, high, sum(row["credit"] for row in found))


def _weighed(found: Iterable[Row], name: str) -> float | None:
    parts = [None if row[name] is None else row["credit"] / CREDIT * row[name] for row in found]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
