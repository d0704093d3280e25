"""Checks of the ledger: the input, and the configuration."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from touchline.amounts import counted
from touchline.ingest import NOBODYS_FAULT
from touchline.jobs.doctor import foreign_pages
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

_MANY_REFUSED = 0.02
"""Of what was read, and what is nobody's fault left out: more than this is worth a look."""


def checks(workspace: Workspace) -> Iterator[Check]:
    """Every check that needs the ledger alone."""
    ledger = workspace.ledger
    yield _file(ledger.damage())
    accepted = sum(ledger.counts(schema.TRACKING_EVENTS, "type").values())
    yield _events(ledger.counts(schema.TRACKING_EVENTS, "type"))
    refused = Counter(ledger.counts(schema.REJECTED_EVENTS, "reason"))
    for row in ledger.rows(schema.UNKEPT_REJECTIONS):
        refused[row["reason"]] += row["count"]
    yield _rejected(accepted, refused)
    yield from foreign_pages.checks(workspace)
    loads = ledger.rows(schema.AD_COST_LOADS)
    yield _costs(sum(load["accepted"] for load in loads), sum(load["rejected"] for load in loads))
    for organization in ledger.rows(schema.ORGANIZATIONS):
        name = organization["organization_id"]
        yield _goals(name, len(ledger.rows(schema.GOALS, organization_id=name)))
        yield _targets(name, len(ledger.rows(schema.TARGETS, organization_id=name)))
    yield _last_run(ledger.rows(schema.JOB_RUNS))


def _file(damage: str) -> Check:
    if damage:
        return Check("ledger", "problem", f"The ledger's file is damaged: {damage}.", "Restore it from a backup.")
    return Check("ledger", "ok", "The ledger is intact, and its schema matches this release.")


def _events(by_type: Mapping[str, int]) -> Check:
    if not by_type:
        return Check(
            "events", "warning", "No event has been accepted yet.", "touchline import events FILE…", "no_events"
        )
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in by_type.items())
    return Check("events", "ok", f"{sum(by_type.values()):,} accepted: {kinds}.")


def _rejected(accepted: int, by_reason: Mapping[str, int]) -> Check:
    if not by_reason:
        return Check("rejected events", "ok", "None.")
    message = ", ".join(f"{count:,} {reason}" for reason, count in by_reason.items()) + "."
    faulty = sum(count for reason, count in by_reason.items() if reason not in NOBODYS_FAULT)
    if faulty > _MANY_REFUSED * (accepted + faulty):
        return Check("rejected events", "warning", message, "touchline rejected --show 10 says what is wrong.")
    return Check("rejected events", "ok", message)


def _costs(accepted: int, rejected: int) -> Check:
    if not accepted:
        return Check(
            "ad costs", "warning", "There are none, so CPA, ROAS, and waste are unknown.",
            "touchline import costs FILE…", "no_costs",
        )  # fmt: skip
    if rejected:
        return Check(
            "ad costs",
            "warning",
            f"{counted(accepted, 'row')}; {rejected:,} {'was' if rejected == 1 else 'were'} rejected.",
            "Fix those rows and import them again.",
        )
    return Check("ad costs", "ok", f"{counted(accepted, 'row')}.")


def _goals(organization_id: str, count: int) -> Check:
    if not count:
        return Check(
            "goals",
            "problem",
            f"{organization_id} has no goal, so nothing is a conversion.",
            "touchline goal set NAME",
            "no_goal",
        )
    return Check("goals", "ok", f"{organization_id} has {count}.")


def _targets(organization_id: str, count: int) -> Check:
    if not count:
        return Check(
            "targets", "warning",
            f"{organization_id} has none, so only spend with no conversions counts as waste.",
            "touchline target set --cpa AMOUNT", "no_target",
        )  # fmt: skip
    return Check("targets", "ok", f"{organization_id} has {count}.")


def _last_run(runs: list[Mapping[str, Any]]) -> Check:
    if not runs:
        return Check("last run", "warning", "There has been none.", "touchline run", "never_ran")
    last = runs[-1]
    when = f"{datetime.fromtimestamp(last['started_at'] / 1e6, UTC):%F %T} UTC"
    if last["status"] != "done":
        return Check("last run", "problem", f"{when}: {last['status']}: {last['detail']}", "touchline run", "failed")
    return Check("last run", "ok", f"{when}: {last['detail']}.")
