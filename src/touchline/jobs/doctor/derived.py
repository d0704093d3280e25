"""Checks of the engine: whether the numbers follow the ledger, add up, and can say something."""

from collections.abc import Iterator, Mapping

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.doctor.crowded import crowded_checks
from touchline.jobs.doctor.identities import identifier_checks
from touchline.jobs.doctor.links import link_checks, weight_checks
from touchline.jobs.doctor.money import money_checks
from touchline.jobs.doctor.refunds import refund_checks
from touchline.jobs.running import reference
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.overview import conservation_checks
from touchline.table import Table
from touchline.tables import FITS, GOALS, ORGANIZATIONS, SITES, TARGETS

_RUN = "touchline run"
_REBUILD = "touchline run --rebuild"


def checks(workspace: Workspace) -> Iterator[Check]:
    """Every check that needs the engine.

    :raises BusyError: if another process owns the engine's file.
    """
    stored = rows(workspace, "stored")
    yield Check("engine", "ok", "The engine is readable, and no other process has locked it.")
    ledger = workspace.ledger
    told = {f"events of {site}": n for site, n in ledger.counts(schema.TRACKING_EVENTS, "site_id").items()}
    told |= {f"cost load {load}": n for load, n in ledger.counts(schema.AD_COST_ROWS, "load_number").items()}
    yield _following(told, {row["what"]: row["how_many"] for row in stored}, _erased_since(workspace))
    yield _settings(
        [table.name for table in (SITES, ORGANIZATIONS, GOALS, TARGETS, FITS) if _differs(workspace, table)]
    )
    for goal in rows(workspace, "goals_reached"):
        yield _goal(goal)
    yield from refund_checks(workspace)
    yield from link_checks(workspace)
    yield from weight_checks(workspace)
    yield from crowded_checks(workspace)
    yield from identifier_checks(workspace)
    for organization in ledger.rows(schema.ORGANIZATIONS):
        yield _conserved(workspace, organization["organization_id"])
    yield from money_checks(workspace)


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


def _differs(workspace: Workspace, table: Table) -> bool:
    by_key = [(name, "ascending") for name in table.key]
    standing = workspace.engine.select(f"from {table.name}").select(list(table.column_names))
    wanted = reference(workspace, table.name)
    return bool(standing.sort_by(by_key).to_pylist() != wanted.sort_by(by_key).to_pylist())


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
