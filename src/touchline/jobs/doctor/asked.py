"""The doctor's queries: the ``.sql`` files next to this module."""

from collections.abc import Mapping, Sequence
from typing import Any

from touchline.engines.answers import python_rows
from touchline.jobs.workspace import Workspace
from touchline.sql import query

Row = Mapping[str, Any]
"""One row of an answer, by column name."""


def rows(workspace: Workspace, name: str, organization_id: str) -> Sequence[Row]:
    """What ``<name>.sql`` selects of the organization."""
    parameters = {"organization_id": organization_id}
    return python_rows(workspace.engine.select(query(__package__, name).text, parameters=parameters))
