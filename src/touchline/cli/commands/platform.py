"""``platform``: the ad platforms whose costs can be imported, and their names."""

from functools import partial
from typing import TYPE_CHECKING, Any

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.listing import said
from touchline.cli.terminal import table

if TYPE_CHECKING:
    from rich.console import RenderableType

platform = App(name="platform", help="Manage the ad platforms that costs and targets may name.")


@platform.command(name="list")
def list_platforms(*, scope: Scope = SCOPE) -> Answer:
    """List the ad platforms that are known, with the names under which each is read."""
    from touchline.jobs import platforms

    with scope.opened() as workspace:
        rows = platforms.platforms(workspace, workspace.organization(scope.organization)["organization_id"])
    return Answer({"platforms": rows}, partial(_shown, rows))


def _shown(rows: list[dict[str, Any]]) -> "RenderableType":
    cells = [(row["platform"], ", ".join(row["names"]), "yes" if row["is_added"] else "") for row in rows]
    return table("Platforms", ("platform", "read as", "added"), cells)


@platform.command(name="add")
def add_platform(code: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Add an ad platform that is not known. Costs and targets can then name it.

    :param code: its code: capitals, digits and underscores, such as PODCASTS. Names that differ only in case, spaces or
        punctuation are read as this code.
    """
    from touchline.jobs import platforms

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        platforms.add_platform(workspace, organization_id, code)
    return said({"platform": code}, f"{code} is known as an ad platform.")


@platform.command(name="remove")
def remove_platform(code: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Remove an ad platform that was added. Costs that were imported stay.

    :param code: its code.
    """
    from touchline.jobs import platforms

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        platforms.remove_platform(workspace, organization_id, code)
    return said({"platform": code}, f"{code} is removed. Costs that were imported stay.")


COMMAND = platform
