"""How often health signals a stable site, and how soon it signals a stop, by simulation.

``python -m tests.benchmarks.health_alarms [--series 1000]`` prints the tables.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from touchline.health.signals import limits_of_rates, signals
from touchline.health.volume_limits import collapses

DAYS = 50
STOP = 40
"""The day on which what is simulated to stop does."""
PER_DAY = (10, 20, 50, 200, 1000, 5000)
RATES = (0.005, 0.02, 0.1, 0.35, 0.5)
PATTERNS: dict[str, tuple[float, ...]] = {
    "flat": (1, 1, 1, 1, 1, 1, 1),
    "weekends": (1.2, 1.2, 1.1, 1.1, 1.1, 0.7, 0.6),
    "deep weekends": (1.3, 1.3, 1.2, 1.2, 1.1, 0.5, 0.4),
}
"""What each day of the week has of an average day."""
_COLUMNS = ("organization_id", "site_id", "channel", "measure", "fit_id")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _COLUMNS]
    + [("period", pa.date32()), ("numerator", pa.int64()), ("denominator", pa.int64())]
    + [(name, pa.float64()) for name in ("centre", "lower_limit", "upper_limit")]
)


@dataclass(frozen=True)
class Share:
    """How many of the simulated series had a signal."""

    what: str
    pattern: str
    per_day: float
    rate: float | None
    share: float


def _factors(pattern: str) -> NDArray[np.float64]:
    return np.array(PATTERNS[pattern])[np.arange(DAYS) % 7]


def stable_volumes(rng: np.random.Generator, series: int) -> Iterator[Share]:
    """Of Poisson counts that stay as they are, the share with a signal."""
    for pattern in PATTERNS:
        for per_day in PER_DAY:
            counts = rng.poisson(per_day * _factors(pattern), (series, DAYS))
            alarms = sum(bool(collapses(one)) for one in counts)
            yield Share("stable volume", pattern, per_day, None, alarms / series)


def stopped_volumes(rng: np.random.Generator, series: int, per_day: float, within: int, pattern: str) -> Share:
    """Of counts that stop on any weekday, the share with a signal ``within`` days."""
    turned = np.array([np.roll(_factors(pattern), first) for first in rng.integers(0, 7, series)])
    counts = rng.poisson(per_day * turned)
    counts[:, STOP:] = 0
    seen = sum(any(found.day >= STOP for found in collapses(one[: STOP + within])) for one in counts)
    return Share(f"stop within {within} days", pattern, per_day, None, seen / series)


def stable_rates(rng: np.random.Generator, series: int) -> Iterator[Share]:
    """Of binomial counts that stay as they are, the share with a signal; on weekends rate and denominator differ."""
    for pattern in PATTERNS:
        for per_day in PER_DAY:
            for rate in RATES:
                alarms = sum(_has_signal(rng, pattern, per_day, rate) for _ in range(series))
                yield Share("stable rate", pattern, per_day, rate, alarms / series)


def _has_signal(rng: np.random.Generator, pattern: str, per_day: float, rate: float) -> bool:
    sizes = rng.poisson(per_day * _factors(pattern))
    counts = rng.binomial(sizes, np.minimum(rate / _factors(pattern), 0.95))
    return bool(signals(limits_of_rates(rates_of(counts, sizes), {})))


def rates_of(counts: NDArray[np.int64], sizes: NDArray[np.int64]) -> pa.Table:
    """One series as ``daily_rates.sql`` selects it."""
    return pa.Table.from_pylist(
        [
            {"organization_id": "o", "site_id": "s", "channel": "", "measure": "any", "fit_id": ""}
            | {"period": date(2026, 1, 5) + timedelta(days=day), "numerator": int(part), "denominator": int(whole)}
            for day, (part, whole) in enumerate(zip(counts, sizes, strict=True))
        ],
        _SCHEMA,
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1000)
    series = parser.parse_args().series
    rng = np.random.default_rng(7)
    print(f"{'what':22} {'pattern':15} {'per day':>8} {'rate':>6} {'signalled':>10}")
    stops = (
        stopped_volumes(rng, series, per_day, within, pattern)
        for per_day, within in ((2, 5), (10, 2), (200, 1))
        for pattern in PATTERNS
    )
    for kind in (stable_volumes(rng, series), stops, stable_rates(rng, series)):
        for row in kind:
            rate = "" if row.rate is None else f"{row.rate:.1%}"
            print(f"{row.what:22} {row.pattern:15} {row.per_day:8} {rate:>6} {row.share:10.2%}")


if __name__ == "__main__":
    main()
