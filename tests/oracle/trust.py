"""What was wasted, and how far the numbers can be trusted."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from scipy.stats import binom

from tests.oracle.credit import WHOLE, evidence_channels, paths
from tests.oracle.money import AD, ad_costs, campaign_clicks, campaigns, daily_rollups, placing
from tests.oracle.orders import conversions
from tests.oracle.people import identifiers, identities
from tests.oracle.touches import touchpoints
from tests.oracle.visits import local_date, sessions
from tests.oracle.world import Row, World, models_of, once, serving
from touchline.health.rate_limits import rate_limits
from touchline.health.signals import LEAST_CHANGE, SHORTEST, SMALLEST
from touchline.health.volume_limits import Collapse, Judged, judged
from touchline.magnitudes import DAY_MICROS
from touchline.waste.evidence import Aims, Days, added_up
from touchline.waste.judging import Recorded, Verdicts, verdicts
from touchline.waste.lag_curve import FEWEST


@once
def health_measures(world: World) -> list[Row]:
    """By goal, or by channel and platform: how many of a day's conversions or landings show what a measure is about."""
    counts: dict[tuple[str, str, str, str, object, str], list[int]] = defaultdict(lambda: [0, 0])
    for site_id, (channel, goal, platform), day, measure, above, below in (
        *_of_conversions(world), *_of_landings(world), *_of_browsers(world)
    ):  # fmt: skip
        sums = counts[site_id, channel, goal, platform, day, measure]
        sums[0] += above
        sums[1] += below
    return [
        {
            "organization_id": world.name, "site_id": site_id, "channel": channel, "goal": goal, "platform": platform,
            "period": day, "measure": measure, "numerator": numerator, "denominator": denominator,
        }
        for (site_id, channel, goal, platform, day, measure), (numerator, denominator) in counts.items()
    ]  # fmt: skip


Parts = Iterator[tuple[str, tuple[str, str, str], object, str, int, int]]
"""A site, a channel with a goal and a platform, a day, a measure, and what it adds above and below the line."""


def _of_conversions(world: World) -> Parts:
    touches = {row["touchpoint_id"]: row for row in touchpoints(world)}
    of_path: dict[str, list[Row]] = defaultdict(list)
    for row in paths(world):
        of_path[row["conversion_id"]].append(row)
    edge = world.organization["lookback_days"] * DAY_MICROS * 0.9
    for row in conversions(world):
        path = of_path[row["conversion_id"]]
        channels, of = {one["channel"] for one in path}, (row["site_id"], ("", row["goal"], ""), row["conversion_date"])
        is_covered = bool(channels - {"Direct"})
        if not row["is_counted"]:
            continue
        yield *of, "behavioural_coverage", is_covered, 1
        yield *of, "direct_only_rate", channels == {"Direct"}, 1
        yield *of, "no_touch_rate", not path, 1
        yield *of, "cut_path_rate", any(one["touchpoint_count"] < one["eligible_count"] for one in path), 1
        yield *of, "repeated_conversion_rate", row["event_count"] > 1, 1
        if path:
            yield *of, "lookback_edge_rate", max(one["age_micros"] for one in path) > edge, 1
        if row["currency"] == world.organization["currency"] and row["value_micros"] >= 1_000_000:
            units = int(row["value_micros"]) // 1_000_000
            yield *of, "unattributed_value_share", 0 if is_covered else units, units
        clicks = [one["age_micros"] for one in path if touches[one["touchpoint_id"]]["click_id_names"]]
        if clicks:
            yield *of, "old_click_rate", min(clicks) > 30 * DAY_MICROS, 1


