"""Health: whether the numbers of a window can be trusted, and on which days they cannot."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.health.measures import MEANINGS, VOLUMES
from touchline.reports.limits import Limits, broken_rules_by_day, limits_by_series
from touchline.reports.notes import HealthNote, notes_of
from touchline.reports.queries import Row, rows
from touchline.reports.question import Window, asked, rate
from touchline.reports.survey import agrees
from touchline.reports.trust import marked_day, verdict_on, worst_of
from touchline.reports.volumes import HealthVolume, collapse_in_words, volumes_of
from touchline.reports.words import measure_name


@dataclass(frozen=True)
class HealthRate:
    """A measure over the whole window: a sum over a sum."""

    measure: str
    """A name out of :data:`touchline.health.measures.MEANINGS`."""
    meaning: str
    """The measure in words."""
    numerator: int
    denominator: int
    value: float | None


@dataclass(frozen=True)
class HealthPoint:
    """A measure on one day."""

    period: date
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
    window: Window
    rates: tuple[HealthRate, ...]
    """The first three add up to one."""
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
        return worst_of(marked_day(vars(signal)) for signal in self.signals)


def health_report(
    engine: Engine, organization_id: str, *, days: int | None = None, weeks: int | None = None, site: str | None = None
) -> HealthReport:
    """Coverage over the last ``days`` days with data (``None``: all), with the days that stand out; all goals together.

    :param weeks: as many weeks instead of days.
    :param site: only this site; ``None``: all sites.
    :raises UnknownError: if there is no such organization or site.
    :raises UsageError: if ``days`` or ``weeks`` is less than 1, or both are given.
    """
    days = _days(days, weeks)
    question = asked(engine, organization_id, site=site)
    measured = rows(engine, "measures_by_day", **question.parameters)
    window = _window(measured, days)
    parameters = {**question.parameters, "start": window.start or date.min, "end": window.end or date.min}
    signals = tuple(_signal(row) for row in rows(engine, "signals_by_day", **parameters))
    rates = tuple(_rate(measure, measured, window) for measure in MEANINGS)
    stored = rows(engine, "volumes_by_day", **question.parameters)
    answers = tuple(_answer(row) for row in rows(engine, "answers", **parameters))
    answered = sum(answer.conversions for answer in answers)
    limits = limits_by_series(rows(engine, "limits_by_day", **question.parameters))
    volumes = volumes_of(stored, ((one.site_id, one.measure, one.goal, one.period) for one in signals), window, limits)
    series = _series(measured, signals, window, limits)
    is_healthy, verdict = verdict_on(
        rates[0].value, [marked_day(vars(one)) for one in signals],
        has_limits=any(one.centre is not None for one in series), window=window,
    )  # fmt: skip
    return HealthReport(
        organization_id=organization_id,
        site_id=question.site_id,
        window=window,
        rates=rates,
        series=series,
        volumes=volumes,
        signals=signals,
        notes=notes_of(engine, **parameters),
        answers=answers,
        answered=answered,
        agreement=rate(sum(answer.conversions for answer in answers if answer.agrees), answered),
        untrackable=sum(answer.conversions for answer in answers if answer.agrees is None),
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


def _window(measured: list[Row], days: int | None) -> Window:
    if not measured:
        return Window(None, None)
    first, last = min(row["period"] for row in measured), max(row["period"] for row in measured)
    return Window(first if days is None else max(first, last - timedelta(days=days - 1)), last)


def _is_in(window: Window, day: date) -> bool:
    return window.start is not None and window.end is not None and window.start <= day <= window.end


def _rate(measure: str, measured: list[Row], window: Window) -> HealthRate:
    mine = [row for row in measured if row["measure"] == measure and _is_in(window, row["period"])]
    numerator, denominator = sum(row["numerator"] for row in mine), sum(row["denominator"] for row in mine)
    return HealthRate(measure, MEANINGS[measure], numerator, denominator, rate(numerator, denominator))


def _signal(row: Row) -> HealthSignal:
    if row["measure"] in VOLUMES:
        return HealthSignal(**row, sentence=collapse_in_words(row))
    limit = row["upper_limit"] if row["direction"] == "above" else row["lower_limit"]
    day = f"{row['period'].day} {row['period']:%B %Y}"
    said = (
        f"{measure_name(row['measure'])} was {row['value']:.0%} on {day}, {row['direction']} its usual"
        f" limit of {limit:.0%} (centre {row['centre']:.0%})."
    )
    return HealthSignal(**row, sentence=said)


def _answer(row: Row) -> SourceAnswer:
    return SourceAnswer(**row, agrees=agrees(row["answer"], row["channel"]))


def _series(
    measured: list[Row], signals: tuple[HealthSignal, ...], window: Window, limits: Limits
) -> tuple[HealthSeries, ...]:
    by_series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in measured:
        by_series[row["site_id"], row["measure"]].append(row)
    found = {(signal.site_id, signal.measure, signal.period) for signal in signals}
    ordered = sorted(by_series, key=lambda series: (series[0], list(MEANINGS).index(series[1])))
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
        if _is_in(window, row["period"])
    )
    fit_id = newest["fit_id"] if newest else ""
    return HealthSeries(site_id=site_id, measure=measure, **_shares(newest), fit_id=fit_id, points=points)


def _shares(limits: Row | None) -> dict[str, float | None]:
    """The limits of a rate, which no rate can be beyond 0 and 1."""
    if limits is None:
        return dict.fromkeys(("centre", "lower_limit", "upper_limit"))
    lower, upper = max(limits["lower_limit"], 0.0), min(limits["upper_limit"], 1.0)
    return {"centre": limits["center"], "lower_limit": lower, "upper_limit": upper}
