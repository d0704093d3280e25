"""Persons that are too much for one customer: a shared browser or a script, whose paths are cut short."""

from collections.abc import Iterator

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace

_NAMED = 3
"""How many are named; the rest are counted."""


def crowded_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """A warning that names the largest crowded persons, where there are any."""
    found = rows(workspace, "persons_past_limits", organization_id)
    if not found:
        return
    listed = "; ".join(map(_counts, found[:_NAMED]))
    others = f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    yield Check(
        "crowded persons",
        "warning",
        f"{len(found):,} with more touches or conversions than one customer plausibly has: usually a kiosk, a"
        f" browser in which staff enter phone orders, or a script: {listed}{others}. Each of their conversions is"
        f" credited to at most {max(row['touches_per_path'] for row in found)} touches.",
        "Send orders entered by staff with the customer's own ids, or without anonId, and block traffic that is"
        " not from customers.",
        "crowded_person",
    )


def _counts(row: Row) -> str:
    touches, conversions = counted(row["touches"], "touch", "touches"), counted(row["conversions"], "conversion")
    return f"{row['identifier']} ({touches}, {conversions})"