def _of_landings(world: World) -> Parts:
    shown = {row["evidence"]: row for row in evidence_channels(world)}
    for row in touchpoints(world):
        if not row["is_landing"]:
            continue
        seen, site_id, day = shown[row["evidence"]], row["site_id"], row["touch_date"]
        channel, platform = seen["channel"], seen["platform"]
        yield site_id, ("", "", ""), day, "direct_landing_rate", channel == "Direct", 1
        yield site_id, ("", "", ""), day, "referred_visit_rate", row["referrer_host"] is not None, 1
        yield site_id, (channel, "", ""), day, "unresolved_visit_rate", row["identity_tier"] == "unresolved", 1
        yield site_id, (channel, "", ""), day, "claimed_visit_rate", row["identity_tier"] == "claimed_by_browser", 1
        if seen["is_paid"] and platform:
            yield site_id, (channel, "", platform), day, "click_id_capture_rate", bool(row["click_id_names"]), 1
        if row["click_id_names"]:
            is_named = bool(row["campaign_ref"] or row["utm_campaign"])
            yield site_id, (channel, "", platform), day, "named_click_rate", is_named, 1


def _of_browsers(world: World) -> Parts:
    for site_id, day, measure, is_so in (*_browsers_of_days(world), *_browsers_begun(world)):
        yield site_id, ("", "", ""), day, measure, is_so, 1


Counted = Iterator[tuple[str, object, str, bool]]
"""A site, a day, a measure, and whether this case counts."""


def _browsers_of_days(world: World) -> Counted:
    browsers: dict[tuple[str, date, str], set[str]] = defaultdict(set)
    for row in sessions(world):
        yield row["site_id"], row["started_date"], "unidentified_visit_rate", row["identifier"].startswith("e:")
        browsers[row["site_id"], row["started_date"], row["person_id"]].add(row["identifier"])
    for (site_id, day, _), names in browsers.items():
        own = [name for name in names if name.startswith("v:")]  # a server's id of a person is no browser
        yield site_id, day, "several_browsers_rate", len(own) > 1
        for place, _ in enumerate(own):
            yield site_id, day, "further_browsers_rate", place > 0


def _browsers_begun(world: World) -> Counted:
    owned: dict[tuple[str, str], list[object]] = defaultdict(list)
    for row, site_id, day in _begun(world, identities(world)):
        yield site_id, day, "passed_browsers_rate", row["period_number"] > 0
        if not row["period_number"]:
            owned[site_id, row["person_id"]].append(day)
    for (site_id, _), days in owned.items():
        for place, day in enumerate(sorted(days, key=str)):
            yield site_id, day, "merged_browsers_rate", place > 0
    for row, site_id, day in _begun(world, identifiers(world)):
        yield site_id, day, "crowded_browsers_rate", bool(row["crowded_by"])


def _begun(world: World, rows: list[Row]) -> Iterator[tuple[Row, str, object]]:
    """Of the rows those of browsers, with the site and the day on which each began."""
    known = {site["site_id"] for site in world.sites}
    for row in rows:
        site_id = row["identifier"].split(":")[1]
        if row["identifier"].startswith("v:") and site_id in known:  # a claim may name a site that there is not
            yield row, site_id, local_date(world, site_id, row["first_seen_at"])


_WORSE_BELOW = {"behavioural_coverage", "click_id_capture_rate", "named_click_rate", "referred_visit_rate"}
"""The measures of which less is worse; of all others more is."""
_NEVER_JUDGED = {"lookback_edge_rate", "unattributed_value_share", "old_click_rate"}
"""The measures of which no day is a signal."""


@once
def health_signals(world: World) -> list[Row]:
    """The days on which less was known than the limits allow, or of which less came than the weeks before let expect.

    What limits are is held by the tests of ``tests/health``; here, which days are held against which.
    """
    return [*_rate_signals(world), *_volume_signals(world)]


def health_limits(world: World) -> list[Row]:
    """What each day is held against: of a rate, what a fit or its own series says; of a volume, its weeks before."""
    rates = [{name: row[name] for name in _OF_LIMITS} for row in _limited(world)]
    return [*rates, *_volume_limits(world)]


def health_blocks(world: World) -> list[Row]:
    """The four weeks, from a Monday, in which a site had any event of a visit."""
    found = {(row["site_id"], _block(row["period"])) for row in health_volumes(world)}
    return [
        {"organization_id": world.name, "site_id": site_id, "block_start": block} for site_id, block in sorted(found)
    ]


def _block(day: date) -> date:
    return day - timedelta(days=(day - date(1970, 1, 5)).days % 28)


def _starts(world: World, site_id: str) -> list[date]:
    return [row["block_start"] for row in health_blocks(world) if row["site_id"] == site_id]


