"""Spark's client, imported in a way that works in every process and warns of nothing."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _with_a_file() -> Iterator[None]:
    """Give the main module a file meanwhile: one without, as in a worker process, is taken for a test of PySpark's."""
    main = sys.modules["__main__"]
    has_none = not hasattr(main, "__file__")
    if has_none:
        main.__file__ = "touchline"
    try:
        yield
    finally:
        if has_none:
            del main.__file__


with _with_a_file(), warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of releases of libraries of which nothing is used here
    from pyspark.errors import AnalysisException, PySparkException
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.connect.client.retries import DefaultPolicy

__all__ = ["AnalysisException", "DataFrame", "DefaultPolicy", "PySparkException", "SparkSession"]
