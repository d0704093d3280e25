"""Paths and credit: which touches led to a conversion, and what share of it each model gives them."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor

from tests.oracle.accounts import colleagues, main_account, owner_accounts
from tests.oracle.orders import conversions
from tests.oracle.touches import touchpoints
from tests.oracle.world import Row, World, models_of, once, serving
from touchline.channels import ladder
from touchline.channels.devices import device_type
from touchline.channels.evidence import Evidence
from touchline.own_models import OwnModel

WHOLE = 1_000_000_000
"""The credit of one conversion."""


@once
def evidence_channels(world: World) -> list[Row]:
    """Each distinct evidence, with what the ladder says of it."""
    rows = []
    for evidence in {touch["evidence"] for touch in touchpoints(world)}:
        names = ("utm_source", "utm_medium", "utm_campaign", "click_id_names", "referrer_host", "has_past_click", "app")
        said = dict(zip(names, evidence, strict=True))
        rows.append({"evidence": evidence, **said, **_stored(ladder.classify(Evidence(**said)))})
    return rows


def _stored(answer: ladder.Classification) -> Row:
    """An answer as the table keeps it: several marks are one text, and none is no text."""
    return {
        name: (" ".join(value) or None) if isinstance(value, tuple) else value
        for name, value in ((name, getattr(answer, name)) for name in answer.__struct_fields__)
        if name != "evidence"
    }


def agents(world: World) -> list[Row]:
    """Each user agent that made a touch."""
    names = {touch["user_agent"] for touch in touchpoints(world)} - {None}
    return [{"user_agent": name, "device_type": device_type(name)} for name in names]


@once
def paths(world: World) -> list[Row]:
    """For each conversion that counts, what its path keeps of its owner's touches, the oldest first."""
    touches = sorted(
        touchpoints(world), key=lambda touch: (touch["counted_at"], touch["occurred_at"], touch["touchpoint_id"])
    )
    rows = []
    if world.organization["claimed_touches"] == "leave_out":
        touches = [touch for touch in touches if not touch["is_claimed"]]
    for conversion in conversions(world):
        if conversion["is_counted"]:
            rows += _path(world, conversion, [touch for touch in touches if _is_owners(world, conversion, touch)])
    return rows


def _is_owners(world: World, conversion: Row, touch: Row) -> bool:
    """Whether the conversion's person made it; where an account owns the path, a member who did not act for another."""
    account = owner_accounts(world)[conversion["conversion_id"]]
    if account is None:
        return bool(touch["person_id"] == conversion["person_id"])
    is_for_it = touch["account_id"] is None or main_account(world, touch["account_id"]) == account
    return is_for_it and touch["person_id"] in colleagues(world, account)


