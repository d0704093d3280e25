"""Worlds for laws, drawn by Hypothesis: many small organizations in one run of the river, which has to keep them apart.

A run costs about the same for one organization as for many, so a law has :data:`WORLDS` examples in one.
"""

from random import Random
from zlib import crc32

import pytest
from hypothesis import settings

from tests.oracle.world import World
from tests.oracle.worlds import drawn

WORLDS = 100 if settings().max_examples >= 1_000 else 30
TIMES = max(1, settings().max_examples // 110)
"""How often a law is looked at, each time in other worlds: nine times where many examples are asked for."""


@pytest.fixture(params=range(TIMES))
def number(request: pytest.FixtureRequest) -> int:
    """Another for each law, the same each time."""
    return crc32(request.node.nodeid.encode())


@pytest.fixture
def chance(number: int) -> Random:
    """What is left to chance."""
    return Random(number)


@pytest.fixture
def worlds(number: int) -> list[World]:
    """Many organizations, a few of them crowded."""
    return drawn(WORLDS, number)


@pytest.fixture
def others(number: int) -> list[World]:
    """As many more."""
    return drawn(WORLDS, number + 1)
