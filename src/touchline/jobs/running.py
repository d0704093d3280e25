"""The river's run, with a record of it in the ledger."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa

from attribution_campaign_context.registry import CLICK_IDS, PARAMETER_SETS
from touchline import pipeline
from touchline.amounts import counted
from touchline.app_browsers import app_browsers
from touchline.click_freshness import click_freshness_of
from touchline.detours import detours, like_patterns
from touchline.engines import Engine
from touchline.errors import BlockedError, BusyError, UsageError
from touchline.grains import GRAIN_ROWS
from touchline.ignored_referrers import ignored_referrers_of
from touchline.jobs.fitting import standing
from touchline.jobs.inspecting import empty_folder, inspected
from touchline.jobs.own_models import own_models
from touchline.jobs.run_history import keep_run
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.models import FITTED_MODELS, MODELS, SAYS
from touchline.own_models import OwnModel, Row, channel_rows, milestone_rows, model_rows
from touchline.placeholders import BLOCKED_IDENTIFIERS
from touchline.progress import Progress, ignore_progress
from touchline.reports.views import define_views, views
from touchline.retention import retention_rows
from touchline.settings import (
    CROWDED_CONVERSIONS,
    CROWDED_TOUCHES,
    UNVERIFIED_NAMES,
    Home,
    OrganizationSettings,
    unverified_goal,
)
from touchline.tables import ALL


def run(
    workspace: Workspace,
    *,
    is_rebuild: bool = False,
    defines_views: bool = True,
    debug_folder: Path | None = None,
    progress: Progress = ignore_progress,
) -> pipeline.RunReport:
    """Bring the tables to what the ledger says, and keep a record of the run.

    Where a server owns the engine it is asked to, and takes its turn.

    :param defines_views: whether views whose definition changed are defined; they wait for readers, and readers for
        them.
    :param debug_folder: where to write what the run holds on its way; see :func:`touchline.jobs.inspecting.inspected`.
    :raises UsageError: if that is wanted of a server's run.
    :raises InputError: if the folder is not empty.
    :raises BusyError: if another run into the same engine is going on; it is detected in the ledger, because an engine
        without transactions cannot tell.
    """
    if workspace.owner is not None:
        if debug_folder is not None:
            raise UsageError("A running server owns the engine and cannot write debug tables.", "Stop it first.")
        told = workspace.owner.run(is_rebuild=is_rebuild, progress=progress)
        return msgspec.json.decode(told, type=pipeline.RunReport)
    with workspace.ledger.alone(_run_into(workspace.home)) as still_alone:
        if workspace.ledger.is_ahead():  # its server would make all tables again in the shape of its own release
            raise BusyError("A newer release has upgraded the ledger, and computes its numbers.", "Upgrade this one.")
        run_into = partial(pipeline.run, views=views(), is_rebuild=is_rebuild, progress=_watched(progress, still_alone))
        if debug_folder is not None:
            run_into = partial(run_into, wrap_engine=partial(inspected, folder=empty_folder(debug_folder)))
        return _recorded(workspace, run_into, _bring_views_up_to_date if defines_views else _leave_views)


def _run_into(home: Home) -> str:
    """Runs into servers exclude each other, as one server has many URLs; a file has one."""
    return "a run into a server" if home.engine_url else f"a run into {home.engine_file.resolve()}"


def _watched(progress: Progress, still_alone: Callable[[], None]) -> Progress:
    """Look before each stage whether the run is still the only one."""

    def report_step(doing: str, done: int, total: int) -> None:
        still_alone()
        progress(doing, done, total)

    return report_step


def _recorded(
    workspace: Workspace,
    run_into: Callable[[pipeline.Feed, Engine], pipeline.RunReport],
    bring_views_up_to_date: Callable[[Engine], str],
) -> pipeline.RunReport:
    feed = pipeline.Feed(
        reference=lambda name: reference(workspace, name),
        events_after=workspace.ledger.events_after,
        cost_rows_after=workspace.ledger.cost_rows_after,
        rates_after=workspace.ledger.rates_after,
        erased_after=workspace.ledger.erased_after,
        claims_after=workspace.ledger.claims_after,
        withdrawn_after=workspace.ledger.withdrawn_after,
    )
    started = time.time_ns() // 1000
    status, detail = "failed", ""
    try:
        report = run_into(feed, workspace.engine)
        keep_run(workspace, report, started, time.time_ns() // 1000)
        report.views_blocked = bring_views_up_to_date(workspace.engine)
        status, detail = "done", f"{counted(report.events, 'event')}, {counted(report.cost_rows, 'cost row')}"
    except Exception as error:
        detail = str(error)[:512]
        raise
    finally:
        with workspace.ledger.transaction() as entry:
            entry.add(
                schema.JOB_RUNS, job="run", started_at=started, ended_at=time.time_ns() // 1000, status=status,
                detail=detail,
            )  # fmt: skip
    return report


def _bring_views_up_to_date(engine: Engine) -> str:
    """Why that has to wait; the numbers are new all the same, and the views of before show them."""
    try:
        define_views(engine)
    except BlockedError as error:
        return f"The views are still those of the earlier release. {error}"
    return ""


def _leave_views(_engine: Engine) -> str:
    return ""


def reference(workspace: Workspace, name: str) -> pa.Table:
    """One of the small tables that the ledger tells the engine whole."""
    return ALL[name].arrow(_ROWS[name](workspace))


def _organizations(workspace: Workspace) -> list[dict[str, object]]:
    rows = []
    for row in workspace.ledger.rows(schema.ORGANIZATIONS):
        chosen = workspace.settings(row["organization_id"])
        half_life_micros = round(chosen.half_life_days * DAY_MICROS)
        derived = {"half_life_micros": half_life_micros, "unverified_names": UNVERIFIED_NAMES}
        rows.append({**row, **vars(chosen), **_path_limits(chosen), **derived})
    return rows


def _path_limits(chosen: OrganizationSettings) -> dict[str, object]:
    """From where on a person is crowded, and how many touches a path of such a person keeps."""
    return {
        "crowded_touches": CROWDED_TOUCHES,
        "crowded_conversions": CROWDED_CONVERSIONS,
        "crowded_touches_per_path": chosen.crowded_touches_per_path,
    }


def _ignored_referrers(workspace: Workspace) -> list[dict[str, object]]:
    """The hosts that settings name, for each site for which they do."""
    rows = []
    for site in workspace.ledger.rows(schema.SITES):
        named = ignored_referrers_of(workspace.settings(site["organization_id"]).ignored_referrers)
        rows += [
            {"organization_id": site["organization_id"], "site_id": site["site_id"], "referrer": host}
            for host in sorted({host for of_site, host in named if of_site in {"", site["site_id"]}})
        ]
    return rows


def _goals(workspace: Workspace) -> list[dict[str, object]]:
    return [
        {
            **row,
            "unverified_goal": unverified_goal(row["goal"]),
            "is_retention": row["retention_exponent"] is not None,
        }
        for row in workspace.ledger.rows(schema.GOALS)
    ]


def _retention_values(workspace: Workspace) -> list[dict[str, object]]:
    return list(retention_rows(workspace.ledger.rows(schema.GOALS)))


def _fits(workspace: Workspace) -> list[dict[str, object]]:
    return standing(workspace.ledger.rows(schema.FITS))


def _fit_values(workspace: Workspace) -> list[dict[str, object]]:
    """The numbers of the fits that stand; a replaced version's are of no use to anybody."""
    kept = {row["fit_id"] for row in _fits(workspace)}
    return [dict(row) for row in workspace.ledger.rows(schema.FIT_VALUES) if row["fit_id"] in kept]


