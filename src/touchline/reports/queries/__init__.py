"""The reports' questions, one ``.sql`` file each, in the portable subset of the stages; they read and never write."""

import re
from collections.abc import Iterable
from typing import Any

from touchline.engines import Engine
from touchline.sql import query

Row = dict[str, Any]
"""One row of an answer, by column name."""

_PARAMETER = re.compile(r"\$(\w+)")


def rows(engine: Engine, name: str, **parameters: object) -> list[Row]:
    """What ``<name>.sql`` selects with these parameters.

    :param parameters: values for the ``$names`` in the file; one that the file does not name is left out.
    """
    text = query(__name__, name).text
    wanted = set(_PARAMETER.findall(text))
    answer = engine.select(text, parameters={key: value for key, value in parameters.items() if key in wanted})
    return list(answer.to_pylist())


def total(found: Iterable[Row], column: str) -> int | None:
    """The sum of a column; ``None`` where nothing was reported at all, which is not zero.

    >>> total([{"clicks": 2}, {"clicks": None}], "clicks"), total([{"clicks": None}], "clicks")
    (2, None)
    """
    values = [row[column] for row in found if row[column] is not None]
    return sum(values) if values else None
