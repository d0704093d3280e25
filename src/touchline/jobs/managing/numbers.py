"""What the numbers are made of: goals, targets and settings."""

from collections.abc import Mapping
from typing import Any

from touchline.jobs import auditing, setup
from touchline.jobs.managing.manager import Change, Manager, at_once
from touchline.jobs.platforms import platform_named
from touchline.ledger import schema

OF_ADMINISTRATORS = frozenset({
    "retention_days", "redacted_keys", "kept_keys", "redaction_rules", "titles", "queries", "user_agents",
    "visitor_ids", "do_not_track", "withdrawal",
})  # fmt: skip
"""Settings by which events are deleted, or more or less of them is kept: what is gone does not come back."""


@at_once
def set_goal(manager: Manager, goal: setup.Goal) -> Change:
    """Add the goal, or replace the one of its name."""
    key = {"organization_id": manager.organization, "goal": goal.goal}
    change = _change_of(manager, schema.GOALS, key, vars(goal))
    if change != "same":
        setup.set_goal(manager.workspace, manager.organization, goal)
        manager.note(f"goal {goal.goal}: {change}")
    return change


@at_once
def remove_goal(manager: Manager, goal: str) -> None:
    """Forget the goal."""
    setup.remove_goal(manager.workspace, manager.organization, goal)
    manager.note(f"goal {goal}: removed")


@at_once
def set_target(
    manager: Manager, *, platform: str, campaign_id: str, target_cpa_micros: int | None, target_roas: float | None
) -> tuple[str, Change]:
    """Set what a conversion may cost, or what spend must bring; returns the platform's code, and what changed."""
    code = platform_named(manager.workspace, manager.organization, platform) if platform else ""
    key = {"organization_id": manager.organization, "platform": code, "campaign_id": campaign_id}
    change = _change_of(
        manager, schema.TARGETS, key, {"target_cpa_micros": target_cpa_micros, "target_roas": target_roas}
    )
    if change != "same":
        setup.set_target(
            manager.workspace, manager.organization, platform=code, campaign_id=campaign_id,
            target_cpa_micros=target_cpa_micros, target_roas=target_roas,
        )  # fmt: skip
        manager.note(f"{_target(code, campaign_id)}: {change}")
    return code, change


@at_once
def remove_target(manager: Manager, *, platform: str, campaign_id: str) -> None:
    """Forget a target, by its platform's code."""
    setup.remove_target(manager.workspace, manager.organization, platform=platform, campaign_id=campaign_id)
    manager.note(f"{_target(platform, campaign_id)}: removed")


@at_once
def change_setting(manager: Manager, name: str, value: str) -> Change:
    """Change a setting."""
    before = getattr(manager.workspace.settings(manager.organization), name, "")
    rows = manager.workspace.ledger.rows(schema.SETTINGS, organization_id=manager.organization, name=name)
    if rows and rows[0]["value"] == value:
        return "same"
    setup.change_setting(manager.workspace, manager.organization, name, value, now=manager.now)
    manager.note(auditing.change_of(name, before, value))
    return "changed"


def _target(platform: str, campaign_id: str) -> str:
    return f"target of {platform or 'all platforms'}{campaign_id and f', campaign {campaign_id}'}"


def _change_of(manager: Manager, table: Any, key: Mapping[str, Any], wanted: Mapping[str, Any]) -> Change:
    rows = manager.workspace.ledger.rows(table, **key)
    if not rows:
        return "added"
    return "same" if all(rows[0][column] == value for column, value in wanted.items()) else "changed"
