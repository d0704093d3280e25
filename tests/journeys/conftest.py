"""Every journey is travelled on every engine."""

import pytest

from tests.journeys.journey import travelled
from tests.oracle.world import Tables


@pytest.fixture(autouse=True)
def _everywhere(on_every_engine: str) -> None:
    """Nothing more."""


@pytest.fixture
def tables(request: pytest.FixtureRequest, on_every_engine: str) -> Tables:
    """What stands on the engine after the test's journey."""
    return travelled(request.module.__name__, on_every_engine)[request.function.__name__]
