"""Waste: the findings of one grain under one model, so that no money is counted twice."""

import json
import re
import shlex
from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal, get_args

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.reports.queries import Row, rows, selected
from touchline.reports.question import Question, Window, asked, rate
from touchline.reports.simple_waste import simple_days
from touchline.reports.tally import spend_of_site

Grain = Literal["ORGANIZATION", "PLATFORM", "CAMPAIGN", "ADSET", "AD"]
ALL_SPEND = "ORGANIZATION"
"""The grain whose finding is not stored: it has no part of the spend that is to be found."""
Mode = Literal["likely", "simple"]
Severity = Literal["high", "medium", "low"]
GRAINS: tuple[str, ...] = get_args(Grain)
_ENTITY = ("platform", "campaign_id", "adset_id", "ad_id")
_IS_NUMBER = re.compile(r"-?[0-9]{1,19}")
SEVERITIES: tuple[str, ...] = get_args(Severity)
REASONS = (
    "no_conversions", "high_cpa", "low_roas", "model_dependent", "insufficient_data", "untagged", "tracking_break",
    "late_costs", "ambiguous_platform", "duplicate_costs", "click_leak", "efficiency_shift",
    "invalid_traffic", "already_customer",
)  # fmt: skip


@dataclass(frozen=True)
class WasteSummary:
    """Findings of one severity and reason, added up."""

    severity: str
    reason: str
    findings: int
    spend_micros: int
    waste_micros: int


