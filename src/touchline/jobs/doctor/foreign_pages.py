"""Pages that send with a site's key and may not: their browsers hide that, so it is said here."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

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


def checks(workspace: Workspace) -> Iterator[Check]:
    """One for each origin that is refused still, the most frequent first."""
    refused = workspace.ledger.rows(
        schema.REJECTED_EVENTS, limit=_LOOKED_AT, is_newest_first=True, reason=Reason.FOREIGN_ORIGIN.value
    )
    recent = [row for row in refused if row["received_at"] > refused[0]["received_at"] - RECENT_DAYS * DAY_MICROS]
    counts = Counter((row["site_id"], row["payload"]) for row in recent)
    sites = {row["site_id"]: row for row in workspace.ledger.rows(schema.SITES)}
    shown = 0
    for (site_id, text), count in counts.most_common():
        origin = origin_of(text)  # what goes into a command is an origin, and nothing else
        is_named = origin is not None and origin.host != REDACTED
        if shown < _SHOWN and is_named and not _may_send(workspace, sites[site_id], origin):
            shown += 1
            message = f"Pages of {text} sent {counted(count, 'request')} with a key of {site_id} that may not."
            step = f"touchline key create --site {site_id} --origin {text} makes a key for them, if they are yours."
            yield Check("pages", "warning", message, step, "foreign_origin")


def _may_send(workspace: Workspace, site: Mapping[str, Any], origin: Origin | None) -> bool:
    """Whether some key of the site is for pages of this origin."""
    keys = workspace.ledger.rows(schema.KEYS, site_id=site["site_id"], revoked_at=None)
    exact = {origin_of(named.rstrip("/")) for key in keys for named in str(key["origins"]).split()}
    return origin is None or origin in exact or is_within(origin.host, ascii_domain(str(site["domain"])))
