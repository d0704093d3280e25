"""Sums by row: what each channel, campaign, … cost, and what every model gives it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from touchline.engines import Engine
from touchline.grains import UNATTRIBUTED
from touchline.reports.dimensions import MOST_DAYS, MOST_VALUES, PERIODS, WITH_COSTS, key_and_name
from touchline.reports.periods import first_day
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window
from touchline.reports.words import platform_name

NO_PLATFORM = "(no ad platform)"
"""The row of touches that no ad platform sent."""
_COSTS = ("spend_micros", "impressions", "clicks")
_OF_NEW = ("new_credit", "new_value_micros")
_EARNED = ("credit", "value_micros", *_OF_NEW)
_BY_PAYMENT = (
    "paid_credit", "paid_value_micros", "ambiguous_credit", "ambiguous_value_micros", "touches", "ambiguous_touches",
)  # fmt: skip
_REACHED = ("influenced", "influenced_value_micros")
_PLACE = ("platform", "campaign_id", "adset_id", "ad_id")


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
    new_credit: Counter[str] = field(default_factory=Counter)
    """Of the credit, that of conversions of new customers."""
    new_value_micros: Counter[str] = field(default_factory=Counter)
    paid_credit: Counter[str] = field(default_factory=Counter)
    """Of the credit, that of touches that somebody surely paid for."""
    paid_value_micros: Counter[str] = field(default_factory=Counter)
    ambiguous_credit: Counter[str] = field(default_factory=Counter)
    """Of the credit, that of touches whose evidence comes on paid and unpaid clicks alike."""
    ambiguous_value_micros: Counter[str] = field(default_factory=Counter)
    touches: Counter[str] = field(default_factory=Counter)
    """How many touches of the conversions' paths may have credit."""
    ambiguous_touches: Counter[str] = field(default_factory=Counter)
    influenced: int | None = None
    """Conversions on whose paths the row is, each whole: they do not add up, so that totals have none."""
    influenced_value_micros: int | None = None

    def add(self, row: Row) -> None:
        """Add one row of a query."""
        for name in _COSTS:
            more = row.get(name)
            if more is not None:
                setattr(self, name, (getattr(self, name) or 0) + more)
        for name in _REACHED:
            if row.get(name) is not None:
                setattr(self, name, row[name])
        for name in (*_EARNED, *_BY_PAYMENT):
            if row["model"] and name in row:
                getattr(self, name)[row["model"]] += row[name]

    def merge(self, other: "Tally") -> None:
        """Add all that another row has, but for what does not add up."""
        self.add({name: getattr(other, name) for name in _COSTS} | {"model": ""})
        for name in (*_EARNED, *_BY_PAYMENT):
            getattr(self, name).update(getattr(other, name))


def tallies(engine: Engine, question: Question, by: str, basis: str, *, has_all_costs: bool) -> list[Tally]:
    """The sums of the question's window, one for each row of the report.

    :param has_all_costs: whether all that was spent is of the question's site alone; else channels have no costs, as
        one of which a part of the spend is known would look cheaper than it is.
    """
    made: dict[str, Tally] = {}
    named = _entities if by in WITH_COSTS else _periods if by in PERIODS else _values
    found = named(engine, question, by, basis)
    if by == "channel" and has_all_costs:
        found = chain(found, _spend_of_channels(engine, question))
    for key, name, row in found:
        made.setdefault(key, Tally(key, name, row.get("platform", ""))).add(row)
    return list(made.values())


def _values(engine: Engine, question: Question, by: str, basis: str) -> Iterator[tuple[str, str, Row]]:
    """What the values of a dimension earned."""
    asked = {**question.parameters, "by": by, "basis": basis, "most_values": MOST_VALUES}
    for row in rows(engine, "credit_by_dimension", **asked):
        yield *key_and_name(row), row


def _spend_of_channels(engine: Engine, question: Question) -> Iterator[tuple[str, str, Row]]:
    for row in rows(engine, "spend_by_channel", **question.parameters, grain="CAMPAIGN"):
        yield row["channel"], row["channel"], {**row, "model": ""}


def _periods(engine: Engine, question: Question, by: str, basis: str) -> Iterator[tuple[str, str, Row]]:
    """What days, weeks or months earned, and what they cost, where that is known of the site or account."""
    asked = {**question.parameters, "by": "day", "basis": basis, "most_values": MOST_DAYS}
    for row in rows(engine, "credit_by_dimension", **asked):
        yield *_period(date.fromisoformat(row["value"]), by), row
    for row in rows(engine, "performance", **asked, model="") if not question.account_id else []:
        yield *_period(row["day"], by), {**row, "model": ""}


