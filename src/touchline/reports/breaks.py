"""What broke: days in a row on which a measure of a site is a signal, with what that touches and what to check."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from touchline.amounts import amount, counted
from touchline.engines import Engine
from touchline.health.measures import VOLUMES
from touchline.reports.first_checks import first_check, owner_of, touches
from touchline.reports.limits import Limits, limits_by_series
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, asked
from touchline.reports.volumes import volume_name
from touchline.reports.words import measure_name

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2299, 12, 31)


@dataclass(frozen=True)
class Break:
    """Something that broke, from its first day to its last."""

    alarm_id: str
    """Of site, measure, goal and first day; see :func:`alarm_id_of`."""
    site_id: str
    measure: str
    goal: str
    direction: str
    since: date
    until: date
    """The last day of those in a row that are signals."""
    is_over: bool
    """Whether a later day of the measure is in its limits again."""
    value: float
    """Of all these days together; of a volume, of one of them on average."""
    centre: float
    """What was to be expected instead."""
    cases: int
    """Numerator: how many there were."""
    denominator: int
    """Out of how many; of a volume, the days."""
    effect: float
    """By how many cases they differ from what was to be expected."""
    conversions_in_doubt: int
    """Conversions of these days at the site, of the goal where it is one goal's volume."""
    value_in_doubt_micros: int
    currency: str
    findings_held_back: int
    """Waste findings of campaigns that are held back because these days lack conversions."""
    sentence: str
    """What broke, since when, and what it touches."""
    first_check: str
    owner: str
    """Who knows about the measure; ``""``: its file does not say."""


def alarm_id_of(site_id: str, measure: str, goal: str, since: date) -> str:
    """The id of what broke.

    >>> alarm_id_of("shop", "landings", "", date(2026, 3, 2))
    'a_a526a6928cfc54da'
    """
    return "a_" + sha256(f"{site_id}\0{measure}\0{goal}\0{since}".encode()).hexdigest()[:16]


def breaks_of(engine: Engine, organization_id: str, *, site: str | None = None) -> tuple[Break, ...]:
    """Everything that broke, the newest first.

    :param site: only this site; ``None``: all sites.
    :raises UnknownError: if there is no such organization or site.
    """
    question = asked(engine, organization_id, site=site)
    always = question.parameters | {"start": _FIRST_DAY, "end": _LAST_DAY}
    signals = sorted(rows(engine, "signals_by_day", **always), key=lambda row: (*_series(row), row["period"]))
    if not signals:
        return ()
    limits = limits_by_series(rows(engine, "limits_by_day", **always))
    volumes = _volumes(rows(engine, "volumes_by_day", **always))
    window = {"start": min(row["since"] for row in signals), "end": max(row["period"] for row in signals)}
    won = rows(engine, "conversions_by_day", **(always | window))
    held = rows(engine, "findings_held_back", organization_id=organization_id, model=question.model)
    found = [
        _break(days, _Known(question, limits, volumes, won, held))
        for (site_id, measure, goal, _), of_series in groupby(signals, key=_series)
        for days in _in_a_row(list(of_series), limits.get((site_id, measure, goal), {}))
    ]
    return tuple(sorted(found, key=lambda one: (one.until, one.since, one.alarm_id), reverse=True))


def newest_day(engine: Engine, organization_id: str) -> date:
    """The newest day of which anything is known; without any, the first of all days."""
    (found,) = rows(engine, "newest_day", organization_id=organization_id)
    return found["newest"] or date.min


@dataclass(frozen=True)
class _Known:
    """What a break is measured by."""

    question: Question
    limits: Limits
    volumes: dict[tuple[str, str, str, date], int]
    won: Sequence[Row]
    held: Sequence[Row]


def _series(row: Row) -> tuple[str, str, str, str]:
    return row["site_id"], row["measure"], row["goal"], row["direction"]


def _volumes(stored: Sequence[Row]) -> dict[tuple[str, str, str, date], int]:
    return {(row["site_id"], row["measure"], row["goal"], row["period"]): int(row["volume"]) for row in stored}


