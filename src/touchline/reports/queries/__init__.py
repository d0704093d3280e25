"""The reports' questions, one ``.sql`` file each, in the portable subset of the stages; they read and never write."""

import re
from typing import Any

import pyarrow as pa

from touchline.engines import Engine
from touchline.engines.answers import python_rows
from touchline.sql import query

Row = dict[str, Any]
"""One row of an answer, by column name."""

_PARAMETER = re.compile(r"\$(\w+)")


def rows(engine: Engine, name: str, **parameters: Any) -> list[Row]:
    """What ``<name>.sql`` selects with these parameters; ``folder.name`` is in a folder, with relations of its own.

    :param parameters: values for the ``$names`` in the file; one that the file does not name is left out.
    """
    package, _, file = f"{__name__}.{name}".rpartition(".")
    return python_rows(selected(engine, package, file, **parameters))


def selected(engine: Engine, package: str, name: str, chosen: tuple[str, ...] = (), **parameters: Any) -> pa.Table:
    """What ``<name>.sql`` next to the modules of a package selects, as :func:`rows` has it.

    :param chosen: the branches of folders that it includes; where none is named, those that no caller has to name.
    """
    text = query(package, name, chosen).text
    wanted = set(_PARAMETER.findall(text))
    return engine.select(text, parameters={key: value for key, value in parameters.items() if key in wanted})
