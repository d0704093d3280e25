"""``/api/manage/organizations``: the organizations of a home."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from touchline.errors import UsageError
from touchline.jobs.managing import sites
from touchline.jobs.naming import TakenError, slug
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import schema
from touchline.server.api.managing.management import (
    READING,
    WRITING,
    Management,
    check_body,
    field_of,
    in_thread,
    manager_of,
    taken,
    tells,
)
from touchline.server.api.managing.paths import PATH
from touchline.server.http.problems import Problem

_ABOUT = {"name": "name", "domain": "domain", "currency": "currency", "timeZone": "zone"}


class NewOrganization(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An organization that is to be, with its first site."""

    name: Annotated[str, msgspec.Meta(max_length=200, examples=["Acme"])]
    domain: Annotated[str, msgspec.Meta(max_length=253, examples=["acme.example"])]
    currency: Annotated[str, msgspec.Meta(max_length=3, examples=["EUR"])]
    time_zone: Annotated[str, msgspec.Meta(max_length=80, examples=["Europe/Berlin"])] = "UTC"


class AddedOrganization(msgspec.Struct, rename="camel"):
    """A new organization; its site's publishable key is shown this once."""

    organization_id: str
    site_id: str
    key: str


class Organization(msgspec.Struct, rename="camel"):
    """An organization."""

    organization_id: str
    name: str
    currency: str


class Organizations(msgspec.Struct):
    """The organizations that the caller manages."""

    organizations: list[Organization]


def routes(management: Management) -> list[HTTPRouteHandler]:
    """List and add."""

    @get(f"{PATH}/organizations", summary="List the organizations", operation_id="listOrganizations",
         description=tells("viewer"), response_description="Those that the caller sees.", **READING)  # fmt: skip
    @in_thread
    def listed(request: Request[Any, Any, Any]) -> Organizations:
        asker = management.of_all(request, is_changing=False)
        with Workspace(management.home, is_read_only=True) as workspace:
            rows = workspace.ledger.rows(schema.ORGANIZATIONS)
            seen = [row for row in rows if asker.organization_id in {None, row["organization_id"]}]
        return Organizations([_shown(row) for row in seen])

    @post(f"{PATH}/organizations", status_code=201, summary="Add an organization", operation_id="addOrganization",
          description="For a secret key with the scope provision, or an administrator of all organizations. With it"
          " come a site, a publishable key of that site, shown this once, and the goal conversion. 409 with `existing`"
          " if there is one of this name.",
          response_description="The organization, and the key of its site.", **WRITING)  # fmt: skip
    @in_thread
    def add(request: Request[Any, Any, Any], data: JSONBody[NewOrganization]) -> AddedOrganization:
        asker = management.of_all(request, is_changing=True)
        check_body(data)
        with Workspace(management.home, is_read_only=True) as workspace:
            try:
                made = sites.add_organization(manager_of(workspace, asker, None), **msgspec.structs.asdict(data))
            except TakenError as error:
                known = workspace.ledger.rows(schema.ORGANIZATIONS, organization_id=slug(data.name))
                taken(error, _ABOUT, [_shown(row) for row in known])
            except UsageError as error:
                raise Problem(400, "usage", error.message, error.hint, field=field_of(_ABOUT, error)) from None
        return AddedOrganization(*made)

    return [listed, add]


def _shown(row: Row) -> Organization:
    return Organization(row["organization_id"], row["name"], row["currency"])
