"""Checks of the ledger: the input, and the configuration."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from touchline.amounts import counted
from touchline.ingest import NOBODYS_FAULT
from touchline.jobs.doctor import foreign_pages
from touchline.jobs.doctor.check import Check
from touchline.jobs.doctor.view_mails import mail_checks
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

_MANY_REFUSED = 0.02
"""Of what was read, and what is nobody's fault left out: more than this is worth a look."""


def file_check(workspace: Workspace) -> Check:
    """Whether the ledger is whole."""
    return _file(workspace.ledger.damage())


def checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """Every check of the organization that needs the ledger alone."""
    ledger, sites = workspace.ledger, workspace.sites_of(organization_id)
    types = ledger.counts(schema.TRACKING_EVENTS, "type", site_id=sites)
    yield _events(types)
    refused = Counter(ledger.counts(schema.REJECTED_EVENTS, "reason", site_id=sites))
    for row in ledger.rows(schema.UNKEPT_REJECTIONS, site_id=sites):
        refused[row["reason"]] += row["count"]
    yield _rejected(sum(types.values()), refused)
    yield from foreign_pages.checks(workspace, organization_id)
    loads = ledger.rows(schema.AD_COST_LOADS, organization_id=organization_id)
    yield _costs(sum(load["accepted"] for load in loads), sum(load["rejected"] for load in loads))
    yield _goals(organization_id, len(ledger.rows(schema.GOALS, organization_id=organization_id)))
    yield _targets(organization_id, len(ledger.rows(schema.TARGETS, organization_id=organization_id)))
    yield from mail_checks(workspace, organization_id)


def run_check(workspace: Workspace, *, tells_all: bool) -> Check:
    """How the last run went.

    :param tells_all: whether to say what it read, or why it failed, which is of all organizations together.
    """
    return _last_run(workspace.ledger.newest(schema.JOB_RUNS, job="run"), tells_all=tells_all)


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
        return Check("rejected events", "warning", message, "touchline rejected --show 10")
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
            f"{organization_id} has none, so campaigns are compared with each other only.",
            "touchline target set --cpa AMOUNT", "no_target",
        )  # fmt: skip
    return Check("targets", "ok", f"{organization_id} has {count}.")


def _last_run(last: Mapping[str, Any] | None, *, tells_all: bool) -> Check:
    if last is None:
        return Check("last run", "warning", "There has been none.", "touchline run", "never_ran")
    when = f"{datetime.fromtimestamp(last['started_at'] / 1e6, UTC):%F %T} UTC"
    if last["status"] != "done":
        detail = f"{last['status']}: {last['detail']}" if tells_all else f"{last['status']}."
        return Check("last run", "problem", f"{when}: {detail}", "touchline run", "failed")
    return Check("last run", "ok", f"{when}: {last['detail'] if tells_all else last['status']}.")
