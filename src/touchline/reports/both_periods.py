"""The rows of a report next to those of earlier days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import get_args

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.dimensions import OTHER, PERIODS, SPENDING, Basis, By, period_named
from touchline.reports.periods import Compared, Counterparts, Period, earlier, first_day, last_day
from touchline.reports.question import Question, rate
from touchline.reports.tally import SiteSpend, Tally, spend_of_site, tallies, whole

_ALL_ASSIGNED = SiteSpend(0, 0, is_whole=True)


@dataclass(frozen=True)
class Both:
    """Rows and their total, and those of the compared days."""

    rows: Sequence[Tally]
    """Also those of the compared days that are not in the window, without anything."""
    totals: Tally
    rows_before: Mapping[str, Tally] | None
    """By key; ``None``: nothing is compared."""
    totals_before: Tally | None
    compared: Compared | None = None
    days: Mapping[str, int] = field(default_factory=dict)
    """Of rows that are days, weeks or months: with how many of the compared days each is compared."""

    def days_before(self, key: str) -> int | None:
        """With how many of the compared days a row is compared; ``None`` where nothing is compared."""
        return self.days.get(key, self.compared.days) if self.compared else None

    def before(self, key: str) -> Tally | None:
        """What a row was; ``None`` where that is not known. The total has no key."""
        if self.rows_before is None or self.totals_before is None or not key:
            return self.totals_before
        is_in_other = key not in self.rows_before and OTHER in self.rows_before
        return None if is_in_other or not self.days_before(key) else self.rows_before.get(key, Tally(key, ""))

    def share_before(self, key: str, model: str) -> float | None:
        """The row's share of all credit of the compared days."""
        found = self.before(key)
        return rate(found.credit[model], self.totals_before.credit[model]) if found and self.totals_before else None

    def share_change(self, tally: Tally, model: str) -> float | None:
        """The row's share of all credit less that of the compared days."""
        share, before = rate(tally.credit[model], self.totals.credit[model]), self.share_before(tally.key, model)
        return None if share is None or before is None else share - before

    def moved(self, model: str) -> float | None:
        """How much of all credit lies in other rows than in the compared days, 0–1.

        ``None`` where that is not known of one of the rows, such as of one that was among the ``(other)``.
        """
        changes = [self.share_change(tally, model) for tally in self.rows]
        known = [abs(change) for change in changes if change is not None]
        return sum(known) / 2 if known and len(known) == len(changes) else None


def both_periods(
    engine: Engine, question: Question, by: By, basis: Basis, compared: Compared | None
) -> tuple[Both, SiteSpend]:
    """A report's rows, with those of the compared days, and what costs they lack.

    :raises UsageError: if ``by`` or ``basis`` is none of the choices.
    """
    for name, value, choices in (("by", by, get_args(By)), ("basis", basis, get_args(Basis))):
        if value not in choices:
            raise UsageError(f"{name} is one of {', '.join(choices)}, not {value!r}.")
    costs = costs_of_question(engine, question, by)
    found = tallies(engine, question, by, basis, has_all_costs=costs.is_whole)
    totals = whole(found, has_all_costs=costs.is_whole)
    if compared is None:
        return Both(found, totals, None, None), costs
    past, per = earlier(question, compared), period_named(by)
    had_all_costs = costs_of_question(engine, past, by).is_whole
    before = tallies(engine, past, "day" if per else by, basis, has_all_costs=had_all_costs)
    totals_before = whole(before, has_all_costs=had_all_costs)
    if per is None or question.window.start is None or question.window.end is None:
        return both_of(found, totals, before, totals_before, compared), costs
    days = Counterparts(question.window.start, question.window.end, compared)
    both = both_of(found, totals, _at_their_places(before, days, per), totals_before, compared)
    return replace(both, days=_numbers(both.rows, days, per)), costs


def costs_of_question(engine: Engine, question: Question, by: By) -> SiteSpend:
    """What the window's spend is of, and whether rows can have it: no cost is of an account, and few are of a site."""
    if question.account_id:
        return SiteSpend(0, 0, is_whole=False)
    if not question.has_other_sites or by not in SPENDING:
        return _ALL_ASSIGNED
    is_cut = by == "channel" or by in PERIODS
    found = spend_of_site(engine, question, "CAMPAIGN" if is_cut else by.upper(), question.window)
    if not is_cut or found.is_whole:
        return found
    return SiteSpend(0, found.of_site + found.of_no_one_site, is_whole=False)


def both_of(
    found: Sequence[Tally], totals: Tally, before: Sequence[Tally], totals_before: Tally, compared: Compared
) -> Both:
    """Rows next to those of earlier days; a value that is in ``(other)`` of the window is there on both sides."""
    keys, then = {tally.key for tally in found}, {tally.key: tally for tally in before}
    gone = [tally for tally in before if tally.key not in keys]
    if OTHER in keys:
        rest = Tally(OTHER, OTHER)
        for tally in (*gone, *([then[OTHER]] if OTHER in then else [])):
            rest.merge(tally)
        then = {key: tally for key, tally in then.items() if key in keys} | {OTHER: rest}
        gone = []
    missing = [Tally(tally.key, tally.name, tally.platform) for tally in gone]
    return Both([*found, *missing], totals, then, totals_before, compared)


def _at_their_places(before: Sequence[Tally], days: Counterparts, per: Period) -> list[Tally]:
    """Earlier days, added up under the days, weeks or months of the window that they are compared with."""
    placed: dict[str, Tally] = {}
    for tally in before:
        if day := days.day_of(date.fromisoformat(tally.key)):
            key = first_day(day, per).isoformat()
            placed.setdefault(key, Tally(key, key)).merge(tally)
    return list(placed.values())


def _numbers(found: Sequence[Tally], days: Counterparts, per: Period) -> dict[str, int]:
    """With how many earlier days each day, week or month of the window is compared."""
    firsts = (date.fromisoformat(tally.key) for tally in found)
    return {first.isoformat(): days.number(first, last_day(first, per)) for first in firsts}
