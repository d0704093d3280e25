"""Every journey is travelled on every engine."""

import pytest


@pytest.fixture(autouse=True)
def _everywhere(on_every_engine: str) -> None:
    """Nothing more."""
