"""What was wasted, and how far the numbers can be trusted."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np

from tests.oracle.credit import WHOLE, evidence_channels, paths
from tests.oracle.money import AD, campaigns, daily_rollups
from tests.oracle.orders import conversions
from tests.oracle.touches import touchpoints
from tests.oracle.world import Row, World, models_of, once, serving
from touchline.health.rate_limits import rate_limits
from touchline.health.signals import LEAST_CHANGE, SHORTEST, SMALLEST
from touchline.health.volume_limits import collapses


@once
def health_measures(world: World) -> list[Row]:
    """Of each day's conversions: reached by a source, by Direct alone, by nothing, by too much; of landings: Direct."""
    channels = {row["evidence"]: row["channel"] for row in evidence_channels(world)}
    on_path: dict[str, set[str]] = defaultdict(set)
    cut = set()
    for row in paths(world):
        on_path[row["conversion_id"]].add(row["channel"])
        if row["touchpoint_count"] < row["eligible_count"]:
            cut.add(row["conversion_id"])
    counts: dict[tuple[str, object, str], list[int]] = defaultdict(lambda: [0, 0])

    def count(row: Row, day: object, measure: str, is_so: bool) -> None:
        counts[row["site_id"], day, measure][0] += is_so
        counts[row["site_id"], day, measure][1] += 1

    for row in conversions(world):
        if row["is_counted"]:
            seen, day = on_path[row["conversion_id"]], row["conversion_date"]
            count(row, day, "behavioural_coverage", bool(seen - {"Direct"}))
            count(row, day, "direct_only_rate", seen == {"Direct"})
            count(row, day, "no_touch_rate", not seen)
            count(row, day, "cut_path_rate", row["conversion_id"] in cut)
    for row in touchpoints(world):
        if row["is_landing"]:
            count(row, row["touch_date"], "direct_landing_rate", channels[row["evidence"]] == "Direct")
    return [
        {
            "organization_id": world.name, "site_id": site_id, "channel": "", "period": day, "measure": measure,
            "numerator": numerator, "denominator": denominator,
        }
        for (site_id, day, measure), (numerator, denominator) in counts.items()
    ]  # fmt: skip


_WORSE_BELOW = {"behavioural_coverage"}
"""The measures of which less is worse; of all others more is."""


def health_signals(world: World) -> list[Row]:
    """The days on which less was known than the limits allow, or of which less came than the weeks before let expect.

    What limits are is held by the tests of ``tests/health``; here, which days are held against which.
    """
    return [*_rate_signals(world), *_volume_signals(world)]


def _rate_signals(world: World) -> list[Row]:
    series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(health_measures(world), key=lambda row: row["period"]):
        if row["denominator"] >= SMALLEST:
            series[row["site_id"], row["measure"]].append(row)
    rows = []
    for (site_id, measure), days in series.items():
        for place, day in enumerate(days):
            fit_id, limits = _locked_limits(world, day) or ("", _own_limits(days, place))
            if limits is None:
                continue
            centre, lower, upper = limits
            value = day["numerator"] / day["denominator"]
            if lower <= value <= upper or abs(value - centre) < LEAST_CHANGE:
                continue
            direction = "above" if value > upper else "below"
            if direction == ("below" if measure in _WORSE_BELOW else "above"):
                rows.append(
                    {"organization_id": world.name, "site_id": site_id, "channel": "", "period": day["period"]}
                    | {"measure": measure, "goal": "", "direction": direction, "value": value, "fit_id": fit_id}
                    | {"since": day["period"], "centre": centre, "lower_limit": lower, "upper_limit": upper}
                )
    return rows


def _own_limits(days: list[Row], place: int) -> tuple[float, float, float] | None:
    if len(days) < SHORTEST:
        return None
    counts, sizes = (np.array([float(day[name]) for day in days]) for name in ("numerator", "denominator"))
    limits = rate_limits(counts, sizes, np.array([day["period"].weekday() for day in days]))
    return float(limits.center[place]), float(limits.lower[place]), float(limits.upper[place])


@once
def health_volumes(world: World) -> list[Row]:
    """Of each day: the landings, and the conversions that count of each goal."""
    counts: dict[tuple[str, object, str, str], int] = defaultdict(int)
    for row in touchpoints(world):
        counts[row["site_id"], row["touch_date"], "landings", ""] += row["is_landing"]
    for row in conversions(world):
        counts[row["site_id"], row["conversion_date"], "conversions", row["goal"]] += row["is_counted"]
    return [
        {"organization_id": world.name, "site_id": site_id, "period": day, "measure": measure, "goal": goal}
        | {"volume": volume}
        for (site_id, day, measure, goal), volume in counts.items()
        if volume
    ]


