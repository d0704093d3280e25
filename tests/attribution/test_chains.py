"""Markov chains of order 1 to 4 against published and hand-solved chains, and against sending people along."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.chains import Path, channels_of, removal_effect, steps
from touchline.attribution.chains import Effects, chain_of, effects_of, probabilities, removal_of_each, state_numbers
from touchline.attribution.path_table import PathTable

PATHS = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(tuple), st.integers(0, 3), st.integers(1, 3)
    ),
    min_size=1, max_size=10,
).filter(lambda paths: any(converted for _, converted, _ in paths))  # fmt: skip


def table(paths: list[Path]) -> PathTable:
    channels = channels_of(paths)
    walked = [channel for path, _, _ in paths for channel in path]
    return PathTable(
        channels=tuple(channels),
        steps=np.array([channels.index(channel) for channel in walked], np.int64),
        starts=np.cumsum([0, *(len(path) for path, _, _ in paths)]),
        conversions=np.array([float(conversions) for _, conversions, _ in paths]),
        nulls=np.array([float(nulls) for _, _, nulls in paths]),
    )


def solved(paths: list[Path], order: int) -> Effects:
    read = table(paths)
    return effects_of(chain_of(*state_numbers(read, order), read), len(read.channels))


def path(text: str, conversions: int, nulls: int = 0) -> Path:
    return tuple(text.split()), conversions, nulls


TEXTBOOK = [path("a b c", 1), path("a", 0, 1), path("b c", 0, 1)]
CROSSED = [path("a c x", 1), path("b c y", 1)]
BROKEN_CROSS = [path("a c x", 1), path("b c y", 0, 1)]
LOOP = [path("a b a b", 1), path("b", 0, 1)]
MEMORY = [path("a b c", 1), path("d b c", 0, 1)]
DEEP = [path("a b c d", 1), path("e b c d", 0, 1)]
SOLVED: list[tuple[str, list[Path], int, list[float]]] = [
    ("one channel", [path("a", 1)], 1, [1]),
    ("one channel and nulls", [path("a", 1, 9)], 1, [1]),
    ("one channel, looped", [path("a a a", 1, 1)], 1, [1]),
    ("in a row", [path("a b", 1)], 1, [1, 1]),
    ("next to each other", [path("a", 1), path("b", 1)], 1, [1 / 2, 1 / 2]),
    ("next to each other, 3 to 1", [path("a", 3), path("b", 1)], 1, [3 / 4, 1 / 4]),
    ("next to each other, one at a loss", [path("a", 3), path("b", 1, 8)], 1, [3 / 4, 1 / 4]),
    ("a channel that never converts", [path("a", 2), path("b", 0, 5)], 1, [1, 0]),
    ("an opener of half of the paths", [path("a b", 1), path("b", 1)], 1, [1 / 2, 1]),
    ("a detour", [path("a b c", 1), path("a c", 1)], 1, [1, 1 / 2, 1]),
    ("Anderl's textbook, order 1", TEXTBOOK, 1, [1 / 2, 1, 1]),
    # bc is the same state whether it came from a or from the start: half convert
    ("Anderl's textbook, order 2", TEXTBOOK, 2, [1 / 2, 1, 1]),
    ("Anderl's textbook, order 3: only abc converts", TEXTBOOK, 3, [1, 1, 1]),
    ("a crossing that forgets, order 1", BROKEN_CROSS, 1, [1 / 2, 1 / 2, 1, 1, 0]),
    ("a crossing that remembers, order 2", BROKEN_CROSS, 2, [1, 0, 1, 1, 0]),
    ("a crossing at which both convert, order 1", CROSSED, 1, [1 / 2, 1 / 2, 1, 1 / 2, 1 / 2]),
    ("a crossing at which both convert, order 2", CROSSED, 2, [1 / 2, 1 / 2, 1, 1 / 2, 1 / 2]),
    # from b: 1/3 each to a, conversion, null; from a always to b. From the start half go to a, half to b
    ("a loop, order 1", LOOP, 1, [2 / 3, 1]),
    # b on its own is lost; whoever begins at a converts
    ("a loop, order 2", LOOP, 2, [1, 1]),
    ("what came two touches before, order 1", MEMORY, 1, [1 / 2, 1, 1, 1 / 2]),
    ("what came two touches before, order 2", MEMORY, 2, [1 / 2, 1, 1, 1 / 2]),
    ("what came two touches before, order 3", MEMORY, 3, [1, 1, 1, 0]),
    ("what came three touches before, order 3", DEEP, 3, [1 / 2, 1, 1, 1, 1 / 2]),
    ("what came three touches before, order 4", DEEP, 4, [1, 1, 1, 1, 0]),
    ("a looped channel, order 2", [path("a a b", 1), path("a b", 0, 1)], 2, [1, 1]),
    # Of five people four convert; without ads one fifth does, and without mailing half of the four fifths
    (
        "S. Puzyrov, Markov Chain Attribution (2019)",
        [path("ads", 2, 1), path("mail", 1), path("ads mail", 1)],
        1,
        [3 / 4, 1 / 2],
    ),
    ("two ways and a shared end", [path("a c", 1), path("b c", 1), path("c", 2)], 1, [1 / 4, 1 / 4, 1]),
]


@pytest.mark.parametrize(("paths", "order", "effects"), [row[1:] for row in SOLVED], ids=[row[0] for row in SOLVED])
def test_a_chain_solved_by_hand(paths: list[Path], order: int, effects: list[float]) -> None:
    assert solved(paths, order).removal.tolist() == pytest.approx(effects, abs=1e-12)


@given(PATHS, st.integers(1, 4))
def test_an_effect_is_what_is_lost_where_every_state_with_the_channel_leads_nowhere(
    paths: list[Path], order: int
) -> None:
    expected = [removal_effect(paths, order, channel) for channel in channels_of(paths)]
    assert solved(paths, order).removal.tolist() == pytest.approx(expected, abs=1e-9)


@given(PATHS, st.integers(1, 4))
def test_the_matrix_has_the_counted_steps(paths: list[Path], order: int) -> None:
    read = table(paths)
    chain = chain_of(*state_numbers(read, order), read)
    names = [tuple(read.channels[code] for code in state if code >= 0) for state in chain.states.tolist()]
    rows, columns = [(), *names], [*names, ("(conversion)",), ("(null)",)]
    found = {
        (rows[row], columns[column]): chain.transitions[row, column] for row, column in np.argwhere(chain.transitions)
    }
    assert found == steps(paths, order)
    assert probabilities(chain.transitions).sum(axis=1) == pytest.approx(1, abs=1e-12)


@given(PATHS, st.integers(1, 4))
def test_the_chain_converts_as_many_as_the_paths_did(paths: list[Path], order: int) -> None:
    converted, people = sum(row[1] for row in paths), sum(row[1] + row[2] for row in paths)
    assert solved(paths, order).conversion_rate == pytest.approx(converted / people, abs=1e-12)


@given(PATHS)
def test_repeating_a_channel_changes_no_effect_of_order_1(paths: list[Path]) -> None:
    """A step from a channel to itself only delays."""
    doubled = [(tuple(channel for channel in channels for _ in "12"), won, lost) for channels, won, lost in paths]
    once = [
        (tuple(c for n, c in enumerate(channels) if not n or channels[n - 1] != c), won, lost)
        for channels, won, lost in paths
    ]
    assert solved(doubled, 1).removal.tolist() == pytest.approx(solved(once, 1).removal.tolist(), abs=1e-9)


def test_the_value_is_that_of_the_conversions_after_each_state() -> None:
    """Of 10 through a and 30 through b, b takes three quarters, though each converts once."""
    read = table([path("a", 1), path("b", 1)])
    valued = PathTable(read.channels, read.steps, read.starts, read.conversions, read.nulls, np.array([10.0, 30.0]))
    effects = effects_of(chain_of(*state_numbers(valued, 1), valued), 2)
    assert effects.removal.tolist() == pytest.approx([1 / 2, 1 / 2])
    assert effects.value_removal.tolist() == pytest.approx([1 / 4, 3 / 4])


@given(st.lists(PATHS, min_size=1, max_size=4), st.integers(0, 100))
def test_many_chains_are_solved_as_each_alone(chains: list[list[Path]], value: int) -> None:
    """A channel that a chain does not know has no effect in it."""
    transitions, values, removal, value_removal = [], [], [], []
    for paths in chains:
        read = table([*paths, ((*"abcd",), 0, 1)])
        earned = value * read.conversions
        read = PathTable(read.channels, read.steps, read.starts, read.conversions, read.nulls, earned)
        chain = chain_of(*state_numbers(read, 1), read)
        alone = effects_of(chain, 4)
        transitions.append(chain.transitions)
        values.append(chain.value)
        removal.append(alone.removal)
        value_removal.append(alone.value_removal)
    transitions.append(np.zeros((5, 6)))
    values.append(np.zeros(5))
    found = removal_of_each(np.array(transitions), np.array(values))
    assert found[0] == pytest.approx(np.array([*removal, np.zeros(4)]), abs=1e-12)
    assert found[1] == pytest.approx(np.array([*value_removal, np.zeros(4)]), abs=1e-12)
