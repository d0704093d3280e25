"""How sure the credit of a channel is: intervals, and whether two models or two periods differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from touchline.api.attributing import checked_settings, linking
from touchline.api.given import ArrowTable, is_number, is_whole
from touchline.api.naming import chosen_models
from touchline.api.resampled_chains import chain_draws
from touchline.api.row_models import names_known, own_models_given, read_milestones
from touchline.api.touch_reading import read_touches_and_conversions
from touchline.attribution.path_table import Floats, Integers
from touchline.attribution.resampling import BUCKETS, FEWEST_CONVERSIONS, drawn_weights, interval, p_values, shares_of
from touchline.errors import UsageError
from touchline.models import MODELS
from touchline.settings import Direct

_MOST_RESAMPLES = 100_000
_FEWEST_RESAMPLES = 100
_UNITS = {"credit": 1e9, "value_micros": 1e6}
"""What sums are divided by in the end: whole numbers are added up without rounding."""
_MARKOV, _LINEAR = "MARKOV", "LINEAR"
_SUMS = """
with credited as (
  select l.conversion_id, l.model, l.channel, b.bucket, sum(l.credit) as credit, sum(l.value_micros) as value_micros
  from ({links}) as l
  join buckets as b on b.conversion_id = l.conversion_id
  group by l.conversion_id, l.model, l.channel, b.bucket
)
select
  model, channel, bucket,
  cast(sum(credit) as double) as credit,
  cast(sum(value_micros) as double) as value_micros,
  cast(sum(case when credit > 0 then 1 else 0 end) as double) as conversions
