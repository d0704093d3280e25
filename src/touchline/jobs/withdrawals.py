"""Withdrawals of consent: what was kept of the browser is erased, where the organization chose so."""

import json
from collections.abc import Iterator, Sequence

from touchline.ingest import entry_of, of_browsers
from touchline.jobs import auditing, erasing
from touchline.jobs.erasure_work import DELETING, ENTRIES_AT_ONCE, erasure_pace, last_of
from touchline.jobs.pace import AfterSlice, ignore_slices
from touchline.jobs.repeating_erasures import tell_backups
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import schema


def carry_out_withdrawals(workspace: Workspace, *, now: int, after_slice: AfterSlice = ignore_slices) -> int:
    """Erase the browsers whose visitors took consent back, of each organization whose ``withdrawal`` is ``erase``.

    A page says whose consent it is with a key that anybody can read. So only that goes which browsers reported of this
    id on the site of the key: no pairs are followed, and what servers and files reported stays. The newest choice of a
    visitor decides; of a grant and a withdrawal of the same time, the withdrawal does.

    :param now: microseconds since 1970.
    :param after_slice: called after each short transaction.
    :returns: how many visitors' withdrawals were carried out.
    """
    number = 0
    for site in workspace.ledger.rows(schema.SITES):
        if workspace.settings(site["organization_id"]).withdrawal == "erase":
            for withdrawn in _withdrawn(workspace, site["site_id"]):
                _carry_out(workspace, site, withdrawn, now, after_slice)
                number += len({row["visitor_id"] for row in withdrawn})
    if number:
        workspace.ledger.settle()
        tell_backups(workspace)
    return number


def _withdrawn(workspace: Workspace, site_id: str) -> Iterator[list[Row]]:
    """The withdrawals that are not carried out, of visitors who granted nothing since, in parts of bounded size."""
    waiting = workspace.ledger.rows(schema.CONSENTS, site_id=site_id, choice="denied", carried_out_at=None)
    said_at: dict[str, int] = {}
    for row in waiting:
        if row["visitor_id"] is not None:
            said_at[row["visitor_id"]] = max(row["said_at"], said_at.get(row["visitor_id"], row["said_at"]))
    visitors = sorted(said_at)
    for start in range(0, len(visitors), ENTRIES_AT_ONCE):
        part = visitors[start : start + ENTRIES_AT_ONCE]
        granted = workspace.ledger.rows(schema.CONSENTS, site_id=site_id, choice="granted", visitor_id=part)
        since = {row["visitor_id"] for row in granted if row["said_at"] > said_at[row["visitor_id"]]}
        meant = set(part) - since
        if meant:
            yield [row for row in waiting if row["visitor_id"] in meant]


def _carry_out(workspace: Workspace, site: Row, withdrawn: Sequence[Row], now: int, after_slice: AfterSlice) -> None:
    organization_id = site["organization_id"]
    visitors = sorted({row["visitor_id"] for row in withdrawn})
    names = [of_browsers(f"v:{site['site_id']}:{visitor}") for visitor in visitors]
    with workspace.ledger.transaction() as entry:
        taking = entry.erasing(organization_id)
        newest = last_of(taking.newest())
        number = entry.add(
            schema.ERASURE_REQUESTS, organization_id=organization_id, requested_at=now, phase=DELETING,
            named=json.dumps([]), is_proven_only=True, decided_event=newest["last_event"], worked_at=now, **newest,
        )  # fmt: skip
        taking.note([entry_of(organization_id, name, taking.keyed) for name in names], now)
        taking.add_names(number, names)
    erasing.finish(workspace, number, erasure_pace(workspace, after_slice))
    for _ in visitors:
        auditing.note(
            workspace.ledger, organization_id, "erased", "a browser, by withdrawal of consent", now=now,
            actor="withdrawals",
        )  # fmt: skip
    with workspace.ledger.transaction() as entry:
        ids = [row["consent_id"] for row in withdrawn]
        for start in range(0, len(ids), ENTRIES_AT_ONCE):
            entry.change(schema.CONSENTS, {"consent_id": ids[start : start + ENTRIES_AT_ONCE]}, carried_out_at=now)
