"""What people do about health: aliases for campaigns, alarms acknowledged and muted, notes on days."""

from touchline.jobs.alarming import notes
from touchline.jobs.aliases import add_alias
from touchline.numerals import whole_of
from touchline.server.pages.action import Act, Action, Done, FieldError


def alias(act: Act) -> Done:
    """Let links that say a name count for a campaign."""
    said = act.text("alias")
    code = add_alias(
        act.workspace, act.organization_id, said, platform=act.text("platform"), campaign_id=act.text("campaign")
    )
    return Done(f"Links of {code} that say {said!r} count for campaign {act.text('campaign')} after the next run.")


def acknowledge(act: Act) -> Done:
    """Say that this person looks at an alarm."""
    from touchline.jobs.alarming import states  # noqa: PLC0415 - it loads SciPy

    states.acknowledge(
        act.workspace, act.organization_id, act.text("key"), by=act.person.name[: states.LONGEST_NAME],
        note=act.text("note"), now=act.now,
    )  # fmt: skip
    return Done("The alarm is acknowledged: you look at it.")


def mute(act: Act) -> Done:
    """Notify nobody of an alarm before a day."""
    until = act.day("until")
    if until is None:
        raise FieldError("until", "Choose the day from which people are notified again.")
    from touchline.jobs.alarming import states  # noqa: PLC0415 - it loads SciPy

    states.mute(act.workspace, act.organization_id, act.text("key"), until=until, now=act.now)
    return Done(f"Nobody is notified of the alarm before {until}.")


def add_note(act: Act) -> Done:
    """Note what happened on a day."""
    day = act.day("day")
    if day is None:
        raise FieldError("day", "Choose the day that the note is about.")
    notes.add_note(
        act.workspace, act.organization_id, day, act.text("said"), site_id=act.text("site"), now=act.now
    )  # fmt: skip
    return Done("The note is kept. Charts show it after the next run.")


def remove_note(act: Act) -> Done:
    """Remove a note."""
    number = whole_of(act.text("key"))
    notes.remove_note(act.workspace, act.organization_id, -1 if number is None else number)
    return Done("The note is removed.")


ACTIONS = (
    Action("health", "alias", "editor", alias, {"alias": "alias", "platform": "platform"}),
    Action("health", "acknowledge", "editor", acknowledge, {"note": "note"}),
    Action("health", "mute", "editor", mute, {"until": "day"}),
    Action("health", "add-note", "editor", add_note, {"said": "note", "day": "day", "site": "site"}),
    Action("health", "remove-note", "editor", remove_note),
)