def models_of_organization(workspace: Workspace, organization_id: str) -> list[dict[str, str]]:
    """The models that a run computes: those that need no fit, those for which there is one, and the own ones.

    :returns: ``model``, ``kind`` (``rule``, ``fit`` or ``own``) and ``says``, the rule in a sentence.
    """
    fitted = {row["kind"] for row in _fits(workspace) if row["organization_id"] == organization_id}
    rules = [{"model": model, "kind": "rule", "says": SAYS[model]} for model in MODELS]
    fits = [{"model": model, "kind": "fit", "says": SAYS[model]} for model in FITTED_MODELS if model in fitted]
    own = [{"model": one.name, "kind": "own", "says": one.says} for one in own_models(workspace, organization_id)]
    return [*rules, *fits, *own]


def _models(workspace: Workspace) -> list[dict[str, object]]:
    return [
        {"organization_id": name, "model": one["model"]}
        for name in _organization_ids(workspace)
        for one in models_of_organization(workspace, name)
    ]


def _own_models(workspace: Workspace, rows_of: Callable[[str, Sequence[OwnModel]], list[Row]]) -> list[Row]:
    return [row for name in _organization_ids(workspace) for row in rows_of(name, own_models(workspace, name))]


def _arrivals(workspace: Workspace) -> list[dict[str, object]]:
    owners = {row["site_id"]: row["organization_id"] for row in workspace.ledger.rows(schema.SITES)}
    counts = [row for row in workspace.ledger.recent_arrivals(time.time_ns() // 1000) if row["site_id"] in owners]
    days = [datetime.fromtimestamp(row["counted_at"] // 1_000_000, UTC).date() for row in counts]
    return [
        {**row, "organization_id": owners[row["site_id"]], "period": day} for row, day in zip(counts, days, strict=True)
    ]


def _organization_ids(workspace: Workspace) -> list[str]:
    return [row["organization_id"] for row in workspace.ledger.rows(schema.ORGANIZATIONS)]


def _click_freshness(workspace: Workspace) -> list[dict[str, object]]:
    """The days of each organization: those of every platform, and those of single ones."""
    return [
        {"organization_id": name, "platform": platform, "fresh_days": days}
        for name in _organization_ids(workspace)
        for platform, days in click_freshness_of(workspace.settings(name).fresh_click_days).items()
    ]


TOLD_WHOLE = (
    schema.ORGANIZATIONS, schema.SITES, schema.SETTINGS, schema.GOALS, schema.TARGETS, schema.FITS, schema.OWN_MODELS,
    schema.CHANNEL_RULES, schema.CAMPAIGN_ALIASES, schema.COST_SITES, schema.LIFT_FACTORS, schema.HEALTH_NOTES,
)  # fmt: skip
"""The tables of the ledger that each run reads whole; values of a fit come and go with it."""

_ROWS: Mapping[str, Callable[[Workspace], Sequence[Mapping[str, object]]]] = {
    "organizations": _organizations,
    "sites": lambda workspace: workspace.ledger.rows(schema.SITES),
    "goals": _goals,
    "retention_values": _retention_values,
    "targets": lambda workspace: workspace.ledger.rows(schema.TARGETS),
    "fits": _fits,
    "fit_values": _fit_values,
    "models": _models,
    "own_models": partial(_own_models, rows_of=model_rows),
    "own_model_channels": partial(_own_models, rows_of=channel_rows),
    "own_model_milestones": partial(_own_models, rows_of=milestone_rows),
    "grains": lambda _workspace: GRAIN_ROWS,
    "no_touchpoint": lambda _workspace: [{"touchpoint_id": "", "channel": ""}],
    "click_freshness": _click_freshness,
    "detours": lambda _workspace: [{"referrer": host, "kind": kind} for host, kind in sorted(detours().items())],
    "detour_patterns": lambda _workspace: like_patterns(),
    "click_kinds": lambda _workspace: [
        {"name": name, "kind": known.kind} for name, known in sorted({**CLICK_IDS, **PARAMETER_SETS}.items())
    ],
    "ignored_referrers": _ignored_referrers,
    "app_browsers": lambda _workspace: [row._asdict() for row in app_browsers()],
    "channel_rules": lambda workspace: workspace.ledger.rows(schema.CHANNEL_RULES),
    "campaign_aliases": lambda workspace: workspace.ledger.rows(schema.CAMPAIGN_ALIASES),
    "cost_sites": lambda workspace: workspace.ledger.rows(schema.COST_SITES),
    "lift_factors": lambda workspace: workspace.ledger.rows(schema.LIFT_FACTORS),
    "health_notes": lambda workspace: workspace.ledger.rows(schema.HEALTH_NOTES),
    "arrivals": _arrivals,
    "blocked_identifiers": lambda _workspace: [{"named_value": value} for value in sorted(BLOCKED_IDENTIFIERS)],
}
