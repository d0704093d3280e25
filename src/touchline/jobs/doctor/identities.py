"""Identifiers that unverified events tie to too many names: a shared browser, a shared login, or somebody who lies."""

from collections.abc import Iterator

from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace


def identifier_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """A warning that names the largest identifiers past their limit, where there are any."""
    found = rows(workspace, "crowded_identifiers", organization_id)
    if not found:
        return
    more = found[0]["how_many"] - len(found)
    others = f"; and {more:,} more" if more else ""
    yield Check(
        "crowded identifiers",
        "warning",
        f"{found[0]['how_many']:,} are tied by unverified events to more ids than one person plausibly has, and these"
        f" join nobody: {'; '.join(map(_counts, found))}{others}.",
        "Send IDENTIFY from the server with the secret key, or raise unverified_links.",
        "crowded_identifiers",
    )


def _counts(row: Row) -> str:
    counts = {"user ids": "unverified_users", "e-mail hashes": "unverified_emails", "browsers": "unverified_visitors"}
    listed = ", ".join(f"{row[column]:,} {what}" for what, column in counts.items() if row[column])
    return f"{row['identifier']} ({listed})"