def _period(day: date, by: str) -> tuple[str, str]:
    (per,) = (period for period in PERIODS if period == by)
    first = first_day(day, per).isoformat()
    return first, first


def _entities(engine: Engine, question: Question, by: str, basis: str) -> Iterator[tuple[str, str, Row]]:
    """What platforms, campaigns, … cost and earned, and how much of that is of paid and ambiguous touches, or new.

    Rollups have what has credit; a touch without any under a model is one of the model's touches all the same.
    """
    asked = {**question.parameters, "basis": basis, "grain": by.upper()}
    found = {(row["is_unattributed"], *_place(row)): row for row in rows(engine, "paid.paid_by_entity", **asked)}
    named: dict[tuple[int | str, ...], tuple[str, str]] = {}
    for row in rows(engine, "paid.credit_by_entity" if question.account_id else "rollups_by_entity", **asked):
        is_unattributed, name = int(row["entity_id"] == UNATTRIBUTED), entity_name(row, by)
        parts = found.pop((is_unattributed, *_place(row)), {})
        named[is_unattributed, *_place(row)[:-1]] = row["entity_id"], name
        yield row["entity_id"], name, {**row, **_of_links(parts)}
    for (*place, model), parts in found.items():  # touches to which the model gives no credit
        if known := named.get(tuple(place)):
            yield *known, {"platform": parts["platform"], "model": model, **_of_links(parts)}


def _of_links(parts: Row) -> Row:
    return {name: parts[name] for name in (*_OF_NEW, *_BY_PAYMENT, *_REACHED) if parts}


def entities_named(
    engine: Engine, question: Question, by: str, basis: str
) -> dict[tuple[object, ...], tuple[str, str]]:
    """The key and the name of each entity with credit, by whether it is none, its platform and its ids."""
    asked = {**question.parameters, "basis": basis, "grain": by.upper()}
    found = rows(engine, "paid.credit_by_entity" if question.account_id else "rollups_by_entity", **asked)
    return {
        entity_place(row, row["entity_id"] == UNATTRIBUTED): (row["entity_id"], entity_name(row, by)) for row in found
    }


def entity_place(row: Row, is_unattributed: object) -> tuple[object, ...]:
    """What tells an entity from others, whatever names it."""
    return (bool(is_unattributed), *(row[name] for name in _PLACE))


def _place(row: Row) -> tuple[str, ...]:
    return (*(row[name] for name in _PLACE), row["model"])


@dataclass(frozen=True)
class SiteSpend:
    """What was spent in a window, as far as it is known for which site."""

    of_site: int
    """On what is of the site alone (micros)."""
    of_no_one_site: int
    """On what is of several sites, or of none that is known (micros)."""
    is_whole: bool
    """Whether every cost of the window is of one site alone."""


def spend_of_site(engine: Engine, question: Question, grain: str, window: Window) -> SiteSpend:
    """The spend of the question's site; of an only site, all of it."""
    asked = {**question.parameters, "start": window.start, "end": window.end, "grain": grain}
    if window.start is None:
        return SiteSpend(0, 0, is_whole=True)
    found = rows(engine, "spend_of_site", **asked)[0]
    # A sum over no rows is null in SQL: nothing was spent then.
    of_site, of_no_one_site = found["of_site"] or 0, found["of_no_one_site"] or 0
    return SiteSpend(of_site, of_no_one_site, is_whole=found["costs_of_no_one_site"] == 0)


def whole(found: Iterable[Tally], *, has_all_costs: bool = True) -> Tally:
    """All of them together.

    :param has_all_costs: whether the rows have all the costs that earned their credit; else the total has none.
    """
    total = Tally("", "Total")
    for tally in found:
        total.merge(tally)
    return total if has_all_costs else replace(total, spend_micros=None, impressions=None, clicks=None)


def entity_name(row: Row, by: str) -> str:
    """The campaign's, ad set's or ad's name, else its id; in words where there is neither."""
    if row["entity_id"] == UNATTRIBUTED:
        return UNATTRIBUTED
    platform = platform_name(row["platform"]) or NO_PLATFORM
    if by == "platform":
        return platform
    campaign = row["campaign_name"] or row["campaign_id"]
    known = f"{platform}, {campaign}" if campaign and by != "campaign" else platform
    return row["name"] or row[f"{by}_id"] or f"{known}, no {_KINDS[by]} known"


_KINDS = {"campaign": "campaign", "adset": "ad set", "ad": "ad"}
