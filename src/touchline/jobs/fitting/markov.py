"""The Markov model's fit: from counted steps to removal effects."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from touchline.attribution.markov import model_credit, removal_effects
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.jobs.fitting.counts import Window, counted
from touchline.jobs.fitting.fit import FitValue

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"
"""The states that are no channels."""


def markov(engine: Engine, window: Window) -> list[FitValue]:
    """Each channel's ``removal_effect`` and the ``model_conversions`` that the model itself gives it.

    As a whole the fit says how many ``conversions`` and how many ``null_paths`` it was made of.

    :raises UsageError: if no conversion of the window has a touch.
    """
    moves = counted(engine, "transitions", window)
    paths = {end: sum(row["transitions"] for row in moves if row["to_state"] == end) for end in (CONVERSION, NULL)}
    if not paths[CONVERSION]:
        raise UsageError(
            f"No conversion from {window.window_start} to {window.window_end} has a touch, so there is nothing to fit.",
            "Name another window with --window-end and --days.",
        )
    channels = sorted({row["to_state"] for row in moves} - {CONVERSION, NULL})
    effects = removal_effects(_matrix(channels, moves))
    credit = model_credit(effects, paths[CONVERSION])
    return [
        FitValue("", "conversions", float(paths[CONVERSION])),
        FitValue("", "null_paths", float(paths[NULL])),
        *(FitValue(name, "removal_effect", float(x)) for name, x in zip(channels, effects, strict=True)),
        *(FitValue(name, "model_conversions", float(x)) for name, x in zip(channels, credit, strict=True)),
    ]


def _matrix(channels: list[str], moves: list[dict[str, Any]]) -> NDArray[np.float64]:
    rows = {name: place for place, name in enumerate([START, *channels])}
    columns = {name: place for place, name in enumerate([*channels, CONVERSION, NULL])}
    matrix = np.zeros((len(rows), len(columns)))
    for move in moves:
        matrix[rows[move["from_state"]], columns[move["to_state"]]] = move["transitions"]
    return matrix