def _in_a_row(signals: Sequence[Row], limited: Collection[date]) -> Iterator[list[Row]]:
    """The signals of a series that are one: no day that could have been a signal stands between them.

    :param limited: the days of the series that have limits.
    """
    run: list[Row] = []
    for row in signals:
        if run and any(run[-1]["period"] < day < row["since"] for day in limited):
            yield run
            run = []
        run.append(row)
    yield run


def _break(days: Sequence[Row], known: _Known) -> Break:
    last, since = days[-1], min(row["since"] for row in days)
    site_id, measure, goal, until = last["site_id"], last["measure"], last["goal"], last["period"]
    by_day = known.limits.get((site_id, measure, goal), {})
    cases, denominator, expected = _measured(days, since, known)
    on_days = [row for row in known.won if row["site_id"] == site_id and since <= row["period"] <= until]
    doubtful = [row for row in on_days if goal in {"", row["goal"]}]
    value_micros = sum(int(row["value_micros"]) for row in doubtful)
    conversions = sum(row["conversions"] for row in doubtful)
    held = sum(row["findings"] for row in known.held if row["window_start"] <= until and row["window_end"] >= since)
    facts: dict[str, Any] = {
        "site_id": site_id, "measure": measure, "goal": goal, "direction": last["direction"], "since": since,
        "until": until, "value": cases / denominator, "centre": expected / denominator, "cases": cases,
        "denominator": denominator, "effect": cases - expected, "conversions_in_doubt": conversions,
        "value_in_doubt_micros": value_micros, "currency": known.question.currency, "findings_held_back": held,
    }  # fmt: skip
    return Break(
        alarm_id=alarm_id_of(site_id, measure, goal, since), is_over=max(by_day, default=until) > until, **facts,
        sentence=_in_words(facts), first_check=first_check(measure, last["direction"]), owner=owner_of(measure),
    )  # fmt: skip


def _measured(days: Sequence[Row], since: date, known: _Known) -> tuple[int, int, float]:
    """How many cases there were, out of how many, and how many were to be expected."""
    last = days[-1]
    series = last["site_id"], last["measure"], last["goal"]
    if last["measure"] in VOLUMES:
        spanned = [since + timedelta(days=number) for number in range((last["period"] - since).days + 1)]
        cases = sum(known.volumes.get((*series, day), 0) for day in spanned)
        return cases, len(spanned), last["centre"] * len(spanned)
    by_day = known.limits[series]
    limits = [by_day[row["period"]] for row in days]
    expected = sum(row["center"] * row["denominator"] for row in limits)
    return sum(row["numerator"] for row in limits), sum(row["denominator"] for row in limits), expected


def _in_words(facts: Row) -> str:
    return f"{_happened(facts)}, {_days(facts)}. {touches(facts['measure'])}{_doubt(facts)}."


def _happened(facts: Row) -> str:
    value, centre = facts["value"], facts["centre"]
    if facts["measure"] in VOLUMES:
        name = volume_name(facts["measure"], facts["goal"])
        usual = f"instead of the usual {centre:,.1f} a day"
        return f"{name} stopped: none {usual}" if not value else f"{name} fell to {value:,.1f} a day {usual}"
    moved = "rose to" if facts["direction"] == "above" else "fell to"
    out_of = f"{facts['cases']:,} of {facts['denominator']:,}, {abs(facts['effect']):,.0f} {_more(facts)} than usual"
    return f"{measure_name(facts['measure'])} {moved} {value:.0%} from the usual {centre:.0%} ({out_of})"


def _more(facts: Row) -> str:
    return "more" if facts["effect"] > 0 else "fewer"


def _days(facts: Row) -> str:
    since, until = facts["since"], facts["until"]
    return f"on {_day(since)}" if since == until else f"from {_day(since)} to {_day(until)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _doubt(facts: Row) -> str:
    """How many conversions, and how much money, cannot be trusted."""
    said = f": {counted(facts['conversions_in_doubt'], 'conversion')} of these days"
    if facts["value_in_doubt_micros"]:
        said += f", worth {amount(facts['value_in_doubt_micros'], facts['currency'])} {facts['currency']}"
    if facts["findings_held_back"]:
        said += f"; {counted(facts['findings_held_back'], 'waste finding is', 'waste findings are')} held back"
    return said
