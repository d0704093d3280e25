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
    READING,
    WRITING,
    Management,
    OrganizationQuery,
    check_body,
    in_thread,
    stored,
    tells,
)
from touchline.server.api.managing.paths import PATH
from touchline.server.http.problems import Problem
from touchline.settings import OrganizationSettings

_SETTING = Parameter(max_length=64, description="The setting, such as lookback_days.")


class SettingBody(msgspec.Struct, forbid_unknown_fields=True):
    """A setting as it is to be."""

    value: Annotated[str, msgspec.Meta(max_length=LONGEST)] | int | float | bool | None
    """A number as such or as text; ``null``: what nobody chose. What it may be, the reference says."""


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
            _check_name(setting)
            check_body(data)
            change = change_setting(manager, setting, _text(setting, data.value))
            value = getattr(manager.workspace.settings(manager.organization), setting)
            return PutSetting(setting, value, change)

    return [listed, put_setting]


def _check_name(setting: str) -> None:
    names = list(vars(OrganizationSettings()))
    if setting not in names:
        said = f"There is no setting {stored('setting', setting)!r:.80}."
        raise Problem(404, "unknown", said, f"There are: {', '.join(names)}.", settings=names)


def _text(setting: str, value: str | float | None) -> str:
    """What is kept of a value, as if it was typed: of a JSON number without decimals, no decimals.

    >>> _text("lookback_days", 21.0), _text("half_life_days", 2.5), _text("lookback_days", None)
    ('21', '2.5', '30')
    """
    chosen = getattr(OrganizationSettings(), setting) if value is None else value
    if isinstance(chosen, bool):
        return str(chosen).lower()
    return str(int(chosen)) if isinstance(chosen, float) and chosen.is_integer() else str(chosen)
