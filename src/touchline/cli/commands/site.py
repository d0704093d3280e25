"""``site``: the sites whose events are collected."""

from collections.abc import Sequence

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Scope, Switch
from touchline.cli.listing import listed, rows_of_organization, said
from touchline.cli.managing import manager_of

site = App(name="site", help="Manage the sites whose events are collected.")


@site.command(name="add")
def add_site(domain: str, /, *, name: str | None = None, time_zone: str = "UTC", scope: Scope = SCOPE) -> Answer:
    """Add a site to the organization.

    :param domain: its host name, such as shop.example.
    :param name: the site's name; by default its domain.
    :param time_zone: the time zone of the site's days, such as Europe/Berlin.
    """
    from touchline.jobs.managing import sites

    with scope.opened() as workspace:
        site_id = sites.add_site(
            manager_of(workspace, scope.organization), name=domain if name is None else name, domain=domain,
            time_zone=time_zone,
        )  # fmt: skip
    return said({"site_id": site_id}, f"Site {site_id} is added.")


@site.command(name="list")
def list_sites(*, scope: Scope = SCOPE) -> Answer:
    """List the organization's sites."""
    columns = ("site_id", "organization_id", "name", "domain", "time_zone")
    return listed("sites", rows_of_organization(scope, "SITES", columns), columns)


@site.command(name="snippet")
def show_snippet(
    *, server: str, key: str = "", domain: Sequence[str] = (), consent_required: Switch = False,
    site: str | None = None, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Print the HTML that loads the tracker, by the site's settings; add it to the head of every page.

    :param server: the address where browsers reach Touchline, such as https://t.shop.example.
    :param key: the site's publishable key; by default a placeholder is printed.
    :param domain: another domain of the site, to which links carry the visitor id; repeat for several.
    :param consent_required: store and send nothing before touchline('consent', 'granted').
    :param site: the site's id; required if there are several.
    """
    from touchline.server.tracker.snippet import NO_KEY, snippet
    from touchline.visitor_ids import visitor_ids_at

    with scope.opened() as workspace:
        row = workspace.site(site, scope.organization)
        chosen = workspace.settings(row["organization_id"])
    lines = snippet(
        server, key or NO_KEY, [row["domain"], *domain], needs_consent=consent_required,
        visitor_ids=visitor_ids_at(chosen.visitor_ids, row["site_id"]), respects_dnt=chosen.do_not_track == "respect",
    )  # fmt: skip
    return said({"html": lines}, lines)


costs = App(name="costs", help="Map ad costs to the site that they are of.")
site.command(costs)


@costs.command(name="add")
def add_cost_site(
    site: str, /, *, platform: str, account: str = "", campaign: str = "", scope: Scope = SCOPE
) -> Answer:
    """Map the costs of an advertising account, or of a campaign, to a site.

    A campaign in one account comes before the campaign in any account, and this one before the account.

    :param site: the site's id.
    :param platform: the ad platform, such as GOOGLE_ADS.
    :param account: the account's id in the costs.
    :param campaign: the campaign's id in the costs, or its whole name.
    """
    from touchline.jobs import cost_sites

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        made, before = cost_sites.add_cost_site(
            workspace, organization_id, site, platform=platform, account=account, campaign=campaign
        )
        manager_of(workspace, organization_id).note(f"costs of {made}: of site {made.site_id}")
    moved = f", no longer of {before}," if before not in {"", made.site_id} else ""
    return said(vars(made), f"The costs of {made} are of {made.site_id}{moved} after the next `touchline run`.")


@costs.command(name="list")
def list_cost_sites(*, scope: Scope = SCOPE) -> Answer:
    """List what is mapped, and which mappings to other sites each one stands before."""
    from touchline.jobs import cost_sites

    with scope.opened() as workspace:
        rows = cost_sites.cost_sites(workspace, workspace.organization(scope.organization)["organization_id"])
    columns = ("platform", "account_id", "campaign_id", "site_id", "is_used", "instead_of")
    return listed("costs", rows, columns)


@costs.command(name="remove")
def remove_cost_site(*, platform: str, account: str = "", campaign: str = "", scope: Scope = SCOPE) -> Answer:
    """Take a mapping back.

    :param platform: the ad platform.
    :param account: the account's id, where it is mapped by account.
    :param campaign: the campaign's id, where it is mapped by campaign.
    """
    from touchline.jobs import cost_sites

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        gone = cost_sites.remove_cost_site(
            workspace, organization_id, platform=platform, account=account, campaign=campaign
        )
        manager_of(workspace, organization_id).note(f"costs of {gone}: of no site")
    return said(vars(gone), f"The costs of {gone} are mapped to no site after the next `touchline run`.")


COMMAND = site
