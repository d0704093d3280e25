"""Models that are rows: other products' numbers by hand, own ones from a file, and milestones."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.tables import DAY, START, by_position, conversions, days, touches
from tests.oracle.world import Row
from touchline import attribute, bootstrap, credit_paths
from touchline.errors import InputError, UsageError
from touchline.magnitudes import CREDIT
from touchline.own_models import (
    OwnModel,
    definition_of,
    own_model_from,
    own_models_of,
    presets,
    vendors,
)

OF_VENDORS: dict[str, dict[int, list[float]]] = {
    "ADOBE_J_SHAPED": {1: [1], 2: [0.25, 0.75], 3: [0.2, 0.2, 0.6], 4: [0.2, 0.1, 0.1, 0.6]},
    "ADOBE_INVERSE_J": {1: [1], 2: [0.75, 0.25], 3: [0.6, 0.2, 0.2], 4: [0.6, 0.1, 0.1, 0.2]},
    "ADOBE_U_SHAPED": {1: [1], 2: [0.5, 0.5], 3: [0.4, 0.2, 0.4], 4: [0.4, 0.1, 0.1, 0.4]},
    "MIXPANEL_J_SHAPED": {1: [1], 2: [0.25, 0.75], 3: [0.2, 0.2, 0.6], 4: [0.2, 0.1, 0.1, 0.6]},
    "MIXPANEL_INVERSE_J": {1: [1], 2: [0.75, 0.25], 3: [0.6, 0.2, 0.2], 4: [0.6, 0.1, 0.1, 0.2]},
    "AMPLITUDE_J_SHAPED": {1: [1], 2: [0.3, 0.7], 3: [0.2, 0.2, 0.6], 4: [0.1, 0.1, 0.2, 0.6]},
    "AMPLITUDE_U_SHAPED": {1: [1], 2: [0.5, 0.5], 3: [0.4, 0.2, 0.4], 4: [0.4, 0.1, 0.1, 0.4]},
    "GA_POSITION_BASED": {1: [1], 2: [0.5, 0.5], 3: [0.4, 0.2, 0.4], 4: [0.4, 0.1, 0.1, 0.4]},
    "GOOGLE_ADS_POSITION_BASED": {1: [1], 2: [0.5, 0.5], 4: [0.4, 0.1, 0.1, 0.4]},
    "POSTHOG_POSITION_BASED": {1: [1], 2: [0.5, 0.5], 3: [0.4, 0.2, 0.4], 4: [0.4, 0.1, 0.1, 0.4]},
    "MATOMO_POSITION_BASED": {1: [1], 2: [0.5, 0.5], 3: [0.4, 0.2, 0.4], 4: [0.4, 0.1, 0.1, 0.4]},
    "GA_LAST_NON_DIRECT": {1: [1], 2: [0, 1], 3: [0, 0, 1]},
    "MATOMO_LAST_NON_DIRECT": {1: [1], 2: [0, 1], 3: [0, 0, 1]},
    "FIRST_WHILE_FRESH": {1: [1], 2: [1, 0], 3: [1, 0, 0]},
    # seven days apart, at half-lives of seven and of 22.5 days
    "GA_TIME_DECAY": {1: [1], 2: [1 / 3, 2 / 3], 3: [1 / 7, 2 / 7, 4 / 7]},
    "GOOGLE_ADS_TIME_DECAY": {1: [1], 2: [1 / 3, 2 / 3], 3: [1 / 7, 2 / 7, 4 / 7]},
    "ADOBE_TIME_DECAY": {1: [1], 2: [1 / 3, 2 / 3], 3: [1 / 7, 2 / 7, 4 / 7]},
    "MIXPANEL_TIME_DECAY": {1: [1], 2: [1 / 3, 2 / 3], 3: [1 / 7, 2 / 7, 4 / 7]},
    "POSTHOG_TIME_DECAY": {1: [1], 2: [1 - 1 / (1 + 2 ** (-7 / 22.5)), 1 / (1 + 2 ** (-7 / 22.5))]},
}
AT_MILESTONES: dict[str, list[float]] = {
    # five touches, the contact after the second, the deal after the fourth
    "HUBSPOT_U_SHAPED": [0.4, 0.4, 0.2 / 3, 0.2 / 3, 0.2 / 3],
    "HUBSPOT_W_SHAPED": [0.3, 0.3, 0.05, 0.3, 0.05],
    "HUBSPOT_FULL_PATH": [0.225, 0.225, 0.1, 0.225, 0.225],
    "W_SHAPED": [0.3, 0.3, 0.05, 0.3, 0.05],
    "FULL_PATH": [0.225, 0.225, 0.1, 0.225, 0.225],
    "TASMAN_W_SHAPED": [0.3, 0.3, 0.05, 0.05, 0.3],
    "DREAMDATA_W_SHAPED": [0.3 / 1.3, 0.3 / 1.3, 0.1 / 1.3, 0.3 / 1.3, 0.3 / 1.3],
}
REACHED = pa.table({"person_id": ["ada", "ada", "ada"], "milestone": ["lead", "deal", "lead"],
                    "occurred_at": days(8, 22, 25)})  # fmt: skip


@pytest.mark.parametrize("model", OF_VENDORS)
def test_the_numbers_that_other_products_show(model: str) -> None:
    for count, weights in OF_VENDORS[model].items():
        path = touches(*days(*(7 * n for n in range(count))))
        links = attribute(path, conversions(*days(7 * count)), models=model, direct="include")
        assert by_position(links, "weight") == pytest.approx(weights, abs=5e-7)


@pytest.mark.parametrize("model", AT_MILESTONES)
def test_the_numbers_at_milestones(model: str) -> None:
    path = touches(*days(0, 7, 14, 21, 28))
    links = attribute(path, conversions(*days(29)), models=model, milestones=REACHED)
    assert by_position(links, "weight") == pytest.approx(AT_MILESTONES[model], abs=2e-9)


def test_every_preset_is_tried() -> None:
    assert {*OF_VENDORS, *AT_MILESTONES} == {*presets()} == {name for names in vendors().values() for name in names}


def test_without_the_milestone_the_other_places_share_all() -> None:
    links = attribute(touches(*days(0, 7, 14)), conversions(*days(29)), models="hubspot_w_shaped")
    assert by_position(links, "weight") == [0.75, 0.125, 0.125]
    late = REACHED.set_column(2, "occurred_at", pa.array(days(40, 41, 42), pa.timestamp("us")))
    links = attribute(touches(*days(0, 7, 14)), conversions(*days(29)), models="hubspot_w_shaped", milestones=late)
    assert by_position(links, "weight") == [0.75, 0.125, 0.125]


@pytest.mark.parametrize(
    ("channels", "weights"),
    [(["Email", "Direct", "Direct"], [1, 0, 0]), (["Direct", "Direct"], [0, 1]), (["Direct", "Email"], [0, 1])],
)
def test_a_channel_without_weight_has_no_place_next_to_another(channels: list[str], weights: list[float]) -> None:
    path = touches(*days(*range(len(channels))), channel=channels)
    links = attribute(path, conversions(*days(9)), models="ga_last_non_direct", direct="include")
    assert by_position(links, "weight") == weights


def test_the_first_touch_answers_while_it_is_fresh() -> None:
    for age, weights in ((90, [1, 0]), (91, [0, 1])):
        path = touches(START, START + DAY)
        links = attribute(path, conversions(*days(age)), models="FIRST_WHILE_FRESH", lookback_days=365)
        assert by_position(links, "weight") == weights


OWN = """
[[model]]
name = "BOTH_ENDS"
says = "Half to each end, nothing between."
first = 1
last = 1

