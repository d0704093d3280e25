"""What somebody decides about a finding of waste."""

from touchline.jobs.finding_states import remove_state, set_state
from touchline.server.pages.action import Act, Action, Done, FieldError

_SAID = {
    "accepted": "The finding is accepted: somebody acts on it.",
    "dismissed": "The finding is dismissed.",
    "open": "The finding is open again.",
}


def decide(act: Act) -> Done:
    """Accept, snooze or dismiss a finding, or open it again."""
    finding_id, state, until = act.text("key"), act.text("state"), act.day("until")
    if state == "open":
        remove_state(act.workspace, act.organization_id, finding_id)
        return Done(_SAID[state])
    if state == "snoozed" and until is None:
        raise FieldError("until", "A snoozed finding needs the day from which it is open again.")
    day = until if state == "snoozed" else None  # the field stays filled when another decision is chosen
    set_state(
        act.workspace, act.organization_id, finding_id, state, note=act.text("note"), until=day, now=act.now
    )  # fmt: skip
    return Done(_SAID.get(state, f"The finding is snoozed until {day}."))


ACTIONS = (Action("waste", "decide", "editor", decide, {"state": "state", "until": "day", "note": "note"}),)
