"""Health: whether the numbers of a window can be trusted, and on which days they cannot."""

import shlex
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.health.measures import OWNER_OF, VOLUMES
from touchline.reports.day_measures import ALL_MEASURES, known, measured_days, parts_of
from touchline.reports.health_slices import Per, by_week, judge_parts, volumes_by_week
from touchline.reports.limits import Limits, broken_rules_by_day, limits_by_series
from touchline.reports.notes import HealthNote, notes_of
from touchline.reports.periods import first_day
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, asked, rate
from touchline.reports.survey import agreement, agrees
from touchline.reports.trust import Share, coverage_of, marked_day, verdict_on, worst_of
from touchline.reports.volumes import HealthVolume, collapse_in_words, cost_volumes, volumes_of
from touchline.reports.words import measure_name


@dataclass(frozen=True)
class HealthRate:
    """A measure over the whole window: a sum over a sum."""

    measure: str
    """A name out of :data:`touchline.reports.day_measures.ALL_MEASURES`."""
    meaning: str
    """The measure in words."""
    counted: str
    """What the numerator counts, in words."""
    out_of: str
    """What the denominator counts, in words."""
    worse: str
    """``above`` or ``below``: the side on which less is known than usual."""
    owner: str
    """Who fixes what it shows: one of :data:`touchline.health.measures.OWNERS`."""
    numerator: int
    denominator: int
    value: float | None
    """``None``: not known. There was nothing to count, or the organization never had a case, such as a click id."""


@dataclass(frozen=True)
class HealthPoint:
    """A measure on one day, or in one week."""

    period: date
    """The day, or the Monday of the week."""
    numerator: int
    denominator: int
    value: float | None
    centre: float | None
    """``None``, as the limits are, where the day has none: there are too few days, or cases on this day."""
    lower_limit: float | None
    upper_limit: float | None
    is_signal: bool
    rules: tuple[int, ...]
    """The rules of D. J. Wheeler that the day breaks, from 1; colors on a chart, of which nobody is notified."""


@dataclass(frozen=True)
class HealthSeries:
    """A measure of one site from day to day, with the limits that its newest day is held against."""

    site_id: str
    """``""``: the measure is of costs, which name no site."""
    measure: str
    centre: float | None
    """``None``, as the limits are, where there are too few days to say."""
    lower_limit: float | None
    upper_limit: float | None
    fit_id: str
    """The fit whose locked limits these are; ``""``: those of the series itself."""
    points: tuple[HealthPoint, ...]


@dataclass(frozen=True)
class HealthSignal:
    """A day on which a rate left its limits, or up to which a volume stopped or fell."""

    site_id: str
    period: date
    measure: str
    """A name out of :data:`touchline.health.measures.MEANINGS` or :data:`touchline.health.measures.VOLUMES`."""
    owner: str
    """Who fixes it: one of :data:`touchline.health.measures.OWNERS`."""
    goal: str
    """Of a volume of conversions, their goal; else ``""``."""
    direction: str
    since: date
    """The first day of what the signal is about: of a rate ``period``, of a volume when it stopped or fell."""
    value: float
    """Of a volume, that of a day, on average."""
    centre: float
    lower_limit: float
    upper_limit: float | None
    """``None`` for a volume: more than usual is no signal."""
    fit_id: str
    """The fit whose locked limits these are; ``""``: those of the series itself."""
    sentence: str
    """What happened, in words."""


@dataclass(frozen=True)
class SourceAnswer:
    """What customers said, against the channel that LAST_TOUCH names."""

    answer: str
    channel: str
    conversions: int
    agrees: bool | None
    """``None`` where the answer names no source that tracking can see, such as a friend."""


@dataclass(frozen=True)
class HealthReport:
    """Coverage, series, signals, and whether customers agree."""

    organization_id: str
    site_id: str
    """The site that was looked at; ``""``: all sites."""
    goal: str
    """The goal whose conversions were looked at; ``""``: all goals."""
    channel: str
    """The channel whose visits were looked at; ``""``: all channels."""
    per: Per
    """Whether a point is a day or a week."""
    window: Window
    rates: tuple[HealthRate, ...]
    """Those that are known of this goal or channel. If no channel is named, the first three add up to one."""
    series: tuple[HealthSeries, ...]
    volumes: tuple[HealthVolume, ...]
    signals: tuple[HealthSignal, ...]
    """Newest first."""
    notes: tuple[HealthNote, ...]
    """What people noted about days of the window, oldest first."""
    answers: tuple[SourceAnswer, ...]
    """Most conversions first."""
    answered: int
    """Counted conversions whose customer answered."""
    agreement: float | None
    """The fraction of the answers that name a source that tracking can see and name the channel of the last touch;
    ``None`` where no answer names one."""
    untrackable: int
    """Answers that name no source that tracking can see, such as a friend."""
    is_healthy: bool | None
    """``None`` where there is too little data to say."""
    verdict: str
    """One sentence for a person."""

    @property
    def worst_day(self) -> date | None:
        """The day on which a measure was furthest from what is usual."""
        return worst_of(marked_day(vars(signal)) for signal in self.signals)