[[model]]
name = "LATE"
says = "A day halves it; e-mail counts half."
half_life_days = 1
[model.channels]
c1 = 50
"""


def test_own_models_come_from_a_file_or_its_text(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text(OWN)
    path, bought = touches(*days(0, 1, 2)), conversions(*days(3))
    for given_models in (OWN, file, str(file)):
        links = attribute(path, bought, models=["both_ends", "LATE"], own_models=given_models)
        assert by_position(links, "weight", "BOTH_ENDS") == [0.5, 0, 0.5]
        assert by_position(links, "weight", "LATE") == pytest.approx([1 / 6, 1 / 6, 4 / 6], abs=2e-9)
    with pytest.raises(UsageError, match="BOTH_ENDS"):
        attribute(path, bought, models="both_end", own_models=OWN)


def test_own_models_are_known_to_paths_and_resamples() -> None:
    journeys = pa.table({"path": ["a > b > c", "a"], "conversions": [3, 1]})
    credit = credit_paths(journeys, models=["AMPLITUDE_J_SHAPED", "BOTH_ENDS"], own_models=OWN)
    assert credit["conversions"].to_pylist() == pytest.approx([1.6, 0.6, 1.8, 2.5, 0, 1.5])
    with pytest.raises(UsageError, match="models is one name"):
        credit_paths(journeys, models="LATE", own_models=OWN)
    intervals = bootstrap(touches(*days(0, 1)), conversions(*days(2)), models="BOTH_ENDS", own_models=OWN,
                          n_resamples=100).intervals  # fmt: skip
    assert intervals["credit"].to_pylist() == [0.5, 0.5]


WEIGHT = st.integers(0, 10_000)
MODELS = st.builds(
    OwnModel,
    name=st.just("DRAWN"), says=st.just("Drawn."), first=st.none() | WEIGHT, next_to_last=st.none() | WEIGHT,
    last=st.none() | WEIGHT, between=WEIGHT, channels=st.dictionaries(st.sampled_from("abc"), st.integers(0, 100)),
)  # fmt: skip


def shares(model: OwnModel, channels: list[str]) -> list[Fraction]:
    """The definition, in fractions; without weights of two, ages and milestones."""
    percents = [model.channels.get(channel, 100) for channel in channels]
    percents = percents if any(percents) else [100] * len(channels)
    placed = [n for n, percent in enumerate(percents) if percent]
    named = {}
    for place, weight in ((-2, model.next_to_last), (0, model.first), (-1, model.last)):
        if weight is not None and len(placed) >= abs(place):
            named[placed[place]] = weight
    others = len(placed) - len(named)
    raw = [Fraction(named.get(n, Fraction(model.between, max(1, others)))) * percents[n] if n in placed else Fraction(0)
           for n in range(len(channels))]  # fmt: skip
    raw = raw if any(raw) else [Fraction(percent) for percent in percents]
    return [share / sum(raw) for share in raw]


PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=9), st.integers(0, 2**53 - 1)),
    min_size=1, max_size=40,
)  # fmt: skip


@settings(max_examples=max(20, settings().max_examples // 5))
@given(st.lists(MODELS, min_size=1, max_size=5), PATHS)
def test_own_models_share_out_each_conversion_as_they_say(
    models: list[OwnModel], paths: list[tuple[list[str], int]]
) -> None:
    """Some hundreds of conversions in one call."""
    read = own_models_of("\n".join(text_of(model, f"DRAWN_{n}") for n, model in enumerate(models)), "drawn")
    assert [own_model_from(definition_of(model)) for model in read] == [*read]
    text = "\n".join(text_of(model, model.name) for model in read)
    people, steps = range(len(paths)), [(n, channel) for n, (channels, _) in enumerate(paths) for channel in channels]
    path = pa.table({"person_id": [n for n, _ in steps], "channel": [channel for _, channel in steps],
                     "occurred_at": days(*(n / 10_000 for n in range(len(steps))))})  # fmt: skip
    bought = pa.table({"person_id": people, "conversion_id": people, "occurred_at": days(*(2 for _ in people)),
                       "value_micros": [value for _, value in paths]})  # fmt: skip
    links = attribute(
        path, bought, models=[model.name for model in read], own_models=text, direct="include"
    ).to_pylist()
    found: dict[tuple[int, str], list[Row]] = {}
    for row in sorted(links, key=lambda row: row["position"]):
        found.setdefault((row["conversion_id"], row["model"]), []).append(row)
    for (number, name), rows in found.items():
        channels, value = paths[number]
        credit = [round(row["weight"] * CREDIT) for row in rows]
        assert (sum(credit), sum(row["value_micros"] for row in rows)) == (CREDIT, value)
        assert min(credit) >= 0
        for part, share in zip(credit, shares(read[int(name[6:])], channels), strict=True):
            assert abs(part - share * CREDIT) <= Fraction(1001, 1000)
    assert len(found) == len(paths) * len(read)


def text_of(model: OwnModel, name: str) -> str:
    places = {place: getattr(model, place) for place in ("first", "next_to_last", "last")}
    lines = [f"{place} = {weight}" for place, weight in places.items() if weight is not None]
    percents = [f"{channel} = {percent}" for channel, percent in model.channels.items()]
    head = ["[[model]]", f'name = "{name}"', 'says = "Drawn."', f"between = {model.between or 1}"]
    return "\n".join([*head, *lines, "[model.channels]", *percents])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected one or more tables"),
        ("[[model]\n", "not valid TOML"),
        ("x = 1\n", "'x'"),
        ("model = 3\n", "expected one or more tables"),
        ('[[model]]\nname = "linear"\nsays = "x"\nfirst = 1\n', "'linear'"),
        ('[[model]]\nname = "LINEAR"\nsays = "x"\nfirst = 1\n', "LINEAR is a name of Touchline's own"),
        ('[[model]]\nname = "AB"\nfirst = 1\n', "says is a text"),
        ('[[model]]\nname = "AB"\nsays = "x"\n', "weights of places, or half_life_days"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 1\nhalf_life_days = 7\n', "first, half_life_days"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = -1\n', "from 0 to 10000, not -1"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 0.5\n', "not 0.5"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 0\n', "every weight is 0"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 1\ntwo = [1]\n', "list of two weights"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 1\ntwo = [1, 2]\nmilestones = 3\n', "do not go together"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfrist = 1\n', "did you mean first"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 1\nchannels = { Direct = 101 }\n', "channels.Direct"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 1\nchannels = ["Direct"]\n', "table of channels"),
        ('[[model]]\nname = "AB"\nsays = "x"\nhalf_life_days = 0\n', "from 0.01 to 3650"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfresh_days = 1.5\n', "not 1.5"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 1\n' * 2, "AB is there twice"),
        ('[[model]]\nname = "AB"\nsays = "x"\nfirst = 1\n' * 21, "at most 20 models"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_models_is_refused_with_the_place(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told.replace("[", r"\[").replace("(", r"\(")) as refused:
        own_models_of(text, "models.toml")
    assert "models.toml" in str(refused.value)


def test_milestones_are_checked() -> None:
    path, bought = touches(*days(0)), conversions(*days(1))
    with pytest.raises(InputError, match="milestones lacks milestone"):
        attribute(path, bought, milestones=REACHED.drop_columns(["milestone"]))
    with pytest.raises(InputError, match="person_id is"):
        attribute(path, bought.set_column(0, "person_id", pa.array([1])), milestones=REACHED)
    with pytest.raises(InputError, match="cannot be read"):
        attribute(path, bought, own_models="nowhere.toml")
    assert attribute(path, bought, milestones=REACHED, models="LINEAR")["weight"].to_pylist() == [1.0]


def test_a_touch_of_today_is_dated() -> None:
    """A conversion that is a milestone itself: the touch up to it is the last one."""
    now = datetime.fromisoformat("2026-01-03T00:00:00")
    reached = pa.table(
        {"person_id": ["ada"], "milestone": ["lead"], "occurred_at": pa.array([now], pa.timestamp("us"))}
    )
    links = attribute(touches(*days(0, 1)), conversions(now), models="HUBSPOT_U_SHAPED", milestones=reached)
    assert by_position(links, "weight") == [0.5, 0.5]
