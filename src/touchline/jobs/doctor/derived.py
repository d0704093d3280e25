"""Checks of the engine: whether the numbers follow the ledger, add up, and can say something."""

from collections.abc import Iterator, Mapping
from typing import Any

from touchline.jobs.doctor.check import Check
from touchline.jobs.running import reference
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.overview import conservation_checks
from touchline.sql import query
from touchline.table import Table
from touchline.tables import FITS, GOALS, ORGANIZATIONS, SITES, TARGETS

Row = Mapping[str, Any]

_RUN = "touchline run"
_REBUILD = "touchline run --rebuild"


def checks(workspace: Workspace) -> Iterator[Check]:
    """Every check that needs the engine.

    :raises BusyError: if another process owns the engine's file.
    """
    stored = _rows(workspace, "stored")
    yield Check("engine", "ok", "The engine can be read, and no other process holds it.")
    ledger = workspace.ledger
    told = {f"events of {site}": n for site, n in ledger.counts(schema.TRACKING_EVENTS, "site_id").items()}
    told |= {f"cost load {load}": n for load, n in ledger.counts(schema.AD_COST_ROWS, "load_number").items()}
    yield _following(told, {row["what"]: row["how_many"] for row in stored}, _erased_since(workspace))
    yield _settings(
        [table.name for table in (SITES, ORGANIZATIONS, GOALS, TARGETS, FITS) if _differs(workspace, table)]
    )
    for goal in _rows(workspace, "goals_reached"):
        yield _goal(goal)
    yield _links(_rows(workspace, "path_lengths")[0])
    for organization in ledger.rows(schema.ORGANIZATIONS):
        yield _conserved(workspace, organization["organization_id"])
    campaigns = _rows(workspace, "matched_campaigns")
    yield _matched(campaigns)
    yield _rollups(_rows(workspace, "rolled_up_days")[0])
    yield _waste(_rows(workspace, "waste_by_severity"), has_costs=bool(campaigns))


