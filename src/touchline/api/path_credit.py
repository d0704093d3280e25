"""Credit of channels from aggregated paths, and the Markov model of such paths."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from touchline.amounts import counted
from touchline.api.given import ArrowTable, is_whole
from touchline.api.naming import chosen_models
from touchline.api.path_reading import PathColumns, read_paths
from touchline.api.path_rules import rule_credit
from touchline.api.row_models import own_models_given, without_times
from touchline.attribution.chains import (
    LARGEST_ORDER,
    MOST_STATES,
    Chain,
    Effects,
    chain_of,
    effects_of,
    probabilities,
    state_numbers,
)
from touchline.attribution.path_table import (
    Floats,
    PathTable,
    distinct_channels,
    even_credit,
    settled,
    sums_at,
    touched,
)
from touchline.errors import InputError, UsageError
from touchline.models import MEASURES, MODELS, PATH_MODELS
from touchline.settings import Direct

_USUAL_MODELS = tuple(name for name in MODELS if name in PATH_MODELS)
_ENDS = ("(start)", "(conversion)", "(null)")
"""The states of a chain that are no channels."""
_Credit = tuple[Floats, Floats]
"""The conversions and the value of each channel."""


def credit_paths(  # noqa: PLR0913 - where a table has what, each optional
    paths: ArrowTable,
    *,
    models: str | Sequence[str] = _USUAL_MODELS,
    path: str = "path",
    separator: str = " > ",
    conversions: str = "conversions",
    value: str | None = None,
    nulls: str | None = None,
    order: int = 1,
    direct: Direct = "include",
    own_models: str | Path | None = None,
) -> pa.Table:
    r"""Return the credit of each channel under each model, from a table of aggregated paths.

    A row of the table is a path, such as ``Email > Paid Search``, with the number of conversions that came along it.
    With :math:`a_p` conversions on path p of :math:`n_p` touches, a rule model with the weights :math:`w_i` gives
    channel c

    .. math:: \text{credit}_c = \sum_p a_p \sum_{i:\, c_i = c} w_i, \qquad \sum_{i=1}^{n_p} w_i = 1

    where FIRST_TOUCH, LAST_TOUCH, LINEAR and POSITION_BASED have the weights of :func:`attribute`, and

    * LAST_NON_DIRECT gives all to the last touch that is not ``Direct``, or to the last one if all are;
    * J_SHAPED gives 0.2 to the first, 0.6 to the last and 0.2 to those between (of two: 0.25 and 0.75), INVERSE_J
      gives 0.6, 0.2 and 0.2 (0.75 and 0.25).

    MARKOV gives each channel its share of the removal effects, as :func:`markov` does. SHAPLEY splits each conversion
    evenly among the distinct channels of its path, which is the Shapley value that :func:`shapley` computes.

    PARTICIPATION, which PostHog calls INFLUENCED, is no model but a measure: the conversions on whose paths a channel
    is, each whole. Its rows do not add up to the conversions.

    :param paths: one row per path; a path may come several times.
    :param models: one name or several, in any case: the rule models above, ``MARKOV``, ``SHAPLEY``, and of presets and
        ``own_models`` those that look at the order of touches only.
    :param path: the column of paths: text, or a list of channels. An empty path has no touch.
    :param separator: what stands between two channels; spaces around channels do not count.
    :param conversions: the column with the number of conversions of each path, 0 or more.
    :param value: the column with the total value of each path's conversions, in any unit.
    :param nulls: the column with the number of people whose path ended without a conversion, which MARKOV uses;
        without it, every path converts.
    :param order: of the Markov chain, 1–4.
    :param direct: ``"include"``: the channel ``Direct`` is like any other; ``"unless_only"``: it is taken out of paths
        with other touches.
    :param own_models: a TOML file of models, or its text, as ``touchline model add`` takes it.
    :returns: one row per model and channel, in the order of ``models`` and of the channels' names: ``model``,
        ``channel``, ``conversions``, and with ``value`` also ``value``. The conversions of paths without a touch have
        a row per model without a channel. Each model's rows add up exactly to the conversions and the value given;
        those of measures do not.
    :raises InputError: if a column is missing, has the wrong type or contains nulls or negative numbers, or MARKOV is
        named and no path with a touch has a conversion.
    :raises UsageError: if a model or an argument is out of range, or the Markov chain has too many states.

    For the definitions, see ``docs/explanation/models.md``. TIME_DECAY needs times, which paths do not have: use
    :func:`attribute`.

    >>> journeys = pa.table({"path": ["Email > Paid Search", "Email"], "conversions": [3, 1]})
    >>> credit_paths(journeys, models=["first_touch", "shapley"])["conversions"].to_pylist()
    [4.0, 0.0, 2.5, 1.5]
    """
    own = own_models_given(own_models)
    chosen = chosen_models(models, tuple(dict.fromkeys((*PATH_MODELS, *_SOLVED, *without_times(own), *MEASURES))))
    _check_order(order)
    read = read_paths(paths, PathColumns(path, separator, conversions, value, nulls, direct))
    kept = touched(read)
    rules = [model for model in chosen if model not in _SOLVED and model not in MEASURES]
    found = dict(rule_credit(kept, rules, own)) if rules else {}
    found |= {model: _SOLVED[model](kept, order) for model in chosen if model in _SOLVED}
    found |= {model: _participation(kept) for model in chosen if model in MEASURES}
    return _table(read, {model: found[model] for model in chosen})


@dataclass(frozen=True)
class MarkovModel:
    """A Markov chain of paths, solved."""

    order: int
    """How many touches back a state looks."""
    transition_matrix: pa.Table
    """The steps that occur: ``from_state``, ``to_state``, ``transitions`` (how often), ``probability`` (of the steps
    from there). States are ``(start)``, ``(conversion)``, ``(null)`` and the last ``order`` channels."""
    removal_effects: pa.Table
    """``channel``, ``removal_effect``, and with values ``value_removal_effect``, each in 0–1."""
    conversion_rate: float
    """How likely a conversion is from the start: the conversions among all paths with a touch."""
    credit: pa.Table
    """``channel``, ``conversions``, and with values ``value``: they add up exactly to those of the paths."""


def markov(  # noqa: PLR0913 - where a table has what, each optional
    paths: ArrowTable,
    *,
    order: int = 1,
    path: str = "path",
    separator: str = " > ",
    conversions: str = "conversions",
    value: str | None = None,
    nulls: str | None = None,
    direct: Direct = "include",
) -> MarkovModel:
    r"""Fit the Markov model of order 1 to 4 to aggregated paths, and solve it exactly.

    People step from the start over states to one of two ends, conversion or null. A state is the last ``order``
    channels of the path, or all of them while there are fewer; repeated channels count. The removal effect of a
    channel is the share of conversions that is lost if everybody who comes to a touch of it goes to null instead:

    .. math:: RE_c = 1 - \frac{P(\text{conversion} \mid c \to \text{null})}{P(\text{conversion})}, \qquad
              \text{credit}_c = \frac{RE_c}{\sum_k RE_k} \cdot \text{conversions}

    With a higher order, every state in which the channel is the newest is removed; those that only remember it are
    reached no other way, so it is gone from all states. The value is credited in the same way, with the mean value of
    the conversions after each state in the place of their number.

    :param paths: one row per path; a path may come several times.
    :param order: 1–4.
    :param path: the column of paths: text, or a list of channels. Empty paths are left out.
    :param separator: what stands between two channels; spaces around channels do not count.
    :param conversions: the column with the number of conversions of each path, 0 or more.
    :param value: the column with the total value of each path's conversions, in any unit.
    :param nulls: the column with the number of people whose path ended without a conversion; without it, every path
        converts, so that the conversion rate is 1.
    :param direct: ``"include"``: the channel ``Direct`` is like any other; ``"unless_only"``: it is taken out of paths
        with other touches.
    :returns: the transition matrix, the removal effects, the conversion rate and the credit, as Arrow tables.
    :raises InputError: if a column is missing, has the wrong type or contains nulls or negative numbers, or no path
        with a touch has a conversion.
    :raises UsageError: if the order is out of range, or the chain has more states than can be solved exactly.

    Source: E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann, *Mapping the customer journey*, International
    Journal of Research in Marketing 33 (2016). It is solved by linear algebra, not simulated: equal paths give equal
    results. Not for what a channel causes, and not for channels with a handful of conversions.

    >>> journeys = pa.table({"path": ["a > b > c", "a", "b > c"], "conversions": [1, 0, 0], "did_not": [0, 1, 1]})
    >>> model = markov(journeys, nulls="did_not")
    >>> round(model.conversion_rate, 3), [round(x, 3) for x in model.removal_effects["removal_effect"].to_pylist()]
    (0.333, [0.5, 1.0, 1.0])
    >>> [round(x, 3) for x in model.credit["conversions"].to_pylist()]
    [0.2, 0.4, 0.4]
    """
    _check_order(order)
    read = touched(read_paths(paths, PathColumns(path, separator, conversions, value, nulls, direct)))
    chain, effects = _solved(read, order)
    _require_other_names(read.channels)
    credit = _markov_credit(read, effects)
    columns = {"channel": pa.array(read.channels, pa.string()), "conversions": credit[0]}
    removal = {"channel": columns["channel"], "removal_effect": effects.removal}
    if read.value is not None:
        columns["value"] = credit[1]
        removal["value_removal_effect"] = effects.value_removal
    return MarkovModel(
        order, _matrix(chain, read.channels), pa.table(removal), effects.conversion_rate, pa.table(columns)
    )


def _check_order(order: object) -> None:
    if not (is_whole(order) and 1 <= order <= LARGEST_ORDER):
        raise UsageError(f"order is a whole number from 1 to {LARGEST_ORDER}, not {order!r}.")


def _solved(paths: PathTable, order: int) -> tuple[Chain, Effects]:
    """The chain of paths that each have a touch, solved.

    :raises InputError: if none of them converts.
    :raises UsageError: if there are too many states.
    """
    if not paths.conversions.any():
        raise InputError("No path with a touch has a conversion, so a Markov model has nothing to credit.", "Add some.")
    size = len(paths.channels)
    if size <= MOST_STATES:  # as many states as channels at least
        numbers, states = state_numbers(paths, order)
        size = len(states)
    if size > MOST_STATES:
        raise UsageError(
            f"The chain of order {order} has {counted(size, 'state')}; an exact solution carries {MOST_STATES:,}.",
            "Ask for a lower order, or group rare channels under one name.",
        )
    chain = chain_of(numbers, states, paths)
    return chain, effects_of(chain, len(paths.channels))


def _require_other_names(channels: Sequence[str]) -> None:
    clashing = [name for name in channels if name in _ENDS]
    if clashing:
        raise InputError(
            f"A channel is named {clashing[0]}, like a state of the transition matrix.", "Rename the channel."
        )


def _markov_credit(paths: PathTable, effects: Effects) -> _Credit:
    value = 0.0 if paths.value is None else math.fsum(paths.value)
    return _shared(math.fsum(paths.conversions), effects.removal), _shared(value, effects.value_removal)


def _shared(total: float, effects: Floats) -> Floats:
    """The total in proportion to the effects, adding up exactly."""
    return settled(total * effects / effects.sum(), total) if total else np.zeros(len(effects))


def _by_markov(paths: PathTable, order: int) -> _Credit:
    return _markov_credit(paths, _solved(paths, order)[1])


def _by_shapley(paths: PathTable, _order: int) -> _Credit:
    value = np.zeros(len(paths.conversions)) if paths.value is None else paths.value
    return even_credit(paths, paths.conversions), even_credit(paths, value)


_SOLVED: Mapping[str, Callable[[PathTable, int], _Credit]] = {"MARKOV": _by_markov, "SHAPLEY": _by_shapley}
"""The models of paths that are no rule for a single path, or none in SQL."""


def _matrix(chain: Chain, channels: Sequence[str]) -> pa.Table:
    """The steps that occur, with names."""
    names = [" > ".join(channels[code] for code in state if code >= 0) for state in chain.states.tolist()]
    rows, columns = np.nonzero(chain.transitions)
    counts = chain.transitions[rows, columns]
    return pa.table(
        {
            "from_state": pa.array([_ENDS[0], *names], pa.string()).take(pa.array(rows)),
            "to_state": pa.array([*names, *_ENDS[1:]], pa.string()).take(pa.array(columns)),
            "transitions": counts,
            "probability": probabilities(chain.transitions)[rows, columns],
        }
    )


def _table(paths: PathTable, credit: Mapping[str, _Credit]) -> pa.Table:
    """The credit of all models, with the conversions of paths without a touch, adding up exactly."""
    names = ("conversions",) if paths.value is None else ("conversions", "value")
    channels = [*paths.channels, *([None] if (paths.lengths == 0).any() else [])]
    return pa.table(
        {
            "model": pa.array([model for model in credit for _ in channels], pa.string()),
            "channel": pa.array(channels * len(credit), pa.string()),
            **{
                name: np.concatenate(
                    [_with_untouched(paths, name, model, parts[place]) for model, parts in credit.items()]
                )
                for place, name in enumerate(names)
            },
        }
    )


def _participation(paths: PathTable) -> _Credit:
    """Of each channel, what came along the paths that it is on."""
    owners, channels = distinct_channels(paths)
    value = np.zeros(len(paths.conversions)) if paths.value is None else paths.value
    size = len(paths.channels)
    return sums_at(channels, paths.conversions[owners], size), sums_at(channels, value[owners], size)


def _with_untouched(paths: PathTable, name: str, model: str, parts: Floats) -> Floats:
    """One model's parts, and after them what came along paths without a touch, if there are such paths."""
    amounts, is_empty = getattr(paths, name), paths.lengths == 0
    if model in MEASURES:
        return np.append(parts, math.fsum(amounts[is_empty])) if is_empty.any() else parts
    whole = math.fsum(amounts)
    if not is_empty.any():
        return settled(parts, whole)
    grid = float(np.spacing(whole))
    untouched = float(np.rint(math.fsum(amounts[is_empty]) / grid)) * grid
    return np.append(settled(parts, whole - untouched, whole), untouched)
