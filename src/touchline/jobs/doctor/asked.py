"""How the doctor asks the engine: the ``.sql`` files beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from touchline.engines.answers import python_rows
from touchline.jobs.workspace import Workspace
from touchline.sql import query

Row = Mapping[str, Any]
"""One row of an answer, by column name."""


def rows(workspace: Workspace, name: str) -> Sequence[Row]:
    """What ``<name>.sql`` selects."""
    return python_rows(workspace.engine.select(query(__package__, name).text))
