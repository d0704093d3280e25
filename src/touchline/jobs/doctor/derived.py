"""Checks of the engine: whether the numbers follow the ledger, add up, and can say something."""

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.doctor.crowded import crowded_checks
from touchline.jobs.doctor.identities import identifier_checks
from touchline.jobs.doctor.links import link_checks, weight_checks
from touchline.jobs.doctor.money import money_checks
from touchline.jobs.doctor.refunds import refund_checks
from touchline.jobs.doctor.uncredited import uncredited_checks
from touchline.jobs.running import reference
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.overview import conservation_checks
from touchline.sql import query
from touchline.table import Table
from touchline.tables import COST_SITES, FITS, GOALS, IGNORED_REFERRERS, LIFT_FACTORS, ORGANIZATIONS, SITES, TARGETS

_RUN = "touchline run"
_REBUILD = "touchline run --rebuild"


def engine_check(workspace: Workspace) -> Check:
    """Whether the engine can be read.

    :raises BusyError: if another process owns the engine's file.
    """
    workspace.engine.select("select count(*) as events from tracking_events")
    return Check("engine", "ok", "The engine is readable, and no other process has locked it.")


def checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """Every check of the organization that needs the engine."""
    stored = {row["what"]: row["how_many"] for row in rows(workspace, "stored", organization_id)}
    yield _following(_told(workspace, organization_id), stored, _erased_since(workspace, organization_id))
    compared = (SITES, ORGANIZATIONS, GOALS, TARGETS, FITS, IGNORED_REFERRERS, LIFT_FACTORS, COST_SITES)
    yield _settings([table.name for table in compared if _differs(workspace, table, organization_id)])
    for goal in rows(workspace, "goals_reached", organization_id):
        yield _goal(goal)
    yield from refund_checks(workspace, organization_id)
    yield from uncredited_checks(workspace, organization_id)
    yield from link_checks(workspace, organization_id)
    yield from weight_checks(workspace, organization_id)
    yield from crowded_checks(workspace, organization_id)
    yield from identifier_checks(workspace, organization_id)
    yield _conserved(workspace, organization_id)
    yield from money_checks(workspace, organization_id)


def _told(workspace: Workspace, organization_id: str) -> dict[str, int]:
    """How much the ledger holds, site by site and load by load."""
    ledger, sites = workspace.ledger, workspace.sites_of(organization_id)
    loads = [row["load_number"] for row in ledger.rows(schema.AD_COST_LOADS, organization_id=organization_id)]
    events = ledger.counts(schema.TRACKING_EVENTS, "site_id", site_id=sites)
    costs = ledger.counts(schema.AD_COST_ROWS, "load_number", load_number=loads)
    return {
        **{f"events of {site}": count for site, count in events.items()},
        **{f"cost load {load}": count for load, count in costs.items()},
    }


def _erased_since(workspace: Workspace, organization_id: str) -> int:
    """How many events the numbers hold that the ledger has erased since the last run."""
    made = workspace.engine.select("select 1 as one from information_schema.tables where table_name = 'erased_events'")
    if not made.num_rows:  # an engine that an earlier release made
        return 0
    newest = workspace.engine.select("select coalesce(max(tombstone), 0) as newest from erased_events")
    gone = workspace.ledger.erased_after(newest["newest"][0].as_py()).read_all()["sequence"]
    if not len(gone):
        return 0
    span = pc.min_max(gone).as_py()
    parameters = {"organization_id": organization_id, "first": span["min"], "last": span["max"]}
    known = workspace.engine.select(query(__package__, "sequences_between").text, parameters=parameters)["sequence"]
    return int(pc.sum(pc.is_in(known, value_set=gone)).as_py() or 0)


def _following(told: Mapping[str, int], stored: Mapping[str, int], erased: int) -> Check:
    """Whether the engine holds what the ledger holds, site by site and load by load."""
    name = "following the ledger"
    if erased:
        return Check(
            name,
            "warning",
            f"The numbers may still include {counted(erased, 'event')} that {'was' if erased == 1 else 'were'} erased.",
            _RUN,
            "behind",
        )
    if set(stored) - set(told) or any(stored[what] > told[what] for what in stored):
        return Check(
            name,
            "problem",
            "The engine contains rows that the ledger does not: it belongs to another ledger.",
            _REBUILD,
            "foreign",
        )
    behind = sum(count - stored.get(what, 0) for what, count in told.items())
    if behind:
        lacking = counted(behind, "event or cost row", "events or cost rows")
        return Check(name, "warning", f"The numbers are missing {lacking} from the ledger.", _RUN, "behind")
    known = counted(sum(told.values()), "event or cost row", "events and cost rows")
    return Check(name, "ok", f"The numbers include all {known}.")


def _differs(workspace: Workspace, table: Table, organization_id: str) -> bool:
    standing = workspace.engine.select(f"from {table.name}").select(list(table.column_names))
    wanted = reference(workspace, table.name)
    one, other = (_of_organization(rows, table, organization_id) for rows in (standing, wanted))
    return one != other


def _of_organization(rows: pa.Table, table: Table, organization_id: str) -> list[Row]:
    """The organization's rows, by key."""
    by_key = [(name, "ascending") for name in table.key]
    own: list[Row] = rows.filter(pc.field("organization_id") == organization_id).sort_by(by_key).to_pylist()
    return own


def _settings(changed: list[str]) -> Check:
    if changed:
        return Check("settings", "warning", f"Changed since the last run: {', '.join(changed)}.", _RUN, "changed")
    return Check("settings", "ok", "The numbers use the current settings, goals, and targets.")


def _goal(row: Row) -> Check:
    name = f"goal {row['goal']}"
    wanted = f"{row['event_type']} events" + (f" named {row['event_name']!r}" if row["event_name"] else "")
    if not row["conversions"]:
        step = "Compare the names in `touchline goal list` with those of your events."
        return Check(name, "warning", f"No conversions: there are no {wanted}.", step, "not_reached")
    if not row["counted"]:
        return Check(
            name,
            "warning",
            f"None of its {counted(row['conversions'], 'conversion')} counts: test, cancelled, refunded, unverified.",
            "See `no links` below.",
            "not_counted",
        )
    return Check(name, "ok", f"{_count(row['counted'])}, of {row['conversions']:,}.{_unverified(row)}")


def _unverified(row: Row) -> str:
    """What the goal does with those that only a publishable key reported; ``""`` where there are none."""
    if not row["unverified"]:
        return ""
    handled = {
        "count": "count, too",
        "apart": f"are reported as {row['unverified_goal']!r}",
        "leave_out": "do not count",
    }
    return f" Unverified conversions: {row['unverified']:,}, which {handled[row['unverified_handling']]}."


def _conserved(workspace: Workspace, organization_id: str) -> Check:
    found = conservation_checks(workspace.engine, organization_id)
    broken = [check.name for check in found if not check.is_held]
    if broken:
        return Check("conservation", "problem", f"{organization_id}: broken: {'; '.join(broken)}.", _REBUILD)
    sums = counted(len(found), "sum is", "sums are")
    message = f"{organization_id}: all {sums} exact: credit, value, and spend add up."
    return Check("conservation", "ok", message)


def _count(conversions: int) -> str:
    return f"{counted(conversions, 'conversion')} {'counts' if conversions == 1 else 'count'}"
