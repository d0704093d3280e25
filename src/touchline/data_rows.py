"""The tables of facts in ``touchline/data/``, which several stages read; ``data/README.md`` has the sources."""

import csv
from collections.abc import Mapping
from importlib.resources import files


def data_rows(file: str) -> list[Mapping[str, str]]:
    """The rows of a file, each by the names of its columns.

    >>> data_rows("currency_decimals.csv")[0].keys()
    dict_keys(['currency', 'decimals'])
    """
    text = (files("touchline") / "data" / file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
