"""Shapley values of channels: of paths, or of any game."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa

from touchline.api.given import ArrowTable, is_whole
from touchline.api.path_reading import PathColumns, read_paths
from touchline.attribution.coalitions import MOST_EXACT, RateGame, ordered_credit, sampled_values, shapley_values
from touchline.attribution.path_table import Floats, Integers, PathTable, even_credit, settled, touched
from touchline.errors import InputError, UsageError
from touchline.settings import Direct

Worth = Literal["conversions", "value", "conversion_rate"]
Form = Literal["set", "ordered"]
_SAMPLES = 1_000
_FEWEST_SAMPLES = 10


def shapley(  # noqa: PLR0913 - a game, or where a table has what, each optional
    game: ArrowTable | Callable[[frozenset[str]], float],
    *,
    channels: Iterable[str] | None = None,
    worth: Worth = "conversions",
    form: Form = "set",
    samples: int | None = None,
    seed: int = 0,
    path: str = "path",
    separator: str = " > ",
    conversions: str = "conversions",
    value: str | None = None,
    nulls: str | None = None,
    direct: Direct = "include",
) -> pa.Table:
    r"""Return the Shapley value of each channel: what it adds to a coalition of others, over all orders of coming.

    .. math:: \phi_c = \sum_{S \not\ni c} \frac{|S|!\,(n - |S| - 1)!}{n!} \bigl(v(S \cup \{c\}) - v(S)\bigr)

    The worth v of a coalition S is what the paths that it holds completely bring: their conversions, their value, or
    their conversion rate. For sums, the definition is each path's amount split evenly among its distinct channels
    (Zhao et al.), which is computed at once for any number of channels. Other games are exact up to 20 channels;
    past that, or with ``samples``, the mean over random orders is taken, each order forwards and backwards.

    :param game: a table of paths, or a function from a ``frozenset`` of channels to its worth.
    :param channels: of a function: the channels that play, each once.
    :param worth: of paths: ``"conversions"``, ``"value"`` or ``"conversion_rate"`` (0 where no path is held).
    :param form: ``"set"``: a value for each channel; ``"ordered"``: for each channel at each position of the paths,
        with repeated channels sharing evenly; for sums only.
    :param samples: of a function or a conversion rate: the number of random orders, 10 or more; ``None``: exact up to
        20 channels, else 1,000 orders.
    :param seed: of the random orders.
    :param path: the column of paths: text, or a list of channels. Empty paths are left out.
    :param separator: what stands between two channels; spaces around channels do not count.
    :param conversions: the column with the number of conversions of each path, 0 or more.
    :param value: the column with the total value of each path's conversions.
    :param nulls: the column with the number of people whose path ended without a conversion.
    :param direct: ``"include"``: the channel ``Direct`` is like any other; ``"unless_only"``: it is taken out of paths
        with other touches.
    :returns: ``channel``, with the ordered form ``position``, ``credit``, and ``standard_error``, which is 0 where the
        answer is exact. The credits sum to the worth of all channels less the worth of none: for conversions and
        value exactly. They may be negative where a channel makes a coalition worth less.
    :raises InputError: if a column is missing, has the wrong type or contains nulls or negative numbers, or a function
        returns no finite number.
    :raises UsageError: if an argument is out of range, or does not go with the others.

    Sources: L. S. Shapley, *A value for n-person games* (1953); K. Zhao, S. H. Mahboobi, S. R. Bagheri, *Shapley Value
    Methods for Attribution Modeling in Online Advertising* (2018). Not for what a channel causes: paths are observed.

    >>> journeys = pa.table({"path": ["a > b", "a"], "conversions": [2, 1], "lost": [0, 3]})
    >>> shapley(journeys)["credit"].to_pylist()
    [2.0, 1.0]
    >>> shapley(journeys, worth="conversion_rate", nulls="lost")["credit"].to_pylist()
    [0.375, 0.125]
    >>> shapley(lambda coalition: len(coalition) ** 2, channels=["a", "b"])["credit"].to_pylist()
    [2.0, 2.0]
    """
    _check(worth, form, samples, seed)
    if callable(game) and not hasattr(game, "__arrow_c_stream__"):
        return _of_function(game, channels, samples, seed)
    if channels is not None:
        raise UsageError("channels goes with a function; a table of paths has its own.", "Leave channels out.")
    if worth == "value" and value is None:
        raise UsageError('worth="value" needs the column of values.', "Name it with value=….")
    paths = touched(read_paths(game, PathColumns(path, separator, conversions, value, nulls, direct)))
    if worth == "conversion_rate":
        if form == "ordered":
            raise UsageError(
                "The ordered form is of conversions or value, not of a conversion rate.", 'Use form="set".'
            )
        if nulls is None and paths.channels:
            raise UsageError(
                'worth="conversion_rate" needs the column of those who did not convert.', "Name it with nulls=…."
            )
        rates = RateGame(paths)
        return _solved(paths.channels, rates.worths, rates.marginals, samples, seed)
    if samples is not None:
        raise UsageError(f"The values of {worth} are computed exactly, without samples.", "Leave samples out.")
    return _of_sums(paths, worth, form)


def _check(worth: str, form: str, samples: object, seed: object) -> None:
    if worth not in {"conversions", "value", "conversion_rate"}:
        raise UsageError(f"worth is one of conversions, value, conversion_rate, not {worth!r}.")
    if form not in {"set", "ordered"}:
        raise UsageError(f"form is one of set, ordered, not {form!r}.")
    if samples is not None and not (is_whole(samples) and samples >= _FEWEST_SAMPLES):
        raise UsageError(f"samples is a whole number from {_FEWEST_SAMPLES} up, not {samples!r}.")
    if not (is_whole(seed) and seed >= 0):
        raise UsageError(f"seed is a whole number from 0 up, not {seed!r}.")


def _of_sums(paths: PathTable, worth: Worth, form: Form) -> pa.Table:
    """The closed form, of conversions or value."""
    amounts = paths.value if worth == "value" and paths.value is not None else paths.conversions
    total = math.fsum(amounts)
    if form == "set":
        return _table(paths.channels, settled(even_credit(paths, amounts), total))
    codes, positions, credit = ordered_credit(paths, amounts)
    names = [paths.channels[code] for code in codes.tolist()]
    return _table(names, settled(credit, total)).add_column(1, "position", [positions])


def _of_function(
    game: Callable[[frozenset[str]], float], channels: Iterable[str] | None, samples: int | None, seed: int
) -> pa.Table:
    """The values of a game that a function defines; it is called once for each coalition that is needed."""
    if channels is None or isinstance(channels, str):
        raise UsageError("A function needs channels, a list of names.", 'Such as channels=["Email", "Referral"].')
    players = sorted(channels)
    if not players or len(set(players)) != len(players):
        raise UsageError(f"channels is a list of different names, not {players!r}.")
    known: dict[frozenset[str], float] = {}

    def worth_of(coalition: frozenset[str]) -> float:
        if coalition not in known:
            known[coalition] = _number(game(coalition), coalition)
        return known[coalition]

    def worths() -> Floats:
        every = (frozenset(p for n, p in enumerate(players) if mask >> n & 1) for mask in range(2 ** len(players)))
        return np.array([_number(game(coalition), coalition) for coalition in every])  # each once: nothing to remember

    def marginals(order: Integers) -> Floats:
        names = [players[place] for place in order.tolist()]
        reached = np.array([worth_of(frozenset(names[:count])) for count in range(len(names) + 1)])
        added = np.empty(len(names))
        added[order] = np.diff(reached)
        return added

    return _solved(players, worths, marginals, samples, seed)


def _number(found: object, coalition: frozenset[str]) -> float:
    if isinstance(found, int | float | np.number) and math.isfinite(found):
        return float(found)
    raise InputError(
        f"The function gave {found!r} for {sorted(coalition)!r}; expected a finite number.", "Return one for every set."
    )


def _solved(
    players: Sequence[str], worths: Callable[[], Floats], marginals: Callable[[Integers], Floats],
    samples: int | None, seed: int,
) -> pa.Table:  # fmt: skip
    """Exactly, where nobody asks for samples and there are few enough players."""
    if samples is None and len(players) <= MOST_EXACT:
        return _table(players, shapley_values(worths()) if players else np.zeros(0))
    return _table(players, *sampled_values(marginals, len(players), samples or _SAMPLES, seed))


def _table(channels: Sequence[str], credit: Floats, errors: Floats | None = None) -> pa.Table:
    return pa.table(
        {
            "channel": pa.array(list(channels), pa.string()),
            "credit": credit,
            "standard_error": np.zeros(len(credit)) if errors is None else errors,
        }
    )