def _volume_signals(world: World) -> list[Row]:
    volumes = {(r["site_id"], r["measure"], r["goal"], r["period"]): r["volume"] for r in health_volumes(world)}
    rows = []
    for site_id, measure, goal in {key[:3] for key in volumes}:
        newest = max(day for of, _, _, day in volumes if of == site_id)

        def counts(measure: str, goal: str, site_id: str = site_id, newest: date = newest) -> list[int]:
            first = min((day for *of, day in volumes if of == [site_id, measure, goal]), default=newest)
            days = [first + timedelta(days=number) for number in range((newest - first).days + 1)]
            return [volumes.get((site_id, measure, goal, day), 0) for day in days]

        landings = counts("landings", "")
        usual = sum(landings[-29:-1]) / max(len(landings[-29:-1]), 1)
        arrived = min(1.0, landings[-1] / usual) if usual and measure == "conversions" else 0.0
        days = counts(measure, goal)
        for found in collapses(np.array(days), arrived):
            day, since = (newest - timedelta(days=len(days) - 1 - place) for place in (found.day, found.since))
            rows.append(
                {"organization_id": world.name, "site_id": site_id, "channel": "", "period": day, "measure": measure}
                | {"goal": goal, "direction": "below", "since": since, "value": found.value, "fit_id": ""}
                | {"centre": found.expected, "lower_limit": found.limit, "upper_limit": None}
            )
    return rows


def _locked_limits(world: World, day: Row) -> tuple[str, tuple[float, float, float]] | None:
    fit = serving(world, "PROCESS_LIMITS", day["period"])
    own = {
        value["statistic"]: value["value"]
        for value in (fit["values"] if fit else ())
        if (value["site_id"], value["name"]) == (day["site_id"], day["measure"])
    }
    return (fit["fit_id"], (own["centre"], own["lower_limit"], own["upper_limit"])) if fit and own else None


def waste_findings(world: World) -> list[Row]:
    """Whatever cost money in the window and earned nothing, or too little for its target (no words, no severity)."""
    rollups = [row for row in daily_rollups(world) if row["basis"] == "CONVERSION"]
    days = [row["rollup_date"] for row in daily_rollups(world)]
    if not days:
        return []
    window_start = max(days) - timedelta(days=world.organization["waste_window_days"] - 1)
    goals = {"", world.organization["primary_goal"] or ""}
    rows = []
    inside = [row for row in rollups if row["rollup_date"] >= window_start]
    units = {(row["grain"], row["entity_id"], row["currency"]): row for row in inside if not row["model"]}
    for key, unit in units.items():
        same = [row for row in inside if (row["grain"], row["entity_id"], row["currency"]) == key]
        spend = sum(row["spend_micros"] for row in same)
        assists = any(
            sum(row["credit"] for row in same if row["model"] == model and (goals == {""} or row["goal"] in goals))
            >= WHOLE
            for model in models_of(world)
        )
        for model in models_of(world):
            wins = [row for row in same if row["model"] == model and (goals == {""} or row["goal"] in goals)]
            credit, value = sum(row["credit"] for row in wins), sum(row["value_micros"] for row in wins)
            verdict = _verdict(world, unit, spend, credit, value)
            if spend > 0 and unit["grain"] != "ORGANIZATION" and verdict:
                rows.append(
                    {name: unit[name] for name in ("organization_id", "grain", "entity_id", *AD, "currency")}
                    | {"window_start": window_start, "window_end": max(days), "model": model}
                    | {"name": _name(world, unit), "reason": verdict[0], "waste_micros": verdict[1]}
                    | {"spend_micros": spend, "credit": credit, "value_micros": value}
                    | {"fit_id": "" if assists else _benchmark(world, unit, verdict[0], model, max(days))}
                )
    return rows


def _verdict(world: World, unit: Row, spend: int, credit: int, value: int) -> tuple[str, int] | None:
    if credit == 0:
        return "no_conversions", spend
    cpa = _target(world, unit, "target_cpa_micros")
    if cpa is not None and spend * WHOLE > cpa * credit:
        return "high_cpa", int(spend - cpa * credit // WHOLE)
    roas = _target(world, unit, "target_roas")
    if roas is not None and value < spend * roas:
        return "low_roas", spend - int(value / roas)
    return None


def _benchmark(world: World, unit: Row, reason: str, model: str, window_end: date) -> str:
    """The fit whose usual CPA says how bad it is that nothing was won, where no target does."""
    fit = serving(world, "USUAL_CPA", window_end)
    if reason != "no_conversions" or fit is None or _target(world, unit, "target_cpa_micros") is not None:
        return ""
    return str(fit["fit_id"]) if f"{model}/{unit['currency']}" in {row["name"] for row in fit["values"]} else ""


def _target(world: World, unit: Row, name: str) -> float | None:
    """The campaign's own target, else its platform's, else the organization's."""
    wanted = [(unit["platform"], unit["campaign_id"]), (unit["platform"], ""), ("", "")]
    targets = {(row["platform"], row["campaign_id"]): row[name] for row in world.targets}
    found: list[float] = [targets[key] for key in wanted if targets.get(key) is not None]
    return found[0] if found else None


def _name(world: World, unit: Row) -> str:
    own = ("grain", *AD)
    names = [row["name"] for row in campaigns(world) if all(row[n] == unit[n] for n in own)]
    return str([*names, unit["entity_id"]][0])
