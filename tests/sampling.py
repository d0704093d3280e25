"""``--sample``: of each campaign, which is one test with cases that are many and alike, a few cases are drawn.

A test is a campaign where it says so, by ``@pytest.mark.campaign(number)``. ``make test`` draws that many of its cases
of each engine and ledger among them, and of each value of a parameter that it names, as in ``each="question"``;
``make test-all``, and pytest without the option, run them all. The draw depends on the seed of pytest-randomly and on
the names of the cases alone: each run draws others, all workers of a run draw the same, and ``pytest FILE --sample
--randomly-seed=SEED`` draws them once more.
"""

from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import pytest

SYSTEMS = {"duckdb", "postgresql", "clickhouse", "sqlite", "postgres"}
"""The names, among the parameters of cases, of engines and of databases that keep a ledger."""
_COUNTS = pytest.StashKey[tuple[int, int]]()
"""How many cases of campaigns were drawn, of how many."""


def drawn(names: Iterable[str], number: int, seed: int) -> set[str]:
    """``number`` of ``names``, or all where there are fewer: the same for the same seed, in whatever order they come.

    >>> drawn(["a", "b", "c"], 2, 7) == drawn(["c", "b", "a"], 2, 7)
    True
    """
    ranks = {name: sha256(f"{seed} {name}".encode(errors="surrogatepass")).digest() for name in names}
    return set(sorted(ranks, key=lambda name: ranks[name])[:number])


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--sample``."""
    parser.addoption("--sample", action="store_true", help="of each campaign run a few cases, drawn by the seed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--sample``, leave out the cases of campaigns that are not drawn."""
    if not config.getoption("sample"):
        return
    groups: dict[tuple[str, ...], dict[str, pytest.Item]] = defaultdict(dict)
    numbers: dict[tuple[str, ...], int] = {}
    for item in items:
        marker = item.get_closest_marker("campaign")
        if marker is not None:
            group = item.nodeid.partition("[")[0], *_told_apart(item, **marker.kwargs)
            groups[group][item.nodeid] = item
            [numbers[group]] = marker.args
    cases = {name for group in groups.values() for name in group}
    chosen = {name for group, named in groups.items() for name in drawn(named, numbers[group], _seed(config))}
    config.stash[_COUNTS] = len(chosen), len(cases)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in cases - chosen])
    items[:] = [item for item in items if item.nodeid not in cases - chosen]


def _told_apart(item: pytest.Item, each: str = "") -> list[str]:
    """The engines and ledgers that this case is for, and its value of the parameter ``each``."""
    parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    listed = [value if isinstance(value, tuple) else (value,) for value in parameters.values()]
    systems = [word for words in listed for word in words if isinstance(word, str) and word in SYSTEMS]
    return [*systems, *([str(parameters[each])] if each else [])]


def _seed(config: pytest.Config) -> int:
    """The seed of the run's order, which each worker has from the process that started it."""
    return int(config.getoption("randomly_seed", 0))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker of xdist say what it has drawn."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["campaigns"] = session.config.stash.get(_COUNTS, None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker says; all of them say the same."""
    counts = getattr(node, "workeroutput", {}).get("campaigns")
    if counts is not None:
        node.config.stash[_COUNTS] = tuple(counts)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say that not all was run, and how what was drawn is drawn once more."""
    counts = config.stash.get(_COUNTS, (0, 0))
    if counts[1]:
        terminalreporter.write_line(
            f"sample of {counts[0]} of {counts[1]} cases of campaigns, by --randomly-seed={_seed(config)};"
            " `make test-all` runs all"
        )
