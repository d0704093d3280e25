"""Aliases: further names by which the links of an organization name a campaign."""

from touchline.ad_platforms import platform_of
from touchline.errors import UnknownError
from touchline.jobs.naming import check_name
from touchline.jobs.platforms import declared_platforms, platform_named
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import schema

_MOST_CHARACTERS = 1000


def add_alias(workspace: Workspace, organization_id: str, alias: str, *, platform: str, campaign_id: str) -> str:
    """Let links that say ``alias`` on the platform name this campaign; returns the platform's code.

    An alias that is known goes to the campaign that was named last. Case does not matter.

    :raises UsageError: if the platform or the alias cannot be one.
    :raises UnknownError: if no cost was ever reported for such a campaign of the platform.
    """
    code = platform_named(workspace, organization_id, platform)
    said = _checked(alias)
    if not workspace.ledger.has_campaign(organization_id, code, campaign_id):
        raise UnknownError(
            f"No cost was reported for a campaign {campaign_id!r:.80} of {code}.",
            "See the ids with `touchline report tagging` or in the view campaigns.",
        )
    with workspace.ledger.transaction() as entry:
        entry.put(
            schema.CAMPAIGN_ALIASES, organization_id=organization_id, platform=code, alias=said, campaign_id=campaign_id
        )
    return code


def remove_alias(workspace: Workspace, organization_id: str, alias: str, *, platform: str) -> str:
    """Forget an alias; returns the platform's code.

    :raises UnknownError: if there is none.
    """
    code = platform_of(platform, declared_platforms(workspace, organization_id)) or platform
    with workspace.ledger.transaction() as entry:
        if not entry.remove(
            schema.CAMPAIGN_ALIASES, organization_id=organization_id, platform=code, alias=_checked(alias)
        ):
            raise UnknownError(f"There is no alias {alias!r:.80} of {code}.", "See `touchline alias list`.")
    return code


def aliases_of(workspace: Workspace, organization_id: str) -> list[Row]:
    """The organization's aliases."""
    return workspace.ledger.rows(schema.CAMPAIGN_ALIASES, organization_id=organization_id)


def _checked(alias: str) -> str:
    """An alias as links are compared: in small letters."""
    check_name("An alias", alias, _MOST_CHARACTERS)
    return alias.lower()
