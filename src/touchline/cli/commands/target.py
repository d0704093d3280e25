"""``target``: what a conversion may cost, and what spend must bring."""

from cyclopts import App

from touchline.cli.amounts import micros
from touchline.cli.answer import SCOPE, Amount, Answer, Number, Scope
from touchline.cli.listing import currency_of, listed, rows_of_organization, said
from touchline.cli.managing import manager_of

target = App(name="target", help="Manage targets: the most a conversion may cost, or the least that spend must earn.")


@target.command(name="set")
def set_target(
    *, cpa: Amount | None = None, roas: Number | None = None, platform: str = "", campaign: str = "",
    scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Set a target: the most a conversion may cost, or the least value per unit of spend.

    :param cpa: the most that a conversion may cost, in currency units.
    :param roas: the least value per unit of spend.
    :param platform: the ad platform, such as GOOGLE_ADS; by default all platforms without their own target.
    :param campaign: the campaign's id; by default all of the platform's campaigns without their own target.
    """
    from touchline.jobs.managing import numbers

    cpa_micros = micros(cpa, "--cpa")
    with scope.opened() as workspace:
        code, _ = numbers.set_target(
            manager_of(workspace, scope.organization), platform=platform, campaign_id=campaign,
            target_cpa_micros=cpa_micros, target_roas=roas,
        )  # fmt: skip
    document = {"platform": code, "campaign_id": campaign, "target_cpa_micros": cpa_micros, "target_roas": roas}
    return said(document, "The target is set. The next `touchline run` updates the waste list.")


@target.command(name="list")
def list_targets(*, scope: Scope = SCOPE) -> Answer:
    """List the targets."""
    columns = ("platform", "campaign_id", "target_cpa_micros", "target_roas")
    return listed("targets", rows_of_organization(scope, "TARGETS", columns), columns, currency_of(scope))


@target.command(name="remove")
def remove_target(*, platform: str = "", campaign: str = "", scope: Scope = SCOPE) -> Answer:
    """Remove a target.

    :param platform: the target's ad platform; by default the target for all platforms.
    :param campaign: the target's campaign; by default the target for all campaigns.
    """
    from touchline.ad_platforms import platform_of
    from touchline.jobs import platforms
    from touchline.jobs.managing import numbers

    with scope.opened() as workspace:
        manager = manager_of(workspace, scope.organization)
        declared = platforms.declared_platforms(workspace, manager.organization)
        code = platform_of(platform, declared) or platform  # a platform that is no longer known can have a target
        numbers.remove_target(manager, platform=code, campaign_id=campaign)
    document = {"platform": code, "campaign_id": campaign}
    return said(document, "The target is removed. The next `touchline run` updates the waste list.")


COMMAND = target
