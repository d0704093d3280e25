"""Exchange rates in, and the costs that they touch stated again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from touchline.errors import InputError
from touchline.jobs.importing.named_files import named_files
from touchline.jobs.pace import Pace
from touchline.jobs.workspace import Workspace
from touchline.ledger import Entry, schema
from touchline.ledger.cost_days import LoadedDay
from touchline.spend import AdCost
from touchline.spend.rate_files import BadRate, read_rates
from touchline.spend.rates import MOST_RATE_DAYS, Days, Rate, Rates, ReportingRate, rates_of

COST_COLUMNS = tuple(AdCost.__dataclass_fields__)
_OF_LOAD = ("source", "file_name", "file_hash", "format", "level", "time_zone", "spread_start", "spread_end")
_ROWS_AT_ONCE = 5_000


@dataclass
class RatesReport:
    """What became of files of rates."""

    accepted: int = 0
    """Rates that were not known, or were known otherwise."""
    unchanged: int = 0
    rejected: list[BadRate] = field(default_factory=list)
    restated_days: int = 0
    """Days of an ad account whose spend in the organization's currency is another now."""
    without_rate: Counter[str] = field(default_factory=Counter)
    """By currency, the rows of costs that stand and have no rate to the organization's."""


def known_rates(workspace: Workspace, organization_id: str) -> Rates:
    """The exchange rates that an organization has."""
    rows = workspace.ledger.rows(schema.EXCHANGE_RATES, organization_id=organization_id)
    return rates_of(Rate(row["rate_date"], row["base"], row["quote"], Decimal(row["rate"])) for row in rows)


def import_rates(workspace: Workspace, files: Sequence[Path], *, organization_id: str | None, now: int) -> RatesReport:
    """Read exchange rates; a rate of a day replaces the one that was known, and costs that it touches are restated.

    :raises InputError: if a file is none of rates, or none of its rows is one; then nothing of any file is kept.
    """
    owner = workspace.organization(organization_id)
    name, report = str(owner["organization_id"]), RatesReport()
    new: dict[tuple[date, str, str], Decimal] = {}
    for path in named_files(files):
        rates, bad = read_rates(path)
        if not rates:
            said = f" {bad[0].source}: {bad[0].message}." if bad else ""
            raise InputError(f"{path} has no exchange rates.{said}", "Expected rows of date, from, to, rate.")
        report.rejected += bad
        new |= {(one.rate_date, one.base, one.quote): one.rate for one in rates}
    _store(workspace, name, str(owner["currency"]), new, now, report)
    _restate(workspace, name, str(owner["currency"]), now, report)
    return report


_Key = tuple[date, str, str]


def _store(
    workspace: Workspace, name: str, currency: str, new: Mapping[_Key, Decimal], now: int, report: RatesReport
) -> None:
    """Keep the rates, and what they make of the organization's own: for conversions, which a run converts.

    Nobody else stores rates meanwhile: what both say of a day would depend on who read first.
    """
    with workspace.ledger.transaction() as entry:
        entry.hold_loads()
        rows = workspace.ledger.rows(schema.EXCHANGE_RATES, organization_id=name)
        known = {(row["rate_date"], row["base"], row["quote"]): Decimal(row["rate"]) for row in rows}
        changed = {key: rate for key, rate in new.items() if known.get(key) != rate}
        report.accepted, report.unchanged = len(changed), len(new) - len(changed)
        for (day, base, quote), rate in changed.items():
            entry.put(
                schema.EXCHANGE_RATES, organization_id=name, rate_date=day, base=base, quote=quote,
                rate=format(rate, "f"), loaded_at=now,
            )  # fmt: skip
        rates = rates_of(Rate(*key, rate) for key, rate in (known | changed).items())
        added = _reporting(workspace, name, rates.to(currency, _reach(workspace, name, changed)))
        entry.add_many(schema.REPORTING_RATES, ("organization_id", *ReportingRate._fields), added)


def _reach(workspace: Workspace, name: str, changed: Iterable[_Key]) -> Days | None:
    """The days that changed rates are for; ``None``, all, where none has been worked out yet."""
    if workspace.ledger.newest(schema.REPORTING_RATES, organization_id=name) is None:
        return None
    days = [day for day, _, _ in changed]
    return (min(days), max(days) + timedelta(days=MOST_RATE_DAYS)) if days else (date.max, date.min)


