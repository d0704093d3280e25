"""Whether the numbers of one report can be trusted: of its own goal, site and days, and of no others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from touchline.amounts import counted
from touchline.engines import Engine
from touchline.health.measures import VOLUMES
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, rate

LEAST_COVERAGE = 0.5
"""Below this, most of what was won has no known source."""


class Marked(NamedTuple):
    """A day on which something was a signal."""

    distance: float
    """How far from usual: of a rate the difference, of a volume the share that is missing."""
    period: date


@dataclass(frozen=True)
class Share:
    """The share that a verdict begins with."""

    value: float | None
    """``None``: there is nothing to count."""
    whose: str
    """What it is a share of, such as ``conversions of purchase``."""
    says: str
    """What is true of that share."""
    is_coverage: bool
    """Whether it is the share of conversions with a known source, of which less than half is too little."""


@dataclass(frozen=True)
class Trust:
    """What is known of the conversions that a report counts."""

    conversions: int
    covered: int
    """Those with at least one touch that is not Direct."""
    days: tuple[date, ...]
    """The days of the window that are outside the usual limits, in time order."""
    worst_day: date | None
    """The one to look at first."""
    is_healthy: bool | None
    """``None`` where there is too little data to say."""
    verdict: str
    """One sentence for a person."""


def trust_of(engine: Engine, question: Question) -> Trust:
    """Whether the numbers that answer a question can be trusted.

    Days count on which a rate of the question's sites, or a volume of its own goal, is outside the usual limits.
    """
    return _trust(engine, question.parameters, question.window)


def trust_of_answer(engine: Engine, answer: Any) -> Trust | None:
    """The same for the answer of a report; ``None`` where it counts no conversions of a goal on days.

    :param answer: what a report's function returned.
    """
    if not all(hasattr(answer, name) for name in ("organization_id", "goal", "site_id", "window")):
        return None
    if getattr(answer, "account_id", "") or answer.window.start is None:
        return None
    names = {name: getattr(answer, name) for name in ("organization_id", "goal", "site_id")}
    return _trust(engine, names | {"start": answer.window.start, "end": answer.window.end}, answer.window)


def _trust(engine: Engine, parameters: dict[str, Any], window: Window) -> Trust:
    (found,) = rows(engine, "coverage", **parameters)
    goal = parameters["goal"]
    signals = rows(engine, "signals_by_day", **parameters)
    marked = [marked_day(row) for row in signals if not goal or row["goal"] in {"", goal}]
    (limited,) = rows(engine, "limited_days", **parameters)
    share = coverage_of(rate(found["covered"], found["conversions"]), goal)
    is_healthy, verdict = verdict_on(share, marked, has_limits=limited["days"] > 0, window=window)
    days = tuple(sorted({one.period for one in marked}))
    return Trust(found["conversions"], found["covered"], days, worst_of(marked), is_healthy, verdict)


def marked_day(signal: Row) -> Marked:
    """A signal's day, and how far it is from usual."""
    difference = abs(signal["value"] - signal["centre"])
    return Marked(difference / signal["centre"] if signal["measure"] in VOLUMES else difference, signal["period"])


def worst_of(marked: Iterable[Marked]) -> date | None:
    """The day to look at first; of equal ones the newest."""
    found = max(marked, default=None)
    return None if found is None else found.period


def percent(value: float) -> str:
    """A share in words: what is not 0 % or 100 % does not read so.

    >>> percent(0.66), percent(0.004), percent(0.9971), percent(1.0), percent(0.00001)
    ('66%', '0.4%', '99.7%', '100%', 'under 0.1%')
    """
    if f"{value:.0%}" not in {"0%", "100%"} or value in {0.0, 1.0}:
        return f"{value:.0%}"
    if f"{value:.1%}" in {"0.0%", "100.0%"}:
        return "under 0.1%" if value < LEAST_COVERAGE else "over 99.9%"
    return f"{value:.1%}"


def coverage_of(value: float | None, goal: str = "") -> Share:
    """The share of conversions that have a touch that is not Direct.

    :param goal: whose conversions they are; ``""``: of all goals.
    """
    whose = f"conversions of {goal}" if goal else "conversions"
    return Share(value, whose, "have at least one touch that is not Direct", is_coverage=True)


def verdict_on(share: Share, marked: list[Marked], *, has_limits: bool, window: Window) -> tuple[bool | None, str]:
    """Whether numbers are to be trusted, and that in one sentence.

    :param share: what the sentence begins with.
    :param has_limits: whether any day had limits to be held against.
    """
    if share.value is None:
        return None, f"There are no {'counted ' if share.is_coverage else ''}{share.whose} yet."
    covered = (
        f"{percent(share.value)} of {share.whose} {share.says}" if share.value else f"No {share.whose} {share.says}"
    )
    worst = worst_of(marked)
    if worst is not None:
        days = {one.period for one in marked}
        which = f"{worst.day} {worst:%B %Y} is outside the usual limits"
        if len(days) > 1:
            which = f"{counted(len(days), 'day')} are outside the usual limits, most of all {worst.day} {worst:%B %Y}"
        return False, f"{covered}, but {which}: check the tracking on that day before you compare channels."
    if share.is_coverage and share.value < LEAST_COVERAGE:
        of_them = f"less than half of all {share.whose}" if share.value else "none of them"
        return False, f"{'Only ' if share.value else ''}{covered}: channel results cover {of_them}."
    if not has_limits:
        return None, f"{covered}; too few days have enough data to establish usual limits."
    return True, f"{covered}, and no day of {window.days} is outside the usual limits."
