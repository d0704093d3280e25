"""How often health notifies of a stable site, and how soon it does of a break, by simulation.

    python -m tests.benchmarks.health_alarms [--series 1000] [--page docs/explanation/false-alarms.md]

Prints a table for each promise, with its bar. Series have 50 days; each cell is a share of as many simulated series as
asked for, of sites a fifth of that. ``--page`` writes the tables as a page of the documentation.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import touchline as tl
from tests.benchmarks._simulated_sites import PARTS, volumes_and_rates
from touchline.health.signals import limits_of_rates, signals
from touchline.health.volume_limits import collapses
from touchline.reports.limits import limits_by_series, rules_broken

COMMAND = "python -m tests.benchmarks.health_alarms --series {series} --page docs/explanation/false-alarms.md"
DAYS = 50
STOP = 40
"""The day on which what is simulated to stop does."""
PER_DAY = (10, 20, 50, 200, 1000, 5000)
FEW_PER_DAY = (0.05, 0.2, 0.5, 1, 2, 5)
RATES = (0.005, 0.02, 0.1, 0.35, 0.5)
EMPTY = (0.2, 0.3, 0.5, 0.8)
"""Shares of days without any."""
PATTERNS: dict[str, tuple[float, ...]] = {
    "flat": (1, 1, 1, 1, 1, 1, 1),
    "weekends": (1.2, 1.2, 1.1, 1.1, 1.1, 0.7, 0.6),
    "deep weekends": (1.3, 1.3, 1.2, 1.2, 1.1, 0.5, 0.4),
}
"""What each day of the week has of an average day."""
NEW_POINTS = 30
_COLUMNS = ("organization_id", "channel", "fit_id")
_LIMITS = ("centre", "lower_limit", "upper_limit")
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Table:
    """One promise, measured."""

    title: str
    says: str
    """What a cell is the share of."""
    bar: float
    is_least: bool
    """Whether the bar is the least that a cell may be, rather than the most."""
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[float]]]

    @property
    def worst(self) -> float:
        """The cell that is nearest to the bar, or furthest beyond it."""
        cells = [cell for _, row in self.rows for cell in row]
        return min(cells) if self.is_least else max(cells)

    @property
    def is_kept(self) -> bool:
        """Whether every cell keeps the bar."""
        return self.worst >= self.bar if self.is_least else self.worst <= self.bar


def _factors(pattern: str, days: int = DAYS) -> NDArray[np.float64]:
    return np.array(PATTERNS[pattern])[np.arange(days) % 7]


def _share_signalled(counts: Counts) -> float:
    return sum(bool(collapses(one)) for one in counts) / len(counts)


def stable_volumes(rng: np.random.Generator, series: int, levels: Sequence[float] = (*FEW_PER_DAY, *PER_DAY)) -> Table:
    """Poisson counts that stay as they are."""
    rows = [
        (f"{level:g} a day", [
            _share_signalled(rng.poisson(level * _factors(pattern), (series, DAYS))) for pattern in PATTERNS
        ])
        for level in levels
    ]  # fmt: skip
    return Table("Stable volumes", "series with a notification", 0.02, False, [*PATTERNS], rows)


def volumes_in_heaps(rng: np.random.Generator, series: int, shares: Sequence[float] = EMPTY) -> Table:
    """The same, of which days chosen at random have none."""
    levels = (2, 20, 200)
    rows = [
        (f"none on {share:.0%} of days", [
            _share_signalled(rng.poisson(level, (series, DAYS)) * (rng.random((series, DAYS)) >= share))
            for level in levels
        ])
        for share in shares
    ]  # fmt: skip
    columns = [f"{level} on other days" for level in levels]
    return Table("Volumes with empty days at random", "series with a notification", 0.02, False, columns, rows)


def stopped_volumes(rng: np.random.Generator, series: int, per_day: float, within: int, pattern: str) -> float:
    """Of counts that stop on any weekday, the share with a signal ``within`` days."""
    turned = np.array([np.roll(_factors(pattern), first) for first in rng.integers(0, 7, series)])
    counts = rng.poisson(per_day * turned)
    counts[:, STOP:] = 0
    return sum(any(found.day >= STOP for found in collapses(one[: STOP + within])) for one in counts) / series


def stops(rng: np.random.Generator, series: int) -> Iterator[Table]:
    """A goal's conversions stop."""
    for per_day, within, least in ((10, 2, 0.99), (2, 5, 0.9)):
        shares = [stopped_volumes(rng, series, per_day, within, pattern) for pattern in PATTERNS]
        title = f"A stop at {per_day} a day, within {within} days"
        yield Table(title, "series with a notification", least, True, [*PATTERNS], [("stopped", shares)])


