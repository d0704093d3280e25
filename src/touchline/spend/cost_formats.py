"""Formats of costs: which column of an export is which of ours. Each is one file of ``spend/formats``.

.. code-block:: toml

    says = "Name of the export, for people"
    source = "https://…"                          # where its columns are described
    since = "0.2"
    ignored = ["conversions"]                     # columns that say nothing of costs

    [columns]                                     # ours = "theirs"; date, platform and cost, the others may be left out
    date = "Day"
    cost = "Amount"

    [constants]                                   # ours = what every row says
    platform = "META"

    [values.platform]                             # of one of our columns: "theirs" = "ours"; other values stay
    facebook_ads = "META"

A file is recognized by its columns; there is no option that names its format.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from touchline.spend.costs import OPTIONAL, REQUIRED

_KNOWN = frozenset({*REQUIRED, *OPTIONAL})
_KEYS = frozenset({"says", "source", "since", "ignored", "columns", "constants", "values"})


@dataclass(frozen=True)
class CostFormat:
    """How an export of costs is read.

    :param says: its name, for people.
    :param columns: by our name of a column, the export's.
    :param ignored: columns of the export that nobody reads.
    :param constants: by our name, what every row says.
    :param values: by our name, what stands for a value of the export.
    """

    says: str
    columns: Mapping[str, str]
    ignored: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def fits(self, names: Collection[str]) -> bool:
        """Whether a file with these columns is such an export: it has what is required, and nothing unknown."""
        return set(self.required) <= set(names) and all(self.is_known(name) for name in names)

    @property
    def required(self) -> tuple[str, ...]:
        """The export's columns without which a row says no costs."""
        return tuple(self.columns[name] for name in REQUIRED if name in self.columns)

    def is_known(self, name: str) -> bool:
        """Whether a column of the export is one that is read, or ignored on purpose."""
        return name in self.ignored or name in self.columns.values()

    def is_free_text(self, name: str) -> bool:
        """Whether a column of the export holds what somebody typed, which may have line breaks."""
        return name in self.ignored or any(
            name == self.columns.get(ours) for ours in OPTIONAL if ours.endswith("_name")
        )

    def cells(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row by our names."""
        found = {ours: row[theirs] for ours, theirs in self.columns.items() if theirs in row}
        for ours, spelled in self.values.items():
            if ours in found:
                found[ours] = spelled.get(str(found[ours]), found[ours])
        return {**self.constants, **found}


OWN = CostFormat("", {name: name for name in (*REQUIRED, *OPTIONAL)})
"""The columns as our documentation names them."""


def parse_format(text: str, origin: str) -> CostFormat:
    r"""A format as its file says it.

    :param origin: the file's name, for complaints.
    :raises ValueError: if the file is no format.

    >>> parse_format('says = "X"\n[columns]\ndate = "Day"\ncost = "Spent"\n[constants]\nplatform = "X"', "x").says
    'X'
    """
    document = tomllib.loads(text)
    columns, constants = document.get("columns", {}), document.get("constants", {})
    values = document.get("values", {})
    unknown = sorted(({*columns, *constants, *values} - _KNOWN) | (set(document) - _KEYS))
    if unknown:
        raise ValueError(f"{origin}: there is no {', '.join(unknown)}; ours are {', '.join((*REQUIRED, *OPTIONAL))}.")
    missing = [name for name in REQUIRED if name not in columns and name not in constants]
    if missing or not document.get("says"):
        raise ValueError(f"{origin} lacks {', '.join(missing) or 'says'}.")
    return CostFormat(document["says"], columns, frozenset(document.get("ignored", ())), constants, values)


@cache
def known_formats() -> tuple[CostFormat, ...]:
    """Ours, then those of ``spend/formats`` by name."""
    found = sorted(
        (file for file in (files(__package__) / "formats").iterdir() if file.name.endswith(".toml")),
        key=lambda f: f.name,
    )
    return (OWN, *(parse_format(file.read_text(encoding="utf-8"), file.name) for file in found))


def format_for(names: Collection[str]) -> CostFormat | None:
    """The format of a file with these columns; ``None``: none is known.

    >>> format_for(["date", "platform", "cost"]) is OWN, format_for(["Day", "Cost"])
    (True, None)
    """
    return next((one for one in known_formats() if one.fits(names)), None)
