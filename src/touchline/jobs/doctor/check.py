"""One thing that was looked at, and what it means."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem"]
"""In order; works, but the numbers may not say what they should; does not work."""


@dataclass(frozen=True)
class Check:
    """``next_step`` is what to do; ``""`` where there is nothing to do.

    ``cause`` names for programs why it is not as it might be; ``""`` where all is well, or the message says it alone.
    """

    name: str
    status: Status
    message: str
    next_step: str = ""
    cause: str = ""
    organization_id: str = ""
    """Whose data was looked at; ``""``: the home itself."""
