"""Which refunds and cancellations change no order, and what to do about each kind."""

from collections.abc import Iterator

from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace

_CAUSES = {
    "claimed_by_browser": (
        "reported by a browser, not applied",
        "Send refunds and cancellations from the server, with a secret key",
    ),
    "other_currency": (
        "in a different currency than their order, not applied",
        "Send them in the order's currency, or without a value for a full refund",
    ),
    "no_order": (
        "for unknown orders",
        "Compare their order ids with those of the orders; a refund is applied when its order arrives",
    ),
}
"""By reason: what these refunds are, and what to do."""


def refund_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """One check for each reason for which refunds or cancellations are not applied."""
    for row in rows(workspace, "corrections_not_applied", organization_id):
        yield _not_applied(row)


def _not_applied(row: Row) -> Check:
    what, step = _CAUSES[row["reason"]]
    message = f"Refunds and cancellations {what}: {row['corrections']:,}, the newest for order {row['newest_order']}."
    name = f"refunds: {row['reason'].replace('_', ' ')}"
    return Check(name, "warning", message, f"{step}.", row["reason"])