_OF_LIMITS = (
    "organization_id", "site_id", "block_start", "channel", "period", "measure", "goal", "numerator", "denominator",
    "center", "lower_limit", "upper_limit", "baseline_start", "baseline_end", "fit_id",
)  # fmt: skip


def _limited(world: World) -> list[Row]:
    """The days of rates that have limits, block by block, each with the first of those in a row that are outside."""
    series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(_whole_days(world), key=lambda row: row["period"]):
        series[row["site_id"], row["measure"]].append(row)
    return [
        row
        for (site_id, _), days in series.items()
        for start in _starts(world, site_id)
        for row in _limited_block(world, days, start)
    ]


def _limited_block(world: World, known: list[Row], start: date) -> Iterator[Row]:
    """A block is held against 20 weeks before and itself, and eight weeks after where its series is young."""
    first, end = start - timedelta(days=140), start + timedelta(days=27)
    before = [row["period"] for row in known if first <= row["period"] <= end]
    if before and min(before) >= start - timedelta(days=56):
        end += timedelta(days=56)
    days = [row for row in known if first <= row["period"] <= end]
    run: tuple[str, date | None] = ("", None)
    for place, day in enumerate(days):
        if not start <= day["period"] <= start + timedelta(days=27) or day["denominator"] < SMALLEST:
            continue
        fit_id, limits = _locked_limits(world, day) or ("", _own_limits(days, place))
        if limits is None:
            continue
        center, lower, upper = limits
        fit = next((one for one in world.fits if one["fit_id"] == fit_id), None)
        baseline = (fit["window_start"], fit["window_end"]) if fit else (days[0]["period"], days[-1]["period"])
        side = _side(day, limits)
        run = (side, run[1] if side and run[0] == side else day["period"])
        yield (
            day
            | {"goal": "", "fit_id": fit_id, "center": center, "lower_limit": lower, "upper_limit": upper}
            | {"baseline_start": baseline[0], "baseline_end": baseline[1], "side": side, "since": run[1]}
            | {"block_start": start}
        )


def _whole_days(world: World) -> list[Row]:
    """The measures of each day, all goals, channels and platforms together."""
    sums: dict[tuple[str, str, date], Counter[str]] = defaultdict(Counter)
    for row in health_measures(world):
        for name in ("numerator", "denominator"):
            sums[row["site_id"], row["measure"], row["period"]][name] += row[name]
    return [
        {"organization_id": world.name, "site_id": site_id, "channel": "", "measure": measure, "period": day}
        | {"numerator": 0}
        | counted
        for (site_id, measure, day), counted in sums.items()
    ]


def _side(day: Row, limits: tuple[float, float, float]) -> str:
    """The side on which a day is a signal; ``""``: it is none."""
    center, lower, upper = limits
    value = day["numerator"] / day["denominator"]
    if day["measure"] in _NEVER_JUDGED or lower <= value <= upper or abs(value - center) < LEAST_CHANGE:
        return ""
    side = "above" if value > upper else "below"
    return side if side == ("below" if day["measure"] in _WORSE_BELOW else "above") else ""


def _rate_signals(world: World) -> list[Row]:
    same = (
        "organization_id", "site_id", "block_start", "channel", "period", "measure", "goal", "since", "lower_limit",
        "upper_limit",
    )  # fmt: skip
    return [
        {name: day[name] for name in (*same, "fit_id")}
        | {"direction": day["side"], "centre": day["center"], "value": day["numerator"] / day["denominator"]}
        for day in _limited(world)
        if day["side"]
    ]


def _own_limits(days: list[Row], place: int) -> tuple[float, float, float] | None:
    if sum(day["denominator"] >= SMALLEST for day in days) < SHORTEST:
        return None
    counts, sizes = (np.array([float(day[name]) for day in days]) for name in ("numerator", "denominator"))
    limits = rate_limits(counts, sizes, np.array([day["period"].weekday() for day in days]))
    return float(limits.center[place]), float(limits.lower[place]), float(limits.upper[place])


