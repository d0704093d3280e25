"""The questions about accounts, answered by going through the tables."""

from tests.oracle.world import Row
from tests.reports.recount import (
    Given,
    Recount,
    account_of,
    answer,
    believed,
    is_of_account,
    is_of_site,
    main_account,
    ordered,
    pick,
)

_KINDS = {"lead": "first_lead_date", "signup": "first_signup_date", "first_use": "first_use_date",
          "payment": "first_payment_date"}  # fmt: skip


@answer
def account_named(all_: Recount, given: Given) -> list[Row]:
    mains = {main_account(all_, given, given["named"])}
    return [{"account_id": one} for one in mains & {row["account_id"] for row in all_.of("account_members", given)}]


@answer
def names_of_accounts(all_: Recount, given: Given) -> list[Row]:
    merged = [row for row in all_.of("merged_accounts", given) if row["account_id"] != row["main_account_id"]]
    return ordered(
        [{"account_id": row["main_account_id"], "name": row["account_id"]} for row in merged], "account_id name"
    )


@answer
def accounts(all_: Recount, given: Given) -> list[Row]:
    names = {row["account_id"] for row in all_.of("account_members", given)}
    wanted = [name for name in names if given["account_id"] in {"", name}]
    found = [{**_came(all_, given, name), **_bought(all_, given, name)} for name in wanted]
    found = [row for row in found if row["touches"] or row["conversions"]]
    totals = {
        "all_accounts": len(found), "all_converting": sum(row["conversions"] > 0 for row in found),
        "all_new": sum(row["is_new"] for row in found), "all_conversions": sum(row["conversions"] for row in found),
    }  # fmt: skip
    listed = ordered(found, "-value_micros -conversions -touches account_id")[: given["limit"]]
    names_of_columns = (
        "account_id members touches first_touch_date first_channel last_touch_date last_channel conversions"
        " converting_persons orders value_micros is_new first_conversion_date"
    )
    for row in listed:
        row["value_micros"] = row["value_micros"] if row["has_bought"] else None
    return pick([{**row, **totals} for row in listed], " ".join((names_of_columns, *_KINDS.values(), *totals)))


def _came(all_: Recount, given: Given, name: str) -> Row:
    """The touches of the members until the window's end."""
    [owner] = all_.of("organizations", given)
    members = {row["person_id"] for row in believed(all_, given, name)}
    touches = [
        touch
        for touch in all_.of("touchpoints", given)
        if touch["person_id"] in members and touch["touch_date"] <= given["end"]
        and (main_account(all_, given, touch["account_id"]) or name) == name
        and not (touch["is_claimed"] and owner["claimed_touches"] != "count")
    ]  # fmt: skip
    ends = ordered(touches, "occurred_at touchpoint_id")
    days = [touch["touch_date"] for touch in touches]
    channels = [all_.evidence[touch["evidence_id"]]["channel"] for touch in ends] or [None]
    return {
        "account_id": name, "members": len(members), "touches": sum(day >= given["start"] for day in days),
        "first_touch_date": min(days, default=None), "last_touch_date": max(days, default=None),
        "first_channel": channels[0], "last_channel": channels[-1],
    }  # fmt: skip


def _bought(all_: Recount, given: Given, name: str) -> Row:
    """The conversions of the account: those that are asked about, and the first ones of each kind."""
    counted = all_.of("conversions", given, is_counted=True)
    whole = [row for row in ordered(counted, "occurred_at conversion_id") if account_of(all_, row) == name]
    of_goal = [row for row in whole if given["goal"] in {"", row["goal"]}]
    wanted = [
        row for row in of_goal
        if row["currency"] == given["currency"] and is_of_site(row, given) and is_of_account(all_, row, given)
        and given["start"] <= row["conversion_date"] <= given["end"]
    ]  # fmt: skip
    kinds = {
        column: min((row["conversion_date"] for row in whole if row["signal_type"] == kind), default=None)
        for kind, column in _KINDS.items()
    }
    return {
        "has_bought": bool(whole), "conversions": len(wanted),
        "converting_persons": len({row["person_id"] for row in wanted}),
        "orders": sum(row["order_id"] is not None for row in wanted),
        "value_micros": sum(row["value_micros"] for row in wanted), "is_new": of_goal[:1] == wanted[:1] != [],
        "first_conversion_date": min((row["conversion_date"] for row in of_goal), default=None), **kinds,
    }  # fmt: skip


@answer
def credited_accounts(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("account_rollups", given)
    keys = sorted({(row["currency"], row["basis"], row["model"]) for row in found})
    return [
        {
            **dict(zip(("currency", "basis", "model"), key, strict=True)),
            **{
                name: sum(row[name] for row in found if (row["currency"], row["basis"], row["model"]) == key)
                for name in ("credit", "value_micros")
            },
        }
        for key in keys
    ]
