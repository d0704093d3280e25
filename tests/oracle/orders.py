"""Goals reached, and what was taken back."""

from collections import defaultdict

from tests.oracle.people import persons
from tests.oracle.visits import local_date
from tests.oracle.world import Row, World, once


@once
def corrections(world: World) -> list[Row]:
    """Each refund that names an order, with the person whose order it takes back (``""``: nobody's)."""
    person_of = persons(world)
    rows = []
    for refund in world.events:
        if refund["type"] != "REFUND" or refund["order_id"] is None:
            continue
        rows.append(
            {name: refund[name] for name in ("organization_id", "site_id", "event_id", "order_id", "occurred_at")}
            | {
                "person_id": _whose(refund, world, person_of),
                "kind": "cancellation" if refund["name"] == "cancellation" else "refund",
                "refunded_micros": refund["value_micros"],
            }
        )
    return rows


def _whose(refund: Row, world: World, person_of: dict[str, str]) -> str:
    """The same person's order, else the newest at or before the refund, else the next after it; ties by person."""
    ordered_at: dict[str, object] = {}
    for event in sorted(world.events, key=lambda event: event["occurred_at"]):
        is_same = event["site_id"] == refund["site_id"] and event["order_id"] == refund["order_id"]
        if is_same and event["type"] in {"CONVERSION", "CUSTOM"}:
            ordered_at.setdefault(person_of[event["identifier"]], event["occurred_at"])
    own = person_of[refund["identifier"]]
    if own in ordered_at:
        return own
    before = sorted((time, person) for person, time in ordered_at.items() if time <= refund["occurred_at"])
    if before:
        return min(person for time, person in before if time == before[-1][0])
    after = sorted((time, person) for person, time in ordered_at.items())
    return after[0][1] if after else ""


@once
def conversions(world: World) -> list[Row]:
    """One row an order (or an event without one) that reached a goal; one a person for a milestone."""
    person_of = persons(world)
    of_order: dict[tuple[str, ...], list[tuple[Row, Row]]] = defaultdict(list)
    for event in sorted(world.events, key=lambda event: (event["occurred_at"], event["event_id"])):
        goal = _goal_of(event, world)
        if goal:
            order = ("order", event["order_id"]) if event["order_id"] is not None else ("event", event["event_id"])
            of_order[event["site_id"], goal["goal"], person_of[event["identifier"]], *order].append((goal, event))
    taken_back = corrections(world)
    found = [_conversion(world, person_of, taken_back, events) for events in of_order.values()]
    milestones = {goal["goal"] for goal in world.goals if goal["is_milestone"]}
    return [row for row in found if row["goal"] not in milestones or row is _first_reach(row, found)]


def _first_reach(row: Row, found: list[Row]) -> Row:
    """The first time that the row's person reached the row's goal; a test only where there is nothing else."""
    same = [other for other in found if (other["goal"], other["person_id"]) == (row["goal"], row["person_id"])]
    return min(same, key=lambda r: (r["status"] == "test", r["occurred_at"], r["event_id"], r["site_id"]))


def _goal_of(event: Row, world: World) -> Row | None:
    fitting = [goal for goal in world.goals if goal["event_type"] == event["type"]]
    named = [goal for goal in fitting if goal["event_name"] and goal["event_name"] == event["name"]]
    return next(iter(named + [goal for goal in fitting if not goal["event_name"]]), None)


def _conversion(world: World, person_of: dict[str, str], taken_back: list[Row], events: list[tuple[Row, Row]]) -> Row:
    goal, first = events[0]
    person_id = person_of[first["identifier"]]
    gross = goal["default_value_micros"] if first["value_micros"] is None else first["value_micros"]
    refunds = [
        row
        for row in taken_back
        if (row["site_id"], row["order_id"], row["person_id"]) == (first["site_id"], first["order_id"], person_id)
    ]
    is_cancelled = any(row["kind"] == "cancellation" for row in refunds)
    is_whole = any(row["kind"] == "refund" and row["refunded_micros"] is None for row in refunds)
    named = sum(row["refunded_micros"] or 0 for row in refunds)
    refunded = gross if is_cancelled or is_whole else min(named, gross)
    if any(event["is_test"] for _, event in events):
        status = "test"
    elif is_cancelled:
        status = "cancelled"
    elif is_whole or (named > 0 and named >= gross):
        status = "refunded"
    else:
        status = "partially_refunded" if refunded > 0 else "completed"
    return {
        **{name: first[name] for name in ("organization_id", "site_id", "order_id", "account_id", "occurred_at")},
        "event_id": first["event_id"],
        "person_id": person_id,
        "conversion_id": f"{first['site_id']}:{first['event_id']}",
        "goal": goal["goal"],
        "signal_type": goal["signal_type"],
        "conversion_date": local_date(world, first["site_id"], first["occurred_at"]),
        "currency": first["currency"] or world.organization["currency"],
        "gross_value_micros": gross,
        "refunded_micros": refunded,
        "value_micros": gross - refunded,
        "status": status,
        "is_counted": status in {"completed", "partially_refunded"},
        "event_count": len(events),
        "self_reported_source": first["survey_answer"],
    }
