"""``site``: the sites whose events are collected."""

from collections.abc import Sequence

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Scope, Switch
from touchline.cli.clock import now_micros
from touchline.cli.listing import listed, rows_of_organization, said

site = App(name="site", help="Manage the sites whose events are collected.")


@site.command(name="add")
def add_site(domain: str, /, *, name: str | None = None, time_zone: str = "UTC", scope: Scope = SCOPE) -> Answer:
    """Add a site to the organization.

    :param domain: its host name, such as shop.example.
    :param name: the site's name; by default its domain.
    :param time_zone: the time zone of the site's days, such as Europe/Berlin.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        site_id = setup.add_site(
            workspace, organization_id, name=domain if name is None else name, domain=domain, time_zone=time_zone,
            now=now_micros(),
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
    """Print the HTML that loads the tracker; add it to the head of every page.

    :param server: the address where browsers reach Touchline, such as https://t.shop.example.
    :param key: the site's publishable key; by default a placeholder is printed.
    :param domain: another domain of the site, to which links carry the visitor id; repeat for several.
    :param consent_required: store and send nothing before touchline('consent', 'granted').
    :param site: the site's id; required if there are several.
    """
    from touchline.server.tracker.snippet import NO_KEY, snippet

    with scope.opened() as workspace:
        own = workspace.site(site, scope.organization)["domain"]
    lines = snippet(server, key or NO_KEY, [own, *domain], needs_consent=consent_required)
    return said({"html": lines}, lines)


COMMAND = site
