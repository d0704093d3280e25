"""What people decide about findings of waste: accepted, dismissed or snoozed, with a note."""

import re
from dataclasses import replace
from datetime import date
from typing import Any, Literal, get_args

from touchline.characters import unstorable
from touchline.errors import UnknownError, UsageError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.waste import WasteFinding, WasteReport

State = Literal["accepted", "dismissed", "snoozed"]
STATES: tuple[str, ...] = get_args(State)
LONGEST_NOTE = 1_000
_ID = re.compile(r"w_[0-9a-f]{16}")


def set_state(
    workspace: Workspace, organization_id: str, finding_id: str, state: str, *, note: str = "",
    until: date | None = None, now: int,
) -> None:  # fmt: skip
    """Decide about a finding; it stays decided in whatever days it is found again.

    :param state: ``accepted`` (it will be acted on), ``dismissed`` (it is none) or ``snoozed`` (not before ``until``).
    :param note: why, up to 1,000 characters.
    :param until: the day from which a snoozed finding counts as open again.
    :raises UsageError: if the id, the state, the note or the day is none.
    """
    if not _ID.fullmatch(finding_id):
        raise UsageError(
            f"A finding's id is w_ and 16 hexadecimal digits, not {finding_id!r:.80}.",
            "See `touchline waste`; days of --mode simple (s_…) cannot be decided.",
        )
    if state not in STATES:
        raise UsageError(f"A state is one of {', '.join(STATES)}, not {state!r:.80}.")
    if (state == "snoozed") is (until is None):
        raise UsageError("A snoozed finding needs a day, and no other has one.", "Give --until YYYY-MM-DD.")
    if len(note) > LONGEST_NOTE or unstorable(note):
        raise UsageError(f"A note is a text of up to {LONGEST_NOTE} characters.")
    with workspace.ledger.transaction() as entry:
        entry.put(
            schema.FINDING_STATES, organization_id=organization_id, finding_id=finding_id, state=state,
            until_date=until, note=note, changed_at=now,
        )  # fmt: skip


def remove_state(workspace: Workspace, organization_id: str, finding_id: str) -> None:
    """Forget what was decided about a finding.

    :raises UnknownError: if nothing was.
    """
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.FINDING_STATES, organization_id=organization_id, finding_id=finding_id):
            raise UnknownError(f"Nothing was decided about {finding_id!r:.80}.", "See `touchline finding list`.")


def is_open(finding: WasteFinding, today: date) -> bool:
    """Whether nothing is decided about a finding, or it was snoozed and its day has come.

    :param today: by which that is judged.
    """
    if finding.decision == "snoozed":
        return finding.decision_until is not None and finding.decision_until <= today
    return not finding.decision


def states_of(workspace: Workspace, organization_id: str) -> dict[str, dict[str, Any]]:
    """What was decided, by the ids of findings."""
    rows = workspace.ledger.rows(schema.FINDING_STATES, organization_id=organization_id)
    return {row["finding_id"]: {name: row[name] for name in ("state", "until_date", "note")} for row in rows}


def with_decisions(workspace: Workspace, organization_id: str, report: WasteReport) -> WasteReport:
    """The report, with what was decided about each of its findings."""
    states = states_of(workspace, organization_id)
    findings = (
        replace(
            one, decision=states[one.finding_id]["state"], decision_until=states[one.finding_id]["until_date"],
            decision_note=states[one.finding_id]["note"],
        ) if one.finding_id in states else one
        for one in report.findings
    )  # fmt: skip
    return replace(report, findings=tuple(findings))
