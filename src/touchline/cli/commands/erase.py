"""``erase``: a person, gone from the ledger and from every number."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import counted
from touchline.cli.answer import SCOPE, Answer, Scope, Switch
from touchline.cli.clock import now_micros
from touchline.cli.terminal import number, stacked, table, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.erasing import ErasureReport
    from touchline.jobs.workspace import Workspace


def erase(  # noqa: PLR0913 - each is an option of the command
    *, visitor: str | None = None, user: str | None = None, email_hash: str | None = None,
    email: str | None = None, order: str | None = None, account: str | None = None, address_hash: str | None = None,
    proven_only: Switch = False, dry_run: Switch = False, compact: Switch = False, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Erase a person: delete the events of all ids known to be theirs from the ledger and from every number.

    If past events are sent again, they are rejected. Backups and exported files are not changed.

    :param visitor: the browser's id, as events carry it in anonId.
    :param user: the site's own id of the user, as events carry it in userId.
    :param email_hash: the SHA-256 of the e-mail address, or its stored form (k1_…).
    :param email: the e-mail address, however events carry it: as emailHash, or as userId, which is kept as its hash.
    :param order: an order's number: the person whom your servers or files, or else pages, reported with it.
    :param account: an account's id: all its members, as events name them.
    :param address_hash: the ip_hash of an event: everybody who came from that address on that day.
    :param proven_only: keep ids that only a browser, and none of your servers or files, linked to this id.
    :param compact: also rewrite the engine's file, so that no bytes of deleted rows remain in its free space.
    :param dry_run: show what would be erased, and erase nothing.
    """
    from touchline.jobs import auditing, compacting, erasing, repeating_erasures

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        report = erasing.erase(
            workspace, organization_id, visitor=visitor, user=user, email_hash=email_hash, email=email, order=order,
            account=account, address_hash=address_hash, now=now_micros(), is_proven_only=proven_only,
            is_dry_run=dry_run,
        )  # fmt: skip
        if not dry_run:
            named = auditing.named_by(
                visitor=visitor, user=user, email_hash=email_hash, email=email, order=order, account=account,
                address_hash=address_hash,
            )  # fmt: skip
            counts = f"{counted(report.events, 'event')}, {counted(report.claims, 'claim')}"
            auditing.note(workspace.ledger, organization_id, "erased", f"a person, {named}: {counts}", now=now_micros())
            repeating_erasures.tell_backups(workspace)
            failure = _run_failure(workspace)
            is_compacted = compact and not failure
            if is_compacted:
                compacting.compact(workspace)
            left = compacting.remains(workspace, is_log_empty=report.is_log_empty, is_compacted=is_compacted)
            report = replace(report, run_failure=failure, remains=left)
    return Answer(report, partial(_erased, report))


def _run_failure(workspace: "Workspace") -> str:
    """Let the numbers follow; returns why they could not, for what is erased stays erased."""
    from touchline.jobs import running

    try:
        running.run(workspace)
    except Exception as error:  # noqa: BLE001 - whatever it is, the erasure is done, and its report is due
        return str(error) or type(error).__name__
    return ""


def _erased(report: "ErasureReport") -> "RenderableType":
    rows = [
        ("events", number(report.events)),
        ("rejected events", number(report.rejected)),
        ("identity claims", number(report.claims)),
    ]
    names = Text(visible("Known as: " + ", ".join(report.identifiers)))
    if report.unproven:
        accounts = ", ".join(report.unproven)
        linked = f"{names}\nLinked to it by a browser only: {accounts}. Without --dry-run, this command is rejected."
        names = Text(visible(linked))
    title = "Dry run: this would be erased" if report.is_dry_run else "Erased, and the numbers are updated"
    if report.run_failure:
        title = f"Erased. The next successful run updates the numbers. This run failed: {report.run_failure}"
    counts = table(visible(title), ("", ">rows"), rows)
    if not report.remains:
        return stacked(names, counts)
    left = [tuple(visible(text) for text in (one.place, one.what, one.next_step)) for one in report.remains]
    return stacked(names, counts, table("Where something may remain", ("place", "what", "what to do"), left))


COMMAND = erase