def _reporting(workspace: Workspace, name: str, found: Iterable[ReportingRate]) -> list[tuple[object, ...]]:
    """Rows of those rates that differ from what stands."""
    standing = {
        (row["currency"], row["rate_date"]): row["rate"]
        for row in sorted(workspace.ledger.rows(schema.REPORTING_RATES, organization_id=name), key=itemgetter("number"))
    }
    return [
        (name, one.currency, one.rate_date.isoformat(), *one[2:])
        for one in found
        if standing.get((one.currency, one.rate_date)) != one.rate
    ]


def _restate(workspace: Workspace, name: str, currency: str, now: int, report: RatesReport) -> None:
    """Load the days again whose rates changed: each as it stands, with its spend at the rates that are known now.

    Nobody loads costs between the reading of a load and its writing: what came since would be lost under older rows.
    """
    pace = Pace(workspace.home, first=_ROWS_AT_ONCE, most=_ROWS_AT_ONCE)
    restating = _Restating(workspace, name, currency, known_rates(workspace, name), now, report)
    for number in workspace.ledger.days_in_other_currencies(name, currency):
        with pace.transaction(), workspace.ledger.transaction() as entry:
            entry.hold_loads()
            restating.restate(number, entry)


class _Restating:
    """The loads of costs that are stated again, one in each transaction."""

    def __init__(
        self, workspace: Workspace, name: str, currency: str, rates: Rates, now: int, report: RatesReport
    ) -> None:
        self._ledger, self._name, self._now, self._report = workspace.ledger, name, now, report
        self._currency, self._rates = currency, rates
        self._newest = -1
        self._days: dict[int, set[LoadedDay]] = {}

    def restate(self, number: int, entry: Entry) -> None:
        """State again what stands of a load while nobody else can load costs."""
        standing = self._standing().get(number, set())
        rows = [row for row in self._ledger.rows_of_load(number) if _day_of(row) in standing]
        restated = list(_changed_days(rows, self._rates, self._currency, self._report))
        if not restated:
            return
        (load,) = self._ledger.rows(schema.AD_COST_LOADS, load_number=number)
        self._newest = entry.add(
            schema.AD_COST_LOADS, organization_id=self._name, loaded_at=self._now, accepted=len(restated), rejected=0,
            **{one: load[one] for one in _OF_LOAD},
        )  # fmt: skip
        kept = [(self._newest, *cost_row(cost)) for cost in restated]
        entry.add_many(schema.AD_COST_ROWS, ("load_number", *COST_COLUMNS), kept)

    def _standing(self) -> dict[int, set[LoadedDay]]:
        """The days that stand, looked up again where somebody else loaded costs."""
        newest = self._ledger.newest(schema.AD_COST_LOADS, organization_id=self._name)
        if newest is not None and newest["load_number"] != self._newest:
            self._newest = newest["load_number"]
            self._days = self._ledger.days_in_other_currencies(self._name, self._currency)
        return self._days


def _day_of(row: Mapping[str, Any]) -> LoadedDay:
    return (row["platform"], row["account_id"], row["cost_date"])


def _changed_days(
    rows: Sequence[Mapping[str, Any]], rates: Rates, currency: str, report: RatesReport
) -> Iterator[AdCost]:
    """The costs of the days of a load of which one has another rate now."""
    costs = [AdCost(**{name: row[name] for name in COST_COLUMNS}) for row in rows]
    for _, of_day in groupby(costs, lambda one: (one.platform, one.account_id, one.cost_date)):
        before = list(of_day)
        after = [rates.converted(cost, currency) for cost in before]
        report.without_rate.update(
            cost.currency for cost in after if cost.currency != currency and cost.exchange_rate is None
        )
        if after != before:
            report.restated_days += 1
            yield from after


def cost_row(cost: AdCost) -> tuple[object, ...]:
    """The row as the driver takes it: dates as ISO text."""
    return tuple(getattr(cost, name) if name != "cost_date" else cost.cost_date.isoformat() for name in COST_COLUMNS)