def health_report(  # noqa: PLR0913 - each is a way to choose a part
    engine: Engine, organization_id: str, *, days: int | None = None, weeks: int | None = None,
    site: str | None = None, account: str | None = None, goal: str | None = None, channel: str | None = None,
    per: Per = "day",
) -> HealthReport:  # fmt: skip
    """Coverage over the last ``days`` days with data (``None``: all), with the days or weeks that stand out.

    :param weeks: as many weeks instead of days.
    :param site: only this site; ``None``: all sites.
    :param account: is refused, as what is measured is how a site is tagged; it says where its numbers are.
    :param goal: only conversions of this goal; ``None``: all goals together. Measures of visits are left out.
    :param channel: only visits of this channel; ``None``: all. Measures of conversions are left out.
    :param per: whether a point, and a signal, is a day or a week from Monday. Volumes are judged by the day.
    :raises UnknownError: if there is no such organization, site, goal or channel.
    :raises UsageError: if ``days`` or ``weeks`` is less than 1, if both are given, or both a goal and a channel, or if
        an account is named.
    """
    if account is not None:
        raise UsageError(
            "Health measures how sites are tagged, not who visits them: one account has too few cases to tell.",
            f"`touchline report attribution --account {shlex.quote(account)}` shows how many of its conversions have"
            " no touch.",
        )
    days = _days(days, weeks)
    if goal and channel:
        raise UsageError("Health is known by goal or by channel, not by both together.", "Name one of them.")
    question = asked(engine, organization_id, site=site, goal=goal or "")
    measured = known(measured_days(engine, question, channel or ""))
    if channel and not measured:
        raise UnknownError(
            f"No visit came by a channel {channel!r:.80}.", "`touchline report attribution` lists the channels."
        )
    window = _window([row for row in measured if row["is_stored"]], days)
    parameters = {**question.parameters, "start": window.start or date.min, "end": window.end or date.min}
    points = by_week(measured) if per == "week" else measured
    stored = [HealthSignal(**row, **_said(row)) for row in rows(engine, "signals_by_day", **parameters)]
    kept = limits_by_series(rows(engine, "limits_by_day", **question.parameters))
    volumes = _volumes(engine, question, channel or "", stored, window, per, kept)
    limits, signals = kept, tuple(stored)
    if per == "week" or question.goal or channel:
        limits, signals = _judge_part(points, stored, window, question, channel or "", per)
    answers = tuple(_answer(row) for row in rows(engine, "answers", **parameters)) if not channel else ()
    answered = sum(answer.conversions for answer in answers)
    untrackable = sum(answer.conversions for answer in answers if answer.agrees is None)
    series = _series(points, signals, _span(window, per), limits)
    rates = tuple(_rate(measure, measured, window) for measure in parts_of(question.goal, channel or ""))
    is_healthy, verdict = verdict_on(
        _share(rates[0], question.goal, channel or ""), [marked_day(vars(one)) for one in signals],
        has_limits=any(one.centre is not None for one in series), window=window,
    )  # fmt: skip
    return HealthReport(
        organization_id=organization_id,
        site_id=question.site_id,
        goal=question.goal,
        channel=channel or "",
        per=per,
        window=window,
        rates=rates,
        series=series,
        volumes=volumes,
        signals=signals,
        notes=notes_of(engine, **parameters),
        answers=answers,
        answered=answered,
        agreement=agreement(sum(answer.conversions for answer in answers if answer.agrees), answered - untrackable),
        untrackable=untrackable,
        is_healthy=is_healthy,
        verdict=verdict,
    )


def _days(days: int | None, weeks: int | None) -> int | None:
    if days is not None and weeks is not None:
        raise UsageError("Health looks at days or at weeks, and both were given.", "Choose --days or --weeks.")
    for number, unit in ((days, "day"), (weeks, "week")):
        if number is not None and number < 1:
            raise UsageError(f"Health looks at one {unit} at least, not {number}.")
    return days if weeks is None else 7 * weeks


def _judge_part(
    points: list[Row], stored: list[HealthSignal], window: Window, question: Question, channel: str, per: Per
) -> tuple[Limits, tuple[HealthSignal, ...]]:
    """The limits and signals of the goal, channel or weeks in question; the stored ones are of whole days."""
    span = _span(window, per)
    limits, outside = judge_parts(points)
    rates = [HealthSignal(**row, **_said(row, per)) for row in outside if row["period"] in span]
    of_volumes = [
        one for one in stored if one.measure in VOLUMES and not channel and one.goal in {"", question.goal or one.goal}
    ]
    return limits, tuple(sorted([*rates, *of_volumes], key=lambda one: one.period, reverse=True))


