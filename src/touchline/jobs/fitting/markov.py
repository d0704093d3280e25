"""The Markov model's fit: from counted steps to removal effects."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from touchline import amounts
from touchline.attribution.chains import LARGEST_ORDER, MOST_STATES, Chain, effects_of
from touchline.attribution.markov import model_credit
from touchline.attribution.path_table import Integers
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.jobs.fitting.counts import Window, counted
from touchline.jobs.fitting.fit import FitValue

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"
"""The states that are no channels."""
State = tuple[str, ...]
"""The last channels of a path, the newest last; empty at the start."""
Moves = Mapping[tuple[State, str], int]
"""How often each channel or end followed a state."""
_DAY = timedelta(days=1)
_LATER = 3
"""To choose an order, the last third of the window is held back, and told from what came before."""


def markov(engine: Engine, window: Window) -> list[FitValue]:
    """Each channel's ``removal_effect`` and the ``model_conversions`` that the model itself gives it.

    As a whole the fit says how many ``conversions`` and how many ``null_paths`` it was made of, and of an order above 1
    the ``order`` and the number of its ``states``.

    :raises UsageError: if no conversion of the window has a touch, or there are too few for the states of the chain, or
        more states than can be solved.
    """
    counted_moves = _moves(engine, replace(window, order=window.order or LARGEST_ORDER))
    paths = {
        end: sum(number for (_, there), number in counted_moves.items() if there == end) for end in (CONVERSION, NULL)
    }
    if not paths[CONVERSION]:
        raise UsageError(
            f"No conversion from {window.window_start} to {window.window_end} has a touch, so there is nothing to fit.",
            "Name another window with --window-end and --days.",
        )
    order = window.order or _chosen(engine, window, feasible_orders(counted_moves, paths[CONVERSION]))
    moves = _shorter(counted_moves, order)
    channels = sorted({there for _, there in moves} - {CONVERSION, NULL})
    chain = _chain(moves, channels, order)
    _require_enough(len(chain.states), paths[CONVERSION], order)
    effects = effects_of(chain, len(channels)).removal
    credit = model_credit(effects, paths[CONVERSION])
    higher = {"order": order, "states": len(chain.states)} if order > 1 else {}
    return [
        FitValue("", "conversions", float(paths[CONVERSION])),
        FitValue("", "null_paths", float(paths[NULL])),
        *(FitValue("", name, float(number)) for name, number in higher.items()),
        *(FitValue(name, "removal_effect", float(x)) for name, x in zip(channels, effects, strict=True)),
        *(FitValue(name, "model_conversions", float(x)) for name, x in zip(channels, credit, strict=True)),
    ]


def feasible_orders(moves: Moves, conversions: int) -> list[int]:
    """The orders whose chains would not be refused; order 1 is always among them.

    :param moves: of a chain of order 4.
    """
    higher = range(2, LARGEST_ORDER + 1)
    states = {order: len({state for state, _ in _shorter(moves, order) if state}) for order in higher}
    return [1, *(order for order in higher if states[order] <= min(conversions, MOST_STATES))]


def _chosen(engine: Engine, window: Window, orders: Sequence[int]) -> int:
    days = (window.window_end - window.window_start).days + 1
    middle = window.window_end - timedelta(days=days // _LATER)
    seen = _moves(engine, replace(window, window_end=middle, order=LARGEST_ORDER))
    later = _moves(engine, replace(window, window_start=middle + _DAY, order=LARGEST_ORDER))
    return best_order(seen, later, orders)


def best_order(seen: Moves, later: Moves, orders: Sequence[int]) -> int:
    """The order whose chain of what was seen says most about what came later; the lowest of equals.

    :param seen: of a chain of order 4, like ``later``.
    :param orders: those to choose among.
    """
    return max(orders, key=lambda order: (_likelihood(seen, later, order), -order))


def _moves(engine: Engine, window: Window) -> Moves:
    rows = counted(engine, "transitions", window)
    names = ("fourth_channel", "third_channel", "second_channel", "from_state")
    return {
        (tuple(row[name] for name in names if row[name] not in {"", START}), row["to_state"]): row["transitions"]
        for row in rows
    }


def _shorter(moves: Moves, order: int) -> Counter[tuple[State, str]]:
    """The moves of a chain that looks less far back."""
    made: Counter[tuple[State, str]] = Counter()
    for (state, there), number in moves.items():
        made[state[-order:], there] += number
    return made


def _likelihood(seen: Moves, later: Moves, order: int) -> float:
    """The logarithm of how likely the later moves are, each end having been seen once more than it was."""
    known = _shorter(seen, order)
    leaving: Counter[State] = Counter()
    for (state, _), number in known.items():
        leaving[state] += number
    ends = len({there for _, there in (*seen, *later)})
    return math.fsum(
        number * math.log((known[move] + 1) / (leaving[move[0]] + ends))
        for move, number in sorted(_shorter(later, order).items())
    )


def _chain(moves: Moves, channels: Sequence[str], order: int) -> Chain:
    places = {name: place for place, name in enumerate(channels)}
    states = sorted({state for state, _ in moves if state}, key=lambda state: (places[state[-1]], state))
    numbers = {state: place for place, state in enumerate(states)}
    ends = {CONVERSION: len(states), NULL: len(states) + 1}
    if len(states) > MOST_STATES:
        raise UsageError(
            f"The chain of order {order} has {amounts.counted(len(states), 'state')};"
            f" an exact solution carries {MOST_STATES:,}.",
            "Ask for a lower --order.",
        )
    matrix = np.zeros((len(states) + 1, len(states) + 2))
    for (state, there), number in moves.items():
        column = ends[there] if there in ends else numbers[(*state, there)[-order:]]
        matrix[numbers[state] + 1 if state else 0, column] += number
    return Chain(_coded(states, places, order), matrix, np.zeros(len(states) + 1))


def _coded(states: Sequence[State], places: Mapping[str, int], order: int) -> Integers:
    rows = [[-1] * (order - len(state)) + [places[name] for name in state] for state in states]
    return np.array(rows, np.int64).reshape(len(rows), order)


def _require_enough(states: int, conversions: int, order: int) -> None:
    """A chain with more states than conversions remembers single paths."""
    if order > 1 and conversions < states:
        raise UsageError(
            f"The chain of order {order} has {amounts.counted(states, 'state')}, and the window only"
            f" {amounts.counted(conversions, 'conversion')}.",
            "Name a longer window with --days, or a lower --order.",
        )