def rates_of(counts: Counts, sizes: Counts, measure: str = "any") -> pa.Table:
    """Series of one site each, as ``daily_rates.sql`` selects them; shape ``(n,)`` or ``(series, n)``."""
    counts, sizes = np.atleast_2d(counts), np.atleast_2d(sizes)
    series, days = counts.shape
    texts = {name: pa.array([""] * counts.size) for name in _COLUMNS}
    first = (date(2026, 1, 5) - date(1970, 1, 1)).days
    return pa.table(
        texts
        | {"site_id": np.repeat([f"s{number:05}" for number in range(series)], days)}
        | {"measure": pa.array([measure] * counts.size)}
        | {"period": pa.array(np.tile(np.arange(days, dtype=np.int32) + first, series)).cast(pa.date32())}
        | {"numerator": counts.ravel(), "denominator": sizes.ravel()}
        | {name: pa.nulls(counts.size, pa.float64()) for name in _LIMITS}
    )


def _sites_signalled(rates: pa.Table) -> set[str]:
    return {row["site_id"] for row in signals(limits_of_rates(rates, {}))}


def stable_rates(rng: np.random.Generator, series: int, levels: Sequence[int] = PER_DAY) -> Table:
    """Binomial counts that stay as they are; on weekends rate and denominator differ."""
    rows = []
    for pattern in PATTERNS:
        for level in levels:
            cells = []
            for rate in RATES:
                sizes = rng.poisson(level * _factors(pattern), (series, DAYS))
                counts = rng.binomial(sizes, np.minimum(rate / _factors(pattern), 0.95))
                cells.append(len(_sites_signalled(rates_of(counts, sizes))) / series)
            rows.append((f"{pattern}, {level} a day", cells))
    return Table("Stable rates", "series with a notification", 0.02, False, [f"{rate:.1%}" for rate in RATES], rows)


def rates_with_empty_days(rng: np.random.Generator, series: int) -> Table:
    """Rates of a denominator that is 0 on days chosen at random."""
    rows = []
    for share in EMPTY:
        for level in (10, 50, 1000):
            cells = []
            for rate in RATES:
                sizes = rng.poisson(level, (series, DAYS)) * (rng.random((series, DAYS)) >= share)
                cells.append(len(_sites_signalled(rates_of(rng.binomial(sizes, rate), sizes))) / series)
            rows.append((f"none on {share:.0%} of days, else {level}", cells))
    title, columns = "Stable rates with empty days", [f"{rate:.1%}" for rate in RATES]
    return Table(title, "series with a notification", 0.02, False, columns, rows)


def rates_day_by_day(rng: np.random.Generator, series: int) -> Table:
    """Stable rates judged again on each day by what was known then, as a server judges them."""
    rows = []
    for pattern in PATTERNS:
        cells = []
        for level in (20, 200):
            sizes = rng.poisson(level * _factors(pattern), (series, DAYS))
            counts = rng.binomial(sizes, np.minimum(0.35 / _factors(pattern), 0.95))
            found: set[str] = set()
            for day in range(12, DAYS + 1):
                found |= _sites_signalled(rates_of(counts[:, :day], sizes[:, :day]))
            cells.append(len(found) / series)
        rows.append((pattern, cells))
    columns = ["20 a day, 35%", "200 a day, 35%"]
    return Table("Stable rates, judged on every day", "series notified on any day", 0.02, False, columns, rows)


