"""``touchline.bootstrap``: it is persons drawn by hand, intervals cover the truth, and tests find differences."""

from hashlib import md5
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.api.tables import conversions, days, touches
from tests.oracle.chance_worlds import RATE, SHARES, chance_world
from touchline import attribute, bootstrap, credit_paths
from touchline.errors import InputError, UsageError

WORLD = chance_world(7, 600)


def group_of(person: Any) -> int:
    """The group of a person, out of 200."""
    return int.from_bytes(md5(str(person).encode(), usedforsecurity=False).digest()[8:], "little") % 200


def rows_of(table: pa.Table, model: str) -> dict[Any, dict[str, Any]]:
    return {row["channel"]: row for row in table.to_pylist() if row["model"] == model}


def test_an_interval_is_that_of_persons_drawn_by_hand() -> None:
    """Each resample goes through the links of the drawn persons, one by one."""
    found = bootstrap(*WORLD, models=["LINEAR"], n_resamples=200, level=0.8, seed=5)
    buyers = dict(zip(*(WORLD.conversions[name].to_pylist() for name in ("conversion_id", "person_id")), strict=True))
    links = attribute(*WORLD, models=["LINEAR"]).to_pylist()
    drawn = np.random.default_rng(5).multinomial(200, np.full(200, 1 / 200), size=200)
    for channel, row in rows_of(found.intervals, "LINEAR").items():
        mine = [(group_of(buyers[link["conversion_id"]]), link) for link in links if link["channel"] == channel]
        credit = [sum(times[group] * link["weight"] for group, link in mine) for times in drawn]
        value = [sum(times[group] * link["value_micros"] / 1e6 for group, link in mine) for times in drawn]
        everyone = [(group_of(buyers[link["conversion_id"]]), link["weight"]) for link in links]
        whole = [sum(times[group] * weight for group, weight in everyone) for times in drawn]
        share = [part / total for part, total in zip(credit, whole, strict=True)]
        for name, draws in (("credit", credit), ("value", value), ("share", share)):
            assert [row[f"{name}_low"], row[f"{name}_high"]] == pytest.approx(np.quantile(draws, [0.1, 0.9]), rel=1e-9)
        assert row["credit"] == pytest.approx(sum(link["weight"] for _, link in mine))
        assert row["conversions"] == len({link["conversion_id"] for _, link in mine})


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    persons, worlds, inside = 400, 25, []
    for seed in range(worlds):
        found = bootstrap(*chance_world(seed, persons), models=["LINEAR", "LAST_TOUCH"], n_resamples=500, seed=seed)
        for row in found.intervals.to_pylist():
            truth = SHARES[row["channel"]]
            inside.append(row["credit_low"] <= persons * RATE * truth <= row["credit_high"])
            inside.append(row["share_low"] <= truth <= row["share_high"])
    assert len(inside) == worlds * 2 * 2 * len(SHARES)
    assert 0.85 <= sum(inside) / len(inside) <= 0.95


def test_models_of_milestones_have_the_credit_that_attribute_gives() -> None:
    """Of every second buyer a lead is known, at the time of a touch of the own."""
    leads = WORLD.touchpoints.take(list(range(0, WORLD.touchpoints.num_rows, 2))).select(["person_id", "occurred_at"])
    reached = leads.append_column("milestone", pa.array(["lead"] * leads.num_rows, pa.string()))
    names = ["W_SHAPED", "HUBSPOT_U_SHAPED"]
    links = attribute(*WORLD, models=names, milestones=reached).to_pylist()
    found = bootstrap(*WORLD, models=names, milestones=reached, n_resamples=100)
    without = bootstrap(*WORLD, models=names, n_resamples=100)
    for model in names:
        for channel, row in rows_of(found.intervals, model).items():
            mine = [link["weight"] for link in links if (link["model"], link["channel"]) == (model, channel)]
            assert row["credit"] == pytest.approx(sum(mine))
    assert found.intervals["credit"] != without.intervals["credit"]


