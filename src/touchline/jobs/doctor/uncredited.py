"""Visits that show a source and get no credit for it: people who come back from a detour, and a site's own links."""

from collections.abc import Iterator

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace

_KINDS = {
    "payment": ("return from a payment page", "returns from payment pages", ""),
    "sign_in": ("return from a sign-in or verification page", "returns from sign-in or verification pages", ""),
    "ignored_referrer": ("visit from a host in ignored_referrers", "visits from hosts in ignored_referrers", ""),
    "own_link": (
        "click on a tagged link on your own pages",
        "clicks on tagged links on your own pages",
        "Remove the UTM parameters from links between your own pages.",
    ),
    "weaker_source": (
        "source that came after a stronger one in its session, such as a search after an ad",
        "sources that came after a stronger one in their session, such as a search after an ad",
        "",
    ),
}
"""By reason: one such visit, several, and what to do."""


def uncredited_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """One check for each reason for which visits were not credited."""
    for row in rows(workspace, "uncredited_visits", organization_id):
        yield _uncredited(row)


def _uncredited(row: Row) -> Check:
    one, several, step = _KINDS[row["uncredited_because"]]
    name = f"not credited: {row['uncredited_because'].replace('_', ' ')}"
    message = f"Not credited as a source: {counted(row['visits'], one, several)}, the newest on {row['newest']}."
    return Check(name, "ok", message, step, row["uncredited_because"])