@dataclass(frozen=True)
class WasteFinding:
    """One campaign (or platform, ad set, ad) whose spend earned too little."""

    finding_id: str
    entity_id: str
    name: str
    platform: str
    campaign_id: str
    adset_id: str
    ad_id: str
    severity: str
    """``high``, ``medium`` or ``low``."""
    reason: str
    """``no_conversions``, ``high_cpa`` or ``low_roas``; ``model_dependent`` (another model finds it within its target);
    ``invalid_traffic`` (hardly any of its paid visitors stays for a second); ``efficiency_shift`` (what was added to
    its budget brought too few conversions); ``already_customer`` (most of its paid visitors had bought before); or
    why nothing is judged: ``insufficient_data``, ``untagged`` (no visit names it), ``tracking_break`` (nobody's
    conversions were recorded), ``late_costs`` (clicks after its last costs converted), ``duplicate_costs`` (two
    sources state the same rows), ``click_leak`` (few of its clicks arrive) or ``ambiguous_platform`` (all visits of it
    may be unpaid)."""
    spend_micros: int
    waste_micros: int
    """What is called waste: the expected waste of findings of high and medium severity, 0 of others."""
    credit: int
    conversions: float
    value_micros: int
    expected_waste_micros: int | None
    """The expected waste, called waste or not; 0 where it is held back, ``None`` where only a target could tell."""
    waste_low_micros: int | None
    waste_high_micros: int | None
    """Between which amounts it lies with a probability of 80 %."""
    p_over: float | None
    """The probability that it misses its target; ``None`` where nothing can be said."""
    maturity: float
    """The share of its conversions that are in by now."""
    explanation: dict[str, Any]
    """Period, metrics, thresholds, what other models say, and recommendations."""
    fit_id: str
    """The fit of the usual CPA that it was held to; ``""`` where it was held to something else."""
    day: date | None
    """The day that it is of, in the simple mode; ``None``: all days of the window."""
    decision: str = ""
    """What somebody decided about it, whatever days are judged: ``accepted``, ``dismissed`` or ``snoozed``; ``""``:
    nothing."""
    decision_until: date | None = None
    """The day from which a snoozed one is open again."""
    decision_note: str = ""

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do, in order."""
        return tuple(self.explanation.get("recommendations", ()))


@dataclass(frozen=True)
class WasteReport:
    """Findings, most waste first, with their summary; ``summary`` covers those beyond ``limit``, too."""

    organization_id: str
    model: str
    grain: str
    goal: str
    site_id: str
    """The site that the findings are of; ``""``: all sites together."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    """The days that were judged: those asked for, else the last days with data that ``waste_window_days`` says."""
    spend_micros: int
    """All spend of the window, wasteful or not; of one of several sites, that on what is of this site alone."""
    unassigned_spend_micros: int
    """Spend of the window on what is of several sites, or of none that is known: no finding of one site is about it."""
    waste_micros: int
    waste_share: float | None
    """Waste as a fraction of the spend."""
    count: int
    """How many findings there are; ``findings`` holds those after the cursor, up to the limit."""
    next_cursor: str
    """What to ask for to get the findings after these; ``""``: there are no more."""
    summary: tuple[WasteSummary, ...]
    findings: tuple[WasteFinding, ...]


def waste_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, goal: str | None = None,
    grain: Grain = "CAMPAIGN", start: date | None = None, end: date | None = None, severity: Severity | None = None,
    min_waste_micros: int = 0, limit: int = 100, cursor: str = "", currency: str | None = None,
    site: str | None = None, account: str | None = None, mode: Mode = "likely",
) -> WasteReport:  # fmt: skip
    """The findings of one grain under one model: those that are stored, or of the days and the goal asked for.

    :param model: ``None``: the organization's default model.
    :param goal: a goal's name; ``""``: all goals; ``None``: the primary goal.
    :param grain: ``ORGANIZATION`` (all spend by all conversions), ``PLATFORM``, ``CAMPAIGN``, ``ADSET`` or ``AD``.
    :param start: the first day; ``None``: as many days as the setting ``waste_window_days`` says. ``end``: ``None``:
        the newest day with data.
    :param severity: ``high``, ``medium`` or ``low`` only; ``None``: all.
    :param min_waste_micros: leave out findings with less waste.
    :param limit: the maximum number of findings, at least 1.
    :param cursor: ``next_cursor`` of the answer that these findings follow.
    :param site: what is of this site alone, because all its visits landed there and all its conversions are that
        site's; ``None``: all sites.
    :param account: is refused, as no spend is of an account; it says where its numbers are.
    :param mode: ``likely``: what likely misses its target; ``simple``: each day with costs and without a conversion.
    :raises UsageError: if grain, severity, limit, mode or cursor is none of the choices, the days end before they
        start, or an account is named.
    """
    _check(grain, severity, limit, mode)
    if account is not None:
        raise UsageError(
            "Waste is money spent, and no spend is of an account: the organization pays for its ads.",
            f"`touchline report performance --account {shlex.quote(account)}` lists what brought its conversions.",
        )
    after = _after(cursor)
    question = asked(
        engine, organization_id, model=model, goal=goal, start=start, end=end, currency=currency, site=site
    )
    window = _window(engine, organization_id, start, end)
    is_stored = start is None and end is None and goal is None and grain != ALL_SPEND
    judged = simple_days if mode == "simple" else _stored if is_stored else _computed
    kept = [
        row for row in judged(engine, question, grain, window)
        if severity in {None, row["severity"]} and row["waste_micros"] >= min_waste_micros
    ]  # fmt: skip
    found = sorted(_of_site(engine, question, grain, window, kept), key=_place)
    rest = [row for row in found if _place(row) > after]
    costs = spend_of_site(engine, question, grain, window)
    wasted = sum(row["waste_micros"] for row in found)
    return WasteReport(
        organization_id=organization_id,
        model=question.model,
        grain=grain,
        goal=question.goal,
        site_id=question.site_id,
        currency=question.currency,
        other_currencies=question.other_currencies,
        window=window,
        spend_micros=costs.of_site,
        unassigned_spend_micros=costs.of_no_one_site,
        waste_micros=wasted,
        waste_share=rate(wasted, costs.of_site),
        count=len(found),
        next_cursor=_cursor(rest[limit - 1]) if len(rest) > limit else "",
        summary=_summary(found),
        findings=tuple(_finding(row) for row in rest[:limit]),
    )


def _stored(engine: Engine, question: Question, grain: str, _window: Window) -> list[Row]:
    parameters = {**question.parameters, "model": question.model, "grain": grain}
    return rows(engine, "waste_findings_of_model", **parameters)


def _computed(engine: Engine, question: Question, grain: str, window: Window) -> list[Row]:
    """The findings of the days and the goal asked for, as the river would store them."""
    if window.start is None or window.end is None or window.start > window.end:
        return []
    from touchline import waste  # noqa: PLC0415 - it loads SciPy, which most answers do without

    parameters = {**question.parameters, "grain": grain, "start": window.start, "end": window.end}
    units, days, lags, excluded = (
        selected(engine, waste.__name__, name, ("as_asked",), **parameters)
        for name in ("waste_units", "waste_days", "waste_lags", "waste_excluded_days")
    )
    found = waste.findings(waste.judged(units, days, lags, excluded)).to_pylist()
    return [row for row in found if row["model"] == question.model and row["currency"] == question.currency]


def _window(engine: Engine, organization_id: str, start: date | None, end: date | None) -> Window:
    """The days that are judged: no earlier than the data."""
    by_settings = next(iter(rows(engine, "waste_window", organization_id=organization_id)), None)
    if by_settings is None:
        return Window(None, None)
    last = min(end or by_settings["window_end"], by_settings["window_end"])
    length = by_settings["window_end"] - by_settings["window_start"]
    if start is None and end is None:
        return Window(by_settings["window_start"], last)
    first = max(start or last - length, by_settings["first_day"])
    return Window(first, last) if first <= last else Window(None, None)


def _of_site(engine: Engine, question: Question, grain: str, window: Window, found: list[Row]) -> list[Row]:
    """Of one of several sites, the findings on what cost money for it alone."""
    if not question.parameters["site_id"] or window.start is None:
        return found
    asked = {**question.parameters, "grain": grain, "start": window.start, "end": window.end}
    own = {tuple(row[name] for name in _ENTITY) for row in rows(engine, "entities_of_site", **asked)}
    return [row for row in found if tuple(row[name] for name in _ENTITY) in own]


def _place(row: Row) -> tuple[int, int, str]:
    """Most waste first."""
    return (-row["waste_micros"], -(row["expected_waste_micros"] or 0), row["finding_id"])


def _cursor(row: Row) -> str:
    return ".".join(map(str, _place(row)))


def _after(cursor: str) -> tuple[int, int, str]:
    """The place that a cursor names; before all of them where there is none."""
    if not cursor:
        return (-(2**63), 0, "")
    waste_micros, _, rest = cursor.partition(".")
    expected, _, finding_id = rest.partition(".")
    if not (_IS_NUMBER.fullmatch(waste_micros) and _IS_NUMBER.fullmatch(expected) and finding_id):
        raise UsageError(
            f"A cursor is the nextCursor of an answer, not {cursor!r:.80}.", "Leave it out for the first findings."
        )
    return (int(waste_micros), int(expected), finding_id)


def _check(grain: str, severity: str | None, limit: int, mode: str) -> None:
    if mode not in get_args(Mode):
        raise UsageError(f"A mode is one of {', '.join(get_args(Mode))}, not {mode!r}.")
    if grain not in GRAINS:
        raise UsageError(f"Waste is listed by {', '.join(GRAINS)}, not {grain!r}.")
    if severity is not None and severity not in SEVERITIES:
        raise UsageError(f"A severity is one of {', '.join(SEVERITIES)}, not {severity!r}.")
    if limit < 1:
        raise UsageError(f"A list has at least one row, not {limit}.")


def _summary(found: list[Row]) -> tuple[WasteSummary, ...]:
    """By severity, the highest first, and reason."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in found:
        groups[row["severity"], row["reason"]].append(row)
    ordered = sorted(groups.items(), key=lambda group: (SEVERITIES.index(group[0][0]), group[0][1]))
    return tuple(
        WasteSummary(
            severity=severity,
            reason=reason,
            findings=len(group),
            spend_micros=sum(row["spend_micros"] for row in group),
            waste_micros=sum(row["waste_micros"] for row in group),
        )
        for (severity, reason), group in ordered
    )


def _finding(row: Row) -> WasteFinding:
    over, explanation = row["p_over_millionths"], json.loads(row["explanation"])
    made = {"conversions": row["credit"] / CREDIT, "p_over": None if over is None else over / 1e6}
    made |= {"maturity": row["maturity_millionths"] / 1e6, "explanation": explanation, "day": row.get("day")}
    return WasteFinding(
        **{
            one.name: made[one.name] if one.name in made else row[one.name]
            for one in fields(WasteFinding)
            if not one.name.startswith("decision")
        }
    )
