"""``/api/manage/users``: who may sign in, and what they may do; nothing of a password is ever said."""

import threading
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from touchline.jobs.managing import users
from touchline.jobs.managing.manager import Manager
from touchline.jobs.naming import TakenError
from touchline.jobs.roles import ROLES, checked_role
from touchline.jobs.users import users_of
from touchline.jobs.workspace import Row
from touchline.server.api.managing.management import (
    READING,
    WRITING,
    Management,
    OrganizationQuery,
    check_body,
    in_thread,
    stored,
    taken,
    tells,
)
from touchline.server.api.managing.paths import PATH

_ABOUT = {"name": "name", "seesAll": "sees all", "password": "password has", "role": "role"}
_NAME = QueryParameter(name="name", max_length=128, description="The user's login name.")
_Role = Annotated[str, msgspec.Meta(max_length=32, examples=["viewer"], description=f"{', '.join(ROLES)}.")]
_Password = Annotated[str, msgspec.Meta(max_length=1024, examples=["correct horse battery staple"])]
_ONE_AT_A_TIME = threading.Lock()
"""To hash a password takes 64 MB for a moment."""


class NewUser(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Somebody who is to be let in."""

    name: Annotated[str, msgspec.Meta(max_length=128, examples=["ada"])]
    password: _Password
    role: _Role
    sees_all: bool = False
    """Whether they see all organizations of the home."""


class NewPassword(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Another password."""

    password: _Password


class NewRole(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Another role."""

    role: _Role


class User(msgspec.Struct, rename="camel"):
    """Somebody who may sign in."""

    name: str
    organization_id: str | None
    """The only organization that they see; null: all of them."""
    role: str


class Users(msgspec.Struct):
    """Who sees an organization."""

    users: list[User]


def routes(management: Management) -> list[HTTPRouteHandler]:
    """List, add, change and remove."""

    @get(f"{PATH}/users", summary="List the users", operation_id="listUsers", description=tells("administrator"),
         response_description="Who sees the organization: it alone, or all of them.", **READING)  # fmt: skip
    @in_thread
    def listed(request: Request[Any, Any, Any], organization: OrganizationQuery = None) -> Users:
        with management.reading(request, organization, "administrator") as manager:
            return Users([_shown(row) for row in users_of(manager.workspace, manager.organization)])

    @post(f"{PATH}/users", status_code=201, summary="Add a user", operation_id="addUser",
          description=tells("administrator", "409 if there is one of this name; with `existing`, unless it is of"
                            " another organization."),
          response_description="The user.", **WRITING)  # fmt: skip
    @in_thread
    def add(
        request: Request[Any, Any, Any], data: JSONBody[NewUser],
        organization: OrganizationQuery = None,
    ) -> User:  # fmt: skip
        with management.changing(request, organization, _ABOUT) as manager, _ONE_AT_A_TIME:
            check_body(data)
            owner = None if data.sees_all else manager.organization
            try:
                users.add_user(manager, data.name, data.password, organization_id=owner, role=checked_role(data.role))
            except TakenError as error:
                taken(error, _ABOUT, _seen(manager, data.name))
            return User(data.name, owner, data.role)

    @put(f"{PATH}/users/role", summary="Change a user's role", operation_id="setRole",
         description=tells("administrator", "It holds from the next request on."),
         response_description="The user.", **WRITING)  # fmt: skip
    @in_thread
    def set_role(
        request: Request[Any, Any, Any], data: JSONBody[NewRole], name: Annotated[str, _NAME],
        organization: OrganizationQuery = None,
    ) -> User:  # fmt: skip
        with management.changing(request, organization, {"role": "role"}) as manager:
            users.set_role(manager, _name(name), checked_role(data.role))
            return _shown(users.managed(manager, name))

    @put(f"{PATH}/users/password", status_code=204, summary="Change a user's password", operation_id="setPassword",
         description=tells("administrator", "It ends the user's sessions."),
         response_description="The password is changed.", **WRITING)  # fmt: skip
    @in_thread
    def set_password(
        request: Request[Any, Any, Any], data: JSONBody[NewPassword], name: Annotated[str, _NAME],
        organization: OrganizationQuery = None,
    ) -> None:  # fmt: skip
        with management.changing(request, organization, {"password": "password"}) as manager, _ONE_AT_A_TIME:
            check_body(data)
            users.change_password(manager, _name(name), data.password)

    @delete(f"{PATH}/users", status_code=204, summary="Remove a user", operation_id="removeUser",
            description=tells("administrator"), response_description="The user can no longer sign in.",
            **WRITING)  # fmt: skip
    @in_thread
    def remove(
        request: Request[Any, Any, Any], name: Annotated[str, _NAME],
        organization: OrganizationQuery = None,
    ) -> None:  # fmt: skip
        with management.changing(request, organization, {}) as manager:
            users.remove_user(manager, _name(name))

    return [listed, add, set_role, set_password, remove]


def _name(name: str) -> str:
    stored("name", name)
    return name


def _seen(manager: Manager, name: str) -> list[User]:
    return [_shown(row) for row in users_of(manager.workspace, manager.organization) if row["name"] == name]


def _shown(row: Row) -> User:
    return User(row["name"], row["organization_id"], row["role"])
