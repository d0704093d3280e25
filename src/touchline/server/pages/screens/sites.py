"""Sites and keys: the snippet of each site, whether its first event arrived, and the keys with which it sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from touchline.jobs.access_keys import SCOPES
from touchline.jobs.rejections import Refusals, refusals
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen
from touchline.server.pages.screens.imports import counted_from, received_by_site, sites_seen
from touchline.server.pages.view import View

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SiteShown:
    """A site, and what arrived from it."""

    site: Row
    visits: int
    received_at: int | None
    """When its newest event was received, if that is among the newest of the home."""
    refused: tuple[Refusals, ...]
    keys: tuple[Row, ...]
    now: int
    seen_at: int | None
    """When its last visit was, as far as the numbers go."""

    @property
    def has_events(self) -> bool:
        """Whether an event has come."""
        return self.received_at is not None or self.visits > 0

    @property
    def has_good_key(self) -> bool:
        """Whether anything can send events."""
        good = (key for key in self.keys if key["revoked_at"] is None or key["revoked_at"] > self.now)
        return any("track" in key["scopes"].split() for key in good)

    @property
    def newest_at(self) -> int | None:
        """When the newest event came; where that is not known, when the last visit was."""
        return self.received_at if self.received_at is not None else self.seen_at

    @property
    def days_ago(self) -> int:
        """How many whole days ago that was."""
        return 0 if self.newest_at is None else max(self.now - self.newest_at, 0) // DAY_MICROS


@dataclass(frozen=True)
class Sites:
    """What the screen shows."""

    sites: tuple[SiteShown, ...]
    scopes: tuple[str, ...]
    now: int


def sites(desk: Desk, view: View) -> Sites:
    """What the screen shows."""
    seen = {row["site_id"]: row for row in counted_from(desk, sites_seen)}
    clock = desk.clock
    received = desk.now(received_by_site)
    rows = [row for row in desk.now(_sites) if view.site in {"", row["site_id"]}]
    keys = desk.now(_keys, sites=[row["site_id"] for row in rows])
    found = [
        SiteShown(
            row, seen[row["site_id"]]["visits"] if row["site_id"] in seen else 0, received.get(row["site_id"]),
            tuple(desk.now(_refused, site_id=row["site_id"])),
            tuple(key for key in keys if key["site_id"] == row["site_id"]), clock,
            _micros(seen[row["site_id"]]["last_seen_at"]) if row["site_id"] in seen else None,
        )
        for row in rows
    ]  # fmt: skip
    return Sites(tuple(found), SCOPES, clock)


def _micros(moment: datetime) -> int:
    """A moment of UTC that bears no zone, as microseconds since 1970."""
    return int(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000


def _sites(workspace: Workspace, organization_id: str) -> Sequence[Row]:
    return workspace.ledger.rows(schema.SITES, organization_id=organization_id)


def _keys(workspace: Workspace, _organization_id: str, *, sites: list[str]) -> Sequence[Row]:
    return sorted(workspace.ledger.rows(schema.KEYS, site_id=sites), key=lambda row: row["created_at"])


def _refused(workspace: Workspace, _organization_id: str, *, site_id: str) -> list[Refusals]:
    return refusals(workspace, site_id=site_id, show=1)


SCREEN = Screen(name="sites", place=9, title="Sites and keys", set_up=sites)