def _volumes(
    engine: Engine, question: Question, channel: str, signals: list[HealthSignal], window: Window, per: Per,
    limits: Limits,
) -> tuple[HealthVolume, ...]:  # fmt: skip
    """Every volume of the goal in question; none of a channel."""
    if channel:
        return ()
    stored = [
        row
        for row in rows(engine, "volumes_by_day", **question.parameters)
        if row["goal"] in {"", question.goal or row["goal"]}
    ]
    marked = ((one.site_id, one.measure, one.goal, one.period) for one in signals)
    found = volumes_of(stored, marked, window, limits)
    if not question.parameters["site_id"]:  # costs name no site
        found += cost_volumes(rows(engine, "costs_by_day", organization_id=question.organization_id), window)
    return volumes_by_week(found) if per == "week" else found


def _share(first: HealthRate, goal: str, channel: str) -> Share:
    """What the verdict begins with: the first measure that is known of the goal or the channel."""
    if first.measure == "behavioural_coverage":
        return coverage_of(first.value, goal)
    whose = f"visits by {channel}" if channel else "visits"
    return Share(first.value, whose, "are of browsers that nothing ties to a person", is_coverage=False)


def _window(measured: list[Row], days: int | None) -> Window:
    if not measured:
        return Window(None, None)
    first, last = min(row["period"] for row in measured), max(row["period"] for row in measured)
    return Window(first if days is None else max(first, last - timedelta(days=days - 1)), last)


def _span(window: Window, per: Per) -> Window:
    """The window from the first day of its first period on."""
    return Window(window.start and first_day(window.start, per), window.end)


def _rate(measure: str, measured: list[Row], window: Window) -> HealthRate:
    mine = [row for row in measured if row["measure"] == measure and row["period"] in window]
    numerator, denominator = sum(row["numerator"] for row in mine), sum(row["denominator"] for row in mine)
    said = ALL_MEASURES[measure]
    return HealthRate(
        measure, said.meaning, said.numerator, said.denominator, said.worse, said.owner, numerator, denominator,
        rate(numerator, denominator),
    )  # fmt: skip


def _said(row: Row, per: Per = "day") -> Row:
    """What a signal says in words: what happened, and who fixes it."""
    owner = OWNER_OF[row["measure"]]
    if row["measure"] in VOLUMES:
        return {"owner": owner, "sentence": f"{collapse_in_words(row)} Ask {owner}."}
    limit = row["upper_limit"] if row["direction"] == "above" else row["lower_limit"]
    day = f"{row['period'].day} {row['period']:%B %Y}"
    said = (
        f"{measure_name(row['measure'])} was {row['value']:.0%} {'in the week from' if per == 'week' else 'on'} {day},"
        f" {row['direction']} its usual limit of {limit:.0%} (centre {row['centre']:.0%}). Ask {owner}."
    )
    return {"owner": owner, "sentence": said}


def _answer(row: Row) -> SourceAnswer:
    return SourceAnswer(**row, agrees=agrees(row["answer"], row["channel"]))


def _series(
    measured: list[Row], signals: tuple[HealthSignal, ...], window: Window, limits: Limits
) -> tuple[HealthSeries, ...]:
    by_series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in measured:
        by_series[row["site_id"], row["measure"]].append(row)
    found = {(signal.site_id, signal.measure, signal.period) for signal in signals}
    ordered = sorted(by_series, key=lambda series: (series[0], list(ALL_MEASURES).index(series[1])))
    return tuple(_one_series(*series, by_series[series], found, window, limits) for series in ordered)


def _one_series(
    site_id: str, measure: str, days: list[Row], found: set[tuple[str, str, date]], window: Window, limits: Limits
) -> HealthSeries:
    by_day = limits.get((site_id, measure, ""), {})
    rules = broken_rules_by_day(by_day)
    newest = by_day[max(by_day)] if by_day else None
    points = tuple(
        HealthPoint(
            period=row["period"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            value=rate(row["numerator"], row["denominator"]),
            **_shares(by_day.get(row["period"])),
            is_signal=(site_id, measure, row["period"]) in found,
            rules=rules.get(row["period"], ()),
        )
        for row in days
        if row["period"] in window
    )
    fit_id = newest["fit_id"] if newest else ""
    return HealthSeries(site_id=site_id, measure=measure, **_shares(newest), fit_id=fit_id, points=points)


def _shares(limits: Row | None) -> dict[str, float | None]:
    """The limits of a rate, which no rate can be beyond 0 and 1."""
    if limits is None:
        return dict.fromkeys(("centre", "lower_limit", "upper_limit"))
    lower, upper = max(limits["lower_limit"], 0.0), min(limits["upper_limit"], 1.0)
    return {"centre": limits["center"], "lower_limit": lower, "upper_limit": upper}
