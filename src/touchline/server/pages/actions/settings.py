"""Settings, changed in the browser."""

from touchline.jobs.managing.numbers import OF_ADMINISTRATORS, change_setting
from touchline.server.pages.action import Act, Action, Done


def change(act: Act) -> Done:
    """Change one setting."""
    name, value = act.text("key"), act.text("value")
    if name in OF_ADMINISTRATORS:
        act.person.require("administrator")
    change_setting(act.manager, name, value)
    said = value.replace("\n", "; ") or "empty"
    return Done(f"{name.replace('_', ' ').capitalize()} is now {said}. The next run updates the numbers.")


ACTIONS = (Action("settings", "change", "editor", change, {"value": ""}),)
