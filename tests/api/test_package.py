"""What ``import touchline`` gives, and what it does not load."""

import importlib.metadata
import pydoc
import re
import subprocess
import sys

import pytest

import touchline
from touchline.api import (
    attribute,
    bootstrap,
    compare,
    credit_paths,
    find_waste,
    markov,
    resolve_identities,
    sessionize,
    shapley,
    xmr,
)
from touchline.channels.classify import classify
from touchline.channels.columns import classify_columns
from touchline.jobs import programs


def test_the_package_exports_exactly_these_names() -> None:
    assert touchline.__all__ == [
        "attribute",
        "bootstrap",
        "classify",
        "classify_columns",
        "compare",
        "credit_paths",
        "find_waste",
        "import_costs",
        "markov",
        "open",
        "resolve_identities",
        "run_attribution",
        "run_daily_rollups",
        "sessionize",
        "shapley",
        "xmr",
    ]
    assert touchline.attribute is attribute
    assert touchline.bootstrap is bootstrap
    assert touchline.classify is classify
    assert touchline.classify_columns is classify_columns
    assert touchline.compare is compare
    assert touchline.credit_paths is credit_paths
    assert touchline.find_waste is find_waste
    assert touchline.markov is markov
    assert touchline.resolve_identities is resolve_identities
    assert touchline.sessionize is sessionize
    assert touchline.shapley is shapley
    assert touchline.xmr is xmr
    assert touchline.open is programs.open
    assert touchline.import_costs is programs.import_costs
    assert touchline.run_attribution is programs.run_attribution
    assert touchline.run_daily_rollups is programs.run_daily_rollups


def test_the_version_is_the_installed_one() -> None:
    assert touchline.__version__ == importlib.metadata.version("touchline")


def test_help_shows_what_is_public() -> None:
    shown = re.sub(".\b", "", pydoc.render_doc(touchline))
    assert [name for name in touchline.__all__ if f"    {name}(" not in shown] == []
    assert f"VERSION\n    {touchline.__version__}" in shown
    assert [name for name in (*touchline.__all__, "__version__") if name not in dir(touchline)] == []


def test_other_names_are_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'touchline' has no attribute 'nothing'"):
        _ = touchline.nothing


def test_importing_it_loads_neither_the_engine_nor_arrow() -> None:
    heavy = "{'alembic', 'altair', 'duckdb', 'numpy', 'pyarrow', 'scipy', 'sqlalchemy', 'sqlglot'}"
    script = f"import sys, touchline; print(sorted({heavy} & sys.modules.keys())); touchline.attribute"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
