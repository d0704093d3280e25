"""What a view is: a ``SELECT`` under a name, for queries and BI tools."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PUBLIC = "touchline"
"""The schema (on ClickHouse: the database) of the views that people query."""


@dataclass(frozen=True)
class View:
    """A view; one that is not ``is_public`` is in the schema of the tables, where earlier releases put it."""

    name: str
    select: str
    meaning: str = ""
    """What a row is, in a sentence."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """What each column means."""
    is_public: bool = False

    @property
    def spelled(self) -> str:
        """The name as statements write it: between quotes where a database would not keep its capitals.

        >>> View("DailyRollup", "select 1").spelled, View("campaign", "select 1").spelled
        ('"DailyRollup"', 'campaign')
        """
        return self.name if self.name == self.name.lower() else f'"{self.name}"'
