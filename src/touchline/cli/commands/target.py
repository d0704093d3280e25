"""``target``: what a conversion may cost, and what spend must bring."""

from cyclopts import App

from touchline.cli.amounts import micros
from touchline.cli.answer import SCOPE, Amount, Answer, Number, Scope
from touchline.cli.listing import listed, rows_of_organization, said

target = App(name="target", help="What a conversion may cost, and what spend must bring.")


@target.command(name="set")
def set_target(
    *, cpa: Amount | None = None, roas: Number | None = None, platform: str = "", campaign: str = "",
    scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Set what a conversion may cost, or what a unit of spend must bring.

    :param cpa: the most that a conversion may cost, in currency units.
    :param roas: the least value that a unit of spend must bring.
    :param platform: the ad platform, such as GOOGLE_ADS; without one, all that have no target of their own.
    :param campaign: the campaign's id; without one, all of the platform that have no target of their own.
    """
    from touchline.jobs import setup

    document = {
        "platform": platform, "campaign_id": campaign, "target_cpa_micros": micros(cpa, "--cpa"), "target_roas": roas,
    }  # fmt: skip
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        setup.set_target(
            workspace, organization_id, platform=platform, campaign_id=campaign,
            target_cpa_micros=micros(cpa, "--cpa"), target_roas=roas,
        )  # fmt: skip
    return said(document, "The target is set; the waste list follows at the next `touchline run`.")


@target.command(name="list")
def list_targets(*, scope: Scope = SCOPE) -> Answer:
    """List the targets."""
    columns = ("platform", "campaign_id", "target_cpa_micros", "target_roas")
    return listed("targets", rows_of_organization(scope, "TARGETS", columns), columns)


@target.command(name="remove")
def remove_target(*, platform: str = "", campaign: str = "", scope: Scope = SCOPE) -> Answer:
    """Forget a target.

    :param platform: the ad platform that it was set for; without one, that of all platforms.
    :param campaign: the campaign that it was set for; without one, that of all campaigns.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        setup.remove_target(workspace, organization_id, platform=platform, campaign_id=campaign)
    document = {"platform": platform, "campaign_id": campaign}
    return said(document, "The target is removed; the waste list follows at the next `touchline run`.")


COMMAND = target
