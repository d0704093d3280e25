"""Loads that state the same money twice, or replace what they do not cover: named before anything is stored."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from statistics import median
from typing import Literal, NamedTuple

from touchline.amounts import counted
from touchline.errors import InputError
from touchline.jobs.workspace import Workspace
from touchline.ledger.cost_days import CostDay, CostLoad
from touchline.spend import AdCost, Notes

Overlap = Literal["refuse", "replace", "add"]
"""What becomes of a load that may state money again: it is refused, replaces what was known, or counts as well."""

_MICROS = 1_000_000
_SHOWN_DAYS = 3
_MOST_FALL = 0.5
"""By which a day's spend falls when a platform takes back clicks; a report that has less may be of a part."""


class OverlapError(InputError):
    """A load states money that is known already, in a way that does not simply replace it."""


class _Load(NamedTuple):
    """A file that is to be stored, by the days that it tells."""

    name: str
    source: str
    notes: Notes
    days: dict[tuple[str, str, date], tuple[int, str]]
    """The spend and the currency of each (platform, account, day)."""
    campaigns: dict[tuple[str, str, date], dict[str, int]]
    """The spend of each of its campaigns."""


@dataclass
class Overlaps:
    """Judges the files of one command, each against what the ledger knows and against the files before it.

    :param source: of all the files.
    """

    workspace: Workspace
    organization_id: str
    source: str
    overlap: Overlap
    _told: dict[tuple[str, str, date], CostDay] = field(default_factory=dict)
    _files: dict[int, CostLoad] = field(default_factory=dict)
    _campaigns: dict[tuple[str, str, date], dict[str, int]] = field(default_factory=dict)

    def check(self, name: str, costs: Sequence[AdCost], notes: Notes) -> None:
        """Refuse a file whose money is known already from elsewhere, or that is not of the kind that it replaces.

        :raises OverlapError: unless ``overlap`` says what is meant.
        """
        if not costs:
            return
        load = _Load(name, self.source, notes, _days(costs), _campaigns(costs))
        if self.overlap != "add":
            self._judge(load)
        number = -1 - len(self._files)
        self._files[number] = CostLoad(number, self.source, name, 0, notes.says, notes.kind, notes.spread)
        self._campaigns |= load.campaigns
        self._told |= {key: CostDay(self.source, *key, number, *amount) for key, amount in load.days.items()}

    def _judge(self, load: "_Load") -> None:
        platforms = {platform for platform, _, _ in load.days}
        dates = [day for _, _, day in load.days]
        known, loads = self.workspace.ledger.cost_days(self.organization_id, platforms, min(dates), max(dates))
        known = [day for day in known if day.source != self.source or _key(day) not in self._told]
        known += [day for day in self._told.values() if day.platform in platforms]
        loads |= self._files
        _check_elsewhere(load, known, loads)
        if self.overlap == "refuse":
            own = [day for day in known if day.source == self.source and _key(day) in load.days]
            _check_kind(load, own, loads)
            _check_currency(load, own)
            _check_size(load, own)
            _check_loss(load, own, self._known_campaigns(own), loads)

    def _known_campaigns(self, days: Sequence[CostDay]) -> dict[tuple[str, str, date], dict[str, int]]:
        """By day, the spend of each campaign that stands."""
        stored = [day for day in days if day.load_number > 0]
        return {**self.workspace.ledger.campaigns_of(stored), **self._campaigns}


def _days(costs: Sequence[AdCost]) -> dict[tuple[str, str, date], tuple[int, str]]:
    found: dict[tuple[str, str, date], tuple[int, str]] = {}
    for cost in costs:
        key = (cost.platform, cost.account_id, cost.cost_date)
        spend, currency = found.get(key, (0, cost.currency))
        found[key] = (spend + cost.spend_micros, min(currency, cost.currency))
    return found


def _campaigns(costs: Sequence[AdCost]) -> dict[tuple[str, str, date], dict[str, int]]:
    found: dict[tuple[str, str, date], dict[str, int]] = {}
    for cost in costs:
        of_day = found.setdefault((cost.platform, cost.account_id, cost.cost_date), {})
        of_day[cost.campaign_id] = of_day.get(cost.campaign_id, 0) + cost.spend_micros
    return found


def _key(day: CostDay) -> tuple[str, str, date]:
    return day.platform, day.account_id, day.cost_date


def _check_elsewhere(load: _Load, known: Sequence[CostDay], loads: dict[int, CostLoad]) -> None:
    """Refuse days of an account that another source told, or the same source without an account, or with one."""
    accounts: dict[tuple[str, date], set[str]] = {}
    for platform, account, day in load.days:
        accounts.setdefault((platform, day), set()).add(account)
    twice = [
        day for day in known
        if any(_is_same_money(day, loads[day.load_number], load, account)
               for account in accounts.get((day.platform, day.cost_date), ()))
    ]  # fmt: skip
    if not twice:
        return
    earlier = loads[twice[0].load_number]
    account = twice[0].account_id
    where = f"source {earlier.source} and {f'account {account}' if account else 'no account'}"
    same = f"--source {earlier.source}" if earlier.source != load.source else "the same source"
    raise OverlapError(
        f"{load.name} has {_named(twice)} of {twice[0].platform}, which {_said(earlier)} already has under {where}: "
        "the money would count twice.",
        f"To replace it, import with {same}{f' and --account {account}' if account else ' and no account'}; "
        "if it is other money, give --overlap add.",
    )