def stable_sites(rng: np.random.Generator, series: int) -> Table:
    """Sites with every measure that is judged, and the volumes of landings and three goals."""
    sites, rows = max(1, series // 5), []
    for level in (50, 500, 5000):
        cells = []
        for pattern in PATTERNS:
            found: set[str] = set()
            volumes, rates = volumes_and_rates(rng, level * _factors(pattern), sites)
            for measure, (counts, sizes) in rates.items():
                found |= _sites_signalled(rates_of(counts, sizes, measure))
            for counts in volumes:
                found |= {f"s{number:05}" for number, one in enumerate(counts) if collapses(one)}
            cells.append(len(found) / sites)
        rows.append((f"{level:,} landings a day", cells))
    says = f"sites with a notification of any of {len(PARTS)} rates and 4 volumes"
    return Table("Stable sites, over all their measures", says, 0.1, False, [*PATTERNS], rows)


def colored_days(rng: np.random.Generator, series: int) -> Table:
    """Days of stable rates on which a rule completes, on the charts of health."""
    series, rows = max(1, series // 5), []
    for level in (20, 200, 5000):
        cells = []
        for rate in RATES:
            sizes = rng.poisson(level, (series, 140))
            limits = limits_of_rates(rates_of(rng.binomial(sizes, rate), sizes), {})
            completed = days = 0
            for by_day in limits_by_series(limits.to_pylist()).values():
                completed += len({place for one in rules_broken(by_day)[1] for place in one.completed_at})
                days += len(by_day)
            cells.append(completed / days)
        rows.append((f"{level:,} a day", cells))
    columns = [f"{rate:.1%}" for rate in RATES]
    return Table("Colors on the charts of health", "days on which a rule completes", 0.02, False, columns, rows)


def colored_points(rng: np.random.Generator, series: int) -> Iterator[Table]:
    """New points of stable processes on which a rule completes, under locked limits of ``tl.xmr``."""
    for baseline, most in ((100, 0.02), (20, 0.04)):
        of_all = baseline + 100
        cells = []
        for kind in ("normal", "rate 10%, of 200", "rate 50%, of 8 to 120"):
            found = 0
            for _ in range(series):
                chart = tl.xmr(**_stable(rng, kind, of_all), baseline=baseline)
                found += len({at for one in chart.signals for at in one.completed_at if at >= baseline})
            cells.append(found / (series * 100))
        columns = ["normal", "rate 10 %, of 200", "rate 50 %, of 8 to 120"]
        title = f"Colors of `tl.xmr`, with a baseline of {baseline}"
        yield Table(title, "points on which a rule completes", most, False, columns, [("Wheeler's rules", cells)])


def _stable(rng: np.random.Generator, kind: str, points: int) -> dict[str, Any]:
    if kind == "normal":
        return {"values": rng.normal(size=points)}
    sizes = np.full(points, 200) if kind.endswith("200") else rng.integers(8, 121, points)
    return {"values": rng.binomial(sizes, 0.1 if kind.endswith("200") else 0.5), "denominators": sizes}


def false_alarms_of_rates(rng: np.random.Generator, series: int) -> Table:
    """The I-prime chart with denominators of 8 to 120, rule 1, a baseline of 20."""
    cells, rates = [], (0.005, 0.02, 0.1, 0.5, 0.85, 0.99)
    for rate in rates:
        sizes = rng.integers(8, 121, (series, 20 + NEW_POINTS))
        charts = (tl.xmr(rng.binomial(one, rate), denominators=one, baseline=20) for one in sizes)
        cells.append(sum(_is_outside(chart) for chart in charts) / series)
    title, columns = "`tl.xmr` of rates, denominators of 8 to 120", [f"{rate:.1%}" for rate in rates]
    says = f"series with a point outside in {NEW_POINTS}"
    return Table(title, says, 0.25, False, columns, [("rule 1", cells)])


def _is_outside(chart: Any) -> bool:
    return any(one.rule == 1 and one.indices[0] >= 20 for one in chart.signals)


def shifts_behind_an_outlier(rng: np.random.Generator, series: int) -> Table:
    """One outlier of 8 sigma in a baseline of 20, then a shift of -3 sigma."""
    values = rng.normal(size=(series, 25))
    values[np.arange(series), rng.integers(0, 20, series)] += 8
    values[:, 20:] -= 3
    share = sum(_is_outside(tl.xmr(one, baseline=20)) for one in values) / series
    title = "`tl.xmr`: a shift by -3 sigma behind an outlier of 8 sigma"
    return Table(title, "series caught within 5 points", 0.9, True, ["rule 1"], [("baseline of 20", [share])])


def tables(series: int) -> Iterator[Table]:
    """Every promise; each has random numbers of its own, so that none depends on those before it."""
    one_each = (
        stable_volumes, volumes_in_heaps, stable_rates, rates_with_empty_days, rates_day_by_day, stable_sites,
        colored_days, false_alarms_of_rates, shifts_behind_an_outlier,
    )  # fmt: skip
    for number, measured in enumerate(one_each):
        yield measured(np.random.default_rng([7, number]), series)
    for number, several in enumerate((colored_points, stops)):
        yield from several(np.random.default_rng([8, number]), series)


_INTRO = """# False alarms, and breaks that are seen

How often Touchline notifies of a stable site, and how soon of a break, by simulation of {series:,} series a cell (of
sites, and of charts whose days are colored, a fifth of that). Series have 50 days, with and without a weekday
pattern; what is simulated and counted is in the source of the program that wrote this page:

```sh
{command}
```

[Process limits](../decisions/process-limits.md) says how days are judged, and what the rules are.
"""


def page_of(found: Sequence[Table], series: int) -> str:
    """The page of the documentation."""
    parts = [_INTRO.format(series=series, command=COMMAND.format(series=series))]
    return "\n".join([*parts, *(section(table) for table in found)])


def section(table: Table) -> str:
    """A table in Markdown, with its bar and whether it is kept."""
    bar = f"{'at least' if table.is_least else 'at most'} {table.bar:.0%}"
    verdict = "kept" if table.is_kept else f"missed: {table.worst:.2%}"
    head = f"| | {' | '.join(table.columns)} |\n|---|{'---:|' * len(table.columns)}"
    rows = (f"| {label} | {' | '.join(f'{cell:.2%}' for cell in cells)} |" for label, cells in table.rows)
    lines = "\n".join(rows)
    return f"## {table.title}\n\nCells: {table.says}. Bar: {bar} in each; {verdict}.\n\n{head}\n{lines}\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the page where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args(arguments)
    found = []
    for table in tables(asked.series):
        found.append(table)
        print(section(table), flush=True)
    if asked.page:
        asked.page.write_text(page_of(found, asked.series), encoding="utf-8")


if __name__ == "__main__":
    main()
