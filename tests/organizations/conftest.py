"""The three homes, made once; who changes them takes copies."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tests.organizations.homes import Homes, begin, homes_in
from tests.sharing import copy_of

WORLDS = range(12 if settings().max_examples >= 1_000 else 1)


@pytest.fixture(scope="session", params=WORLDS)
def homes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """For tests that change nothing."""
    return homes_in(copy_of(tmp_path_factory, f"homes-{request.param}", lambda made: begin(made, request.param)))


@pytest.fixture
def copies(homes: Homes, tmp_path: Path) -> Homes:
    """For a test that changes something."""
    return Homes(
        Path(shutil.copytree(homes.together, tmp_path / "together")),
        {name: Path(shutil.copytree(home, tmp_path / name)) for name, home in homes.alone.items()},
    )
