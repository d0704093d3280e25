"""The coverage funnel: from the clicks that ad platforms report to conversions that are joined to their cost."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from touchline.engines import Engine
from touchline.reports.queries import rows
from touchline.reports.question import Question, Window, asked, rate
from touchline.sql import branches

_LEAST_LOSS = 1 / 3
"""The share of what was to be expected that a day has to lack to be called a leak."""
_CLEAR = 5.0
"""How many standard deviations of a count that is to say: fewer may be chance."""
_LEAST_NAMED = 0.1
"""The share of what is usual that a step of the whole window has to lack to be named."""
_NAMED_CLEAR = 3.0
"""How many standard deviations of a count that is to be."""

_FEWEST_DAYS = 28
"""Days before the window that say what is usual, however short it is: one day's share is mostly chance."""

_FILES = branches("touchline.reports.queries", "funnel")

STEPS = {name: file for name, file in _FILES.items() if "place" in file.details}
"""Every step by name, from the clicks on; each is a file."""

Days = Mapping[date, int]


@dataclass(frozen=True)
class FunnelStep:
    """How many reached one step."""

    step: str
    """A name out of :data:`STEPS`."""
    meaning: str
    owner: str
    """Who fixes it: one of :data:`touchline.health.measures.OWNERS`."""
    count: int | None
    """In the whole window; visitors of each day, added up. ``None``: there are no costs, or none of one site."""
    share: float | None
    """Of the step before, on the days on which that has any. Sessions are of whatever source: theirs may be above 1."""
    usual_share: float | None
    """The same in the days before the window; ``None`` where there are none."""
    missing: float | None
    """How many more there would be at the usual share; ``None`` where that is not known, 0 where none are missing."""


@dataclass(frozen=True)
class FunnelLeak:
    """A day on which a step lost far more than on all other days."""

    period: date
    step: str
    owner: str
    count: int
    expected: float
    """At the share of all other days."""
    sentence: str
    """What happened, in words."""


@dataclass(frozen=True)
class FunnelReport:
    """The steps, the days before that they are held against, and where it leaks."""

    organization_id: str
    site_id: str
    """The site that was looked at; ``""``: all sites. Of one of several, no ad click is known: costs name no site."""
    goal: str
    """The goal whose conversions count; ``""``: all goals. The steps before conversions have none."""
    window: Window
    before: Window
    """The days before the window that say what is usual: as many, and 28 at least, as far as there is data of them."""
    steps: tuple[FunnelStep, ...]
    leaks: tuple[FunnelLeak, ...]
    """The greatest loss first."""
    verdict: str
    """One sentence for a person: where it leaks most."""


def funnel_report(
    engine: Engine, organization_id: str, *, goal: str | None = None, start: date | None = None,
    end: date | None = None, site: str | None = None,
) -> FunnelReport:  # fmt: skip
    """How many reach each step, and where it leaks.

    A leak is a day that lacks at least a third of what the step before lets expect, at the share of all other days, and
    more than five standard deviations of such a count. The newest day with data may still be going on and is none.

    :raises UnknownError: if there is no such organization, goal or site.
    :raises UsageError: if the window ends before it starts.
    """
    question = asked(engine, organization_id, goal=goal, start=start, end=end, site=site)
    before = _before(question)
    newest = asked(engine, organization_id).window.end
    counts = {step: _days(engine, question, step, before.start or question.window.start) for step in STEPS}
    steps = tuple(_step(step, previous, counts, question.window, before) for previous, step in _pairs())
    found = [
        leak
        for previous, step in pairwise(STEPS)
        for leak in _leaks(step, counts[previous], counts[step], question.window, newest)
    ]
    leaks = tuple(sorted(found, key=lambda one: (one.count - one.expected, one.period, one.step)))
    return FunnelReport(
        organization_id=organization_id,
        site_id=question.site_id,
        goal=question.goal,
        window=question.window,
        before=before,
        steps=steps,
        leaks=leaks,
        verdict=verdict_of(steps, leaks),
    )


def _pairs() -> list[tuple[str | None, str]]:
    return list(pairwise((None, *STEPS)))  # type: ignore[arg-type]  # only the first is none


def _before(question: Question) -> Window:
    """As many days before the window as it has, and 28 at least, as far as there is data of them."""
    start, days, first = question.window.start, question.window.days, question.data_from
    if start is None or days is None or first is None or start <= first:
        return Window(None, None)
    return Window(max(first, start - timedelta(days=max(days, _FEWEST_DAYS))), start - timedelta(days=1))


