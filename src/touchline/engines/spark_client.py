"""Spark's client, imported in a way that works in every process and warns of nothing."""

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa


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
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

__all__ = ["AnalysisException", "DataFrame", "PySparkException", "SparkSession", "session_at", "streamed"]

_RETRIES = 4
"""How often a request is repeated that the server does not answer, within some seconds."""
_RECONNECT_MS = 1_000
"""Between attempts to connect, so that one is made in those seconds; gRPC's two minutes outlast a server's return."""


def session_at(server: str, settings: Mapping[str, str]) -> SparkSession:
    """A new session on a server."""
    channel = DefaultChannelBuilder(server, [("grpc.max_reconnect_backoff_ms", _RECONNECT_MS)])
    session = SparkSession.builder.channelBuilder(channel).create()
    session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
    for name, value in settings.items():
        session.conf.set(name, value)
    return session


def streamed(frame: Any) -> tuple[pa.Schema, Iterator[pa.Table]]:
    """The columns of an answer, and its rows a message of the server at a time.

    What the client has for that, ``toLocalIterator``, reads the same messages, and makes an object of each row.
    """
    schema = frame.limit(0).toArrow().schema
    plan = frame._plan.to_proto(frame.sparkSession.client)  # noqa: SLF001 - as the client does it
    came = frame.sparkSession.client.to_table_as_iterator(plan, {})
    return schema, (part.cast(schema) for part in came if isinstance(part, pa.Table))
