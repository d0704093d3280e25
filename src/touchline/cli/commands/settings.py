"""``settings``: what an organization chose about its numbers."""

from typing import Annotated

from cyclopts import App, Parameter

from touchline.amounts import UNKNOWN
from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.listing import said
from touchline.cli.managing import manager_of
from touchline.cli.terminal import table

settings = App(name="settings", help="Manage an organization's settings.")


@settings.default
@settings.command(name="list")
def list_settings(*, scope: Scope = SCOPE) -> Answer:
    """List the organization's settings."""
    with scope.opened() as workspace:
        chosen = vars(workspace.settings(workspace.organization(scope.organization)["organization_id"]))
    rows = [(name, UNKNOWN if value == "" else str(value)) for name, value in chosen.items()]
    return Answer(chosen, lambda: table("Settings", ("setting", "value"), rows))


@settings.command(name="set")
def set_setting(
    name: str, value: Annotated[str, Parameter(allow_leading_hyphen=True)], /, *, scope: Scope = SCOPE
) -> Answer:
    """Change one of the organization's settings.

    :param name: the setting, from `settings list`.
    :param value: the new value.
    """
    from touchline.jobs.managing import numbers

    with scope.opened() as workspace:
        numbers.change_setting(manager_of(workspace, scope.organization), name, value)
    effect = "The next `touchline run` updates the numbers."
    if name == "tag_names":
        effect = "Links are read so from now on; events that are stored stay as they are."
    if name in _OF_WHAT_IS_KEPT:
        effect = "It holds for what is received from now on; events that are stored stay as they are."
    if name == "withdrawal":
        effect = "The next `touchline run` carries it out, and a server does so once a day."
    return said({"setting": name, "value": value}, f"{name} is {value}. {effect}")


_OF_WHAT_IS_KEPT = frozenset(
    {
        "redacted_keys", "kept_keys", "redaction_rules", "titles", "queries", "user_agents", "visitor_ids",
        "do_not_track",
    }
)  # fmt: skip

COMMAND = settings
