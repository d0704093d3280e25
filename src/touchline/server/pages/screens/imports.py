"""Imports: what came and when, what was refused with its reason and row, and costs from the browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchline.engines import Engine
from touchline.errors import BusyError, HomeError
from touchline.jobs.platforms import platforms
from touchline.jobs.rejections import Refusals, refusals
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.queries import rows
from touchline.server.pages.cost_form import COLUMNS
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen
from touchline.server.pages.view import View

Row = Mapping[str, Any]
_LOADS = 25
_REFUSED_ROWS = 50
_NEWEST_EVENTS = 100
"""Among which the last event of each site is looked for; older ones are known from the numbers."""


@dataclass(frozen=True)
class OfSite:
    """What arrived from a site."""

    site_id: str
    first_seen_at: Any
    """The first visit; ``None``: none yet."""
    last_seen_at: Any
    visits: int
    received_at: int | None
    """When the newest event was received (microseconds since 1970), if it is among the newest of the home."""
    refused: tuple[Refusals, ...]


@dataclass(frozen=True)
class Imports:
    """What the screen shows."""

    sites: tuple[OfSite, ...]
    accounts: tuple[Row, ...]
    """By ad account, the first and the last day with costs."""
    loads: tuple[Row, ...]
    """The newest loads of costs."""
    refused_rows: tuple[Row, ...]
    """Of these loads, the newest refused rows."""
    platforms: tuple[str, ...]
    columns: tuple[str, ...] = COLUMNS


def imports(desk: Desk, view: View) -> Imports:
    """What the screen shows."""
    seen = {row["site_id"]: row for row in counted_from(desk, sites_seen)}
    loads = desk.now(_loads)
    refused = [row["load_number"] for row in loads if row["rejected"]]
    received = desk.now(received_by_site)
    return Imports(
        sites=tuple(
            _site(desk, site_id, seen.get(site_id), received.get(site_id))
            for site_id in desk.now(Workspace.sites_of) if view.site in {"", site_id}
        ),
        accounts=tuple(counted_from(desk, _accounts)),
        loads=tuple(loads),
        refused_rows=tuple(desk.now(_refused_rows, loads=refused)),
        platforms=tuple(str(one["platform"]) for one in desk.now(platforms)),
    )  # fmt: skip


def counted_from(desk: Desk, question: Any) -> list[Row]:
    """What the numbers answer; nothing where there are none yet, or they are being built."""
    try:
        found: list[Row] = desk.answer(question)
    except (BusyError, HomeError):
        return []
    return found


def _site(desk: Desk, site_id: str, seen: Row | None, received_at: int | None) -> OfSite:
    first, last, visits = (seen["first_seen_at"], seen["last_seen_at"], seen["visits"]) if seen else (None, None, 0)
    return OfSite(site_id, first, last, visits, received_at, tuple(desk.now(_refusals, site_id=site_id)))


def sites_seen(engine: Engine, organization_id: str) -> list[Row]:
    """By site, its first and last visit, and how many it had."""
    return [*rows(engine, "sites_seen", organization_id=organization_id)]


def _accounts(engine: Engine, organization_id: str) -> list[Row]:
    return [*rows(engine, "accounts_with_costs", organization_id=organization_id)]


def _refusals(workspace: Workspace, _organization_id: str, *, site_id: str) -> list[Refusals]:
    return refusals(workspace, site_id=site_id)


def received_by_site(workspace: Workspace, _organization_id: str) -> dict[str, int]:
    """By site, when its newest event was received, among the newest of all."""
    newest = workspace.ledger.rows(schema.TRACKING_EVENTS, limit=_NEWEST_EVENTS, is_newest_first=True)
    return {row["site_id"]: row["received_at"] for row in reversed(newest)}


def _loads(workspace: Workspace, organization_id: str) -> list[Row]:
    return [*workspace.ledger.rows(
        schema.AD_COST_LOADS, limit=_LOADS, is_newest_first=True, organization_id=organization_id
    )]  # fmt: skip


def _refused_rows(workspace: Workspace, _organization_id: str, *, loads: list[int]) -> list[Row]:
    if not loads:
        return []
    return [*workspace.ledger.rows(
        schema.REJECTED_AD_COSTS, limit=_REFUSED_ROWS, is_newest_first=True, load_number=loads
    )]  # fmt: skip


SCREEN = Screen(name="imports", place=8, title="Imports", set_up=imports)
