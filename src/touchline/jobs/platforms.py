"""Ad platforms that an organization makes known besides the common ones, and what others mean by their names."""

from touchline.ad_platforms import known_platforms
from touchline.errors import UnknownError
from touchline.jobs.naming import check_name
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.spend.options import declared_platform, platform_option


def declared_platforms(workspace: Workspace, organization_id: str) -> frozenset[str]:
    """The codes of ad platforms that an organization made known."""
    rows = workspace.ledger.rows(schema.PLATFORMS, organization_id=organization_id)
    return frozenset(row["platform"] for row in rows)


def platform_named(workspace: Workspace, organization_id: str, name: str) -> str:
    """The code of the ad platform that a person means.

    :raises UsageError: if it is unknown.
    """
    check_name("A platform", name, 64)
    return platform_option(name, declared_platforms(workspace, organization_id))


def add_platform(workspace: Workspace, organization_id: str, code: str) -> None:
    """Make an ad platform known by its code; costs and targets may name it from then on.

    :raises UsageError: if it is no code, or means a platform that is known.
    """
    declared = declared_platform(code)
    if declared in declared_platforms(workspace, organization_id):
        return
    with workspace.ledger.transaction() as entry:
        entry.add(schema.PLATFORMS, organization_id=organization_id, platform=declared)


def remove_platform(workspace: Workspace, organization_id: str, code: str) -> None:
    """Forget an ad platform that was made known; costs that are stored stay.

    :raises UnknownError: if it was not.
    """
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.PLATFORMS, organization_id=organization_id, platform=code):
            raise UnknownError(f"No platform {code!r:.80} was added.", "See `touchline platform list`.")


def platforms(workspace: Workspace, organization_id: str) -> list[dict[str, object]]:
    """Every platform that is known: its code, its names, and whether the organization added it."""
    added = sorted(declared_platforms(workspace, organization_id))
    common = [{"platform": code, "names": names, "is_added": False} for code, names in known_platforms().items()]
    return [*common, *({"platform": code, "names": [], "is_added": True} for code in added)]