@once
def health_volumes(world: World) -> list[Row]:
    """Of each day: the landings, the conversions that count of each goal, and the events of visits that began."""
    counts: dict[tuple[str, object, str, str], int] = defaultdict(int)
    for row in touchpoints(world):
        counts[row["site_id"], row["touch_date"], "landings", ""] += row["is_landing"]
    for row in conversions(world):
        counts[row["site_id"], row["conversion_date"], "conversions", row["goal"]] += row["is_counted"]
    for row in sessions(world):
        counts[row["site_id"], row["started_date"], "events", ""] += row["event_count"]
    return [
        {"organization_id": world.name, "site_id": site_id, "period": day, "measure": measure, "goal": goal}
        | {"volume": volume}
        for (site_id, day, measure, goal), volume in counts.items()
        if volume
    ]


def _judged_volumes(world: World) -> Iterator[tuple[Row, list[date], list[int], Judged]]:
    """Each series of a volume, block by block: its key, its days without a gap, their counts, and the verdict."""
    volumes = {(r["site_id"], r["measure"], r["goal"], r["period"]): r["volume"] for r in health_volumes(world)
        if r["measure"] != "events"}  # fmt: skip
    for site_id, measure, goal in {key[:3] for key in volumes}:
        newest = max(day for of, _, _, day in volumes if of == site_id)
        for start in _starts(world, site_id):
            last = min(start + timedelta(days=27), newest)
            known = [day for *of, day in volumes if of == [site_id, measure, goal]]
            first = min((day for day in known if start - timedelta(days=56) <= day <= last), default=None)
            if first is None:
                continue
            days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
            counts = [volumes.get((site_id, measure, goal, day), 0) for day in days]
            arrived = _arrived_by(volumes, site_id, newest) if measure == "conversions" else 0.0
            key = {"organization_id": world.name, "site_id": site_id, "channel": "", "measure": measure, "goal": goal}
            key |= {"fit_id": "", "block_start": start}
            yield key, days, counts, judged(np.array(counts), arrived if start <= newest <= last else None)


def _arrived_by(volumes: dict[tuple[str, str, str, date], int], site_id: str, newest: date) -> float:
    """How much of the newest day is over, by the landings of the 28 days before."""
    of_day = {newest - timedelta(days=ago): volumes.get((site_id, "landings", "", newest - timedelta(days=ago)), 0)
        for ago in range(28, -1, -1)}  # fmt: skip
    begun = [day for day, landings in of_day.items() if landings]
    before = [landings for day, landings in of_day.items() if begun and begun[0] <= day < newest]
    return min(1.0, of_day[newest] / (sum(before) / len(before))) if before and sum(before) else 0.0


def _volume_signals(world: World) -> list[Row]:
    return [
        key
        | {"direction": "below", "period": days[found.day], "since": days[found.since], "value": found.value}
        | {"centre": found.expected, "lower_limit": found.limit, "upper_limit": None}
        for key, days, _, volume in _judged_volumes(world)
        for found in volume.collapses
        if days[found.day] >= key["block_start"]
    ]


def _volume_limits(world: World) -> Iterator[Row]:
    for key, days, counts, volume in _judged_volumes(world):
        fallen = {one.day: one for one in volume.collapses}
        for place, day in enumerate(days):
            own = Collapse(place, place, 0.0, float(volume.limits.center[place]), float(volume.limits.lower[place]))
            one = fallen.get(place, own)
            if np.isnan(one.expected) or day < key["block_start"]:
                continue
            end = place - one.days
            yield (
                key
                | {"period": day, "numerator": sum(counts[end + 1 : place + 1]), "denominator": one.days}
                | {"center": one.expected, "lower_limit": one.limit, "upper_limit": None}
                | {"baseline_start": days[max(0, end - 27)], "baseline_end": days[end]}
            )


def _locked_limits(world: World, day: Row) -> tuple[str, tuple[float, float, float]] | None:
    fit = serving(world, "PROCESS_LIMITS", day["period"])
    own = {
        value["statistic"]: value["value"]
        for value in (fit["values"] if fit else ())
        if (value["site_id"], value["name"]) == (day["site_id"], day["measure"])
    }
    return (fit["fit_id"], _of_cases(day["denominator"], **own)) if fit and own else None