def visits(seed: int) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Ninety persons with the channels of their touches, an hour apart, and what two thirds of them paid."""
    chance = np.random.default_rng(seed)
    names = np.array(["Direct", "a", "b", "c"])
    paths = {f"p{n}": names[chance.integers(0, 4, chance.integers(1, 7))].tolist() for n in range(90)}
    return paths, {person: int(chance.integers(1, 100)) for n, person in enumerate(paths) if n % 3}


def kept(channels: list[str], limit: int) -> list[str]:
    """What a path keeps: no Direct where there is something else, the first and those nearest to the end."""
    preferred = [channel for channel in channels if channel != "Direct"] or channels
    return preferred if len(preferred) <= limit else [preferred[0], *preferred[len(preferred) - limit + 1 :]]


@pytest.mark.parametrize("limit", [3, 200])
def test_a_markov_chain_is_solved_for_each_draw_of_persons(limit: int) -> None:
    """Each resample is a path table of its own, in which each person's path comes as often as the person was drawn."""
    paths, paid = visits(11)
    walked = [(person, at, channel) for person, channels in paths.items() for at, channel in enumerate(channels)]
    persons, hours, channels = map(list, zip(*walked, strict=True))
    path = touches(*days(*(hour / 24 for hour in hours)), person_id=persons, channel=channels)
    bought = conversions(*days(1) * len(paid), person_id=list(paid), value=list(paid.values()))
    lost = conversions(*days(1), person_id=["nobody"], value=[7], conversion_id=["x"])
    found = bootstrap(
        path, pa.concat_tables([bought, lost]), models=["markov"], n_resamples=100, level=0.8, touches_per_path=limit
    )
    drawn = [np.ones(200), *np.random.default_rng(0).multinomial(200, np.full(200, 1 / 200), size=100)]
    by_hand = []
    for times in drawn:
        often = [int(times[group_of(person)]) for person in paths]
        table = pa.table(
            {
                "path": [kept(channels, limit) for channels in paths.values()],
                "conversions": [n if person in paid else 0 for n, person in zip(often, paths, strict=True)],
                "nulls": [0 if person in paid else n for n, person in zip(often, paths, strict=True)],
                "value": [n * paid.get(person, 0) for n, person in zip(often, paths, strict=True)],
            }
        )
        by_hand.append(credit_paths(table, models="markov", nulls="nulls", value="value").to_pydict())
    rows = rows_of(found.intervals, "MARKOV")
    assert list(rows) == ["Direct", "a", "b", "c", None]
    for place, channel in enumerate(["Direct", "a", "b", "c"]):
        for name, column in (("credit", "conversions"), ("value", "value")):
            draws = [table[column][place] for table in by_hand]
            expected = [draws[0], *np.quantile(draws[1:], [0.1, 0.9])]
            assert [rows[channel][name], rows[channel][f"{name}_low"], rows[channel][f"{name}_high"]] == pytest.approx(
                expected, rel=1e-9, abs=1e-9
            )
    assert (rows[None]["credit"], rows[None]["value"]) == (1, 7)


def test_a_chain_of_very_many_channels_is_refused() -> None:
    names = [f"c{number}" for number in range(201)]
    path = touches(*days(0) * 201, person_id=names, channel=names)
    with pytest.raises(UsageError, match="has 201 channels; 200 can be solved for each resample"):
        bootstrap(path, conversions(*days(1), person_id=["c7"]), models="markov")


def test_markov_is_tested_like_the_others() -> None:
    found = bootstrap(*WORLD, models=["MARKOV", "linear"])
    same = bootstrap(*WORLD, models=["LINEAR", "MARKOV"])
    assert found.between_models("linear", "markov").num_rows == 4
    assert found.between_periods(same)["p_value"].to_pylist() == [1] * 8
    assert bootstrap(*WORLD, models="markov").intervals == found.intervals.slice(0, 4)


