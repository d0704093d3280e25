"""The user of the command line, as one who manages organizations: the home is theirs."""

from typing import TYPE_CHECKING

from touchline.cli.clock import now_micros

if TYPE_CHECKING:
    from touchline.jobs.managing.manager import Manager
    from touchline.jobs.workspace import Workspace


def manager_of(workspace: "Workspace", organization_id: str | None = None) -> "Manager":
    """The user of a command about an organization.

    :param organization_id: as the command names it; ``None``: it does not.
    """
    from touchline.jobs.managing.manager import Manager

    return Manager(workspace, organization_id, now_micros(), is_local=True)
