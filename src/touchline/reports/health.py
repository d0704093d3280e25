"""Health: whether the numbers of a window can be trusted, and on which days they cannot."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from touchline.amounts import counted
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.health.measures import OWNER_OF, VOLUMES
from touchline.health.natural_limits import ProcessLimits
from touchline.health.signals import limits_of
from touchline.reports.day_measures import ALL_MEASURES, known, measured_days, parts_of
from touchline.reports.health_slices import Per, by_week, signals_of, volumes_by_week
from touchline.reports.periods import first_day
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, asked, rate
from touchline.reports.survey import agrees
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
    is_signal: bool


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
    answers: tuple[SourceAnswer, ...]
    """Most conversions first."""
    answered: int
    """Counted conversions whose customer answered."""
    agreement: float | None
    """The fraction of all answers that names the tracked source; ``None`` where nobody answered."""
    untrackable: int
    """Answers that name no source that tracking can see, such as a friend."""
    is_healthy: bool | None
    """``None`` where there is too little data to say."""
    verdict: str
    """One sentence for a person."""

    @property
    def worst_day(self) -> date | None:
        """The day on which a measure was furthest from what is usual."""
        return _worst(self.signals).period if self.signals else None


def health_report(
    engine: Engine, organization_id: str, *, days: int | None = None, site: str | None = None, goal: str | None = None,
    channel: str | None = None, per: Per = "day",
) -> HealthReport:  # fmt: skip
    """Coverage over the last ``days`` days with data (``None``: all), with the days or weeks that stand out.

    :param site: only this site; ``None``: all sites.
    :param goal: only conversions of this goal; ``None``: all goals together. Measures of visits are left out.
    :param channel: only visits of this channel; ``None``: all. Measures of conversions are left out.
    :param per: whether a point, and a signal, is a day or a week from Monday. Volumes are judged by the day.
    :raises UnknownError: if there is no such organization, site, goal or channel.
    :raises UsageError: if ``days`` is less than 1, or both a goal and a channel are named.
    """
    if days is not None and days < 1:
        raise UsageError(f"Health looks at one day at least, not {days}.")
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
    stored = [HealthSignal(**row, **_said(row)) for row in rows(engine, "signals_by_day", **parameters)]
    points = by_week(measured) if per == "week" else measured
    signals = _signals(points, stored, window, question, channel or "", per)
    volumes = _volumes(engine, question, channel or "", stored, window, per)
    answers = tuple(_answer(row) for row in rows(engine, "answers", **parameters)) if not channel else ()
    answered = sum(answer.conversions for answer in answers)
    locked = rows(engine, "locked_limits", organization_id=organization_id) if _is_whole(question, channel, per) else []
    series = _series(points, signals, _span(window, per), locked)
    rates = tuple(_rate(measure, measured, window) for measure in parts_of(question.goal, channel or ""))
    is_healthy, verdict = _verdict(rates[0], signals, series, window, _whose(question.goal, channel or ""))
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
        answers=answers,
        answered=answered,
        agreement=rate(sum(answer.conversions for answer in answers if answer.agrees), answered),
        untrackable=sum(answer.conversions for answer in answers if answer.agrees is None),
        is_healthy=is_healthy,
        verdict=verdict,
    )


def _is_whole(question: Question, channel: str | None, per: Per) -> bool:
    """Whether the question is what the stored signals are about: days, of all goals and channels together."""
    return per == "day" and not question.goal and not channel


def _signals(
    points: list[Row], stored: list[HealthSignal], window: Window, question: Question, channel: str, per: Per
) -> tuple[HealthSignal, ...]:
    """The stored signals, or those of the goal, the channel or the weeks in question; the newest first."""
    if _is_whole(question, channel, per):
        return tuple(stored)
    span = _span(window, per)
    rates = [HealthSignal(**row, **_said(row, per)) for row in signals_of(points) if _is_in(span, row["period"])]
    of_volumes = [
        one for one in stored if one.measure in VOLUMES and not channel and one.goal in {"", question.goal or one.goal}
    ]
    return tuple(sorted([*rates, *of_volumes], key=lambda one: one.period, reverse=True))


def _volumes(
    engine: Engine, question: Question, channel: str, signals: list[HealthSignal], window: Window, per: Per
) -> tuple[HealthVolume, ...]:
    """Every volume of the goal in question; none of a channel."""
    if channel:
        return ()
    stored = [
        row
        for row in rows(engine, "volumes_by_day", **question.parameters)
        if row["goal"] in {"", question.goal or row["goal"]}
    ]
    found = volumes_of(stored, ((one.site_id, one.measure, one.goal, one.period) for one in signals), window)
    if not question.parameters["site_id"]:  # costs name no site
        found += cost_volumes(rows(engine, "costs_by_day", organization_id=question.organization_id), window)
    return volumes_by_week(found) if per == "week" else found


def _whose(goal: str, channel: str) -> str:
    return f" of {goal}" if goal else f" by {channel}" if channel else ""


def _window(measured: list[Row], days: int | None) -> Window:
    if not measured:
        return Window(None, None)
    first, last = min(row["period"] for row in measured), max(row["period"] for row in measured)
    return Window(first if days is None else max(first, last - timedelta(days=days - 1)), last)


def _span(window: Window, per: Per) -> Window:
    """The window from the first day of its first period on."""
    return Window(window.start and first_day(window.start, per), window.end)


def _is_in(window: Window, day: date) -> bool:
    return window.start is not None and window.end is not None and window.start <= day <= window.end


def _rate(measure: str, measured: list[Row], window: Window) -> HealthRate:
    mine = [row for row in measured if row["measure"] == measure and _is_in(window, row["period"])]
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
    measured: list[Row], signals: tuple[HealthSignal, ...], window: Window, locked: list[Row]
) -> tuple[HealthSeries, ...]:
    by_series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in measured:
        by_series[row["site_id"], row["measure"]].append(row)
    found = {(signal.site_id, signal.measure, signal.period) for signal in signals}
    ordered = sorted(by_series, key=lambda series: (series[0], list(ALL_MEASURES).index(series[1])))
    return tuple(_one_series(*series, by_series[series], found, window, locked) for series in ordered)


def _one_series(
    site_id: str, measure: str, days: list[Row], found: set[tuple[str, str, date]], window: Window, locked: list[Row]
) -> HealthSeries:
    fit_id, limits = _limits(site_id, measure, days, locked)
    points = (
        HealthPoint(
            period=row["period"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            value=rate(row["numerator"], row["denominator"]),
            is_signal=(site_id, measure, row["period"]) in found,
        )
        for row in days
        if _is_in(window, row["period"])
    )
    return HealthSeries(
        site_id=site_id,
        measure=measure,
        centre=None if limits is None else limits.centre,
        lower_limit=None if limits is None else max(limits.lower, 0.0),
        upper_limit=None if limits is None else min(limits.upper, 1.0),
        fit_id=fit_id,
        points=tuple(points),
    )


def _limits(site_id: str, measure: str, days: list[Row], locked: list[Row]) -> tuple[str, ProcessLimits | None]:
    """The limits of the newest day, as the signals use them, and the fit that locked them."""
    newest = days[-1]["period"]
    for row in locked:
        if (row["site_id"], row["measure"]) == (site_id, measure) and row["serves_from"] <= newest <= row[
            "serves_until"
        ]:
            return row["fit_id"], limits_of(days, row)
    return "", limits_of(days)


def _verdict(
    first: HealthRate, signals: tuple[HealthSignal, ...], series: tuple[HealthSeries, ...], window: Window, whose: str
) -> tuple[bool | None, str]:
    """In one sentence: the first rate that is known, and whether its days are as usual.

    :param whose: of which goal or by which channel, in words.
    """
    is_coverage = first.measure == "behavioural_coverage"
    if first.value is None:
        return None, f"There are no {'counted conversions' if is_coverage else 'visits'}{whose} yet."
    covered = f"{first.value:.0%} of conversions{whose} have at least one touch that is not Direct"
    if not is_coverage:
        covered = f"{first.value:.0%} of visits{whose} are of browsers that nothing ties to a person"
    if signals:
        worst = _worst(signals).period
        days = {signal.period for signal in signals}
        which = f"{worst.day} {worst:%B %Y} is outside the usual limits"
        if len(days) > 1:
            which = f"{counted(len(days), 'day')} are outside the usual limits, most of all {worst.day} {worst:%B %Y}"
        return False, f"{covered}, but {which}: check the tracking on that day before you compare channels."
    if is_coverage and first.value < _LEAST_COVERAGE:
        return False, f"Only {covered}: channel results cover less than half of all conversions."
    if all(one.centre is None for one in series):
        return None, f"{covered}; too few days have enough data to establish usual limits."
    return True, f"{covered}, and no day of {window.days} is outside the usual limits."


def _worst(signals: tuple[HealthSignal, ...]) -> HealthSignal:
    return max(signals, key=lambda signal: (_distance(signal), signal.period))


def _distance(signal: HealthSignal) -> float:
    """How far from usual: of a rate the difference, of a volume the share that is missing."""
    difference = abs(signal.value - signal.centre)
    return difference / signal.centre if signal.measure in VOLUMES else difference


_LEAST_COVERAGE = 0.5
"""Below this, most of what was won has no known source."""
