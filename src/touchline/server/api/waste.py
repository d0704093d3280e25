"""``GET /api/waste``: the spend that earned nothing or too little, as the dashboard and other programs read it."""

from collections import Counter
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from touchline.errors import UsageError
from touchline.jobs.finding_states import states_of
from touchline.jobs.workspace import Workspace
from touchline.reports.question import models_of
from touchline.reports.waste import REASONS, Grain, Mode, Severity, WasteFinding, WasteReport, waste_report
from touchline.server.api.asking import Door
from touchline.server.api.river_reads import RiverReads
from touchline.settings import Home

_GRAIN = QueryParameter(description="What each finding is of.")
_MODEL = QueryParameter(
    name="attributionModel", max_length=64,
    description="By whose credit; else by the model that the settings name. `touchline model list` lists the models.",
)  # fmt: skip
_SEVERITY = QueryParameter(description="Only findings that are so grave.")
_GOAL = QueryParameter(max_length=200, description="Whose conversions count; empty: all; else the primary goal.")
_CURSOR = QueryParameter(
    max_length=64, pattern=r"^$|^-?[0-9]{1,18}\.-?[0-9]{1,18}\.[ws]_[0-9a-f]{16}$",
    description="`nextCursor` of the answer that these findings follow.",
)  # fmt: skip
_MODE = QueryParameter(
    description="`likely`: what likely misses its target; `simple`: all spend of every day without a conversion."
)
_LIMIT = QueryParameter(ge=1, le=10_000, description="The maximum number of findings; the summary covers all.")
_NAME = QueryParameter(
    name="organization", max_length=64, description="The organization; needed where there are several."
)
_SITE = QueryParameter(
    name="site", max_length=64, description="Only what is of this site alone, by its visits and conversions."
)
_ACCOUNT = QueryParameter(
    name="account", max_length=200, description="Refused: no spend is of an account. `performance` takes one."
)
_RANGE = QueryParameter(
    name="dateRange", max_length=64, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2},[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    description="First and last day to judge, `2026-01-01,2026-01-31`; else as many days as the settings say.",
)  # fmt: skip
_MIN = QueryParameter(
    name="minWasteSpend", ge=0, le=1e12, description="Only findings that wasted at least this, in currency units."
)


States = dict[str, dict[str, Any]]
Coverage = Literal["all", "part", "none"]


class Days(msgspec.Struct, rename="camel"):
    """The days that were judged."""

    start_date: date | None
    end_date: date | None


class Summary(msgspec.Struct, rename="camel"):
    """All matching findings, whatever the limit; money in currency units."""

    total_waste_entities: int
    total_waste_spend: float
    average_waste_pct: float | None
    by_severity: dict[str, int]
    by_reason: dict[str, int]


class Decision(msgspec.Struct, rename="camel"):
    """What somebody decided about a finding."""

    state: str
    until_date: date | None
    """The day from which a snoozed finding is open again."""
    note: str


class Entity(msgspec.Struct, rename="camel"):
    """One finding; money in currency units."""

    id: str
    type: str
    name: str
    grain: str
    date: date | None
    waste_spend: float
    total_spend: float
    waste_pct: float | None
    explanation: dict[str, Any]
    decision: Decision | None
    """What somebody decided about it, whatever days were judged; `null`: nothing yet."""


class Waste(msgspec.Struct, rename="camel"):
    """Findings of one grain under one model, most waste first."""

    success: bool
    date_range: Days
    coverage: Coverage
    """How the days that were judged meet those asked for: no day without data is judged."""
    message: str
    """What ``coverage`` means here, in words; empty where it is ``all``."""
    attribution_model: str
    currency: str
    site: str
    """The requested site; empty: all sites."""
    unassigned_spend: float
    """Spend on what is of several sites, or of none that is known: no finding of one site is about it."""
    summary: Summary
    entities: list[Entity]
    next_cursor: str
    """What to ask for to get the findings after these; empty: there are no more."""


