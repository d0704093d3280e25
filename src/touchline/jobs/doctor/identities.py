"""Identifiers that are tied to too many names: a shared browser, a shared login, or somebody who lies."""

from collections.abc import Iterator, Mapping, Sequence

from touchline.amounts import counted
from touchline.identity.limits import DEVICES_LIMIT
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace

_UNVERIFIED = {"user ids": "unverified_users", "e-mail hashes": "unverified_emails", "browsers": "unverified_visitors"}
_VERIFIED = {"user ids": "users", "e-mail hashes": "emails", "browsers": "visitors"}

MOST_BROWSERS = DEVICES_LIMIT.ever or 0
"""More browsers than one person has, even with a new cookie on each visit."""


def identifier_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """Warnings that name the largest identifiers past their limit, those that many share, and too large persons."""
    crowded = rows(workspace, "crowded_identifiers", organization_id)
    if crowded:
        yield Check(
            "crowded identifiers",
            "warning",
            f"{crowded[0]['how_many']:,} are tied by unverified events to more ids than one person plausibly has, and"
            f" these join nobody: {_listed(crowded, _UNVERIFIED)}.",
            "Send IDENTIFY from the server with the secret key, or raise unverified_links.",
            "crowded_identifiers",
        )
    shared = rows(workspace, "shared_identifiers", organization_id)
    if shared:
        yield Check(
            "shared identifiers",
            "warning",
            f"{shared[0]['how_many']:,} are tied by verified events or claims to more ids than one person has, and"
            f" these join nobody: {_listed(shared, _VERIFIED)}.",
            "Stop sending a fixed id, or one for everybody, or raise verified_links, verified_links_per_week or"
            " verified_names.",
            "shared_identifiers",
        )
    yield from _large_persons(rows(workspace, "large_persons", organization_id))
    for group in rows(workspace, "large_groups", organization_id):
        yield Check(
            "large groups of ids",
            "warning",
            f"{counted(group['pairs'], 'pair')} of ids are not believed, such as {group['example']}: only pages say so,"
            " and more ids hang together there than largest_group allows.",
            "Send IDENTIFY from the server with the secret key, or raise largest_group.",
            "large_groups",
        )


def _large_persons(largest: Sequence[Row]) -> Iterator[Check]:
    """A warning where a person has more browsers than one has, though no id is past its limit."""
    found = [row for row in largest if row["browsers"] > MOST_BROWSERS]
    if not found:
        return
    listed = "; ".join(f"{row['identifier']} ({counted(row['browsers'], 'browser')})" for row in found)
    yield Check(
        "large persons",
        "warning",
        f"More browsers than one person has, usually by an id that pages send for everybody: {listed}.",
        f"Find what ties them: touchline explain person {found[0]['identifier']}. Then stop sending that id, or lower"
        " verified_links.",
        "large_person",
    )


def _listed(found: Sequence[Row], columns: Mapping[str, str]) -> str:
    more = found[0]["how_many"] - len(found)
    return "; ".join(_counts(row, columns) for row in found) + (f"; and {more:,} more" if more else "")


def _counts(row: Row, columns: Mapping[str, str]) -> str:
    listed = ", ".join(f"{row[column]:,} {what}" for what, column in columns.items() if row[column])
    return f"{row['identifier']} ({listed})"