def _rows(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    return list(workspace.engine.select(query(__package__, name).text).to_pylist())


def _erased_since(workspace: Workspace) -> int:
    """How many events the ledger has erased that the engine has not looked at yet."""
    made = workspace.engine.select("select 1 as one from information_schema.tables where table_name = 'erased_events'")
    if not made.num_rows:  # an engine that an earlier release made
        return 0
    newest = workspace.engine.select("select coalesce(max(tombstone), 0) as newest from erased_events")
    return int(workspace.ledger.erased_after(newest["newest"][0].as_py()).read_all().num_rows)


def _following(told: Mapping[str, int], stored: Mapping[str, int], erased: int) -> Check:
    """Whether the engine holds what the ledger holds, site by site and load by load."""
    name = "following the ledger"
    if erased:
        return Check(name, "warning", f"The numbers may still tell of {erased:,} events that were erased.", _RUN)
    if set(stored) - set(told) or any(stored[what] > told[what] for what in stored):
        return Check(name, "problem", "The engine holds what the ledger does not: it is another ledger's.", _REBUILD)
    behind = sum(count - stored.get(what, 0) for what, count in told.items())
    if behind:
        return Check(name, "warning", f"The numbers lack {behind:,} events or cost rows of the ledger.", _RUN)
    return Check(name, "ok", f"The numbers know all {sum(told.values()):,} events and cost rows.")


def _differs(workspace: Workspace, table: Table) -> bool:
    by_key = [(name, "ascending") for name in table.key]
    standing = workspace.engine.select(f"from {table.name}").select(list(table.column_names))
    wanted = reference(workspace, table.name)
    return bool(standing.sort_by(by_key).to_pylist() != wanted.sort_by(by_key).to_pylist())


def _settings(changed: list[str]) -> Check:
    if changed:
        return Check("settings", "warning", f"Changed since the last run: {', '.join(changed)}.", _RUN)
    return Check("settings", "ok", "The numbers were made with the settings, goals and targets that stand.")


def _goal(row: Row) -> Check:
    name = f"goal {row['goal']}"
    wanted = f"{row['event_type']} events" + (f" named {row['event_name']!r}" if row["event_name"] else "")
    if not row["conversions"]:
        step = "Compare the names in `touchline goal list` with those of your events."
        return Check(name, "warning", f"No conversion: there are no {wanted}.", step)
    if not row["counted"]:
        return Check(
            name, "warning", f"None of its {row['conversions']:,} conversions counts: test, cancelled, refunded."
        )
    return Check(name, "ok", f"{row['counted']:,} conversions count, of {row['conversions']:,}.")


def _links(row: Row) -> Check:
    """Whether conversions have touches; if not, why."""
    name = "attribution links"
    if not row["conversions"]:
        return Check(name, "warning", "No conversion counts, so there is nothing to attribute.", "See the goals above.")
    if not row["touchpoints"]:
        step = "Import the page views, with their URLs and referrers."
        return Check(name, "problem", "There is no touchpoint: no visit has a page view.", step)
    if not row["touched"]:
        return Check(
            name, "problem", "No conversion has a touch: they are other people's, or older than the lookback.",
            "Send the same anonId (or userId) with conversions as with page views; or raise lookback_days.",
        )  # fmt: skip
    share = row["touched"] / row["conversions"]
    message = f"{row['touched']:,} of {row['conversions']:,} counted conversions have a touch ({share:.1%})."
    if share < 0.5:
        return Check(name, "warning", message, "Check that conversions carry the anonId of the page views.")
    return Check(name, "ok", message)


def _conserved(workspace: Workspace, organization_id: str) -> Check:
    found = conservation_checks(workspace.engine, organization_id)
    broken = [check.name for check in found if not check.is_held]
    if broken:
        return Check("conservation", "problem", f"{organization_id}: broken: {'; '.join(broken)}.", _REBUILD)
    message = f"{organization_id}: all {len(found)} sums are exact: credit, value and spend are neither lost nor made."
    return Check("conservation", "ok", message)


def _matched(campaigns: list[dict[str, Any]]) -> Check:
    """Whether campaigns that cost money are seen in the visits."""
    name = "costs meet touches"
    if not campaigns:
        return Check(name, "warning", "There are no costs to match.", "touchline import costs FILE…")
    missing = [row for row in campaigns if not row["touches"]]
    if not missing:
        return Check(name, "ok", f"Every one of {len(campaigns)} campaigns that cost money brought a visit.")
    first = ", ".join(f"{row['name']} ({row['platform']})" for row in missing[:3])
    message = f"{len(missing)} of {len(campaigns)} campaigns cost money, and no visit carries their id or name: {first}"
    step = "Put the campaign's id into utm_id or its name into utm_campaign of its ads; or see whether they ran."
    return Check(name, "warning", message + (", …" if len(missing) > 3 else "."), step)


def _rollups(row: Row) -> Check:
    name = "rollups"
    if not row["days"]:
        return Check(name, "warning", "There are none: neither costs nor conversions.", "touchline import …")
    if row["cost_days"] and row["credit_days"] and not row["shared_days"]:
        return Check(
            name,
            "warning",
            "Costs and conversions share no day: sums over a window hold, rates of a single day cannot be told.",
            "Import costs of the days of the conversions, if there are any.",
        )
    message = f"{row['days']:,} days: {row['credit_days']:,} with conversions, {row['cost_days']:,} with costs."
    return Check(name, "ok", message)


def _waste(by_severity: list[dict[str, Any]], *, has_costs: bool) -> Check:
    if by_severity:
        found = ", ".join(f"{row['findings']:,} {row['severity']}" for row in by_severity)
        return Check("waste", "ok", f"Findings under the default models: {found}.", "touchline waste")
    if not has_costs:
        return Check("waste", "warning", "None can be found without costs.", "touchline import costs FILE…")
    return Check("waste", "ok", "None in the window: everything that cost money earned enough.")
