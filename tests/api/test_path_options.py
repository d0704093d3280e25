"""What a path may hold before any model weighs it, against a slow definition that goes from touch to touch."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.tables import START, conversions, days, touches
from touchline import attribute, markov, shapley
from touchline.errors import InputError, UsageError

HOUR = timedelta(hours=1)
Touch = tuple[int, str, str, str]
"""Hours after the start, channel, session, interaction."""
TOUCHES = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from("abcd"), st.sampled_from("xyz"), st.sampled_from(["click", "view"])),
    max_size=14,
)
BOUGHT = st.lists(st.tuples(st.integers(0, 240), st.sampled_from("xyz"), st.sampled_from("gh")), min_size=1, max_size=4)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "excluded": st.just(["a"]), "preferred": st.just(["b"]), "last_resort": st.just(["c"]),
        "channel_lookback_days": st.just({"d": 2, "b": 9}), "goal_lookback_days": st.just({"g": 3}),
        "interaction_lookback_days": st.just({"view": 1}),
        "counting": st.sampled_from(["every", "first", "one_per_window"]),
        "transform": st.sampled_from(["unique", "exposure", "first", "no_loops", "frequency"]),
        "last_touches": st.integers(1, 4), "converting_visit_only": st.booleans(),
        "first_of_visit_only": st.booleans(), "reset_after_conversion": st.booleans(),
        "lookback_days": st.integers(1, 9), "touches_per_path": st.integers(2, 6),
    },
)  # fmt: skip


def definition(found: list[Touch], bought: list[tuple[int, str, str]], options: dict[str, Any]) -> list[Any]:
    """By conversion that counts, its touches and their channels."""
    said: dict[str, Any] = {
        "lookback_days": 30,
        "touches_per_path": 200,
        "counting": "every",
        "transform": "unique",
    } | options
    lookback = said["lookback_days"] * 24
    paths: list[Any] = []
    previous = None
    for number, (hour, session, goal) in sorted(enumerate(bought), key=lambda item: (item[1][0], item[0])):
        if previous is not None and said["counting"] == "first":
            continue
        if previous is not None and said["counting"] == "one_per_window" and hour - previous <= lookback:
            continue
        path = []
        seen: set[str] = set()
        for touch in sorted(range(len(found)), key=lambda n: (found[n][0], n)):
            at, channel, visit, interaction = found[touch]
            is_first = visit not in seen
            seen.add(visit)
            windows = [
                said.get(f"{kind}_lookback_days", {}).get(value)
                for kind, value in (("channel", channel), ("goal", goal), ("interaction", interaction))
            ]
            named = [days_named * 24 for days_named in windows if days_named]
            if (
                channel not in said.get("excluded", [])
                and 0 <= hour - at <= (min(named) if named else lookback)
                and (visit == session or not said.get("converting_visit_only"))
                and (is_first or not said.get("first_of_visit_only"))
                and not (said.get("reset_after_conversion") and previous is not None and at <= previous)
            ):
                path.append((touch, channel))
        path = best(path, said)
        path = spelled(path, said["transform"])[-said.get("last_touches", 1000) :]
        bound = said["touches_per_path"]
        kept = path if len(path) <= bound else [path[0], *path[len(path) - bound + 1 :]]
        paths.append((number, kept))
        previous = hour
    return sorted(paths)


def best(path: list[tuple[int, str]], said: dict[str, Any]) -> list[tuple[int, str]]:
    tiers = {**dict.fromkeys(said.get("preferred", []), 0), **dict.fromkeys(said.get("last_resort", []), 2)}
    top = min((tiers.get(channel, 1) for _, channel in path), default=0)
    return [step for step in path if tiers.get(step[1], 1) == top]


def spelled(path: list[tuple[int, str]], transform: str) -> list[tuple[int, str]]:
    made: list[tuple[int, str]] = []
    for touch, channel in path:
        before = [name for _, name in made]
        if transform == "exposure" and before and before[-1] == channel:
            continue
        if transform in {"first", "frequency"} and channel in before:
            continue
        if transform == "no_loops" and channel in before:
            made = made[: before.index(channel) + 1]
            continue
        made.append((touch, channel))
    if transform == "frequency":
        times = [name for _, name in path]
        return [(touch, f"{channel}({times.count(channel)})") for touch, channel in made]
    return made


@settings(max_examples=max(30, settings().max_examples // 4))
@given(st.lists(st.tuples(TOUCHES, BOUGHT), min_size=1, max_size=8), OPTIONS)
def test_paths_are_those_of_the_definition(
    people: list[tuple[list[Touch], list[tuple[int, str, str]]]], options: dict[str, Any]
) -> None:
    """Several persons in one call; a session is one person's."""
    seen = [(person, *touch) for person, (found, _) in enumerate(people) for touch in found]
    path = pa.table(
        {
            "person_id": pa.array([row[0] for row in seen], pa.int64()),
            "occurred_at": pa.array([START + row[1] * HOUR for row in seen], pa.timestamp("us")),
            "channel": pa.array([row[2] for row in seen], pa.string()),
            "session_id": pa.array([f"{row[0]}{row[3]}" for row in seen], pa.string()),
            "interaction": pa.array([row[4] for row in seen], pa.string()),
        }
    )
    orders = [
        (person, number, *order) for person, (_, bought) in enumerate(people) for number, order in enumerate(bought)
    ]
    sold = pa.table(
        {
            "person_id": [row[0] for row in orders],
            "conversion_id": [f"{row[0]} {row[1]}" for row in orders],
            "occurred_at": pa.array([START + row[2] * HOUR for row in orders], pa.timestamp("us")),
            "session_id": [f"{row[0]}{row[3]}" for row in orders],
            "goal": [row[4] for row in orders],
        }
    )
    links = attribute(path, sold, models="LINEAR", direct="include", **options).to_pylist()
    paths: dict[tuple[int, int], list[Any]] = {}
    for row in sorted(links, key=lambda row: row["position"]):
        person, number = map(int, row["conversion_id"].split())
        steps = paths.setdefault((person, number), [])
        if row["position"]:
            assert row["position"] == len(steps) + 1
            first = sum(len(found) for found, _ in people[:person])
            steps.append((row["touchpoint_id"] - first, row["channel"]))
    expected = {
        (person, number): steps
        for person, (found, bought) in enumerate(people)
        for number, steps in definition(found, bought, options)
    }
    assert paths == expected
    for key in paths:
        weights = [row["weight"] for row in links if row["conversion_id"] == f"{key[0]} {key[1]}"]
        assert sum(round(weight * 1e9) for weight in weights) == 10**9


