"""Small worlds of which the expected credit is known, whatever the rule model."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

SHARES = {"c0": 0.4, "c1": 0.3, "c2": 0.2, "c3": 0.1}
"""How likely each channel is at every touch: so much of all credit it gets under every rule model."""
RATE = 0.5
"""The mean number of conversions of a person."""
DAY = 86_400_000_000


class ChanceWorld(NamedTuple):
    """Touches and conversions as :func:`touchline.attribute` takes them."""

    touchpoints: pa.Table
    conversions: pa.Table


def chance_world(seed: int, persons: int) -> ChanceWorld:
    """Persons with a favorite channel, who convert a number of times, each time after one to five touches of their own.

    Conversions of a person resemble one another; those of two persons are independent.
    """
    chance = np.random.default_rng(seed)
    names, likely = np.array(list(SHARES)), np.array(list(SHARES.values()))
    counts = chance.poisson(RATE, persons)
    buyer = np.repeat(np.arange(persons), counts)
    moment = (np.arange(len(buyer)) - np.repeat(np.cumsum(counts) - counts, counts)) * 100 * DAY
    lengths = chance.integers(1, 6, len(buyer))
    conversion = np.repeat(np.arange(len(buyer)), lengths)
    favorite = chance.choice(len(names), persons, p=likely)[buyer[conversion]]
    others = chance.choice(len(names), len(conversion), p=likely)
    channel = np.where(chance.random(len(conversion)) < 0.6, favorite, others)
    occurred_at = moment[conversion] + (chance.random(len(conversion)) * 5 * DAY).astype(np.int64)
    return ChanceWorld(
        pa.table(
            {
                "person_id": buyer[conversion],
                "channel": names[channel],
                "occurred_at": pa.array(occurred_at, pa.timestamp("us")),
            }
        ),
        pa.table(
            {
                "person_id": buyer,
                "conversion_id": np.arange(len(buyer)),
                "occurred_at": pa.array(moment + 6 * DAY, pa.timestamp("us")),
                "value_micros": chance.integers(1, 10**8, len(buyer)),
            }
        ),
    )