def _of_cases(size: int, centre: float, lower_limit: float, upper_limit: float) -> tuple[float, float, float]:
    """Where fewer than five cases, or other cases, are to be expected, the limits are no narrower than the binomial."""
    rarest = 0.5 / (SHORTEST * SMALLEST + 1)
    rate = min(max(centre, rarest), 1 - rarest)
    if size * min(rate, 1 - rate) >= 5:
        return centre, lower_limit, upper_limit
    most, least = (binom.ppf(1 - 0.00135, size, one) for one in (rate, 1 - rate))
    return centre, min(lower_limit, float(size - least) / size), max(upper_limit, float(most) / size)


def waste_findings(world: World) -> list[Row]:
    """What is said of whatever cost money in the window (no words, no severity).

    The numbers of an account are put together here, row by row; what they mean, the law of chance says in one place,
    which tests/waste/test_beliefs.py holds to numeric integration.
    """
    rollups = daily_rollups(world)
    days = [row["rollup_date"] for row in rollups]
    if not days:
        return []
    end = max(days)
    start = end - timedelta(days=world.organization["waste_window_days"] - 1)
    inside = [row for row in rollups if row["rollup_date"] >= start and row["basis"] == "TOUCH"]
    goals = {"", world.organization["primary_goal"] or ""}
    curve = _lag_curve(world, start, end)
    rows = []
    for grain, currency in sorted({(row["grain"], row["currency"]) for row in inside} - {("ORGANIZATION", "")}):
        account = [row for row in inside if (row["grain"], row["currency"]) == (grain, currency)]
        spent: dict[str, int] = defaultdict(int)
        for row in account:
            spent[row["entity_id"]] += row["spend_micros"] if not row["model"] else 0
        units = [
            next(row for row in account if row["entity_id"] == entity and not row["model"])
            for entity in sorted(spent)
            if spent[entity] > 0 and grain != "ORGANIZATION"
        ]
        costs = [r for r in account if not r["model"]]
        of_model = {
            model: [r for r in account if r["model"] == model and (goals == {""} or r["goal"] in goals)]
            for model in models_of(world)
        }
        judged = {
            model: _verdicts(world, units, costs, wins, model, (start, end), curve)
            for model, wins in of_model.items()
            if units
        }
        for model, found in judged.items():
            for n, unit in enumerate(units):
                if found.reason[n] is not None:
                    own = [row for row in of_model[model] if row["entity_id"] == unit["entity_id"]]
                    rows.append(
                        {name: unit[name] for name in ("organization_id", "grain", "entity_id", *AD, "currency")}
                        | {"window_start": start, "window_end": end, "model": model}
                        | {"reason": _reason(judged, model, n)}
                        | {"name": _name(world, unit, units), "spend_micros": spent[unit["entity_id"]]}
                        | {"expected_waste_micros": _micros(found.waste[n], spent[unit["entity_id"]])}
                        | {"maturity_millionths": round(found.units.maturity[n] * 1e6)}
                        | {"credit": sum(r["credit"] for r in own), "value_micros": sum(r["value_micros"] for r in own)}
                        | {"fit_id": _benchmark(world, unit, model, end)[0]}
                    )
    return rows


