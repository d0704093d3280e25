"""``/api/manage/targets``: what a conversion may cost, and what spend must bring."""

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from touchline.ad_platforms import platform_of
from touchline.files.money import MAX_MICROS
from touchline.jobs.managing import numbers
from touchline.jobs.managing.manager import Change
from touchline.jobs.platforms import declared_platforms
from touchline.ledger import schema
from touchline.server.api.managing.management import (
    READING,
    WRITING,
    Management,
    OrganizationQuery,
    columns_of,
    in_thread,
    stored,
    tells,
)
from touchline.server.api.managing.paths import PATH

_ABOUT = {
    "targetCpaMicros": "a cpa, a roas", "campaign": "campaign", "platform": "platform", "targetRoas": "number greater"
}  # fmt: skip
_PLATFORM = QueryParameter(
    name="platform", max_length=64, description="The ad platform, such as GOOGLE_ADS; empty: all without a target."
)
_CAMPAIGN = QueryParameter(
    name="campaign", max_length=1_000, description="The campaign's id; empty: all of the platform without a target."
)


class TargetBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A target as it is to be: a CPA, a ROAS or both."""

    target_cpa_micros: Annotated[int, msgspec.Meta(gt=0, lt=MAX_MICROS, examples=[20_000_000])] | None = None
    """The most that a conversion may cost, in millionths of the currency."""
    target_roas: float | None = None
    """The least value per unit of spend."""


class Target(msgspec.Struct, rename="camel"):
    """A target."""

    platform: str
    campaign_id: str
    target_cpa_micros: int | None
    target_roas: float | None


class PutTarget(Target):
    """A target that is as it was to be."""

    change: Change = "same"


class Targets(msgspec.Struct):
    """The targets of an organization."""

    targets: list[Target]


def routes(management: Management) -> list[HTTPRouteHandler]:
    """List, set and remove."""

    @get(f"{PATH}/targets", summary="List the targets", operation_id="listTargets", description=tells("viewer"),
         response_description="The targets.", **READING)  # fmt: skip
    @in_thread
    def listed(request: Request[Any, Any, Any], organization: OrganizationQuery = None) -> Targets:
        with management.reading(request, organization) as manager:
            rows = manager.workspace.ledger.rows(schema.TARGETS, organization_id=manager.organization)
            return Targets([Target(**columns_of(Target, row)) for row in rows])

    @put(f"{PATH}/targets", summary="Set a target", operation_id="putTarget",
         description=tells("editor", "Adds it, or replaces the one of its platform and campaign; sent again, it changes"
                           " nothing."),
         response_description="The target, and what changed.", **WRITING)  # fmt: skip
    @in_thread
    def put_target(
        request: Request[Any, Any, Any], data: JSONBody[TargetBody], platform: Annotated[str, _PLATFORM] = "",
        campaign: Annotated[str, _CAMPAIGN] = "", organization: OrganizationQuery = None,
    ) -> PutTarget:  # fmt: skip
        with management.changing(request, organization, _ABOUT, "editor") as manager:
            _check(platform, campaign)
            code, change = numbers.set_target(
                manager, platform=platform, campaign_id=campaign, target_cpa_micros=data.target_cpa_micros,
                target_roas=data.target_roas,
            )  # fmt: skip
            return PutTarget(code, campaign, data.target_cpa_micros, data.target_roas, change)

    @delete(f"{PATH}/targets", status_code=204, summary="Remove a target", operation_id="removeTarget",
            description=tells("editor"), response_description="The next run judges spend without it.",
            **WRITING)  # fmt: skip
    @in_thread
    def remove(
        request: Request[Any, Any, Any], platform: Annotated[str, _PLATFORM] = "",
        campaign: Annotated[str, _CAMPAIGN] = "", organization: OrganizationQuery = None,
    ) -> None:  # fmt: skip
        with management.changing(request, organization, {}, "editor") as manager:
            _check(platform, campaign)
            declared = declared_platforms(manager.workspace, manager.organization)
            numbers.remove_target(manager, platform=platform_of(platform, declared) or platform, campaign_id=campaign)

    return [listed, put_target, remove]


def _check(platform: str, campaign: str) -> None:
    stored("platform", platform)
    stored("campaign", campaign)
