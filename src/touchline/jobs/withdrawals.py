"""Withdrawals of consent: what was kept of the browser is erased, where the organization chose so."""

from touchline.errors import UnknownError
from touchline.jobs import auditing, erasing
from touchline.jobs.erasure_work import forget_choices
from touchline.jobs.pace import AfterSlice, ignore_slices
from touchline.jobs.repeating_erasures import tell_backups
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import schema


def carry_out_withdrawals(workspace: Workspace, *, now: int, after_slice: AfterSlice = ignore_slices) -> int:
    """Erase the browsers whose visitors took consent back, of each organization whose ``withdrawal`` is ``erase``.

    A page says whose consent it is with a key that anybody can read. So only what is kept of the named id goes, and
    what servers and files reported of an account stays, as with ``touchline erase --proven-only``.

    :param now: microseconds since 1970.
    :param after_slice: called after each short transaction.
    :returns: how many withdrawals were carried out.
    """
    number = 0
    for site in workspace.ledger.rows(schema.SITES):
        if workspace.settings(site["organization_id"]).withdrawal == "erase":
            waiting = workspace.ledger.rows(
                schema.CONSENTS, site_id=site["site_id"], choice="denied", carried_out_at=None
            )
            for row in waiting:
                if row["visitor_id"] is not None:
                    _carry_out(workspace, site["organization_id"], row, now, after_slice)
                    number += 1
    if number:
        tell_backups(workspace)
    return number


def _carry_out(workspace: Workspace, organization_id: str, row: Row, now: int, after_slice: AfterSlice) -> None:
    try:
        erasing.erase(
            workspace, organization_id, visitor=row["visitor_id"], now=now, is_proven_only=True, after_slice=after_slice
        )
    except UnknownError:  # nothing was kept, or it is erased already
        with workspace.ledger.transaction() as entry:
            forget_choices(entry, site_id=row["site_id"], visitors=[row["visitor_id"]])
    auditing.note(
        workspace.ledger, organization_id, "erased", "a browser, by withdrawal of consent", now=now, actor="withdrawals"
    )
    with workspace.ledger.transaction() as entry:
        entry.change(schema.CONSENTS, {"consent_id": row["consent_id"]}, carried_out_at=now)