def _verdicts(
    world: World, units: list[Row], costs: list[Row], wins: list[Row], model: str, window: tuple[date, date],
    curve: list[float],
) -> Verdicts:  # fmt: skip
    """The verdicts on the units of one account under one model."""
    start, end = window
    cells: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    places = {unit["entity_id"]: n for n, unit in enumerate(units)}
    for row in [*costs, *wins]:
        if row["entity_id"] in places:
            cell = cells[places[row["entity_id"]], (end - row["rollup_date"]).days]
            for n, name in enumerate(("spend_micros", "credit", "value_micros")):
                cell[n] += row[name]
    table = np.array([[*key, *numbers] for key, numbers in sorted(cells.items())])
    spend, credit, value = (np.maximum(0.0, table[:, n]) for n in (2, 3, 4))
    days = Days(table[:, 0].astype(int), table[:, 1].astype(int), spend / 1e6, credit / WHOLE, value / 1e6)
    parents = [_parent(unit) for unit in units]
    cpa, roas = ([_target(world, unit, name) for unit in units] for name in ("target_cpa_micros", "target_roas"))
    usual = [_benchmark(world, unit, model, end)[1] for unit in units]
    aims = Aims(
        np.array([c / 1e6 if c is not None else u / 1e6 if u and r is None else np.nan
                  for c, r, u in zip(cpa, roas, usual, strict=True)]),
        np.array([np.nan if r is None else r for r in roas]),
        np.array([c is not None or r is not None for c, r in zip(cpa, roas, strict=True)]),
        np.array([_is_tagged(world, unit, start, end) for unit in units]),
        np.array([_is_ambiguous(world, unit, start, end) for unit in units]),
        np.array([sorted({one["platform"] for one in units}).index(unit["platform"]) for unit in units]),
        np.array([sum(r["clicks"] for r in costs if r["entity_id"] == unit["entity_id"]) for unit in units], float),
        np.array([_arrived(world, unit, start, end) for unit in units], float),
        np.array([_repeated(world, unit, start, end) / 1e6 for unit in units]),
        *np.array([_landed(world, unit, start, end) for unit in units], float).T,
    )  # fmt: skip
    places_of = {parent: n for n, parent in enumerate(dict.fromkeys(parents))}
    lag_cdf = np.array(curve)
    goal = world.organization["primary_goal"] or ""
    bought = [0.0] * ((end - start).days + 1)
    for row in daily_rollups(world):
        is_won = (row["grain"], row["basis"], row["model"]) == ("ORGANIZATION", "CONVERSION", model)
        is_meant = "" in {row["goal"], goal} or row["goal"] == goal
        if is_won and is_meant and start <= row["rollup_date"]:
            bought[(end - row["rollup_date"]).days] += row["credit"] / WHOLE
    units_of = added_up(days, np.array([places_of[p] for p in parents]), lag_cdf, aims)
    lost = _days_without_records(world, start, end)
    if units[0]["grain"] != "ORGANIZATION":  # whose conversions are those of the day, whatever led to them
        lost |= {*_days_without_sources(world)}
    lost_ages = [(end - day).days for day in sorted(lost)]
    return verdicts(days, units_of, lag_cdf, Recorded(np.array(bought), 0, np.array(lost_ages, int)))


def _days_without_sources(world: World) -> list[date]:
    """The days on which the sites that lost sources have half of all events, or more."""
    lost = {(row["site_id"], row["period"]) for row in health_signals(world) if row["measure"] in _LOSS}
    events: dict[date, Counter[bool]] = defaultdict(Counter)
    for row in health_volumes(world):
        if row["measure"] == "events":
            events[row["period"]][(row["site_id"], row["period"]) in lost] += row["volume"]
    return sorted(day for day, of in events.items() if of[True] and of[True] >= of[False])


def _days_without_records(world: World, start: date, end: date) -> set[date]:
    """The days that cost money before the first event."""
    seen = [row["period"] for row in health_volumes(world) if row["measure"] == "events" and row["volume"]]
    costly = {row["rollup_date"] for row in daily_rollups(world) if row["model"] == "" and row["spend_micros"] > 0}
    return {day for day in costly if seen and start <= day < min(seen) and day <= end}


_LOSS = {"behavioural_coverage", "no_touch_rate", "direct_landing_rate"}


def _reason(judged: dict[str, Verdicts], model: str, unit: int) -> str:
    """The verdict's own; but not of what another model finds rather better than its target."""
    others = [float(found.over[unit]) for other, found in judged.items() if other != model]
    reason = str(judged[model].reason[unit])
    is_over = reason in {"no_conversions", "high_cpa", "low_roas"}
    return "model_dependent" if is_over and any(over < 0.5 for over in others) else reason


def _micros(waste: float, spent: int) -> int | None:
    """At most the spend; nothing where only a target could tell."""
    return None if np.isnan(waste) else min(round(waste * 1e6), spent)


