"""How much property tests try: ``ci`` (the default: few examples, the same each time) or ``thorough``.

Choose with ``pytest --hypothesis-profile=thorough``, or ``make test-all``. ``short`` is for tests that run once more in
another environment.
"""

import gc

import pytest
from hypothesis import settings

pytest_plugins = ["tests.sampling"]

# Laws that test modules of several folders import; their asserts are to say what came, too.
pytest.register_assert_rewrite("recorder_laws", "schema_laws")

settings.register_profile("ci", derandomize=True, max_examples=30, deadline=None)
settings.register_profile("short", derandomize=True, max_examples=10, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile("ci")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stands until the end: thousands of tests, and what they import."""
    gc.collect()
    gc.freeze()
