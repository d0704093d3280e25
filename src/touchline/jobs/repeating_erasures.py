"""Erasures made since a backup, repeated in the home that is restored from it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from touchline.errors import InputError
from touchline.ingest import entries_of, of_browsers
from touchline.jobs import erasing
from touchline.jobs.compacting import backups
from touchline.jobs.erasure_work import ORDERING, erasure_pace, last_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.erasure_journal import Erased, write


def erased_in(workspace: Workspace) -> list[Erased]:
    """Who was erased in a home, as hashes."""
    rows = sorted(workspace.ledger.rows(schema.ERASURES), key=lambda row: row["erasure"])
    return [Erased(row["organization_id"], row["identifier"], row["requested_at"]) for row in rows]


def tell_backups(workspace: Workspace) -> list[str]:
    """Write the list of erasures next to each backup that is still where it was made; returns where that failed."""
    found = backups(workspace)
    entries = erased_in(workspace) if found else []
    key = workspace.ledger.key if found and workspace.ledger.has_key_inside() else None
    return [copy for copy in found if not write(Path(copy), entries, key)]


def repeat(workspace: Workspace, erased: Iterable[Erased], *, now: int) -> int:
    """Erase again everybody on a list whom the ledger does not know as erased; returns how many events went.

    The list has hashes only, so every name in the ledger is hashed and compared.

    :param now: microseconds since 1970.
    :raises InputError: if an entry was made with another key than the ledger's.
    """
    keyed = workspace.ledger.keyed
    erased = [one._replace(entry=keyed(one.entry)) for one in erased]  # a release without a key made lists, too
    foreign = next(filter(None, (workspace.ledger.key.foreign_in(one.entry) for one in erased)), None)
    if foreign is not None:
        raise InputError(
            f"The list of erasures is made with the key {foreign}, and this ledger has {workspace.ledger.key.key_id}.",
            "Name the home that was in use since with --erased-in, or set TOUCHLINE_HASH_KEY to its key.",
        )
    known = {(one.organization_id, one.entry): one.requested_at for one in erased_in(workspace)}
    missing: dict[str, dict[str, int]] = defaultdict(dict)
    for one in erased:
        if one.requested_at > known.get((one.organization_id, one.entry), -1):
            missing[one.organization_id][one.entry] = one.requested_at
    organizations = {row["organization_id"] for row in workspace.ledger.rows(schema.ORGANIZATIONS)}
    return sum(_repeated(workspace, name, entries, now) for name, entries in missing.items() if name in organizations)


def _repeated(workspace: Workspace, organization_id: str, entries: dict[str, int], now: int) -> int:
    with workspace.ledger.reading(organization_id) as reading:
        names = {
            form
            for name in reading.every_name()
            for form in (name, of_browsers(name))
            if not entries.keys().isdisjoint(entries_of(organization_id, form, workspace.ledger.keyed))
        }
    with workspace.ledger.transaction() as entry:
        erasing_now = entry.erasing(organization_id)
        for requested_at in sorted(set(entries.values())):
            erasing_now.note([one for one, at in entries.items() if at == requested_at], requested_at)
        newest = last_of(erasing_now.newest())
        number = entry.add(
            schema.ERASURE_REQUESTS, organization_id=organization_id, requested_at=max(entries.values()),
            phase=ORDERING, named=json.dumps(sorted(names)), is_proven_only=True, decided_event=newest["last_event"],
            worked_at=now, **newest,
        )  # fmt: skip
        erasing_now.add_names(number, sorted(names))
    return int(erasing.finish(workspace, number, erasure_pace(workspace))[1]["events"])
