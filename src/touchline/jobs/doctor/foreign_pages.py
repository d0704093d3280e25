"""Pages that send with a key that does not allow their origin: a browser hides the refusal, so the doctor shows it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from attribution_campaign_context.scrub import REDACTED
from touchline.amounts import counted
from touchline.ingest import Reason
from touchline.jobs.doctor.check import Check
from touchline.jobs.origins import Origin, ascii_domain, is_within, origin_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS

RECENT_DAYS = 7
"""How long before the newest of them an origin counts."""
_LOOKED_AT = 1_000
_SHOWN = 5


def checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """One for each origin that the organization's sites still refuse, the most frequent first."""
    sites = workspace.ledger.rows(schema.SITES, organization_id=organization_id)
    domains = {row["site_id"]: ascii_domain(row["domain"]) for row in sites}
    refused = workspace.ledger.rows(
        schema.REJECTED_EVENTS, limit=_LOOKED_AT, is_newest_first=True, reason=Reason.FOREIGN_ORIGIN.value,
        site_id=list(domains),
    )  # fmt: skip
    keys, counts = _key_times(workspace, list(domains)), Counter[tuple[str, str]]()
    for row in refused:
        site_id, text = row["site_id"], row["payload"]
        origin = origin_of(text)  # only an origin goes into a command
        if origin is None or origin.host == REDACTED or is_within(origin.host, domains[site_id]):
            continue
        oldest = max(refused[0]["received_at"] - RECENT_DAYS * DAY_MICROS, keys.get((site_id, origin), 0))
        counts[site_id, text] += row["received_at"] > oldest
    for (site_id, text), count in (+counts).most_common(_SHOWN):
        message = f"At least {counted(count, 'request')} came from pages of {text}, with a key of {site_id} for others."
        step = f"If they are yours: touchline key create --site {site_id} --origin {text} and use that key on them."
        yield Check("pages", "warning", message, step, "foreign_origin")


def _key_times(workspace: Workspace, sites: list[str]) -> Mapping[tuple[str, Origin], int]:
    """By site and origin, when the newest key for it was made: a page refused since then still uses another one."""
    keys = workspace.ledger.rows(schema.KEYS, revoked_at=None, site_id=sites)
    named = [(key, origin_of(text.rstrip("/"))) for key in keys for text in key["origins"].split()]
    named.sort(key=lambda one: one[0]["created_at"])
    return {(key["site_id"], origin): key["created_at"] for key, origin in named if origin is not None}
