"""Tigrbl: the example under the laws of all frameworks, and what is special about it."""

import sys
import warnings
from pathlib import Path

import pytest

from tests.capture.framework_laws import *  # noqa: F403 - the laws are tests of this module
from tests.capture.framework_laws import Site
from tests.conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "examples"))
with warnings.catch_warnings():
    # Tigrbl 0.4.4 decorates its mixins with what SQLAlchemy 2.1 has no use for any more.
    warnings.filterwarnings("ignore", "The declarative_mixin decorator")
    from tigrbl_app import create_app


@pytest.fixture
def site(tmp_path: Path, mode: str) -> Site:
    return Site(create_app, tmp_path / "app.db", mode)
