"""``alias``: further names by which links name a campaign."""

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.listing import listed, rows_of_organization, said

alias = App(name="alias", help="Manage further names by which links name a campaign.")


@alias.command(name="add")
def add_alias(name: str, /, *, platform: str, campaign: str, scope: Scope = SCOPE) -> Answer:
    """Let links that say this name count for a campaign.

    A campaign is found by its id first, then by every name that its costs ever gave it, then by its aliases. An alias
    also decides for a name that two campaigns share.

    :param name: what the links say, such as the value of utm_campaign; case does not matter.
    :param platform: the ad platform, such as GOOGLE_ADS.
    :param campaign: the campaign's id in the costs.
    """
    from touchline.jobs import aliases

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        code = aliases.add_alias(workspace, organization_id, name, platform=platform, campaign_id=campaign)
    document = {"platform": code, "alias": name, "campaign_id": campaign}
    return said(
        document, f"Links of {code} that say {name!r} count for campaign {campaign} after the next `touchline run`."
    )


@alias.command(name="list")
def list_aliases(*, scope: Scope = SCOPE) -> Answer:
    """List the aliases."""
    columns = ("platform", "alias", "campaign_id")
    return listed("aliases", rows_of_organization(scope, "CAMPAIGN_ALIASES", columns), columns)


@alias.command(name="remove")
def remove_alias(name: str, /, *, platform: str, scope: Scope = SCOPE) -> Answer:
    """Remove an alias.

    :param name: what the links say.
    :param platform: the ad platform.
    """
    from touchline.jobs import aliases

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        code = aliases.remove_alias(workspace, organization_id, name, platform=platform)
    return said(
        {"platform": code, "alias": name}, "The alias is removed. The next `touchline run` updates the numbers."
    )


COMMAND = alias
