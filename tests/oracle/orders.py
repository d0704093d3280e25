"""Goals reached, and what was taken back."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.people import PersonOf, persons
from tests.oracle.visits import local_date, session_events
from tests.oracle.world import Row, World, once

Order = list[Row]
"""The reports of one person's order, of the best trust that there is; the earliest first."""


@once
def corrections(world: World) -> list[Row]:
    """Each refund that names an order, with the person whose order it takes back (``""``: nobody's), or why not."""
    person_of = persons(world)
    rows = []
    for refund in world.events:
        if refund["type"] != "REFUND" or refund["order_id"] is None:
            continue
        orders = _orders(refund, world, person_of)
        person_id = _whose(refund, orders, person_of)
        kind = "cancellation" if refund["name"] == "cancellation" else "refund"
        is_own = person_id == person_of(refund)
        reason = _reason(refund, kind, orders.get(person_id, []), world, is_own=is_own)
        rows.append(
            {name: refund[name] for name in ("organization_id", "site_id", "event_id", "order_id", "occurred_at")}
            | {
                "person_id": person_id,
                "kind": kind,
                "refunded_micros": refund["value_micros"],
                "currency": refund["currency"] or (person_id and _currency(orders[person_id], world)) or None,
                "is_verified": refund["is_verified"],
                "is_applied": reason == "applied",
                "reason": reason,
            }
        )
    return rows


def _orders(refund: Row, world: World, person_of: PersonOf) -> dict[str, Order]:
    """The orders that have the refund's order id, by person."""
    orders: dict[str, Order] = defaultdict(list)
    for event in sorted(world.events, key=lambda event: (event["occurred_at"], event["event_id"])):
        is_same = event["site_id"] == refund["site_id"] and event["order_id"] == refund["order_id"]
        if is_same and event["type"] in {"CONVERSION", "CUSTOM"}:
            orders[person_of(event)].append(event)
    return {person: _trusted(events) for person, events in orders.items()}


def _trusted(events: list[Row]) -> Order:
    """The verified ones, where there is any."""
    return [event for event in events if event["is_verified"]] or events


def _is_verified(order: Order) -> bool:
    return bool(order[0]["is_verified"])


def _whose(refund: Row, orders: dict[str, Order], person_of: PersonOf) -> str:
    """Whose order the refund takes back.

    One that it may change before others; a verified refund's is a verified one before others; then the same person's;
    then a verified one; then the newest at or before the refund, else the next after it; ties by person.
    """
    own = person_of(refund)

    def rank(person: str) -> tuple[Any, ...]:
        order = orders[person]
        distance = refund["occurred_at"] - order[0]["occurred_at"]
        is_before = distance >= timedelta(0)
        return (
            not _may_change(refund, order, is_own=person == own),
            refund["is_verified"] and not _is_verified(order),
            person != own,
            not _is_verified(order),
            not is_before,
            abs(distance),
            person,
        )

    return min(orders, key=rank, default="")


def _may_change(refund: Row, order: Order, *, is_own: bool) -> bool:
    """A verified refund may change any order, another one its person's order of its visitor that nobody verified."""
    if refund["is_verified"]:
        return True
    visitors = {event["identifier"] for event in order if event["identifier"].startswith("v:")}
    return is_own and not _is_verified(order) and refund["identifier"] in visitors


def _currency(order: Order, world: World) -> str:
    """The first that a report of the order names."""
    named = [event["currency"] for event in order if event["currency"]]
    return str((named or [world.organization["currency"]])[0])


def _reason(refund: Row, kind: str, order: Order, world: World, *, is_own: bool) -> str:
    if not order:
        return "no_order"
    if not _may_change(refund, order, is_own=is_own):
        return "claimed_by_browser"
    is_amount = kind == "refund" and refund["value_micros"] is not None
    if is_amount and refund["currency"] not in {None, _currency(order, world)}:
        return "other_currency"
    return "applied"


@once
def conversions(world: World) -> list[Row]:
    """One row an order (or an event without one) that reached a goal; one a person for a milestone."""
    person_of = persons(world)
    of_order: dict[tuple[str, ...], list[tuple[Row, Row]]] = defaultdict(list)
    for event in sorted(world.events, key=lambda event: (event["occurred_at"], event["event_id"])):
        goal = _goal_of(event, world)
        if goal:
            order = ("order", event["order_id"]) if event["order_id"] is not None else ("event", event["event_id"])
            of_order[event["site_id"], goal["goal"], person_of(event), *order].append((goal, event))
    taken_back = corrections(world)
    starts = _first_days(world, person_of, of_order.values())
    found = [_conversion(world, person_of, taken_back, events, starts) for events in of_order.values()]
    milestones = {goal["goal"] for goal in world.goals if goal["is_milestone"]}
    daily = {goal["goal"] for goal in world.goals if goal["retention_exponent"] is not None}
    kept = [
        row
        for row in found
        if row["goal"] not in milestones | daily or row is _first_reach(row, found, of_day=row["goal"] in daily)
    ]
    apart = {goal["goal"] for goal in world.goals if goal["unverified_handling"] == "apart"}
    return [
        row | {"goal": f"{row['goal']} (unverified)"} if row["goal"] in apart and not row["is_verified"] else row
        for row in kept
    ]


def _first_days(
    world: World, person_of: PersonOf, orders: Iterable[list[tuple[Row, Row]]]
) -> dict[tuple[str, str], Any]:
    """By person and goal, the first day with an event that is no test."""
    days: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for events in orders:
        trusted = _trusted([event for _, event in events])
        if not any(event["is_test"] for event in trusted):
            day = local_date(world, trusted[0]["site_id"], trusted[0]["occurred_at"])
            days[person_of(trusted[0]), events[0][0]["goal"]].append(day)
    return {key: min(found) for key, found in days.items()}