def test_direct_is_a_last_resort_with_any_option_unless_it_is_included() -> None:
    path = touches(*days(0, 1), channel=["Email", "Direct"])
    for direct, channels in (("unless_only", ["Email"]), ("include", ["Email", "Direct"])):
        links = attribute(path, conversions(*days(2)), models="linear", last_touches=9, direct=direct)  # type: ignore[arg-type]
        assert sorted(links["channel"].to_pylist()) == sorted(channels)
    links = attribute(path, conversions(*days(2)), models="linear", preferred=["Direct"])
    assert links["channel"].to_pylist() == ["Direct"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"excluded": "Direct"}, "excluded is a list of channels"),
        ({"excluded": ["a"], "preferred": ["a"]}, "'a' is named twice"),
        ({"channel_lookback_days": {"a": 0}}, "channel_lookback_days is a whole number of days"),
        ({"goal_lookback_days": 3}, "goal_lookback_days is days by name"),
        ({"counting": "once"}, "counting is one of every, first, one_per_window"),
        ({"transform": "remove"}, "transform is one of unique"),
        ({"last_touches": 0}, "last_touches is a whole number"),
        ({"reset_after_conversion": 1}, "reset_after_conversion is True or False"),
    ],
)
def test_an_option_out_of_range_is_named(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        attribute(touches(*days(0)), conversions(*days(1)), **options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"converting_visit_only": True}, "conversions lacks session_id"),
        ({"first_of_visit_only": True}, "touchpoints lacks session_id"),
        ({"goal_lookback_days": {"g": 1}}, "conversions lacks goal"),
        ({"interaction_lookback_days": {"view": 1}}, "touchpoints lacks interaction"),
    ],
)
def test_a_column_that_an_option_needs_is_named(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        attribute(touches(*days(0)), conversions(*days(1)), **options)


def test_options_hold_for_ids_and_values_as_they_were_given() -> None:
    path = touches(datetime(2026, 1, 1), touchpoint_id=["t"])  # noqa: DTZ001 - UTC
    links = attribute(path, conversions(*days(1), value_micros=[7]), models="LINEAR", last_touches=1).to_pylist()
    assert [(row["touchpoint_id"], row["value_micros"], row["touchpoint_count"]) for row in links] == [("t", 7, 1)]


def test_what_options_leave_out_takes_no_place_on_a_path() -> None:
    """However many touches get no credit: a path is bounded by those that do."""
    for many in (1_500, 2_500):  # more than a path can hold; more than crowded persons have
        hours = [START + number * timedelta(minutes=5) for number in range(many + 4)]
        channels = ["Email", "Referral", *["Direct"] * many, "Email", "Paid Search"]
        path = touches(*hours, channel=channels)
        bought = conversions(hours[-1])
        for options in (
            {"excluded": ["Direct"]},
            {"counting": "first"},
            {"preferred": ["Email", "Referral", "Paid Search"]},
        ):
            links = attribute(path, bought, models="LINEAR", **options).sort_by("position")
            assert links["channel"].to_pylist() == ["Email", "Referral", "Email", "Paid Search"]
    links = attribute(path, bought, models="first_touch", excluded=["Email"], direct="include").sort_by("position")
    assert links["channel"].to_pylist() == ["Referral", *["Direct"] * 8, "Paid Search"]  # of a crowded person
    first = attribute(
        touches(*hours[:1_200]), conversions(hours[1_199]), models="first_touch", reset_after_conversion=True
    )
    assert first.sort_by("position")["touchpoint_id"].to_pylist()[0] == 0


def test_models_weigh_channels_and_not_their_spelling() -> None:
    path = touches(*days(0, 1, 2, 3), channel=["Email", "Direct", "Direct", "Email"])
    told = '[[model]]\nname = "QUIET"\nsays = "No credit for mail."\nbetween = 1\nchannels = { Email = 0 }\n'
    links = attribute(
        path, conversions(*days(4)), models=["LAST_NON_DIRECT", "QUIET", "SHAPLEY"], direct="include",
        transform="frequency", own_models=told,
    )  # fmt: skip
    credit = {(row["model"], row["channel"]): row["weight"] for row in links.to_pylist()}
    assert credit == {
        ("LAST_NON_DIRECT", "Email(2)"): 1, ("LAST_NON_DIRECT", "Direct(2)"): 0, ("QUIET", "Email(2)"): 0,
        ("QUIET", "Direct(2)"): 1, ("SHAPLEY", "Email(2)"): 0.5, ("SHAPLEY", "Direct(2)"): 0.5,
    }  # fmt: skip


def test_numbers_of_numpy_are_numbers() -> None:
    """An order out of ``np.arange``, a target out of an array; and what is no number stays none."""
    paths = pa.table({"path": ["a > b", "b"], "conversions": [1, 2], "nulls": [3, 4]})
    assert markov(paths, order=np.int64(2), nulls="nulls").credit == markov(paths, order=2, nulls="nulls").credit  # type: ignore[arg-type]
    assert shapley(paths, seed=np.int64(3)).num_rows == 2  # type: ignore[arg-type]
    for order in (True, np.True_, np.float64(1.0), "1"):
        with pytest.raises(UsageError, match="order is a whole number from 1 to 4"):
            markov(paths, order=order, nulls="nulls")  # type: ignore[arg-type]
