"""Nothing is lost between a conversion and the last sum of a report."""

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.credit import WHOLE, fair_shares, raw_weights, shared_out
from tests.oracle.engine import tables_of
from tests.oracle.money import GRAINS
from tests.oracle.world import Row, Tables, World, at, event, goal, models_of, organization, site
from tests.oracle.worlds import drawn
from tests.quantifiers import each
from touchline.magnitudes import DAY_MICROS
from touchline.models import MODELS

RUNS, WORLDS = (10, 1_000) if settings().max_examples >= 1_000 else (1, 300)
"""Of the campaign, and how many worlds each has."""

LARGEST_MICROS = 2**53 - 1
"""The largest value that ingest accepts."""


def test_nothing_is_lost_under_any_model_at_any_grain(worlds: list[World]) -> None:
    tables = tables_of(worlds)
    assert _is_shared_out_whole(tables, worlds)
    assert _adds_up_to_the_same(tables)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("chance", range(RUNS))
def test_nothing_is_lost_in_the_many_worlds_of_the_engines(chance: int) -> None:
    """On these worlds ``test_engines`` holds every engine to the same tables, after each part of the events."""
    worlds = drawn(WORLDS, 1_000 + chance)
    assert len(worlds) >= WORLDS
    tables = tables_of(worlds)
    assert _is_shared_out_whole(tables, worlds)
    assert _adds_up_to_the_same(tables)


def _is_shared_out_whole(tables: Tables, worlds: list[World]) -> bool:
    """Each conversion, under every model."""
    credit: dict[tuple[str, str], int] = defaultdict(int)
    value: dict[tuple[str, str], int] = defaultdict(int)
    for link in tables["attribution_links"]:
        credit[link["conversion_id"], link["model"]] += link["credit"]
        value[link["conversion_id"], link["model"]] += link["value_micros"]
        assert link["credit"] >= 0
        assert link["value_micros"] >= 0
        assert link["weight"] == link["credit"] / WHOLE
    counted = [row for row in tables["conversions"] if row["is_counted"]]
    models = {world.name: models_of(world) for world in worlds}
    given = [(row, model) for row in counted for model in models[row["organization_id"]]]
    assert credit == {(row["conversion_id"], model): WHOLE for row, model in given}
    return value == {(row["conversion_id"], model): row["value_micros"] for row, model in given}


def _adds_up_to_the_same(tables: Tables) -> bool:
    """Every grain, on every basis."""
    sums: dict[tuple[str, str], dict[tuple[str, ...], list[int]]] = {}
    for row in [*tables["daily_rollups"], *_by_channel(tables)]:
        of_grain = sums.setdefault((row["grain"], row["basis"]), defaultdict(lambda: [0] * 5))
        total = of_grain[row["organization_id"], row["currency"], row["model"], row["goal"]]
        for place, name in enumerate(("impressions", "clicks", "spend_micros", "credit", "value_micros")):
            total[place] += row[name]
    if sums:
        assert set(sums) == {(grain, basis) for grain in (*GRAINS, "CHANNEL") for basis in ("CONVERSION", "TOUCH")}
        assert each(totals == sums["ORGANIZATION", "CONVERSION"] for totals in sums.values())
    assert _all(sums, 2) == sum(row["spend_micros"] for row in tables["ad_costs"])
    assert _all(sums, 3) == sum(row["credit"] for row in tables["attribution_links"])
    return _all(sums, 4) == sum(int(row["value_micros"]) for row in tables["attribution_links"])


def _by_channel(tables: Tables) -> list[Row]:
    """Costs by channel, as rows of the grain."""
    nothing = {"grain": "CHANNEL", "model": "", "goal": "", "credit": 0, "value_micros": 0}
    return [row | nothing | {"basis": basis} for row in tables["channel_spend"] for basis in ("CONVERSION", "TOUCH")]


def _all(sums: dict[tuple[str, str], dict[tuple[str, ...], list[int]]], place: int) -> int:
    return sum(total[place] for total in sums.get(("ORGANIZATION", "CONVERSION"), {}).values())


@given(
    st.sampled_from(MODELS),
    st.lists(st.integers(0, 60 * DAY_MICROS), min_size=1, max_size=60).map(lambda ages: sorted(ages, reverse=True)),
    st.integers(1, 60 * DAY_MICROS),
    st.sampled_from([0, 1, 7, WHOLE, 99_990_000, 10**13]),
)
def test_each_touch_gets_its_fair_share_but_for_one_unit(
    model: str, ages: list[int], half_life_micros: int, amount: int
) -> None:
    weights = raw_weights(model, ages, half_life_micros)
    parts = shared_out(amount, weights)
    assert sum(parts) == amount
    assert sum(fair_shares(weights)) == 1
    for part, share in zip(parts, fair_shares(weights), strict=True):
        assert abs(part - amount * share) <= Fraction(1_001, 1_000)


@given(st.integers(1, 12))
def test_position_based_gives_two_fifths_to_each_end(touches: int) -> None:
    shares = fair_shares(raw_weights("POSITION_BASED", list(range(touches))[::-1], 1))
    if touches > 2:
        assert shares[0] == shares[-1] == Fraction(2, 5)
        assert set(shares[1:-1]) == {Fraction(1, 5 * (touches - 2))}
    else:
        assert set(shares) == {Fraction(1, touches)}


@given(st.integers(0, 30 * DAY_MICROS), st.integers(3_600_000_000, 60 * DAY_MICROS))
def test_a_touch_that_is_one_half_life_older_gets_half(age: int, half_life_micros: int) -> None:
    older, newer = raw_weights("TIME_DECAY", [age + half_life_micros, age], half_life_micros)
    assert newer == 2 * older


TOUCHES = (1, 2, 3, 7, 49)
VALUES = (LARGEST_MICROS, LARGEST_MICROS - 1, 2**52 + 1, 1)


def _bought(touches: int, value: int) -> World:
    """An organization with one order after some visits."""
    name, bought = f"{touches} {value}", at("2026-03-10 12:00")
    pages: list[Row] = [
        event(
            f"p{n}", bought - timedelta(hours=1 + 5 * n, microseconds=n), name, name, visitor_id="a", utm_source=f"s{n}"
        )
        for n in range(touches)
    ]
    order = event("order", bought, name, name, visitor_id="a", type="CONVERSION", value_micros=value)
    return World(organization(name), [site(name, name)], [goal(name)], events=[*pages, order])


@pytest.fixture(scope="module")
def bought() -> Tables:
    return tables_of([_bought(touches, value) for touches in TOUCHES for value in VALUES])


@pytest.mark.parametrize("touches", TOUCHES)
@pytest.mark.parametrize("value", VALUES)
def test_the_largest_value_is_shared_out_to_the_last_micro(bought: Tables, touches: int, value: int) -> None:
    own = [row for row in bought["attribution_links"] if row["organization_id"] == f"{touches} {value}"]
    for model in MODELS:
        links = [row for row in own if row["model"] == model]
        assert len(links) == touches
        assert sum(row["value_micros"] for row in links) == value
        assert sum(row["credit"] for row in links) == WHOLE
        assert min(row["value_micros"] for row in links) >= 0
