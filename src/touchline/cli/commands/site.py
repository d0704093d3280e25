"""``site``: the sites whose events are collected."""

from collections.abc import Sequence

from cyclopts import App

from touchline.cli.answer import COMMON, SCOPE, Answer, Options, Scope, Switch
from touchline.cli.clock import now_micros
from touchline.cli.listing import listed, rows_of, said

site = App(name="site", help="The sites whose events are collected.")


@site.command(name="add")
def add_site(domain: str, /, *, name: str = "", time_zone: str = "UTC", scope: Scope = SCOPE) -> Answer:
    """Add a site to the organization.

    :param domain: its host name, such as shop.example.
    :param name: what it is called; its domain if it has no other name.
    :param time_zone: the zone whose dates the site's days are, such as Europe/Berlin.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        site_id = setup.add_site(
            workspace, organization_id, name=name or domain, domain=domain, time_zone=time_zone, now=now_micros()
        )
    return said({"site_id": site_id}, f"Site {site_id} is added.")


@site.command(name="list")
def list_sites(*, options: Options = COMMON) -> Answer:
    """List the sites."""
    columns = ("site_id", "organization_id", "name", "domain", "time_zone")
    return listed("sites", rows_of(options, "SITES", columns), columns)


@site.command(name="snippet")
def show_snippet(
    *, server: str, key: str = "", domain: Sequence[str] = (), consent_required: Switch = False,
    site: str | None = None, options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Show the lines of HTML that load the tracker; they belong into the head of every page.

    :param server: the address at which browsers reach Touchline, such as https://t.shop.example.
    :param key: the site's publishable key; without one a place is left for it.
    :param domain: another domain of the site's, to which links take the visitor along; can be given several times.
    :param consent_required: nothing is stored or sent before touchline('consent', 'granted').
    :param site: the site's id; needed where there are several.
    """
    from touchline.server.tracker.snippet import NO_KEY, snippet

    with options.opened() as workspace:
        own = workspace.site(site)["domain"]
    lines = snippet(server, key or NO_KEY, [own, *domain], needs_consent=consent_required)
    return said({"html": lines}, lines)


COMMAND = site
