"""What became of a job of the schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Done:
    """What a job did: in a sentence, and in numbers by their names on the wire."""

    message: str
    counts: Mapping[str, int]


def skipped(name: str) -> dict[str, Any]:
    """The answer where a job is being done already."""
    message = f"{name} is already running, so it was not started."
    return {"success": True, "skipped": True, "job": name, "message": message}
