"""The click that answers for a person on an ad platform: the first while it is fresh, else the newest."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from tests.oracle.world import Row, Tables


def chosen_clicks(tables: Tables, fresh_days: Mapping[str, int]) -> list[Row]:
    """By person and platform, of the tables that the river wrote; ``fresh_days`` by platform, ``""``: any other."""
    platform_of = {row["evidence_id"]: row["platform"] for row in tables["evidence_channels"]}
    clicks: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for touch in tables["touchpoints"]:
        platform = platform_of[touch["evidence_id"]]
        if platform and touch["click_id_names"] and touch["click_ids"]:
            clicks[touch["organization_id"], touch["person_id"], platform].append(touch)
    return [_chosen(tables, fresh_days, owner, found) for owner, found in clicks.items()]


def _chosen(tables: Tables, fresh_days: Mapping[str, int], owner: tuple[str, str, str], clicks: list[Row]) -> Row:
    organization_id, person_id, platform = owner
    ended = [row["ended_at"] for row in tables["sessions"] if row["person_id"] == person_id]
    bought = [row["occurred_at"] for row in tables["conversions"] if row["person_id"] == person_id]
    ordered = sorted(clicks, key=lambda row: (row["occurred_at"], row["touchpoint_id"]))
    first, newest, as_of = ordered[0], ordered[-1], max(ended + bought)
    days = fresh_days.get(platform, fresh_days[""])
    is_initial = as_of - first["occurred_at"] <= timedelta(days=days)
    answer = first if is_initial else newest
    return {
        "organization_id": organization_id, "person_id": person_id, "platform": platform,
        **{name: answer[name] for name in ("touchpoint_id", "occurred_at", "click_id_names", "click_ids")},
        "is_initial": is_initial, "initial_touchpoint_id": first["touchpoint_id"],
        "newest_touchpoint_id": newest["touchpoint_id"], "as_of": as_of, "fresh_days": days,
        "click_count": len(clicks),
    }  # fmt: skip
