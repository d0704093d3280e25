"""Markov fits of order 1 to 4 are what the same paths give outside the house; the order is chosen out of sample."""

from collections import Counter
from datetime import date
from random import Random

import pyarrow as pa
import pytest

import touchline as tl
from tests.jobs.conftest import NOW, Tell
from touchline.errors import UsageError
from touchline.jobs import fitting, running
from touchline.jobs.fitting.markov import State, best_order, feasible_orders
from touchline.jobs.workspace import Workspace

TAGS = {
    "Email": "letter&utm_medium=email",
    "Paid Search": "google&utm_medium=cpc",
    "Referral": "blog&utm_medium=referral",
}
JOURNEYS = [
    (["Email", "Paid Search", "Referral"], 5, 1), (["Paid Search", "Email"], 4, 6), (["Referral"], 1, 3),
    (["Email", "Email", "Paid Search"], 3, 2), (["Referral", "Paid Search", "Email", "Referral", "Email"], 2, 1),
]  # fmt: skip
"""Channels in order, how many converted, and how many did not."""


def told(tell: Tell) -> None:
    events: list[dict[str, object]] = []
    for number, (channels, converted, lost) in enumerate(JOURNEYS):
        for person in range(converted + lost):
            said: dict[str, object] = {"anonId": f"v{number}-{person}"}
            for step, channel in enumerate(channels):
                url = f"https://shop.example/?utm_source={TAGS[channel]}"
                time = f"2026-03-0{1 + step // 2}T{8 + step % 2 * 6:02}:00:00Z"
                events.append(said | {"eventId": f"p{number}-{person}-{step}", "url": url, "occurredAt": time})
            if person < converted:
                events.append(said | {"type": "CONVERSION", "eventId": f"o{number}-{person}",
                                      "occurredAt": "2026-03-05T10:00:00Z"})  # fmt: skip
    tell(*events)


def test_a_fit_of_any_order_is_what_the_paths_give(workspace: Workspace, tell: Tell) -> None:
    told(tell)
    running.run(workspace)
    names, converted, lost = zip(*JOURNEYS, strict=True)
    paths = pa.table({"path": [" > ".join(one) for one in names], "conversions": converted, "did_not": lost})
    for order in (1, 2, 3, 4):
        made = fitting.make_fit(workspace, "shop", now=NOW, window_end=date(2026, 3, 5), days=10, order=str(order))
        model = tl.markov(paths, order=order, nulls="did_not")
        values = {(one.name, one.statistic): one.value for one in made.values}
        for row in model.removal_effects.to_pylist():
            assert values[row["channel"], "removal_effect"] == pytest.approx(row["removal_effect"], abs=1e-12)
        for row in model.credit.to_pylist():
            assert values[row["channel"], "model_conversions"] == pytest.approx(row["conversions"], abs=1e-9)
        assert values.get(("", "order"), 1.0) == order

    chosen = fitting.make_fit(workspace, "shop", now=NOW, window_end=date(2026, 3, 5), days=10, order="auto")
    assert {one.value for one in chosen.values if one.statistic == "order"} <= {2.0, 3.0, 4.0}
    for wrong, kind in (("5", "MARKOV"), ("2", "USUAL_CPA")):
        with pytest.raises(UsageError, match="The order of MARKOV is one of 1, 2, 3, 4, auto"):
            fitting.make_fit(workspace, "shop", now=NOW, order=wrong, kind=kind)


def test_too_few_conversions_for_the_states_are_refused(workspace: Workspace, tell: Tell) -> None:
    said = {"anonId": "v"}
    urls = [f"https://shop.example/?utm_source={tag}" for tag in TAGS.values()]
    tell(
        *(
            said | {"eventId": f"p{n}", "url": url, "occurredAt": f"2026-03-02T{10 + n}:00:00Z"}
            for n, url in enumerate(urls)
        ),
        said | {"type": "CONVERSION", "eventId": "o", "occurredAt": "2026-03-02T20:00:00Z"},
    )
    running.run(workspace)
    with pytest.raises(UsageError, match="The chain of order 2 has 3 states, and the window only 1 conversion"):
        fitting.make_fit(workspace, "shop", now=NOW, order="2")
    chosen = fitting.make_fit(workspace, "shop", now=NOW, order="auto")
    assert not [one for one in chosen.values if one.statistic == "order"]


def simulated(next_channel: dict[str, float], memory: int, chance: Random) -> Counter[tuple[State, str]]:
    """The moves of an order-4 chain, of people for whom only the channel ``memory`` touches back decides."""
    moves: Counter[tuple[State, str]] = Counter()
    for _ in range(4_000):
        path: tuple[str, ...] = ()
        while chance.random() > 0.1:
            before = path[-memory] if len(path) >= memory else "b"
            there = "a" if chance.random() < next_channel[before] else "b"
            moves[path[-4:], there] += 1
            path += (there,)
        moves[path[-4:], "(null)"] += 1
    return moves


@pytest.mark.parametrize("memory", [1, 2, 3])
def test_the_order_that_is_chosen_is_the_one_that_made_the_paths(memory: int) -> None:
    chance = Random(memory)
    seen, later = (simulated({"a": 0.8, "b": 0.3}, memory, chance) for _ in range(2))
    assert best_order(seen, later, [1, 2, 3, 4]) == memory


def test_only_orders_that_would_not_be_refused_are_chosen_among() -> None:
    chance = Random(3)
    seen, later = (simulated({"a": 0.8, "b": 0.3}, 3, chance) for _ in range(2))
    assert [len(feasible_orders(seen, conversions)) for conversions in (1, 6, 14, 30)] == [1, 2, 3, 4]
    assert best_order(seen, later, feasible_orders(seen, 13)) < 3
