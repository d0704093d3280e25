"""What ``import touchline`` gives, and what it does not load."""

import subprocess
import sys

import pytest

import touchline
from touchline.api import attribute, find_waste, sessionize
from touchline.channels.classify import classify
from touchline.channels.columns import classify_columns


def test_the_package_exports_exactly_these_names() -> None:
    assert touchline.__all__ == ["attribute", "classify", "classify_columns", "find_waste", "sessionize"]
    assert touchline.attribute is attribute
    assert touchline.classify is classify
    assert touchline.classify_columns is classify_columns
    assert touchline.find_waste is find_waste
    assert touchline.sessionize is sessionize


def test_other_names_are_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'touchline' has no attribute 'nothing'"):
        _ = touchline.nothing


def test_importing_it_loads_neither_the_engine_nor_arrow() -> None:
    heavy = "{'alembic', 'altair', 'duckdb', 'numpy', 'pyarrow', 'scipy', 'sqlalchemy', 'sqlglot'}"
    script = f"import sys, touchline; print(sorted({heavy} & sys.modules.keys())); touchline.attribute"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