def _days(engine: Engine, question: Question, step: str, start: date | None) -> Days | None:
    """How many reached a step on each day; ``None`` where there are no costs, or where they name no site."""
    asked_for = {**question.parameters, "start": start or date.min}
    site_id, found = asked_for["site_id"], rows(engine, f"funnel.{step}", **asked_for)
    is_of_costs = STEPS[step].details.get("needs") == "costs"
    if is_of_costs and not rows(engine, "costs_by_day", organization_id=question.organization_id):
        return None
    if site_id and "'' as site_id" in STEPS[step].text:
        return None
    days: Counter[date] = Counter()
    for row in found:
        if row["site_id"] in {"", site_id or row["site_id"]} and row["goal"] in {"", question.goal or row["goal"]}:
            days[row["period"]] += int(row["reached"])
    return days


def _step(
    step: str, previous: str | None, counts: Mapping[str, Days | None], window: Window, before: Window
) -> FunnelStep:
    mine, others = counts[step], None if previous is None else counts[previous]
    here, base = _shared(others, mine, window)
    usual = rate(*_shared(others, mine, before))
    return FunnelStep(
        step=step,
        meaning=STEPS[step].details["says"],
        owner=STEPS[step].details["owner"],
        count=None if mine is None else _within(mine, window),
        share=rate(here, base),
        usual_share=usual,
        missing=None if usual is None else max(0.0, usual * base - here),
    )


def _within(days: Days, window: Window) -> int:
    return sum(count for day, count in days.items() if day in window)


def _shared(previous: Days | None, mine: Days | None, window: Window) -> tuple[int, int]:
    """What both steps count on the days of the window on which the one before has any: this one, and that one."""
    if previous is None or mine is None:
        return 0, 0
    days = [day for day, count in previous.items() if count and day in window]
    return sum(mine.get(day, 0) for day in days), sum(previous[day] for day in days)


def _leaks(
    step: str, previous: Days | None, mine: Days | None, window: Window, newest: date | None
) -> list[FunnelLeak]:
    if previous is None or mine is None:
        return []
    days = [day for day, count in previous.items() if count and day != newest]
    reached, could = sum(mine.get(day, 0) for day in days), sum(previous[day] for day in days)
    found = []
    for day in days:
        count, base = mine.get(day, 0), previous[day]
        expected = base * (rate(reached - count, could - base) or 0.0)
        missing = expected - count
        if day in window and missing >= _LEAST_LOSS * expected and missing > _CLEAR * expected**0.5:
            found.append(_leak(step, day, count, expected))
    return found


def _leak(step: str, day: date, count: int, expected: float) -> FunnelLeak:
    said, owner = STEPS[step].details["says"], STEPS[step].details["owner"]
    sentence = (
        f"{said}: {count:,} on {day.day} {day:%B %Y}, where the step before and all other days let expect"
        f" {expected:,.0f}. Ask {owner}."
    )
    return FunnelLeak(day, step, owner, count, expected, sentence)


def verdict_of(steps: Sequence[FunnelStep], leaks: Sequence[FunnelLeak]) -> str:
    """What the funnel shows, in one sentence: a day that leaks, or the step of the window that lacks most, if much."""
    if not any(step.count for step in steps):
        return "Nothing has reached any step yet."
    if leaks:
        by_day: dict[date, list[str]] = defaultdict(list)
        for leak in leaks:
            by_day[leak.period].append(STEPS[leak.step].details["says"].lower())
        day, lost = leaks[0].period, by_day[leaks[0].period]
        more = f", and on {len(by_day) - 1} more" if len(by_day) > 1 else ""
        return f"It leaks on {day.day} {day:%B %Y}{more}: far fewer {' and '.join(lost)} than on other days."
    lossy = [step for step in steps if _is_loss(step)]
    if not lossy:
        return "No day leaks."
    worst = max(lossy, key=lambda step: (step.missing or 0.0) / (step.count or 1))
    return (
        f"No day leaks. The greatest loss against the days before is at {worst.meaning.lower()}:"
        f" {worst.share:.0%} of the step before instead of {worst.usual_share:.0%}."
    )


def _is_loss(step: FunnelStep) -> bool:
    """Whether a step lacks so much of what is usual that it is worth a sentence."""
    if not step.missing or not step.usual_share or step.share is None or step.share >= step.usual_share:
        return False
    usual = (step.count or 0) + step.missing
    return step.missing >= _LEAST_NAMED * usual and step.missing > _NAMED_CLEAR * usual**0.5
