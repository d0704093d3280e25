"""Writing the demo: the event files, the cost file, and what is true about them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from touchline.demo import browsing, selling
from touchline.demo.costs import draw_costs, write_costs
from touchline.demo.days import days_of
from touchline.demo.files import draw_lines, write_month
from touchline.demo.plan import DAYS, SEED, START, TIME_ZONE
from touchline.demo.reckoning import truth_of
from touchline.demo.truth import Lines, Truth
from touchline.demo.wire import Batch, together
from touchline.demo.world import World, draw_world
from touchline.errors import UsageError
from touchline.progress import Progress, ignore_progress

_BOTS = 0.031
"""Crawlers' page views per accepted event."""


@dataclass(frozen=True)
class DemoShop:
    """The files that were written, and what is true about them."""

    folder: Path
    event_files: tuple[Path, ...]
    """By month."""
    cost_file: Path
    truth_file: Path
    truth: Truth


def generate(
    folder: Path,
    *,
    visitors: int,
    seed: int = SEED,
    days: int = DAYS,
    start: date = START,
    progress: Progress = ignore_progress,
) -> DemoShop:
    """Writes the demo shop into ``folder``, which is made if need be.

    The same arguments give the same files, byte for byte.

    :param seed: the chance from which everything is drawn, at least 0.
    :param visitors: about how many people visit, at least 100; a few of them use two or three browsers.
    :param days: how many local days the data covers, at least 14.
    :param start: the first of these days.
    :raises UsageError: if an argument is too small for a shop.
    """
    if seed < 0 or visitors < 100 or days < 14:
        raise UsageError(
            f"A demo shop has a seed of at least 0, 100 visitors and 14 days, not {seed}, {visitors} and {days}.",
            "Ask for more.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    world = draw_world(chance, visitors, days_of(start, days, TIME_ZONE))
    progress("visits", len(world.visits.person), len(world.visits.person))
    files, lines = _write_events(folder, chance, world, progress)
    costs = draw_costs(chance, world.visits, world.days)
    write_costs(folder / "ad-costs.csv", costs, world.days)
    truth = truth_of(seed, world, lines, costs)
    progress("cost rows", truth.costs.rows, truth.costs.rows)
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth)) + b"\n")
    return DemoShop(folder, files, folder / "ad-costs.csv", folder / "truth.json", truth)


def _write_events(
    folder: Path, chance: np.random.Generator, world: World, progress: Progress
) -> tuple[tuple[Path, ...], Lines]:
    accepted = _events(chance, world)
    crawled = browsing.crawls(chance, world.days, round(_BOTS * len(accepted.events)))
    lines = draw_lines(chance, accepted, crawled, world.days)
    months = world.days.months()
    files = tuple(folder / f"events-{month}.jsonl" for month in months)
    for number, file in enumerate(files):
        write_month(file, lines, number)
        progress("event files", number + 1, len(files))
    return files, lines.truth


def _events(chance: np.random.Generator, world: World) -> Batch:
    """Every event of the world, in the order of their kinds."""
    visitors = browsing.visitors_of(chance, world)
    kinds = (
        browsing.page_views,
        browsing.identifications,
        browsing.sign_ups,
        selling.purchases,
        selling.corrections,
        selling.first_uses,
    )
    return together([kind(chance, world, visitors) for kind in kinds])
