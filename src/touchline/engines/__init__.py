"""Where the river's tables are kept. Everything in an engine can be thrown away and rebuilt from the ledger."""

from touchline.engines.duckdb import DuckDB
from touchline.engines.opening import in_words_of, open_engine
from touchline.engines.protocol import Capabilities, Engine, IncrementalEngine, can_increment

__all__ = [
    "Capabilities",
    "DuckDB",
    "Engine",
    "IncrementalEngine",
    "can_increment",
    "in_words_of",
    "open_engine",
]
