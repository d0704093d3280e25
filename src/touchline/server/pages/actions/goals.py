"""Goals and targets, set in the browser."""

from typing import get_args

from touchline.files.money import micros_of
from touchline.jobs import setup
from touchline.jobs.managing import numbers
from touchline.numerals import decimal_of
from touchline.server.pages.action import Act, Action, Done, FieldError
from touchline.settings import UnverifiedHandling

_NEXT = "The next run updates the numbers."


def set_goal(act: Act) -> Done:
    """Add a goal, or replace the one of its name."""
    made = setup.Goal(
        act.text("goal"), act.text("signal") or "other", act.text("event_type"), act.text("event_name"),
        bool(act.text("milestone")), _amount(act, "default_value") or 0, _handling(act),
    )  # fmt: skip
    numbers.set_goal(act.manager, made)
    return Done(f"Goal {made.goal} is set. {_NEXT}")


def remove_goal(act: Act) -> Done:
    """Remove a goal."""
    numbers.remove_goal(act.manager, act.text("key"))
    return Done(f"Goal {act.text('key')} is removed. {_NEXT}")


def make_primary(act: Act) -> Done:
    """Let a goal be the one that pages count where none is chosen."""
    goal = act.text("key")
    numbers.change_setting(act.manager, "primary_goal", goal)
    return Done(f"{goal} is the primary goal. {_NEXT}")


def set_target(act: Act) -> Done:
    """Set what a conversion may cost, or what spend must bring."""
    platform, campaign = act.text("platform"), act.text("campaign")
    roas = act.text("roas")
    least = decimal_of(roas) if roas else None
    if roas and least is None:
        raise FieldError("roas", f"A ROAS is a number such as 3.5, not {roas!r:.80}.")
    cpa = _amount(act, "cpa")
    if cpa is None and least is None:
        raise FieldError("cpa", "Give a CPA, a ROAS or both.")
    numbers.set_target(
        act.manager, platform=platform, campaign_id=campaign, target_cpa_micros=cpa,
        target_roas=None if least is None else float(least),
    )  # fmt: skip
    return Done("The target is set. The next run judges spend by it.")


def remove_target(act: Act) -> Done:
    """Forget a target."""
    platform, _, campaign = act.text("key").partition("/")
    numbers.remove_target(act.manager, platform=platform, campaign_id=campaign)
    return Done("The target is removed. The next run judges spend without it.")


def _handling(act: Act) -> UnverifiedHandling:
    return next((one for one in get_args(UnverifiedHandling) if one == act.text("unverified")), "count")


def _amount(act: Act, field: str) -> int | None:
    """A field that is an amount of money, as micros; ``None`` where it is empty."""
    said = act.text(field)
    number = decimal_of(said) if said else None
    found = None if number is None else micros_of(number)
    if said and found is None:
        raise FieldError(field, f"This is an amount of money such as 12.50, not {said!r:.80}.")
    return found


ACTIONS = (
    Action(
        "goals", "set", "editor", set_goal,
        {"event_type": "reached by", "goal": "a goal", "event_name": "name", "default_value": "value"},
    ),
    Action("goals", "remove", "editor", remove_goal),
    Action("goals", "primary", "editor", make_primary),
    Action(
        "goals", "target", "editor", set_target,
        {"cpa": "greater than zero", "campaign": "campaign", "platform": "platform"},
    ),
    Action("goals", "remove-target", "editor", remove_target),
)  # fmt: skip
