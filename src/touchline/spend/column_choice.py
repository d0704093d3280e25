"""Which columns a table of costs has, and which of them are probably ours, where no known export has them all."""

from collections.abc import Mapping, Sequence

from touchline.files import head_of, open_table, unpacked
from touchline.files.formats import suffix_of
from touchline.spend.cost_files import CostFile
from touchline.spend.cost_formats import CostFormat, format_of_document, known_formats, may_be_cost, plain
from touchline.spend.costs import OPTIONAL, REQUIRED

MOST_SHOWN = 200
"""Columns that can be chosen."""


def columns_of(file: CostFile) -> tuple[str, ...]:
    r"""The names of a table's columns; none for JSON, where each row has its own.

    :raises InputError: if the file cannot be read.

    >>> from pathlib import Path
    >>> columns_of(CostFile(Path("x.csv"), b"Tag;Kosten\n1.3.2026;5,00\n"))
    ('Tag', 'Kosten')
    """
    if suffix_of(file.path) == ".parquet":
        with open_table(file.path, "parquet", content=file.content, wanted=()) as (names, _):
            return tuple(names[:MOST_SHOWN])
    if suffix_of(file.path) in {".json", ".jsonl", ".ndjson"}:
        return ()
    delimiter = "\t" if suffix_of(file.path) == ".tsv" else None
    head = head_of(unpacked(file.content, file.path), lambda _names: False, delimiter)
    return tuple(dict.fromkeys(name for name in head.names if name))[:MOST_SHOWN]


def guessed(names: Sequence[str]) -> dict[str, str]:
    """By our name of a column, the one of a file that known exports call so.

    >>> guessed(["Tag", "Day", "Amount spent"])
    {'date': 'Day', 'cost': 'Amount spent'}
    """
    theirs = {plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for ours in (*REQUIRED, *OPTIONAL):
        said = [ours, *(one for form in known_formats() for one in form.columns.get(ours, ()))]
        there = next((theirs[plain(one)] for one in said if plain(one) in theirs), None)
        if there is not None and there not in found.values():
            found[ours] = there
    costs = [name for name in names if may_be_cost(name)]
    return found if "cost" in found or len(costs) != 1 else {**found, "cost": costs[0]}


def mapping_of(chosen: Mapping[str, str], name: str) -> CostFormat | None:
    """How a file is read whose columns a person chose; ``None`` where nothing is chosen.

    :param chosen: by our name, the file's column.
    :raises ValueError: if no column is chosen for the cost.
    """
    columns = {ours: theirs for ours, theirs in chosen.items() if theirs}
    return format_of_document({"columns": columns}, name, is_mapping=True) if columns else None
