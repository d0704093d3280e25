"""Settings, changed in the browser."""

from touchline.jobs import auditing
from touchline.jobs.setup import change_setting
from touchline.server.pages.action import Act, Action, Done
from touchline.server.pages.screens.settings import OF_ADMINISTRATORS


def set_setting(act: Act, name: str, value: str) -> None:
    """Change a setting, and note it."""
    before = getattr(act.workspace.settings(act.organization_id), name, "")
    change_setting(act.workspace, act.organization_id, name, value, now=act.now)
    act.note("changed", auditing.change_of(name, before, value))


def change(act: Act) -> Done:
    """Change one setting."""
    name, value = act.text("key"), act.text("value")
    if name in OF_ADMINISTRATORS:
        act.person.require("administrator")
    set_setting(act, name, value)
    said = value.replace("\n", "; ") or "empty"
    return Done(f"{name.replace('_', ' ').capitalize()} is now {said}. The next run updates the numbers.")


ACTIONS = (Action("settings", "change", "editor", change, {"value": ""}),)
