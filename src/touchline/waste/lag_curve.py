"""How soon conversions come: the share that is in by each age, from the journeys that are kept."""

import numpy as np

from touchline.waste.evidence import COMPLETE
from touchline.waste.prior import Floats, Ints

FEWEST = 30
"""From fewer touches that led to conversions, no curve is drawn: all are taken to be in on the day."""


def curve(lag: Ints, room: Ints, touches: Ints) -> Floats:
    """The share of conversions that come within ``i`` days of the touch, for each ``i`` up to the longest lag seen.

    A touch of yesterday shows only lags of a day, so the lags are truncated: each is compared with those that had room
    to be as long (the product-limit estimator of Lynden-Bell).

    :param lag: days from touch to conversion.
    :param room: days from touch to the end of what is known, at least ``lag``.
    :param touches: how many there are of each.
    """
    if touches.sum() < FEWEST:
        return COMPLETE
    longest = int(lag.max())
    days = np.arange(longest + 1)
    came = np.bincount(lag, touches, longest + 1)
    by_lag_and_room = np.zeros((longest + 1, longest + 1))
    np.add.at(by_lag_and_room, (lag, np.minimum(room, longest)), touches)
    comparable = by_lag_and_room.cumsum(0)[:, ::-1].cumsum(1)[:, ::-1][days, days]
    kept = 1 - np.divide(came, comparable, out=np.zeros(longest + 1), where=comparable > 0)
    return np.append(np.cumprod(kept[::-1])[::-1][1:], 1.0)