def routes(home: Home, door: Door, reads: RiverReads) -> list[HTTPRouteHandler]:
    """``GET /api/waste``."""

    @get("/api/waste", summary="Wasted spend", operation_id="waste",
         description="For a session, or a secret key with the scope read.",
         response_description="The findings, most waste first; none where there are none.",
         security=[{"session": []}, {"secretKey": []}])  # fmt: skip
    async def waste(  # noqa: PLR0913, PLR0917 - a question's parameters
        request: Request[Any, Any, Any],
        organization: Annotated[str | None, _NAME] = None,
        date_range: Annotated[str | None, _RANGE] = None,
        grain: Annotated[Grain, _GRAIN] = "CAMPAIGN",
        attribution_model: Annotated[str | None, _MODEL] = None,
        site: Annotated[str | None, _SITE] = None,
        account: Annotated[str | None, _ACCOUNT] = None,
        min_waste_spend: Annotated[float, _MIN] = 0.0,
        severity: Annotated[Severity | None, _SEVERITY] = None,
        limit: Annotated[int, _LIMIT] = 100,
        goal: Annotated[str | None, _GOAL] = None,
        cursor: Annotated[str, _CURSOR] = "",
        mode: Annotated[Mode, _MODE] = "likely",
    ) -> Waste:
        def answer() -> Waste:
            named = door.asker(request, "read").organization_named(organization)
            days = _days(date_range)
            start, end = days or (None, None)
            least = round(min_waste_spend * 1_000_000)
            with Workspace(home, is_read_only=True, seconds=reads.seconds) as workspace:
                organization_id = workspace.organization(named)["organization_id"]
                _check_model(attribution_model, models_of(workspace.engine, organization_id))
                report = waste_report(
                    workspace.engine, organization_id, model=attribution_model, goal=goal, grain=grain, start=start,
                    end=end, severity=severity, min_waste_micros=least, limit=limit, cursor=cursor, site=site,
                    account=account, mode=mode,
                )  # fmt: skip
                states = states_of(workspace, organization_id)
            return _answer(report, days, states)

        return await reads.answer(answer)

    return [waste]


def _check_model(model: str | None, models: tuple[str, ...]) -> None:
    """An organization that has no numbers yet has no models; of the others, each has its own."""
    if model is not None and models and model not in models:
        raise UsageError(f"attributionModel is one of {', '.join(models)}, not {model!r:.80}.")


def _days(text: str | None) -> tuple[date, date] | None:
    if not text:
        return None
    first, _, last = text.partition(",")
    try:
        found = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
    except ValueError:
        found = None
    if found is None or found[0] > found[1]:
        raise UsageError("dateRange is a first and a last day, such as 2026-01-01,2026-01-31.")
    return found


def _met(report: WasteReport, days: tuple[date, date] | None) -> tuple[Coverage, str]:
    """How the days that were judged meet those asked for, and that in words."""
    start, end = report.window.start, report.window.end
    if start is None or end is None:
        if days is None:
            return "none", "No day was judged: there are neither costs nor conversions yet."
        return "none", f"No day from {days[0]} to {days[1]} was judged: there is no data of these days."
    if days in {None, (start, end)}:
        return "all", ""
    return "part", f"Judged were {start} to {end}: there is no data of the other days from {days[0]} to {days[1]}."


def _answer(report: WasteReport, days: tuple[date, date] | None, states: States) -> Waste:
    coverage, message = _met(report, days)
    spend, waste = (sum(getattr(one, name) for one in report.summary) for name in ("spend_micros", "waste_micros"))
    severities, reasons = Counter[str](), Counter[str]()
    for group in report.summary:
        severities[group.severity] += group.findings
        reasons[group.reason] += group.findings
    return Waste(
        True, Days(*(days or (report.window.start, report.window.end))), coverage, message, report.model,
        report.currency, report.site_id, report.unassigned_spend_micros / 1e6,
        Summary(
            severities.total(), waste / 1e6, _percent(waste, spend),
            {name: severities[name] for name in ("high", "medium", "low")},
            {name: reasons[name] for name in REASONS},
        ),
        [_entity(finding, report, states) for finding in report.findings], report.next_cursor,
    )  # fmt: skip


def _entity(finding: WasteFinding, report: WasteReport, states: States) -> Entity:
    decided = states.get(finding.finding_id)
    return Entity(
        finding.finding_id, report.grain.lower(), finding.name, report.grain, finding.day or report.window.end,
        finding.waste_micros / 1e6, finding.spend_micros / 1e6, _percent(finding.waste_micros, finding.spend_micros),
        finding.explanation, Decision(**decided) if decided else None,
    )  # fmt: skip


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