from credited
group by model, channel, bucket
"""


@dataclass(frozen=True)
class Bootstrap:
    """The credit of every channel under every model, with intervals; made by :func:`bootstrap`."""

    intervals: pa.Table
    """One row per model and channel: ``model``, ``channel``, ``conversions`` (how many gave it credit), ``credit``,
    ``credit_low``, ``credit_high``, ``share``, ``share_low``, ``share_high``, with values ``value``, ``value_low`` and
    ``value_high`` (currency units), and ``has_few_conversions``: fewer than 20, so that the interval cannot be
    trusted. The row without a channel is what no channel got."""
    level: float
    n_resamples: int
    seed: int
    channels: tuple[str | None, ...] = field(repr=False)
    """The names to which credit goes, in order; ``None``, the last, is what no channel got."""
    draws: Mapping[str, Callable[[], Floats]] = field(repr=False)
    """By model, a function that gives the credit in its first row, and below it that of each resample; one column per
    channel."""

    def between_models(self, model: str, other_model: str) -> pa.Table:
        """Test for each channel whether its share differs between two models, on the same resampled persons.

        :returns: ``channel``, ``share``, ``other_share``, ``difference`` (the other less the one), ``difference_low``,
            ``difference_high``, ``p_value``, and ``differs``: whether ``p_value`` is below 1 - ``level``. Each row is a
            test alone: of many channels that do not differ, one in ten is found different at a level of 0.9.
        :raises UsageError: if one of the models was not computed.
        """
        known = tuple(self.draws)
        (one,), (other,) = chosen_models(model, known), chosen_models(other_model, known)
        pair = [_draws(self, name, self.channels, "share") for name in (one, other)]
        return _tested(self.channels, pair, self.level, "share")

    def between_periods(self, later: "Bootstrap", *, of: Literal["share", "credit"] = "share") -> pa.Table:
        """Test for each model and channel whether its share, or its credit, differs between two periods.

        A person who is in both periods is drawn for both or for neither, so that regular customers are no chance.

        :param later: the bootstrap of the other period, with the same resamples, seed and level.
        :param of: ``"share"``: of all credit; ``"credit"``: conversions.
        :returns: ``model``, ``channel``, and the columns of :meth:`between_models`, named by ``of``, for the models
            that both have.
        :raises UsageError: if the two were drawn differently or have no model in common.
        """
        if of not in {"share", "credit"}:
            raise UsageError(f"of is one of share, credit, not {of!r}.")
        drawn = [(one.n_resamples, one.seed, one.level) for one in (self, later)]
        models = [model for model in self.draws if model in later.draws]
        if len(set(drawn)) > 1 or not models:
            raise UsageError(
                "The two periods have different resamples, seeds or levels, or no model in common.",
                "Call bootstrap with the same models, n_resamples, seed and level for both.",
            )
        names = _in_order({*self.channels, *later.channels})
        parts = []
        for model in models:
            pair = [_draws(one, model, names, of) for one in (self, later)]
            found = _tested(names, pair, self.level, of)
            parts.append(found.add_column(0, "model", [pa.array([model] * len(names), pa.string())]))
        return pa.concat_tables(parts)


def bootstrap(  # noqa: PLR0913 - what may be said of a path and of the resamples, each optional
    touchpoints: ArrowTable,
    conversions: ArrowTable,
    *,
    models: str | Sequence[str] = MODELS,
    n_resamples: int = 1_000,
    level: float = 0.9,
    seed: int = 0,
    lookback_days: int = 30,
    half_life_days: float = 7.0,
    direct: Direct = "unless_only",
    touches_per_path: int = 200,
    time_zone: str | None = None,
    own_models: str | Path | None = None,
    milestones: ArrowTable | None = None,
) -> Bootstrap:
    r"""Attribute as :func:`attribute` does, and say how much of each channel's credit could be chance.

    Persons are drawn again with replacement, with all their conversions, because the conversions of one person are not
    independent. They are put into 200 groups by a hash of their ids, and groups are drawn: the credit of resample b is

    .. math:: X_b = \sum_{g=1}^{200} w_{bg}\, x_g, \qquad w_b \sim \text{Multinomial}(200;\; 1/200, \dots, 1/200)

    with :math:`x_g` the credit of group g, so that all resamples are one product of matrices. An interval leaves out
    :math:`(1 - \text{level}) / 2` of the resamples on each side.

    :param touchpoints: as in :func:`attribute`.
    :param conversions: as in :func:`attribute`.
    :param models: names from :data:`touchline.models.RULE_MODELS`, or ``MARKOV``, in any case, or one name. MARKOV is
        the model's own credit, as :func:`markov` defines it with order 1: each conversion has a path, and so has each
        person without a conversion. The chain is solved for each resample, with up to 200 channels.
    :param n_resamples: 100–100,000.
    :param level: the share of resamples inside an interval, 0.5 to below 1.
    :param seed: of the draws; results repeat with it.
    :param lookback_days: as in :func:`attribute`, like the other options.
    :param half_life_days: for TIME_DECAY.
    :param direct: ``"unless_only"`` or ``"include"``.
    :param touches_per_path: the maximum number of touches that share a conversion.
    :param time_zone: the zone of times that have none.
    :param own_models: a TOML file of models, or its text.
    :param milestones: as in :func:`attribute`, for models that give weight to them.
    :returns: intervals of every channel's credit, share and value under every model, and tests between models and
        between periods.
    :raises InputError: if a table is not as :func:`attribute` needs it.
    :raises UsageError: if an argument is out of range.
    :raises MemoryLimitError: if it needs more than ``TOUCHLINE_MEMORY`` allows.

    Source: B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap* (1993). An interval tells how the credit
    would vary among persons of the same kind; it does not tell what a channel causes, nor whether a model is right.

    >>> from datetime import datetime
    >>> persons = [f"p{number}" for number in range(400)]
    >>> touches = pa.table(
    ...     {
    ...         "person_id": persons,
    ...         "channel": ["Email", "Referral", "Referral", "Referral"] * 100,
    ...         "occurred_at": [datetime(2026, 1, 1)] * 400,
    ...     }
    ... )
    >>> bought = pa.table({"person_id": persons, "conversion_id": persons, "occurred_at": [datetime(2026, 1, 2)] * 400})
    >>> email = bootstrap(touches, bought, models="LINEAR").intervals.to_pylist()[0]
    >>> email["share"], email["share_low"] < 0.25 < email["share_high"], email["has_few_conversions"]
    (0.25, True, False)
    """
    own = own_models_given(own_models)
    chosen = chosen_models(models, (*names_known(own), _MARKOV))
    is_chain = _MARKOV in chosen
    _check(n_resamples, level, seed)
    settings = checked_settings(lookback_days, half_life_days, direct, touches_per_path, time_zone)
    touches, bought = read_touches_and_conversions(touchpoints, conversions, time_zone, is_everybody=is_chain)
    reached = read_milestones(milestones, time_zone, bought.rows.schema.field("person_id").type)
    weights = drawn_weights(n_resamples, seed)
    linked = tuple(dict.fromkeys([*(model for model in chosen if model != _MARKOV), *([_LINEAR] if is_chain else [])]))
    with linking(touches, bought, linked, settings, own=own, reached=reached) as (engine, made):
        engine.keep(
            "buckets",
            f"select conversion_id, md5_number_lower(cast(person_id as varchar)) % {BUCKETS:d} as bucket"
            " from given_conversions",
        )
        sums = engine.select(_SUMS.format(links=made))
        names = _in_order({*sums["channel"].to_pylist()})
        places = _Places.of(sums, linked, names)
        groups = {name: places.spread(name) for name in ("credit", "value_micros", "conversions")}
        draws = {
            name: {model: partial(_drawn, of_model, unit, weights) for model, of_model in groups[name].items()}
            for name, unit in _UNITS.items()
        }
        if is_chain:
            untouched = [_untouched(groups[name][_LINEAR], names) / unit for name, unit in _UNITS.items()]
            solved = chain_draws(engine, names, (untouched[0], untouched[1]), weights)
            draws["credit"][_MARKOV], draws["value_micros"][_MARKOV] = (partial(np.copy, part) for part in solved)
            groups["conversions"][_MARKOV] = groups["conversions"][_LINEAR]
    parts = []
    for model in chosen:
        columns = _interval_columns(draws["credit"][model](), level)
        if bought.has_value:
            columns |= _with_interval("value", draws["value_micros"][model](), level)
        parts.append(_rows(model, names, groups["conversions"][model].sum(axis=0), columns))
    mine = {model: draws["credit"][model] for model in chosen}
    return Bootstrap(pa.concat_tables(parts), level, n_resamples, seed, tuple(names), mine)


def _untouched(groups: Floats, names: Sequence[str | None]) -> Floats:
    """What no channel got, of each group of persons."""
    return groups[:, names.index(None)] if None in names else np.zeros(BUCKETS)


def _check(n_resamples: object, level: object, seed: object) -> None:
    if not _is_whole(n_resamples, _FEWEST_RESAMPLES, _MOST_RESAMPLES):
        raise UsageError(
            f"n_resamples is a whole number from {_FEWEST_RESAMPLES} to {_MOST_RESAMPLES:,}, not {n_resamples!r}."
        )
    if not (is_number(level) and 0.5 <= level < 1):
        raise UsageError(f"level is a number from 0.5 to below 1, not {level!r}.")
    if not _is_whole(seed, 0, 2**63):
        raise UsageError(f"seed is a whole number from 0 up, not {seed!r}.")


def _is_whole(number: object, least: int, most: int) -> bool:
    return is_whole(number) and least <= number <= most


def _in_order(names: set[str | None]) -> list[str | None]:
    """By name; what has none is last."""
    return sorted(names, key=lambda name: (name is None, name or ""))


@dataclass(frozen=True)
class _Places:
    """Where each row of sums belongs: in which model, group and channel."""

    sums: pa.Table
    models: Sequence[str]
    cells: Integers
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, sums: pa.Table, models: Sequence[str], names: Sequence[str | None]) -> "_Places":
        which = [models.index(model) for model in sums["model"].to_pylist()]
        columns = {name: place for place, name in enumerate(names)}
        channels = [columns[name] for name in sums["channel"].to_pylist()]
        shape = (len(models), BUCKETS, len(names))
        buckets = sums["bucket"].to_numpy().astype(np.int64)
        cells = (np.array(which, np.int64) * BUCKETS + buckets) * len(names) + np.array(channels, np.int64)
        return cls(sums, models, cells, shape)

    def spread(self, name: str) -> dict[str, Floats]:
        """By model, a column of the sums, shape ``(BUCKETS, channels)``."""
        filled = np.zeros(self.shape)
        filled.reshape(-1)[self.cells] = self.sums[name].to_numpy()
        return dict(zip(self.models, filled, strict=True))


def _draws(of: Bootstrap, model: str, names: Sequence[str | None], measure: str) -> Floats:
    """The credit or the shares themselves, and below them those of each resample; one column per name."""
    drawn = of.draws[model]()
    places = {name: place for place, name in enumerate(of.channels)}
    placed = np.zeros((len(drawn), len(names)))
    for column, name in enumerate(names):
        if name in places:
            placed[:, column] = drawn[:, places[name]]
    return shares_of(placed) if measure == "share" else placed


def _drawn(sums: Floats, unit: float, weights: Floats) -> Floats:
    """The sum over all groups, and below it that of each resample, divided by ``unit``."""
    return np.vstack([sums.sum(axis=0), weights @ sums]) / unit


def _with_interval(name: str, draws: Floats, level: float) -> dict[str, Floats]:
    low, high = interval(draws[1:], level)
    return {name: draws[0], f"{name}_low": low, f"{name}_high": high}


def _interval_columns(draws: Floats, level: float) -> dict[str, Floats]:
    return _with_interval("credit", draws, level) | _with_interval("share", shares_of(draws), level)


def _rows(model: str, names: Sequence[str | None], counts: Floats, columns: Mapping[str, Floats]) -> pa.Table:
    head: dict[str, Any] = {
        "model": pa.array([model] * len(names), pa.string()),
        "channel": pa.array(names, pa.string()),
        "conversions": counts.astype(np.int64),
    }
    return pa.table({**head, **columns, "has_few_conversions": counts < FEWEST_CONVERSIONS})


def _tested(names: Sequence[str | None], pair: Sequence[Floats], level: float, of: str) -> pa.Table:
    """The differences of two draws, each with itself in the first row."""
    mine, theirs = pair
    apart = theirs - mine
    chance = p_values(apart[1:])
    return pa.table(
        {
            "channel": pa.array(names, pa.string()),
            of: mine[0],
            f"other_{of}": theirs[0],
            **_with_interval("difference", apart, level),
            "p_value": chance,
            "differs": chance < 1 - level,
        }
    )
