"""``/api/manage/keys``: the keys of an organization's sites; what a key is, is said once."""

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from touchline.jobs.access_keys import KINDS, MAX_OVERLAP_HOURS, SCOPES, Made
from touchline.jobs.managing import sites
from touchline.jobs.managing.manager import Manager
from touchline.jobs.workspace import Row
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.server.api.managing.management import (
    READING,
    WRITING,
    Management,
    OrganizationQuery,
    check_body,
    columns_of,
    in_thread,
    tells,
)
from touchline.server.api.managing.paths import PATH

_ABOUT = {"kind": "a key is", "scopes": "scope", "origins": "origin", "siteId": "site"}
_KEY = Parameter(max_length=64, description="The key's id, `key_…`; not the key itself.")


class NewKey(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A key that is to be."""

    site_id: Annotated[str, msgspec.Meta(max_length=64, examples=["shop-example"])]
    kind: Annotated[str, msgspec.Meta(examples=["secret"], description=f"{' or '.join(KINDS)}.")]
    scopes: Annotated[list[str], msgspec.Meta(max_length=len(SCOPES), description=f"Of {', '.join(SCOPES)}.")] = []
    """What it is for; by default what is usual for its kind. Those of all organizations are given on the server."""
    origins: Annotated[list[str], msgspec.Meta(max_length=100, examples=[["https://pay.example"]])] = []
    """Origins other than the site's own that can send with it."""


class Rotation(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """How a key is replaced."""

    overlap_hours: Annotated[float, msgspec.Meta(ge=0, le=MAX_OVERLAP_HOURS)] = 24
    """How long the old key stays valid."""


class Key(msgspec.Struct, rename="camel"):
    """What is known of a key; its times are microseconds since 1970."""

    key_id: str
    site_id: str
    kind: str
    scopes: list[str]
    origins: list[str]
    created_at: int
    revoked_at: int | None
    """From when on it is refused, which may lie ahead."""


class MadeKey(Key):
    """A new key, which is shown this once."""

    key: str


class Keys(msgspec.Struct):
    """The keys of an organization's sites."""

    keys: list[Key]


def routes(management: Management) -> list[HTTPRouteHandler]:
    """List, make, rotate and revoke."""

    @get(f"{PATH}/keys", summary="List the keys", operation_id="listKeys",
         description=tells("viewer", "The keys themselves are not stored."),
         response_description="The keys of the organization's sites, the oldest first.", **READING)  # fmt: skip
    @in_thread
    def listed(request: Request[Any, Any, Any], organization: OrganizationQuery = None) -> Keys:
        with management.reading(request, organization) as manager:
            own = manager.workspace.sites_of(manager.organization)
            rows = manager.workspace.ledger.rows(schema.KEYS, site_id=own)
        return Keys([Key(**_shown(row)) for row in sorted(rows, key=lambda row: (row["created_at"], row["key_id"]))])

    @post(f"{PATH}/keys", status_code=201, summary="Make a key", operation_id="makeKey",
          description=tells("administrator", "The answer has the key, this once."),
          response_description="The key.", **WRITING)  # fmt: skip
    @in_thread
    def make(
        request: Request[Any, Any, Any], data: JSONBody[NewKey],
        organization: OrganizationQuery = None,
    ) -> MadeKey:  # fmt: skip
        with management.changing(request, organization, _ABOUT) as manager:
            check_body(data)
            _check_room(management, manager)
            return _told(sites.create_key(manager, data.site_id, data.kind, scopes=data.scopes, origins=data.origins))

    @post(f"{PATH}/keys/{{key_id:str}}/rotate", status_code=201, summary="Replace a key", operation_id="rotateKey",
          description=tells("administrator", "The answer has the new key, this once; the old one stays valid for a"
                            " while."),
          response_description="The new key.", **WRITING)  # fmt: skip
    @in_thread
    def rotate(
        request: Request[Any, Any, Any], key_id: Annotated[str, _KEY], data: JSONBody[Rotation],
        organization: OrganizationQuery = None,
    ) -> MadeKey:  # fmt: skip
        with management.changing(request, organization, {"overlapHours": "hours"}) as manager:
            _check_room(management, manager)
            return _told(sites.rotate_key(manager, key_id, overlap_hours=data.overlap_hours))

    @delete(f"{PATH}/keys/{{key_id:str}}", status_code=204, summary="Revoke a key", operation_id="revokeKey",
            description=tells("administrator", "A key that is revoked already stays as it is."),
            response_description="The key is refused from now on.", **WRITING)  # fmt: skip
    @in_thread
    def revoke(
        request: Request[Any, Any, Any], key_id: Annotated[str, _KEY],
        organization: OrganizationQuery = None,
    ) -> None:  # fmt: skip
        with management.changing(request, organization, {}) as manager:
            sites.revoke_key(manager, key_id)

    return [listed, make, rotate, revoke]


def _check_room(management: Management, manager: Manager) -> None:
    """Keys that were revoked lately count, too: else they would be made and revoked without end."""
    own = manager.workspace.ledger.rows(schema.KEYS, site_id=manager.workspace.sites_of(manager.organization))
    lately = manager.now - DAY_MICROS
    count = sum(row["revoked_at"] is None or row["revoked_at"] > lately for row in own)
    management.check_room("keys", count, "managed_keys")


def _told(made: Made) -> MadeKey:
    return MadeKey(**_shown({"revoked_at": None, **made.row}), key=made.key)


def _shown(row: Row) -> dict[str, Any]:
    words = {name: row[name].split() for name in ("scopes", "origins")}
    return columns_of(Key, row) | words