def _of_active_day(goal: Row, day: Any, start: Any) -> int:
    """What an active day is worth; before the first real one, nothing."""
    if start is None or day < start:
        return 0
    grown = Decimal(1 + min((day - start).days, 1_095)) ** Decimal(str(goal["retention_exponent"]))
    return int((goal["default_value_micros"] * grown).to_integral_value(ROUND_HALF_UP))


def _first_reach(row: Row, found: list[Row], *, of_day: bool) -> Row:
    """The first verified time that the row's person reached the row's goal, ``of_day``: on the row's day.

    A test only where there is nothing else.
    """
    same = [other for other in found if (other["goal"], other["person_id"]) == (row["goal"], row["person_id"])]
    same = [other for other in same if not of_day or other["conversion_date"] == row["conversion_date"]]
    return min(
        same,
        key=lambda r: (r["status"] == "test", not r["is_verified"], r["occurred_at"], r["event_id"], r["site_id"]),
    )


def _session_of(event: Row, world: World) -> str | None:
    """The session in which it happened; none where a server said it and nobody was there."""
    key = event["site_id"], event["event_id"]
    return next((row["session_id"] for row in session_events(world) if (row["site_id"], row["event_id"]) == key), None)


def _goal_of(event: Row, world: World) -> Row | None:
    fitting = [goal for goal in world.goals if goal["event_type"] == event["type"]]
    named = [goal for goal in fitting if goal["event_name"] and goal["event_name"] == event["name"]]
    return next(iter(named + [goal for goal in fitting if not goal["event_name"]]), None)


def _conversion(
    world: World, person_of: PersonOf, taken_back: list[Row], events: list[tuple[Row, Row]],
    starts: dict[tuple[str, str], Any],
) -> Row:  # fmt: skip
    """What an order, or an event without one, is worth and became."""
    trusted = _trusted([event for _, event in events])
    goal, first = events[0][0], trusted[0]
    person_id = person_of(first)
    currency = first["currency"] or world.organization["currency"]
    gross = goal["default_value_micros"] if first["value_micros"] is None else first["value_micros"]
    day = local_date(world, first["site_id"], first["occurred_at"])
    if goal["retention_exponent"] is not None:
        currency = world.organization["currency"]
        gross = _of_active_day(goal, day, starts.get((person_id, goal["goal"])))
    refunds = [
        row
        for row in taken_back
        if (row["site_id"], row["order_id"], row["person_id"]) == (first["site_id"], first["order_id"], person_id)
        and row["is_applied"]
    ]
    is_cancelled = any(row["kind"] == "cancellation" for row in refunds)
    is_whole = any(row["kind"] == "refund" and row["refunded_micros"] is None for row in refunds)
    amounts = [row for row in refunds if row["kind"] == "refund" and row["currency"] == currency]
    named = sum(row["refunded_micros"] or 0 for row in amounts)
    refunded = gross if is_cancelled or is_whole else min(named, gross)
    if any(event["is_test"] for event in trusted):
        status = "test"
    elif goal["unverified_handling"] == "leave_out" and not first["is_verified"]:
        status = "unverified"
    elif is_cancelled:
        status = "cancelled"
    elif is_whole or (named > 0 and named >= gross):
        status = "refunded"
    else:
        status = "partially_refunded" if refunded > 0 else "completed"
    rate = _rate_of(world, currency, day)
    return {
        **{name: first[name] for name in ("organization_id", "site_id", "order_id", "account_id", "occurred_at")},
        "event_id": first["event_id"],
        "person_id": person_id,
        "conversion_id": f"{first['site_id']}:{first['event_id']}",
        "session_id": _session_of(first, world),
        "goal": goal["goal"],
        "signal_type": goal["signal_type"],
        "conversion_date": day,
        "native_currency": currency,
        "native_value_micros": gross - refunded,
        **_counted(world, currency, gross, refunded, rate),
        "status": status,
        "is_counted": status in {"completed", "partially_refunded"},
        "is_verified": first["is_verified"],
        "event_count": len(events),
        "self_reported_source": first["survey_answer"],
        "path_owner": goal["path_owner"],
    }


def _rate_of(world: World, currency: str, day: object) -> Row | None:
    """The last rate that was said of the day."""
    said = [row for row in world.rates if row["currency"] == currency and row["rate_date"] == day]
    return said[-1] if said and currency != world.organization["currency"] else None


def _counted(world: World, currency: str, gross: int, refunded: int, rate: Row | None) -> Row:
    """The money as reports count it: in the organization's currency where a rate of the day says so."""
    said: Row = {"currency": currency, "gross_value_micros": gross, "refunded_micros": refunded, "exchange_rate": None}
    if rate is not None and abs(_at_rate(gross, rate)) < 2**63:
        said = {"currency": world.organization["currency"], "exchange_rate": rate["rate"]}
        said |= {"gross_value_micros": _at_rate(gross, rate), "refunded_micros": _at_rate(refunded, rate)}
    return said | {"value_micros": said["gross_value_micros"] - said["refunded_micros"]}


def _at_rate(amount: int, rate: Row) -> int:
    """Rounded half away from zero."""
    exact = Decimal(amount) * rate["rate_units"] / rate["rate_scale"]
    return int(exact.to_integral_value(ROUND_HALF_UP))
