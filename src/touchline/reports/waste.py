"""Waste: the findings of one grain under one model, so that no money is counted twice."""

from dataclasses import dataclass
from typing import Any

from touchline.engines import Engine
from touchline.reports.question import Window


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
    """``no_conversions``, ``high_cpa`` or ``low_roas``."""
    spend_micros: int
    waste_micros: int
    credit: int
    conversions: float
    value_micros: int
    explanation: dict[str, Any]
    """Period, metrics, thresholds, what other models say, and recommendations."""

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
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    """The waste window: the last days with data, as the setting ``waste_window_days`` says."""
    spend_micros: int
    """All spend of the window, wasteful or not."""
    waste_micros: int
    waste_share: float | None
    """Waste as a fraction of the spend."""
    count: int
    """How many findings there are; ``findings`` holds the first of them, up to the limit."""
    summary: tuple[WasteSummary, ...]
    findings: tuple[WasteFinding, ...]


def waste_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, grain: str = "CAMPAIGN",
    severity: str | None = None, min_waste_micros: int = 0, limit: int = 100, currency: str | None = None,
) -> WasteReport:  # fmt: skip
    """The findings of one grain under one model.

    :param model: ``None``: the organization's default model.
    :param grain: ``PLATFORM``, ``CAMPAIGN``, ``ADSET`` or ``AD``.
    :param severity: ``high``, ``medium`` or ``low`` only; ``None``: all.
    :param min_waste_micros: leave out findings with less waste.
    :param limit: at most so many findings, at least 1.
    :raises UsageError: if grain, severity or limit is none of the choices.
    """
    raise NotImplementedError