def _is_same_money(day: CostDay, earlier: CostLoad, load: _Load, account: str) -> bool:
    """Whether a known day may be the money of a day of the load, without replacing it or being replaced.

    A file without accounts may be of any; but who writes our own columns, and from one source, says what they mean.
    """
    if day.account_id == account:
        return day.source != load.source
    is_own = day.source == load.source and not earlier.format and not load.notes.says
    return not (day.account_id and account) and not is_own


def _check_kind(load: _Load, own: Sequence[CostDay], loads: dict[int, CostLoad]) -> None:
    """Refuse to replace a report by one of another kind, or a part of a total that was spread."""
    for day in own:
        earlier = loads[day.load_number]
        if earlier.format is not None and (earlier.format, earlier.level) != (load.notes.says, load.notes.kind):
            others = [one for one in own if loads[one.load_number].level == earlier.level]
            raise OverlapError(
                f"{load.name} states {_named(others)} {_in_words(load.notes.says, load.notes.kind)}, which "
                f"{_said(earlier)} states {_in_words(earlier.format or '', earlier.level or '')}.",
                "It may be the same money, told less completely. To replace what is known, give --overlap replace.",
            )
        if earlier.spread != load.notes.spread:
            others = [one for one in own if loads[one.load_number].spread == earlier.spread]
            raise OverlapError(
                f"{load.name} overlaps with {_named(others)} of {_said(earlier)}, "
                f"{_range(earlier.spread)}; its own are {_range(load.notes.spread)}.",
                "Replacing some of the days would leave a part of that total. Import the same days again; or, to "
                "replace these days alone, give --overlap replace.",
            )


def _check_currency(load: _Load, own: Sequence[CostDay]) -> None:
    changed = [day for day in own if day.currency != load.days[_key(day)][1]]
    if changed:
        new = load.days[_key(changed[0])][1]
        raise OverlapError(
            f"{load.name} has {_named(changed)} in {new}, which are known in {changed[0].currency}.",
            f"Give --currency {changed[0].currency} if the file lacks it; to change the currency, --overlap replace.",
        )


def _check_size(load: _Load, own: Sequence[CostDay]) -> None:
    """Refuse amounts that are about a million times those that they replace, or a millionth."""
    ratios = [load.days[_key(day)][0] / day.spend_micros for day in own if day.spend_micros and load.days[_key(day)][0]]
    if not ratios:
        return
    middle = median(ratios)
    if not (0.1 < middle / _MICROS < 10 or 0.1 < middle * _MICROS < 10):
        return
    raise OverlapError(
        f"{load.name} has {middle:,.6g} times the spend that is known of {_named(own)}: micros and units are mixed up.",
        "Correct the unit, with --mapping if need be; if both were meant, give --overlap replace.",
    )


def _check_loss(
    load: _Load, own: Sequence[CostDay], known: dict[tuple[str, str, date], dict[str, int]], loads: dict[int, CostLoad]
) -> None:
    """Refuse to replace days by less: a report of some campaigns looks like a correction of all."""
    for day in own:
        before, now = known.get(_key(day), {}), load.campaigns[_key(day)]
        gone = {name: spend for name, spend in before.items() if spend > 0 and name not in now}
        if gone:
            dearest = sorted(gone, key=lambda one: -gone[one])[:_SHOWN_DAYS]
            names = ", ".join(name or "(no campaign)" for name in dearest)
            money = f"{sum(gone.values()) / _MICROS:,.2f} {day.currency}"
            raise OverlapError(
                f"{load.name} has {day.cost_date} of {day.platform} without {counted(len(gone), 'campaign')} that "
                f"{_said(loads[day.load_number])} has there, {money}: {names}.",
                "A day is replaced as a whole. Import a report of all campaigns; or, if these cost nothing after all, "
                "give --overlap replace.",
            )
        spend = load.days[_key(day)][0]
        if spend < day.spend_micros * (1 - _MOST_FALL):
            raise OverlapError(
                f"{load.name} has {spend / _MICROS:,.2f} {day.currency} on {day.cost_date} of {day.platform}, where "
                f"{_said(loads[day.load_number])} has {day.spend_micros / _MICROS:,.2f}.",
                "If it is the whole day, give --overlap replace.",
            )


def _named(days: Collection[CostDay]) -> str:
    dates = sorted({day.cost_date for day in days})
    shown = ", ".join(f"{one}" for one in dates[:_SHOWN_DAYS])
    return shown if len(dates) <= _SHOWN_DAYS else f"{counted(len(dates), 'day')} from {dates[0]} to {dates[-1]}"


def _in_words(export: str, level: str) -> str:
    return f"by {level} ({export})" if export else "in columns of ours"


def _said(load: CostLoad) -> str:
    if load.load_number < 0:
        return f"{load.file_name} of this command"
    at = datetime.fromtimestamp(load.loaded_at / _MICROS, UTC)
    return f"load {load.load_number} ({load.file_name}, {at:%Y-%m-%d})"


def _range(spread: tuple[date, date] | None) -> str:
    return "costs by day" if spread is None else f"parts of a total of {spread[0]} to {spread[1]}"


def gaps(days: Collection[date]) -> Iterator[tuple[date, date]]:
    """The days between the first and the last that are missing, as ranges.

    >>> [f"{a} {b}" for a, b in gaps([date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 5)])]
    ['2026-03-03 2026-03-04']
    """
    ordered = sorted({*days})
    for before, after in pairwise(ordered):
        if (after - before).days > 1:
            yield date.fromordinal(before.toordinal() + 1), date.fromordinal(after.toordinal() - 1)
