"""What a fit is made of: counts and sums of a window, by SQL."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from touchline.engines import Engine
from touchline.engines.answers import python_rows
from touchline.sql import query

_PARAMETER = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Window:
    """Days of one organization, both inclusive, and how far back a chain of them looks."""

    organization_id: str
    window_start: date
    window_end: date
    order: int = 1
    """How many touches back a state of a Markov chain looks, 1–4; 0: as many as predict its last third best."""


def counted(engine: Engine, name: str, window: Window) -> list[dict[str, Any]]:
    """What ``<name>.sql`` counts in the window."""
    text = query(__package__, name).text
    asked = {key: value for key, value in vars(window).items() if key in _PARAMETER.findall(text)}
    return python_rows(engine.select(text, parameters=asked))