def _arrived(world: World, unit: Row, start: date, end: date) -> int:
    """The visits of the window that are the campaign's, or the platform's; those of an ad set or ad are not counted."""
    if unit["grain"] not in {"PLATFORM", "CAMPAIGN"}:
        return 0
    return sum(
        row["click_count"]
        for row in campaign_clicks(world)
        if row["platform"] == unit["platform"] and start <= row["cost_date"] <= end
        and (unit["grain"] == "PLATFORM" or row["campaign_id"] == unit["campaign_id"])
    )  # fmt: skip


def _landed(world: World, unit: Row, start: date, end: date) -> tuple[int, int, int]:
    """The paid landings of a campaign or platform; those that went on for a second; those of people who had bought."""
    if unit["grain"] not in {"PLATFORM", "CAMPAIGN"}:
        return 0, 0, 0
    is_paid = {row["evidence"]: row["is_paid"] for row in evidence_channels(world)}
    lasted = {row["session_id"]: row["ended_at"] - row["started_at"] for row in sessions(world)}
    place, goal = placing(world), world.organization["primary_goal"] or ""
    found = [
        touch
        for touch in _visits(world, unit, start, end)
        if touch["is_landing"] and is_paid[touch["evidence"]]
        and (unit["grain"] == "PLATFORM" or place(touch)["campaign_id"] == unit["campaign_id"] != "")
    ]  # fmt: skip
    bought = [row for row in conversions(world) if row["is_counted"] and goal in {"", row["goal"]}]
    return (
        len(found),
        sum(lasted[touch["session_id"]] >= timedelta(seconds=1) for touch in found),
        sum(
            any(row["person_id"] == touch["person_id"] and row["occurred_at"] < touch["occurred_at"] for row in bought)
            for touch in found
        ),
    )


def _repeated(world: World, unit: Row, start: date, end: date) -> int:
    """What of a campaign's spend other rows of the same ad and day state in the same way."""
    if unit["grain"] != "CAMPAIGN":
        return 0
    alike: Counter[tuple[object, ...]] = Counter()
    for row in ad_costs(world):
        is_of_it = all(row[name] == unit[name] for name in ("platform", "campaign_id", "currency"))
        if is_of_it and row["campaign_id"] and row["clicks"] and start <= row["cost_date"] <= end:
            alike[row["adset_id"], row["ad_id"], row["cost_date"], row["impressions"], row["clicks"],
                  row["spend_micros"]] += 1  # fmt: skip
    return sum((times - 1) * max(0, int(str(key[-1]))) for key, times in alike.items())


def _target(world: World, unit: Row, name: str) -> float | None:
    """The campaign's own target, else its platform's, else the organization's; an amount is in its currency."""
    if name == "target_cpa_micros" and unit["currency"] != world.organization["currency"]:
        return None
    wanted = [(unit["platform"], unit["campaign_id"]), (unit["platform"], ""), ("", "")]
    targets = {(row["platform"], row["campaign_id"]): row[name] for row in world.targets}
    found: list[float] = [targets[key] for key in wanted if targets.get(key) is not None]
    return found[0] if found else None


def _name(world: World, unit: Row, units: list[Row]) -> str:
    """What it is called, else its path; with its path where another of the account is called the same."""
    own = ("grain", *AD)
    called = {
        one["entity_id"]: next(
            (row["name"] for row in campaigns(world) if [row[n] for n in own] == [one[n] for n in own]),
            one["entity_id"],
        )
        for one in units
    }
    called = {entity: name.strip() or entity for entity, name in called.items()}
    often = {entity for entity, name in called.items() if list(called.values()).count(name) > 1}
    for one in units:
        if one["entity_id"] in often:
            called[one["entity_id"]] = " / ".join([*_parents_names(world, one), called[one["entity_id"]]])
    name = called[unit["entity_id"]]
    return f"{name} ({unit['entity_id']})" if list(called.values()).count(name) > 1 else str(name)


def _parents_names(world: World, unit: Row) -> list[str]:
    """Of an ad set its campaign's name, of an ad also its ad set's; the id where there is no name."""
    levels = {"ADSET": ("CAMPAIGN",), "AD": ("CAMPAIGN", "ADSET")}.get(unit["grain"], ())
    found = []
    for level in levels:
        columns = ("campaign_id",) if level == "CAMPAIGN" else ("campaign_id", "adset_id")
        named = [
            row["name"]
            for row in campaigns(world)
            if row["grain"] == level and all(row[name] == unit[name] for name in ("platform", *columns))
        ]
        found.append((named[0] if named else unit[columns[-1]]).strip())
    return [name for name in found if name]


