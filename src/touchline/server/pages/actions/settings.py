"""Settings, changed in the browser."""

from touchline.jobs.setup import change_setting
from touchline.server.pages.action import Act, Action, Done
from touchline.server.pages.screens.settings import OF_ADMINISTRATORS


def change(act: Act) -> Done:
    """Change one setting."""
    name, value = act.text("key"), act.text("value")
    if name in OF_ADMINISTRATORS:
        act.person.require("administrator")
    change_setting(act.workspace, act.organization_id, name, value, now=act.now)
    said = value.replace("\n", "; ") or "empty"
    return Done(f"{name.replace('_', ' ').capitalize()} is now {said}. The next run updates the numbers.")


ACTIONS = (Action("settings", "change", "editor", change, {"value": ""}),)
