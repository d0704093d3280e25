"""Litestar: the example under the laws of all frameworks, and what is special about it."""

import sys
from pathlib import Path

import pytest

from tests.capture.framework_laws import *  # noqa: F403 - the laws are tests of this module
from tests.capture.framework_laws import Site
from tests.conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "examples"))
from litestar_app import create_app


@pytest.fixture
def site(tmp_path: Path, mode: str) -> Site:
    return Site(create_app, tmp_path / "app.db", mode)