def test_every_model_has_every_channel_and_its_credit_adds_up() -> None:
    bought = pa.concat_tables([WORLD.conversions, WORLD.conversions.slice(0, 3).set_column(
        0, "person_id", [[-1, -2, -3]]).set_column(1, "conversion_id", [[-1, -2, -3]])])  # fmt: skip
    found = bootstrap(WORLD.touchpoints, bought)
    for model in ("FIRST_TOUCH", "LAST_TOUCH", "LINEAR", "TIME_DECAY", "POSITION_BASED"):
        rows = rows_of(found.intervals, model)
        assert list(rows) == ["c0", "c1", "c2", "c3", None]
        assert sum(row["credit"] for row in rows.values()) == pytest.approx(bought.num_rows)
        assert sum(row["share"] for row in rows.values()) == pytest.approx(1)
        assert sum(row["value"] for row in rows.values()) == pytest.approx(pc.sum(bought["value_micros"]).as_py() / 1e6)
        assert rows[None]["credit"] == 3


def test_the_result_has_the_documented_columns() -> None:
    found = bootstrap(WORLD.touchpoints, WORLD.conversions.drop_columns("value_micros"), models="linear")
    numbers = ["conversions", "credit", "credit_low", "credit_high", "share", "share_low", "share_high"]
    assert found.intervals.column_names == ["model", "channel", *numbers, "has_few_conversions"]
    assert found.intervals["conversions"].type == pa.int64()
    assert (found.level, found.n_resamples, found.seed) == (0.9, 1_000, 0)
    assert repr(found).startswith("Bootstrap(intervals=")


def test_draws_repeat_with_their_seed() -> None:
    first, again, other = (bootstrap(*WORLD, models="linear", seed=seed).intervals for seed in (3, 3, 4))
    assert first == again
    assert first["credit_low"] != other["credit_low"]
    assert first["credit"] == other["credit"]


def test_a_higher_level_is_a_wider_interval() -> None:
    widths = []
    for level in (0.5, 0.9, 0.99):
        row = rows_of(bootstrap(*WORLD, models="linear", level=level).intervals, "LINEAR")["c0"]
        widths.append(row["credit_high"] - row["credit_low"])
    assert widths == sorted(set(widths))


@pytest.mark.parametrize(("count", "is_few"), [(19, True), (20, False)])
def test_channels_with_too_few_conversions_say_so(count: int, is_few: bool) -> None:
    path = touches(*days(*range(count)), person_id=[f"p{n}" for n in range(count)], channel=["Email"] * count)
    bought = conversions(*days(*range(count)), person_id=[f"p{n}" for n in range(count)])
    row = bootstrap(path, bought, models="LINEAR").intervals.to_pylist()[0]
    assert (row["conversions"], row["has_few_conversions"]) == (count, is_few)


def test_a_touch_without_credit_is_no_conversion_of_its_channel() -> None:
    path = touches(*days(0, 1), channel=["Email", "Referral"])
    found = rows_of(bootstrap(path, conversions(*days(2)), models="LAST_TOUCH").intervals, "LAST_TOUCH")
    assert {channel: row["conversions"] for channel, row in found.items()} == {"Email": 0, "Referral": 1}


def split_world(seed: int, ends_in: str) -> tuple[pa.Table, pa.Table]:
    """Three hundred persons who begin at ``a`` and end at ``b`` or, half of them, at ``ends_in``."""
    chance = np.random.default_rng(seed)
    persons = [f"p{number}" for number in range(300)]
    last = np.where(chance.random(300) < 0.5, "b", ends_in)
    path = pa.concat_tables(
        [touches(*days(0) * 300, person_id=persons, channel=["a"] * 300),
         touches(*days(1) * 300, person_id=persons, channel=last.tolist())]
    )  # fmt: skip
    return path, conversions(*days(2) * 300, person_id=persons)


def test_models_that_differ_are_found_to_differ() -> None:
    found = bootstrap(*split_world(1, "c"), models=["FIRST_TOUCH", "LINEAR"])
    rows = {row["channel"]: row for row in found.between_models("first_touch", "linear").to_pylist()}
    assert [row["differs"] for row in rows.values()] == [True, True, True]
    assert (rows["a"]["share"], rows["a"]["other_share"], rows["a"]["difference"]) == pytest.approx((1, 0.5, -0.5))
    assert rows["b"]["difference_low"] < rows["b"]["difference"] < rows["b"]["difference_high"]
    assert rows["b"]["difference_low"] > 0
    assert rows["b"]["p_value"] == pytest.approx(2 / 1_001)