def _parent(unit: Row) -> tuple[str, ...]:
    """Whose siblings it is among."""
    of_platform: dict[str, tuple[str, ...]] = {"PLATFORM": (), "CAMPAIGN": (unit["platform"],)}
    return of_platform.get(unit["grain"], (unit["platform"], unit["campaign_id"]))


def _benchmark(world: World, unit: Row, model: str, window_end: date) -> tuple[str, float | None]:
    """The fit whose usual CPA says what a conversion may cost where no target does, and that."""
    fit = serving(world, "USUAL_CPA", window_end)
    has_own = any(_target(world, unit, name) is not None for name in ("target_cpa_micros", "target_roas"))
    if has_own or fit is None:
        return "", None
    said = [row["value"] for row in fit["values"] if row["name"] == f"{model}/{unit['currency']}"]
    return (str(fit["fit_id"]), int(said[0])) if said else ("", None)


def _visits(world: World, unit: Row, start: date, end: date) -> list[Row]:
    """The touches of the window that are of its platform."""
    platforms = {row["evidence"]: row["platform"] for row in evidence_channels(world)}
    return [
        touch
        for touch in touchpoints(world)
        if start <= touch["touch_date"] <= end and platforms[touch["evidence"]] == unit["platform"] != ""
    ]


def _is_ambiguous(world: World, unit: Row, start: date, end: date) -> bool:
    """Whether it is a platform whose visits may all be unpaid: none is surely paid, and none names a campaign."""
    is_paid = {row["evidence"]: row["is_paid"] for row in evidence_channels(world)}
    theirs, place = _visits(world, unit, start, end), placing(world)
    named = {row["campaign_id"] for row in campaigns(world) if row["platform"] == unit["platform"]}
    is_sure = any(is_paid[touch["evidence"]] or place(touch)["campaign_id"] in named for touch in theirs)
    return unit["grain"] == "PLATFORM" and bool(theirs) and not is_sure


def _is_tagged(world: World, unit: Row, start: date, end: date) -> bool:
    """Whether any visit of the window names it: its platform, its campaign, and for its parts, that it names parts."""
    theirs = _visits(world, unit, start, end)
    if unit["grain"] == "PLATFORM":
        return bool(theirs)

    def said(touch: Row, *columns: str) -> str | None:
        return next((touch[name] for name in columns if touch[name] is not None), None)

    place = placing(world)
    named = [touch for touch in theirs if place(touch)["campaign_id"] == unit["campaign_id"] != ""]
    of_ads = [touch for touch in named if said(touch, "ad_ref", "utm_content") is not None]
    of_adsets = [touch for touch in named if said(touch, "adset_ref", "utm_term") is not None]
    if unit["grain"] == "AD" and unit["ad_id"]:
        return bool(of_ads)
    if unit["grain"] == "ADSET" and unit["adset_id"]:
        return bool(of_ads or of_adsets)
    return bool(named)


def _lag_curve(world: World, start: date, end: date) -> list[float]:
    """The share of conversions that are in by each age: each lag among those with room to be as long."""
    first = start - timedelta(days=world.organization["lookback_days"])
    touched = {row["touchpoint_id"]: row["touch_date"] for row in touchpoints(world)}
    bought = {row["conversion_id"]: row["conversion_date"] for row in conversions(world) if row["is_counted"]}
    seen = []
    for row in paths(world):
        touch, day = touched.get(row["touchpoint_id"]), bought[row["conversion_id"]]
        if row["is_eligible"] and touch is not None and first <= touch <= day:
            seen.append(((day - touch).days, (end - touch).days))
    if len(seen) < FEWEST:
        return [1.0]
    curve = [1.0]
    for longest in range(max(lag for lag, _ in seen), 0, -1):
        comparable = [lag for lag, room in seen if lag <= longest <= room]
        curve.append(curve[-1] * (1 - comparable.count(longest) / max(1, len(comparable))))
    return curve[::-1]
