"""The rows of a comparison of models: what each model gives a row, its rank under each, and how often it assists."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum

from touchline.grains import UNATTRIBUTED
from touchline.magnitudes import CREDIT
from touchline.reports.both_periods import Both
from touchline.reports.calibration import Calibrated
from touchline.reports.dimensions import OF_CONVERSIONS, OTHER, PERIODS, By
from touchline.reports.own_totals import OwnTotals
from touchline.reports.question import rate
from touchline.reports.self_reported import SelfReported
from touchline.reports.tally import Tally


@dataclass(frozen=True)
class ModelCell:
    """What one model gives one row."""

    model: str
    credit: int
    conversions: float
    value_micros: int
    share: float | None
    difference: float
    """Conversions more (or fewer) than under the comparison's baseline."""
    relative_difference: float | None
    """The difference as a fraction of the baseline's conversions; ``None`` where that gives none."""
    rank: int | None
    """The row's place by credit under the model: 1 has the most, and rows with equal credit, to a thousandth of a
    conversion, share a rank. ``None`` in the total, in rows of no touch or of several values, and of days."""
    rank_change: int | None
    """By how many ranks the row stands higher (or lower) than under the baseline."""
    cpa: float | None
    roas: float | None
    new_conversions: float
    """As in :class:`AttributionRow`, as is what follows."""
    new_value_micros: int
    returning_conversions: float
    own_conversions: float | None
    """As in :class:`touchline.reports.attribution.AttributionRow`."""
    conversions_before: float | None
    """As in :class:`touchline.reports.attribution.AttributionRow`."""
    share_change: float | None
    """As in :class:`touchline.reports.attribution.AttributionRow`."""
    calibrated_conversions: float | None
    """What lift tests make of the row's credit: the sum of credit times factor, on the days for which there is one;
    ``None`` where there is none. The other columns know nothing of factors."""
    calibrated_low: float | None
    """The same with the lower ends of the factors' intervals; ``None`` where a factor has none, and in the total."""
    calibrated_high: float | None
    calibrated_share: float | None
    """How much of the row's credit has a factor; ``None`` where none has."""
    agreement: float | None
    """Of the conversions whose customer names this channel, the share in which the model credits a channel that the
    answer names; ``None`` where nobody names it, and in rows that are no channels."""


@dataclass(frozen=True)
class ComparisonRow:
    """One channel, campaign, … under every model."""

    key: str
    name: str
    platform: str
    spend_micros: int | None
    models: tuple[ModelCell, ...]
    """In the order of the comparison's ``models``."""
    self_reported: int | None
    """As in :class:`touchline.reports.attribution.AttributionRow`."""
    influenced: int | None
    """As in :class:`touchline.reports.attribution.AttributionRow`."""
    assists: int | None
    """Conversions on whose paths a touch of the row is, whose last touch is of another row: ``influenced`` less the
    conversions under LAST_TOUCH. Like these, they do not add up; ``None`` where the rows are facts of conversions."""
    assisted_value_micros: int | None
    """The value of these conversions."""


@dataclass(frozen=True)
class SideBySide:
    """What the rows of a comparison are made of: the sums, the models, and the baseline of the others."""

    both: Both
    models: tuple[str, ...]
    baseline: str
    by: By
    said: SelfReported
    own: OwnTotals
    lifts: Mapping[tuple[str, str], Calibrated]
    """By model and key."""

    def row(self, tally: Tally) -> ComparisonRow:
        """One row under every model; of the total, the total."""
        assists, assisted_value_micros = self._assists(tally)
        return ComparisonRow(
            key=tally.key,
            name=tally.name,
            platform=tally.platform,
            spend_micros=tally.spend_micros,
            models=tuple(self._cell(tally, model) for model in self.models),
            self_reported=self.said.conversions(self.by, tally.key),
            influenced=tally.influenced,
            assists=assists,
            assisted_value_micros=assisted_value_micros,
        )

    @property
    def share_moved(self) -> tuple[float | None, ...]:
        """Of each model, the share of credit that lies in other rows than under the baseline."""
        return tuple(self._moved(model) for model in self.models)

    def _moved(self, model: str) -> float | None:
        """Total variation: half the sum of the differences of shares."""
        shares = [(self._share(tally, model), self._share(tally, self.baseline)) for tally in self.both.rows]
        known = [abs(one - other) for one, other in shares if one is not None and other is not None]
        return fsum(known) / 2 if known else None  # the same in whatever order rows come

    def _share(self, tally: Tally, model: str) -> float | None:
        return rate(tally.credit[model], self.both.totals.credit[model])

    @cached_property
    def _ranks(self) -> Mapping[tuple[str, str], int]:
        """By model and key: one more than the rows with more credit; shares of a conversion are rounded billionths."""
        ranked = [tally for tally in self.both.rows if tally.key not in {UNATTRIBUTED, OTHER}]
        found: dict[tuple[str, str], int] = {}
        for model in self.models if self.by not in PERIODS else ():
            thousandths = {tally.key: round(tally.credit[model] / CREDIT, 3) for tally in ranked}
            first: dict[float, int] = {}
            for place, credit in enumerate(sorted(thousandths.values(), reverse=True), 1):
                first.setdefault(credit, place)
            found |= {(model, key): first[credit] for key, credit in thousandths.items()}
        return found

    def _assists(self, tally: Tally) -> tuple[int | None, int | None]:
        if self.by in OF_CONVERSIONS or tally.influenced is None or tally.influenced_value_micros is None:
            return None, None
        last = tally.credit["LAST_TOUCH"] // CREDIT
        return tally.influenced - last, tally.influenced_value_micros - tally.value_micros["LAST_TOUCH"]

    def _calibrated(self, model: str, key: str) -> Calibrated | None:
        """Of a row, or of the total, which has no key."""
        if key:
            return self.lifts.get((model, key))
        found = [one for (of, _), one in sorted(self.lifts.items()) if of == model]
        conversions, credit = sum(one.conversions for one in found), sum(one.credit for one in found)
        return Calibrated(conversions, None, None, credit) if found else None

    def _cell(self, tally: Tally, model: str) -> ModelCell:
        before, credit, compared = self.both.before(tally.key), tally.credit[model], tally.credit[self.baseline]
        new, value_micros = tally.new_credit[model], tally.value_micros[model]
        spend = None if tally.spend_micros is None else tally.spend_micros / 1e6
        lift = self._calibrated(model, tally.key)
        rank, other_rank = (self._ranks.get((one, tally.key)) for one in (model, self.baseline))
        return ModelCell(
            model=model,
            credit=credit,
            conversions=credit / CREDIT,
            value_micros=value_micros,
            share=self._share(tally, model),
            difference=(credit - compared) / CREDIT,
            relative_difference=rate(credit - compared, compared),
            rank=rank,
            rank_change=None if rank is None or other_rank is None else other_rank - rank,
            cpa=rate(spend, credit / CREDIT),
            roas=rate(value_micros, tally.spend_micros),
            new_conversions=new / CREDIT,
            new_value_micros=tally.new_value_micros[model],
            returning_conversions=(credit - new) / CREDIT,
            conversions_before=before.credit[model] / CREDIT if before else None,
            own_conversions=self.own.conversions(model, tally.key),
            calibrated_conversions=lift.conversions if lift else None,
            calibrated_low=lift.low if lift else None,
            calibrated_high=lift.high if lift else None,
            calibrated_share=lift.share(credit) if lift else None,
            share_change=self.both.share_change(tally, model),
            agreement=self.said.agreement(model, self.by, tally.key),
        )
