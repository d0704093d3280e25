"""How the doctor asks the engine: the ``.sql`` files beside it."""

from collections.abc import Mapping
from typing import Any

from touchline.jobs.workspace import Workspace
from touchline.sql import query

Row = Mapping[str, Any]
"""One row of an answer, by column name."""


def rows(workspace: Workspace, name: str) -> list[Row]:
    """What ``<name>.sql`` selects."""
    return list(workspace.engine.select(query(__package__, name).text).to_pylist())
