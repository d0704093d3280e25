"""Lets the tests import what lies beside them."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
pytest.register_assert_rewrite("recorder_laws", "schema_laws")
