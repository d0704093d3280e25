"""Which site costs are of: an advertising account's, or a campaign's, as people map them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchline.ad_platforms import platform_of
from touchline.amounts import counted
from touchline.errors import UnknownError, UsageError
from touchline.jobs.platforms import declared_platforms, platform_named
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

_SHOWN = 10
"""How many accounts or campaigns an error names."""
_Place = tuple[str, str, str]
"""Platform, account and campaign; one of the last two is empty where all of them are meant."""


@dataclass(frozen=True)
class CostSite:
    """A mapping: these costs are of this site."""

    platform: str
    account_id: str
    campaign_id: str
    site_id: str

    @property
    def place(self) -> _Place:
        """Whose costs it maps."""
        return (self.platform, self.account_id, self.campaign_id)

    def __str__(self) -> str:
        parts = (("account", self.account_id), ("campaign", self.campaign_id))
        return " in ".join(f"{word} {name}" for word, name in reversed(parts) if name) + f" of {self.platform}"


def add_cost_site(
    workspace: Workspace, organization_id: str, site_id: str, *, platform: str, account: str = "", campaign: str = ""
) -> tuple[CostSite, str]:
    """Map the costs of an account, a campaign, or a campaign in one account, to a site.

    :param campaign: its id in the costs, or a name that only one campaign ever had; case does not matter in a name.
    :returns: the mapping, and the site that the same costs were mapped to before (``""``: none).
    :raises UsageError: if neither account nor campaign is named, or several campaigns have the name.
    :raises UnknownError: if no cost was ever reported for such an account or campaign, or there is no such site.
    """
    site = workspace.site(site_id, organization_id)["site_id"]
    code = platform_named(workspace, organization_id, platform)
    if not account and not campaign:
        raise UsageError(
            "Costs are mapped by account, by campaign, or by both.", "Name one with --account or --campaign."
        )
    known = [row for row in workspace.ledger.advertised(organization_id) if row.platform == code]
    if account:
        _check_account(code, account, {row.account_id for row in known})
    names = defaultdict(set)
    for row in known:
        if account in {"", row.account_id} and row.campaign_id:
            names[row.campaign_id].add(row.campaign_name.lower())
    made = CostSite(code, account, _campaign_id(code, campaign, names) if campaign else "", site)
    before = {row.place: row.site_id for row in _stored(workspace, organization_id)}.get(made.place, "")
    with workspace.ledger.transaction() as entry:
        entry.put(schema.COST_SITES, organization_id=organization_id, **vars(made))
    return made, before


def remove_cost_site(
    workspace: Workspace, organization_id: str, *, platform: str, account: str = "", campaign: str = ""
) -> CostSite:
    """Forget a mapping, which is named by the ids that it has; returns it.

    :raises UnknownError: if there is none.
    """
    code = platform_of(platform, declared_platforms(workspace, organization_id)) or platform
    for row in _stored(workspace, organization_id):
        if row.place == (code, account, campaign):
            with workspace.ledger.transaction() as entry:
                entry.remove(
                    schema.COST_SITES, organization_id=organization_id, platform=code, account_id=account,
                    campaign_id=campaign,
                )  # fmt: skip
            return row
    raise UnknownError("These costs are mapped to no site.", "See `touchline site costs list`.")


def cost_sites(workspace: Workspace, organization_id: str) -> list[dict[str, Any]]:
    """The mappings, each with those of other sites that it stands before, and whether any cost follows it."""
    stored = {row.place: row for row in _stored(workspace, organization_id)}
    beaten: dict[_Place, set[_Place]] = defaultdict(set)
    decides: set[_Place] = set()
    for cost in workspace.ledger.advertised(organization_id):
        found = [
            stored[place] for place in _places(cost.platform, cost.account_id, cost.campaign_id) if place in stored
        ]
        decides.update(row.place for row in found[:1])
        for row in found[1:]:
            if row.site_id != found[0].site_id:
                beaten[found[0].place].add(row.place)
    return [
        {
            **vars(row),
            "is_used": place in decides,
            "instead_of": "; ".join(f"{stored[other]}: {stored[other].site_id}" for other in sorted(beaten[place])),
        }
        for place, row in sorted(stored.items())
    ]


def _places(platform: str, account_id: str, campaign_id: str) -> Iterator[_Place]:
    """What may map a cost, the one that stands before the others first, as ``spend/ad_costs.sql`` has it."""
    yield platform, account_id, campaign_id
    yield platform, "", campaign_id
    yield platform, account_id, ""


def _stored(workspace: Workspace, organization_id: str) -> list[CostSite]:
    rows = workspace.ledger.rows(schema.COST_SITES, organization_id=organization_id)
    return [CostSite(row["platform"], row["account_id"], row["campaign_id"], row["site_id"]) for row in rows]


def _check_account(platform: str, account: str, known: Iterable[str]) -> None:
    if account not in known:
        raise UnknownError(
            f"No cost was reported for an account {account!r:.80} of {platform}.", f"Accounts are: {_listed(known)}."
        )


def _campaign_id(platform: str, campaign: str, names: Mapping[str, set[str]]) -> str:
    """The id itself, else that of the only campaign that ever had this name."""
    if campaign in names:
        return campaign
    found = sorted(name for name, had in names.items() if campaign.lower() in had)
    if len(found) > 1:
        raise UsageError(
            f"{counted(len(found), 'campaign')} of {platform} are called {campaign!r:.80}.", f"Ids: {_listed(found)}."
        )
    if not found:
        raise UnknownError(
            f"No cost was reported for a campaign {campaign!r:.80} of {platform}.", f"Ids are: {_listed(names)}."
        )
    return found[0]


def _listed(names: Iterable[str]) -> str:
    said = sorted(name for name in names if name)
    more = f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    return ", ".join(f"{name:.80}" for name in said[:_SHOWN]) + more or "none"
