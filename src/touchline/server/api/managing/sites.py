"""``/api/manage/sites``: the sites of an organization."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from touchline.jobs.managing import sites
from touchline.jobs.managing.manager import Change, Manager
from touchline.jobs.naming import TakenError, site_values
from touchline.jobs.workspace import Row
from touchline.ledger import schema
from touchline.server.api.managing.management import (
    READING,
    WRITING,
    Management,
    OrganizationQuery,
    check_body,
    columns_of,
    in_thread,
    taken,
    tells,
)
from touchline.server.api.managing.paths import PATH

_ABOUT = {"domain": "domain", "name": "name", "timeZone": "zone", "siteId": "site's id"}
_SITE = Parameter(max_length=64, description="The site's id: lowercase letters, digits, and hyphens between them.")


class SiteBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A site as it is to be."""

    domain: Annotated[str, msgspec.Meta(max_length=253, examples=["shop.example"])]
    name: Annotated[str | None, msgspec.Meta(examples=["Shop"])] = None
    """By default its domain."""
    time_zone: Annotated[str, msgspec.Meta(max_length=80, examples=["Europe/Berlin"])] = "UTC"
    """Of the site's days."""


class Site(msgspec.Struct, rename="camel"):
    """A site; its time is microseconds since 1970."""

    site_id: str
    organization_id: str
    name: str
    domain: str
    time_zone: str
    created_at: int


class PutSite(Site):
    """A site that is as it was to be."""

    change: Change = "same"
    """``added`` or ``same``: a site is never changed."""


class Sites(msgspec.Struct):
    """The sites of an organization."""

    sites: list[Site]


def routes(management: Management) -> list[HTTPRouteHandler]:
    """List, add, and see to it that there is one."""

    @get(f"{PATH}/sites", summary="List the sites", operation_id="listSites", description=tells("viewer"),
         response_description="The sites of the organization.", **READING)  # fmt: skip
    @in_thread
    def listed(request: Request[Any, Any, Any], organization: OrganizationQuery = None) -> Sites:
        with management.reading(request, organization) as manager:
            rows = manager.workspace.ledger.rows(schema.SITES, organization_id=manager.organization)
            return Sites([_shown(row) for row in rows])

    @get(f"{PATH}/sites/{{site_id:str}}", summary="One site", operation_id="site", description=tells("viewer"),
         response_description="The site.", **READING)  # fmt: skip
    @in_thread
    def one(
        request: Request[Any, Any, Any], site_id: Annotated[str, _SITE],
        organization: OrganizationQuery = None,
    ) -> Site:  # fmt: skip
        with management.reading(request, organization) as manager:
            return _shown(manager.workspace.site(site_id, manager.organization))

    @post(f"{PATH}/sites", status_code=201, summary="Add a site", operation_id="addSite",
          description=tells("administrator", "Its id is made of the domain. 409 with `existing` if there is one."),
          response_description="The site.", **WRITING)  # fmt: skip
    @in_thread
    def add(
        request: Request[Any, Any, Any], data: JSONBody[SiteBody],
        organization: OrganizationQuery = None,
    ) -> Site:  # fmt: skip
        with management.changing(request, organization, _ABOUT) as manager:
            check_body(data)
            _check_room(management, manager)
            try:
                site_id = sites.add_site(manager, **_given(data))
            except TakenError as error:
                taken(error, _ABOUT, _of_domain(manager, data))
            return _shown(manager.workspace.site(site_id, manager.organization))

    @put(f"{PATH}/sites/{{site_id:str}}", summary="See to it that there is a site", operation_id="putSite",
         description=tells("administrator", "Adds it unless it is there; sent again, it changes nothing. 409 with"
                           " `existing` if there is another one: a site keeps its name, domain and time zone."),
         response_description="The site, and whether it is new.", **WRITING)  # fmt: skip
    @in_thread
    def put_site(
        request: Request[Any, Any, Any], site_id: Annotated[str, _SITE], data: JSONBody[SiteBody],
        organization: OrganizationQuery = None,
    ) -> PutSite:  # fmt: skip
        with management.changing(request, organization, _ABOUT) as manager:
            check_body(data)
            if not manager.workspace.ledger.rows(schema.SITES, site_id=site_id):
                _check_room(management, manager)
            try:
                change = sites.put_site(manager, site_id, **_given(data))
            except TakenError as error:
                own = manager.workspace.ledger.rows(schema.SITES, site_id=site_id, organization_id=manager.organization)
                taken(error, _ABOUT, [_shown(row) for row in own] or _of_domain(manager, data))
            found = manager.workspace.site(site_id, manager.organization)
            return PutSite(**msgspec.structs.asdict(_shown(found)), change=change)

    return [listed, one, add, put_site]


def _check_room(management: Management, manager: Manager) -> None:
    management.check_room("sites", len(manager.workspace.sites_of(manager.organization)), "managed_sites")


def _given(data: SiteBody) -> dict[str, str]:
    return {"name": data.domain if data.name is None else data.name, "domain": data.domain, "time_zone": data.time_zone}


def _of_domain(manager: Manager, data: SiteBody) -> list[Site]:
    """The organization's site of the domain, if there is one."""
    domain = site_values(data.domain, data.time_zone)["domain"]
    return [
        _shown(row)
        for row in manager.workspace.ledger.rows(schema.SITES, organization_id=manager.organization, domain=domain)
    ]


def _shown(row: Row) -> Site:
    return Site(**columns_of(Site, row))