def test_a_model_does_not_differ_from_itself_nor_where_both_say_the_same() -> None:
    found = bootstrap(*split_world(1, "b"), models=["LINEAR", "POSITION_BASED"])
    assert found.between_models("LINEAR", "LINEAR")["p_value"].to_pylist() == [1, 1]
    assert found.between_models("LINEAR", "POSITION_BASED")["differs"].to_pylist() == [False, False]


def test_periods_that_differ_are_found_to_differ() -> None:
    march, april = (bootstrap(*split_world(2, ends_in), models="linear") for ends_in in ("b", "c"))
    rows = {row["channel"]: row for row in march.between_periods(april).to_pylist()}
    assert {channel: row["differs"] for channel, row in rows.items()} == {"a": False, "b": True, "c": True}
    assert rows["c"]["share"] == 0
    assert rows["c"]["model"] == "LINEAR"
    credit = march.between_periods(april, of="credit").to_pylist()[1]
    assert (credit["channel"], credit["credit"]) == ("b", 150)
    assert credit["difference"] == credit["other_credit"] - 150


def test_periods_of_the_same_world_rarely_differ() -> None:
    """Of 4 channels in 20 pairs one in ten is found different by chance; here at most one in five."""
    found = []
    for seed in range(20):
        worlds = [chance_world(1_000 + 2 * seed + n, 300) for n in (0, 1)]
        pair = [bootstrap(*world, models="LAST_TOUCH", n_resamples=300) for world in worlds]
        found += pair[0].between_periods(pair[1])["differs"].to_pylist()
    assert len(found) == 80
    assert 0 < sum(found) <= 16


def test_regular_customers_are_drawn_for_both_periods() -> None:
    """The same persons and conversions in both periods: nothing differs, and nothing varies."""
    march, april = (bootstrap(*WORLD, models="linear") for _ in range(2))
    rows = march.between_periods(april, of="credit").to_pylist()
    assert [(row["difference_low"], row["difference_high"], row["p_value"]) for row in rows] == [(0, 0, 1)] * 4


def test_no_conversions_have_no_intervals() -> None:
    found = bootstrap(WORLD.touchpoints, WORLD.conversions.slice(0, 0))
    assert found.intervals.num_rows == 0
    assert found.between_models("LINEAR", "LAST_TOUCH").num_rows == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"models": "NONESUCH"}, "out of FIRST_TOUCH, .*MARKOV, .*not 'NONESUCH'"),
        ({"n_resamples": 99}, "n_resamples is a whole number from 100 to 100,000, not 99"),
        ({"n_resamples": 100_001}, "not 100001"),
        ({"n_resamples": 1e3}, "not 1000.0"),
        ({"level": 1.0}, "level is a number from 0.5 to below 1, not 1.0"),
        ({"level": 0.49}, "not 0.49"),
        ({"level": 90}, "not 90"),
        ({"seed": -1}, "seed is a whole number from 0 up, not -1"),
        ({"lookback_days": 0}, "lookback_days is a number from 1 to 3650"),
    ],
)
def test_what_is_out_of_range_is_said(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        bootstrap(*WORLD, **options)


def test_tables_are_checked_as_those_of_attribute() -> None:
    with pytest.raises(InputError, match="touchpoints lacks channel"):
        bootstrap(WORLD.touchpoints.drop_columns("channel"), WORLD.conversions)
    with pytest.raises(InputError, match="person_id is string in touchpoints and int64 in conversions"):
        bootstrap(touches(*days(0)), WORLD.conversions, models="markov")


def test_tests_of_what_was_not_drawn_alike_are_refused() -> None:
    one = bootstrap(*WORLD, models="linear")
    for other in (
        bootstrap(*WORLD, models="linear", seed=1), bootstrap(*WORLD, models="linear", level=0.8),
        bootstrap(*WORLD, models="linear", n_resamples=200), bootstrap(*WORLD, models="last_touch"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="different resamples, seeds or levels, or no model in common"):
            one.between_periods(other)
    with pytest.raises(UsageError, match="of is one of share, credit, not 'value'"):
        one.between_periods(one, of="value")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="out of LINEAR, not 'LAST_TOUCH'"):
        one.between_models("LINEAR", "LAST_TOUCH")
