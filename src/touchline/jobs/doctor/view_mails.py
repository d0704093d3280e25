"""Whether the views that are sent by mail arrive."""

from collections.abc import Iterator

from touchline.amounts import counted
from touchline.jobs.doctor.check import Check
from touchline.jobs.view_mails import mails_of
from touchline.jobs.workspace import Workspace


def mail_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """A check where views are sent; where none is, there is nothing to say."""
    found = mails_of(workspace.ledger, organization_id)
    failed = [one for one in found if one.failure]
    if failed:
        yield Check(
            "mails", "warning",
            f"{len(failed):,} of {counted(len(found), 'mail')} of views did not arrive last time: {failed[0].failure}",
            "Correct the mail server's settings, or stop the mail on the page Saved views.", "mails_fail",
        )  # fmt: skip
    elif found:
        yield Check("mails", "ok", f"Views are sent to {counted(len(found), 'address', 'addresses')}.")
