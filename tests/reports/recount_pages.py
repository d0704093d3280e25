"""The questions that only pages ask, answered by going through the tables."""

from datetime import date, datetime, timedelta

from tests.oracle.world import Row
from tests.reports.recount import Given, Recount, answer, ordered, pick, with_local_time


@answer
def newest_visits(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("sessions", given)
    return [
        {"site_id": site_id, "seen_at": max(row["ended_at"] for row in found if row["site_id"] == site_id)}
        for site_id in sorted({row["site_id"] for row in found})
    ]


@answer
def newest_day(all_: Recount, given: Given) -> list[Row]:
    """Of alarms, which pages show."""
    return [{"newest": max((row["period"] for row in all_.of("health_volumes", given)), default=None)}]


@answer
def newest_costs(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("ad_costs", given)
    return [
        {"platform": name, "newest_day": max(row["cost_date"] for row in found if row["platform"] == name)}
        for name in sorted({row["platform"] for row in found})
    ]


@answer
def sites_shown(all_: Recount, given: Given) -> list[Row]:
    return ordered(pick(all_.of("sites", given), "site_id name domain time_zone"), "site_id")


@answer
def conversions_listed(all_: Recount, given: Given) -> list[Row]:
    found = []
    for row in all_.chosen({**given, "account_id": ""}):
        links = [
            link
            for link in all_.of("attribution_links", given, model=given["model"], conversion_id=row["conversion_id"])
            if link["credit"] > 0 and given["channel"] in {"", _channel(link)}
        ]
        if links:
            credit, micros = (sum(link[name] for link in links) for name in ("credit", "value_micros"))
            found.append({**row, "credit": credit, "credited_micros": micros})
    totals = {"how_many": len(found), "all_credit": sum(row["credit"] for row in found)}
    listed = sorted(found, key=lambda row: row["conversion_id"])
    listed = sorted(listed, key=lambda row: row["occurred_at"], reverse=True)
    listed = [{**row, **totals, "occurred_micros": _micros(row["occurred_at"])} for row in listed]
    last = (-given["last_micros"], given["last_id"])
    after = [row for row in listed if (-row["occurred_micros"], row["conversion_id"]) > last][: given["limit"]]
    names = (
        "conversion_id order_id goal site_id conversion_date local_time occurred_micros value_micros is_verified credit"
        " credited_micros how_many all_credit"
    )
    return pick(with_local_time(all_, after), names)


def _micros(when: datetime) -> int:
    return (when - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001 - tables' times are UTC


def _channel(link: Row) -> str:
    channel: str = link["channel"] if link["touchpoint_id"] else "(unattributed)"
    return channel


@answer
def sites_seen(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("sessions", given)
    return [
        {
            "site_id": site_id,
            "first_seen_at": min(row["started_at"] for row in found if row["site_id"] == site_id),
            "last_seen_at": max(row["ended_at"] for row in found if row["site_id"] == site_id),
            "visits": len([row for row in found if row["site_id"] == site_id]),
        }
        for site_id in sorted({row["site_id"] for row in found})
    ]


@answer
def accounts_with_costs(all_: Recount, given: Given) -> list[Row]:
    days: dict[tuple[str, str], list[date]] = {}
    for row in all_.of("ad_costs", given):
        days.setdefault((row["platform"], row["account_id"]), []).append(row["cost_date"])
    return [
        {"platform": platform, "account_id": account, "first_day": min(found), "last_day": max(found)}
        for (platform, account), found in sorted(days.items())
    ]


@answer
def newest_conversions(all_: Recount, given: Given) -> list[Row]:
    days: dict[tuple[str, str], list[date]] = {}
    for row in all_.of("conversions", given):
        if row["is_counted"]:
            days.setdefault((row["goal"], row["site_id"]), []).append(row["conversion_date"])
    return [
        {"goal": goal, "site_id": site_id, "oldest_day": min(found), "newest_day": max(found)}
        for (goal, site_id), found in sorted(days.items())
    ]


@answer
def goal_candidates(all_: Recount, given: Given) -> list[Row]:
    goals = [(row["event_type"], row["event_name"]) for row in all_.of("goals", given)]
    found: dict[tuple[str, str], list[Row]] = {}
    for row in all_.of("tracking_events", given):
        kind, name = row["type"], row["name"] or ""
        if kind in {"CONVERSION", "CUSTOM"} and not {(kind, ""), (kind, name)} & {*goals}:
            found.setdefault((kind, name), []).append(row)
    rows: list[Row] = [
        {
            "event_type": kind, "event_name": name, "events": len(events),
            "with_value": len([1 for row in events if (row["value_micros"], row["order_id"]) != (None, None)]),
        }
        for (kind, name), events in sorted(found.items())
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row["events"])[:20]


@answer
def visits_until(all_: Recount, given: Given) -> list[Row]:
    found = with_local_time(
        all_,
        [
            {**row, "occurred_at": row["started_at"], "period": row["started_date"]}
            for row in all_.of("sessions", given, site_id=given["site_id"])
            if given["start"] <= row["started_date"] <= given["end"]
        ],
    )
    return [
        {
            "period": day,
            "visits": len(times),
            "visits_until": sum(_since_midnight(time) < given["until_micros"] for time in times),
        }
        for day in sorted({row["period"] for row in found})
        for times in [[row["local_time"] for row in found if row["period"] == day]]
    ]


def _since_midnight(time: datetime) -> int:
    return _micros(time) % 86_400_000_000


@answer
def costs_of_day(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("ad_costs", given)
    accounts = sorted({(row["platform"], row["account_id"]) for row in found})
    return [
        {
            "platform": platform,
            "account_id": account_id,
            "newest_day": max(row["cost_date"] for row in mine),
            "load_number": max((row["load_number"] for row in mine if row["cost_date"] == given["day"]), default=None),
        }
        for platform, account_id in accounts
        for mine in [[row for row in found if (row["platform"], row["account_id"]) == (platform, account_id)]]
    ]
