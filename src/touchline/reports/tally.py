"""Sums by row: what each channel, campaign, … cost, and what every model gives it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from touchline.engines import Engine
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question
from touchline.reports.words import platform_name

UNATTRIBUTED = "(unattributed)"
"""The row of conversions that no touch led to."""

_NO_PLATFORM = "(no ad platform)"


@dataclass
class Tally:
    """One row while it is being added up; ``None`` where nothing was ever reported."""

    key: str
    name: str
    platform: str = ""
    spend_micros: int | None = None
    impressions: int | None = None
    clicks: int | None = None
    credit: Counter[str] = field(default_factory=Counter)
    """By model, in billionths."""
    value_micros: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Add one row of a query."""
        for name in ("spend_micros", "impressions", "clicks"):
            more = row.get(name)
            if more is not None:
                setattr(self, name, (getattr(self, name) or 0) + more)
        if row["model"]:
            self.credit[row["model"]] += row["credit"]
            self.value_micros[row["model"]] += row["value_micros"]


def tallies(engine: Engine, question: Question, by: str, basis: str) -> list[Tally]:
    """The sums of the question's window, one for each row of the report."""
    if by in {"channel", "source_class"}:
        found = rows(engine, "credit_by_source", **question.parameters, basis=basis)
        named = ((row[by] or UNATTRIBUTED, row[by] or UNATTRIBUTED, row) for row in found)
    else:
        found = rows(engine, "rollups_by_entity", **question.parameters, basis=basis, grain=by.upper())
        named = ((row["entity_id"], _name(row, by), row) for row in found)
    made: dict[str, Tally] = {}
    for key, name, row in named:
        made.setdefault(key, Tally(key, name, row.get("platform", ""))).add(row)
    return list(made.values())


def whole(found: Iterable[Tally]) -> Tally:
    """All of them together."""
    total = Tally("", "Total")
    for tally in found:
        total.add({name: getattr(tally, name) for name in ("spend_micros", "impressions", "clicks")} | {"model": ""})
        total.credit.update(tally.credit)
        total.value_micros.update(tally.value_micros)
    return total


def _name(row: Row, by: str) -> str:
    """The campaign's, ad set's or ad's name, else its id; in words where there is neither."""
    if row["entity_id"] == UNATTRIBUTED:
        return UNATTRIBUTED
    platform = platform_name(row["platform"]) or _NO_PLATFORM
    if by == "platform":
        return platform
    campaign = row["campaign_name"] or row["campaign_id"]
    known = f"{platform}, {campaign}" if campaign and by != "campaign" else platform
    return row["name"] or row[f"{by}_id"] or f"{known}, no {_KINDS[by]} known"


_KINDS = {"campaign": "campaign", "adset": "ad set", "ad": "ad"}
