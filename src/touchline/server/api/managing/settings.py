"""``/api/manage/settings``: what an organization chose about its numbers."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from touchline.jobs.managing.manager import Change
from touchline.jobs.managing.numbers import OF_ADMINISTRATORS, change_setting
from touchline.jobs.roles import Role
from touchline.server.api.managing.management import (
    LONGEST,
    PATH,
    READING,
    WRITING,
    Management,
    OrganizationQuery,
    check_body,
    in_thread,
    stored,
    tells,
)

_SETTING = Parameter(max_length=64, description="The setting, such as lookback_days.")


class SettingBody(msgspec.Struct, forbid_unknown_fields=True):
    """A setting as it is to be."""

    value: Annotated[str, msgspec.Meta(max_length=LONGEST, examples=["90"])]
    """As text, also of a number; what it may be, the reference says."""


class PutSetting(msgspec.Struct):
    """A setting that is as it was to be."""

    setting: str
    value: str | int | float
    change: Change


class Settings(msgspec.Struct):
    """All settings by name, those included that nobody chose."""

    settings: dict[str, str | int | float]


def routes(management: Management) -> list[HTTPRouteHandler]:
    """List and change."""

    @get(f"{PATH}/settings", summary="List the settings", operation_id="listSettings", description=tells("viewer"),
         response_description="The settings.", **READING)  # fmt: skip
    @in_thread
    def listed(request: Request[Any, Any, Any], organization: OrganizationQuery = None) -> Settings:
        with management.reading(request, organization) as manager:
            return Settings(vars(manager.workspace.settings(manager.organization)))

    @put(f"{PATH}/settings/{{setting:str}}", summary="Change a setting", operation_id="putSetting",
         description=tells("editor", "What is kept of events and for how long, only an administrator's session changes."
                           " Sent again, it changes nothing."),
         response_description="The setting, and whether it changed.", **WRITING)  # fmt: skip
    @in_thread
    def put_setting(
        request: Request[Any, Any, Any], setting: Annotated[str, _SETTING], data: JSONBody[SettingBody],
        organization: OrganizationQuery = None,
    ) -> PutSetting:  # fmt: skip
        role: Role = "administrator" if setting in OF_ADMINISTRATORS else "editor"
        with management.changing(request, organization, {"value": ""}, role) as manager:
            stored("setting", setting)
            check_body(data)
            change = change_setting(manager, setting, data.value)
            value = getattr(manager.workspace.settings(manager.organization), setting)
            return PutSetting(setting, value, change)

    return [listed, put_setting]
