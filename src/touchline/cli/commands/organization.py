"""``organization``: the organizations of a home, which share nothing but the machine."""

from cyclopts import App

from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.listing import listed, rows_of, said
from touchline.cli.managing import manager_of

organization = App(name="organization", help="Manage the organizations of a home, each with its own data and numbers.")


@organization.command(name="add")
def add_organization(
    name: str, /, *, domain: str, currency: str, time_zone: str = "UTC", options: Options = COMMON
) -> Answer:
    """Add an organization with one site, a key for its pages, and the goal `conversion`.

    :param name: the organization's name; its id is the name in lowercase letters, digits, and hyphens.
    :param domain: the site's host name, such as shop.example.
    :param currency: three letters, such as EUR: the default currency of events and costs.
    :param time_zone: the time zone of the site's days, such as Europe/Berlin.
    """
    from touchline.jobs.managing import sites

    with options.opened() as workspace:
        made = sites.add_organization(
            manager_of(workspace), name=name, domain=domain, currency=currency, time_zone=time_zone
        )
    return said(
        made._asdict(),
        f"Added organization {made.organization_id} with site {made.site_id}.\n"
        f"Its pages send events with the key {made.key}, which is shown only once.\n"
        f"Name it in every command: --organization {made.organization_id}",
    )


@organization.command(name="list")
def list_organizations(*, options: Options = COMMON) -> Answer:
    """List the organizations."""
    columns = ("organization_id", "name", "currency")
    return listed("organizations", rows_of(options, "ORGANIZATIONS", columns), columns)


COMMAND = organization
