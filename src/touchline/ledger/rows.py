"""What a row of an event is to a database, and its key."""

from collections.abc import Sequence
from typing import Any

Row = tuple[Any, ...]
Rows = Sequence[Row]
Key = tuple[str, str]
"""A site and an event id: of each there is one event."""
