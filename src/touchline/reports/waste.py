"""Waste: the findings of one grain under one model, so that no money is counted twice."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal, get_args

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.reports.queries import Row, rows
from touchline.reports.question import Window, asked, rate
from touchline.reports.tally import spend_of_site

Grain = Literal["PLATFORM", "CAMPAIGN", "ADSET", "AD"]
Severity = Literal["high", "medium", "low"]
GRAINS: tuple[str, ...] = get_args(Grain)
SEVERITIES: tuple[str, ...] = get_args(Severity)
REASONS = ("no_conversions", "high_cpa", "low_roas", "insufficient_data", "untagged", "tracking_break")


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
    """``no_conversions``, ``high_cpa`` or ``low_roas``; or why nothing is judged: ``insufficient_data``, ``untagged``
    (no visit names it) or ``tracking_break`` (nobody's conversions were recorded)."""
    spend_micros: int
    waste_micros: int
    """What is called waste: the expected waste of findings of high and medium severity, 0 of others."""
    credit: int
    conversions: float
    value_micros: int
    expected_waste_micros: int
    """The expected waste, whether it is called waste or not; 0 where nothing can be said."""
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
    """The waste window: the last days with data, as the setting ``waste_window_days`` says."""
    spend_micros: int
    """All spend of the window, wasteful or not; of one of several sites, that on what is of this site alone."""
    unassigned_spend_micros: int
    """Spend of the window on what is of several sites, or of none that is known: no finding of one site is about it."""
    waste_micros: int
    waste_share: float | None
    """Waste as a fraction of the spend."""
    count: int
    """How many findings there are; ``findings`` holds the first of them, up to the limit."""
    summary: tuple[WasteSummary, ...]
    findings: tuple[WasteFinding, ...]


def waste_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, grain: Grain = "CAMPAIGN",
    severity: Severity | None = None, min_waste_micros: int = 0, limit: int = 100, currency: str | None = None,
    site: str | None = None,
) -> WasteReport:  # fmt: skip
    """The findings of one grain under one model.

    :param model: ``None``: the organization's default model.
    :param grain: ``PLATFORM``, ``CAMPAIGN``, ``ADSET`` or ``AD``.
    :param severity: ``high``, ``medium`` or ``low`` only; ``None``: all.
    :param min_waste_micros: leave out findings with less waste.
    :param limit: the maximum number of findings, at least 1.
    :param site: what is of this site alone, because all its visits landed there and all its conversions are that
        site's; ``None``: all sites.
    :raises UsageError: if grain, severity or limit is none of the choices.
    """
    _check(grain, severity, limit)
    question = asked(engine, organization_id, model=model, currency=currency, site=site)
    parameters = {**question.parameters, "model": question.model, "grain": grain}
    found = rows(
        engine, "waste_findings_of_model", **parameters, severity=severity or "", min_waste_micros=min_waste_micros
    )
    window = Window(*next((tuple(row.values()) for row in rows(engine, "waste_window", **parameters)), (None, None)))
    costs = spend_of_site(engine, question, grain, window)
    waste = sum(row["waste_micros"] for row in found)
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
        waste_micros=waste,
        waste_share=rate(waste, costs.of_site),
        count=len(found),
        summary=_summary(found),
        findings=tuple(_finding(row) for row in found[:limit]),
    )


def _check(grain: str, severity: str | None, limit: int) -> None:
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
    told = {**row, "explanation": json.loads(row["explanation"])}
    over, maturity = told.pop("p_over_millionths"), told.pop("maturity_millionths")
    return WasteFinding(
        **told, conversions=row["credit"] / CREDIT, p_over=None if over is None else over / 1e6, maturity=maturity / 1e6
    )
