"""Where the river's tables are kept. Everything in an engine can be thrown away and rebuilt from the ledger."""

from importlib import import_module
from typing import TYPE_CHECKING

from touchline.engines.opening import capabilities_of, in_words_of, open_engine
from touchline.engines.protocol import Capabilities, Engine, IncrementalEngine, can_increment

if TYPE_CHECKING:
    from touchline.engines.duckdb import DuckDB

__all__ = [
    "Capabilities",
    "DuckDB",
    "Engine",
    "IncrementalEngine",
    "can_increment",
    "capabilities_of",
    "in_words_of",
    "open_engine",
]


def __getattr__(name: str) -> object:
    """The embedded engine, found when first asked for: most processes of a server, and many commands, open none."""
    if name != "DuckDB":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("touchline.engines.duckdb").DuckDB