def _path(world: World, conversion: Row, touches: list[Row]) -> list[Row]:
    """The path of one conversion, from all the touches of its owner, in order."""
    answers = {row["evidence"]: row["channel"] for row in evidence_channels(world)}
    lookback = timedelta(days=world.organization["lookback_days"])
    until = conversion["occurred_at"]
    inside = [touch for touch in touches if until - lookback <= touch["counted_at"] <= until]
    channels = [answers[touch["evidence"]] for touch in inside]
    is_direct_idle = world.organization["direct"] == "unless_only" and any(one != "Direct" for one in channels)
    idle = [n for n, channel in enumerate(channels) if is_direct_idle and channel == "Direct"]
    eligible = [n for n in range(len(inside)) if n not in idle]
    limit = path_limit(world, conversion, len(touches))
    credited = first_and_nearest(eligible, limit)
    ages = [(until - touch["counted_at"]) // timedelta(microseconds=1) for touch in inside]
    half_life = world.organization["half_life_micros"]
    weights = raw_weights("TIME_DECAY", [ages[n] for n in credited], half_life) if credited else []
    return [
        {
            **{name: inside[n][name] for name in ("organization_id", "touchpoint_id", "occurred_at")},
            **{name: conversion[name] for name in ("conversion_id", "person_id")},
            "account_id": owner_accounts(world)[conversion["conversion_id"]],
            "channel": channels[n],
            "age_micros": ages[n],
            "is_eligible": n in credited,
            "position": credited.index(n) + 1 if n in credited else 0,
            "touchpoint_count": len(credited),
            "eligible_count": len(eligible),
            "idle_count": len(idle),
            "decay": weights[credited.index(n)] if n in credited else 0,
            "decay_until": sum(weights[: sum(m <= n for m in credited)]),
        }
        for n in sorted([*credited, *first_and_nearest(idle, limit)])
    ]


@once
def crowded_persons(world: World) -> list[Row]:
    """Each person with more touches or counted conversions than one customer has."""
    touches = Counter(row["person_id"] for row in touchpoints(world))
    bought = Counter(row["person_id"] for row in conversions(world) if row["is_counted"])
    chosen = world.organization
    return [
        {"organization_id": world.name, "person_id": person, "touch_count": touches[person],
         "conversion_count": bought[person]}
        for person in sorted({*touches, *bought})
        if touches[person] > chosen["crowded_touches"] or bought[person] > chosen["crowded_conversions"]
    ]  # fmt: skip


@once
def first_reaches(world: World) -> list[Row]:
    """When each person, but for crowded ones, first reached each goal that an own model gives weight to."""
    crowded, found = {row["person_id"] for row in crowded_persons(world)}, dict[tuple[str, str], Row]()
    named = {goal for own in world.own_models for goal in own.milestones}
    weighed = {row["goal"] for row in world.goals if row["goal"] in named or ("" in named and row["is_milestone"])}
    for row in sorted(conversions(world), key=lambda row: row["occurred_at"]):
        if row["is_counted"] and row["goal"] in weighed and row["person_id"] not in crowded:
            reached = {name: row[name] for name in ("organization_id", "person_id", "goal")}
            found.setdefault((row["person_id"], row["goal"]), reached | {"reached_at": row["occurred_at"]})
    return list(found.values())


def path_limit(world: World, conversion: Row, touches: int) -> int:
    """The most touches that a path of this conversion's owner keeps: fewer where there is too much of the owner.

    :param touches: how many the owner has.
    """
    owners, chosen = owner_accounts(world), world.organization
    account = owners[conversion["conversion_id"]]
    if account is None:
        is_crowded = conversion["person_id"] in {row["person_id"] for row in crowded_persons(world)}
    else:
        bought = sum(owners[row["conversion_id"]] == account and row["is_counted"] for row in conversions(world))
        is_crowded = touches > chosen["crowded_touches"] or bought > chosen["crowded_conversions"]
    return int(world.organization["crowded_touches_per_path" if is_crowded else "touches_per_path"])


def first_and_nearest(path: list[int], limit: int) -> list[int]:
    """The first of a path and the last ``limit - 1``; all where there are no more than ``limit``."""
    return path if len(path) <= limit else [path[0], *path[len(path) - limit + 1 :]]


def raw_weights(model: str, ages: list[int], half_life_micros: int) -> list[int]:
    """What each touch of a path weighs under a model, as whole numbers; ``ages`` from the oldest touch on.

    Where all weigh nothing, all weigh the same.
    """
    weights = WEIGHTS[model](ages, half_life_micros)
    return weights if any(weights) else [1] * len(ages)


def _position_based(ages: list[int], _half_life: int) -> list[int]:
    """40 % to each end, 20 % to all between them."""
    between = len(ages) - 2
    return [2 * between, *[1] * between, 2 * between] if between > 0 else [1] * len(ages)


WEIGHTS: Mapping[str, Callable[[list[int], int], list[int]]] = {
    "FIRST_TOUCH": lambda ages, _: [1] + [0] * (len(ages) - 1),
    "LAST_TOUCH": lambda ages, _: [0] * (len(ages) - 1) + [1],
    "LINEAR": lambda ages, _: [1] * len(ages),
    "TIME_DECAY": lambda ages, half_life: [floor(2**40 * 0.5 ** ((age - min(ages)) / half_life)) for age in ages],
    "POSITION_BASED": _position_based,
}
"""By model: what each touch of a path weighs, from the ages of its touches and the half-life."""


def removal_weights(channels: list[str], fit: Row | None) -> list[int]:
    """What each touch of a path weighs under MARKOV: its channel's removal effect, split among the channel's touches.

    A channel that the fit does not know weighs nothing; where all weigh nothing, all channels weigh the same.
    """
    effects = (
        {row["name"]: row["value"] for row in fit["values"] if row["statistic"] == "removal_effect"} if fit else {}
    )
    weights = [floor(2**40 * effects.get(channel, 0.0) / channels.count(channel)) for channel in channels]
    return weights if any(weights) else [floor(2**40 / channels.count(channel)) for channel in channels]


def own_weights(world: World, own: OwnModel, conversion: Row, path: list[Row]) -> list[int]:
    """What each touch of a path weighs under a model of the organization's own."""
    percents = [own.channels.get(touch["channel"], 100) for touch in path]
    percents = percents if any(percents) else [100] * len(path)
    ages = [touch["age_micros"] for touch, percent in zip(path, percents, strict=True) if percent]
    if own.half_life_days is not None:
        half_life = round(own.half_life_days * 86_400_000_000)
        kept = [0.5 ** ((age - min(ages)) / half_life) for age in ages]
        shares = iter(kept)
        weights = [floor(10995116277.76 * percent * next(shares)) if percent else 0 for percent in percents]
    else:
        kept_weights = iter(_own_by_place(world, own, conversion, ages))
        weights = [percent * next(kept_weights) if percent else 0 for percent in percents]
    return weights if any(weights) else percents


def _own_by_place(world: World, own: OwnModel, conversion: Row, ages: list[int]) -> list[int]:
    """The weights of the touches that have a place, the oldest first."""
    count = len(ages)
    if own.fresh_days is not None:
        chosen = 0 if ages[0] <= own.fresh_days * 86_400_000_000 else count - 1
        return [int(n == chosen) for n in range(count)]
    named: list[int | None] = [None] * count
    for n, weight in ((count - 2, own.next_to_last), (0, own.first), (count - 1, own.last)):
        if n >= 0 and weight is not None:
            named[n] = weight
    if count == 2 and own.two is not None:
        named = list(own.two)
    for n, weight in milestone_touches(world, own, conversion, ages):
        named[n] = (named[n] or 0) + weight
    others = named.count(None)
    return [own.between if weight is None else weight * max(1, others) for weight in named]


def milestone_touches(world: World, own: OwnModel, conversion: Row, ages: list[int]) -> list[tuple[int, int]]:
    """For each milestone that the person had reached: which touch was the last up to it, and what that weighs more."""
    if conversion["person_id"] in {row["person_id"] for row in crowded_persons(world)}:
        return []
    found = []
    for goal in world.goals:
        weight = own.milestones.get(goal["goal"], 0) + (own.milestones.get("", 0) if goal["is_milestone"] else 0)
        reached = [
            row["occurred_at"] for row in conversions(world)
            if row["is_counted"] and row["person_id"] == conversion["person_id"] and row["goal"] == goal["goal"]
        ]  # fmt: skip
        if weight and reached and min(reached) <= conversion["occurred_at"]:
            age = (conversion["occurred_at"] - min(reached)) // timedelta(microseconds=1)
            before = [n for n, of_touch in enumerate(ages) if of_touch >= age]
            found += [(before[-1], weight)] if before else []
    return found


def fair_shares(weights: list[int]) -> list[Fraction]:
    """Each touch's exact share; they sum to one."""
    return [Fraction(weight, sum(weights)) for weight in weights]


def shared_out(amount: int, weights: list[int]) -> list[int]:
    """``amount`` in whole parts: what each touch adds to the rounded running share. The parts sum to ``amount``.

    In double precision, as the engines reckon; that it stays within one unit of the fair share is a law of its own.
    """
    total, until = sum(weights), 0
    marks = [0]
    for weight in weights:
        until += weight
        marks.append(amount if until == total else floor(amount * float(until) / total + 0.5))
    return [after - before for before, after in pairwise(marks)]


@once
def attribution_links(world: World) -> list[Row]:
    """Every eligible touch's credit under every model; a conversion without one keeps all its credit to itself."""
    rows = []
    half_life = world.organization["half_life_micros"]
    everything = paths(world)
    own = {one.name: one for one in world.own_models}
    for conversion in conversions(world):
        if not conversion["is_counted"]:
            continue
        path = [row for row in everything if row["conversion_id"] == conversion["conversion_id"] and row["is_eligible"]]
        for model in models_of(world):
            fit = serving(world, model, conversion["conversion_date"])
            if model in own:
                weights = own_weights(world, own[model], conversion, path) if path else []
            elif model == "MARKOV":
                weights = removal_weights([row["channel"] for row in path], fit)
            else:
                weights = raw_weights(model, [row["age_micros"] for row in path], half_life) if path else []
            billionths = shared_out(WHOLE, weights) if path else [WHOLE]
            values = shared_out(conversion["value_micros"], weights) if path else [conversion["value_micros"]]
            nobody = {"touchpoint_id": "", "position": 0, "touchpoint_count": 0, "channel": ""}
            for touch, credit, value in zip(path or [nobody], billionths, values, strict=True):
                rows.append(
                    {
                        **{name: touch[name] for name in nobody},
                        **{name: conversion[name] for name in ("organization_id", "person_id", "conversion_id")},
                        "model": model,
                        "credit": credit,
                        "weight": credit / WHOLE,
                        "value_micros": value,
                        "fit_id": fit["fit_id"] if fit else "",
                    }
                )
    return rows
