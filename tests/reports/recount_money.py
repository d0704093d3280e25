"""The questions about money, campaigns and customers, answered by going through the tables."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from tests.oracle.world import Row
from tests.reports.recount import (
    Given,
    Recount,
    account_of,
    answer,
    firsts,
    has_known_costs,
    is_of_account,
    is_of_site,
    ordered,
    pick,
    summed,
)

_COSTS = "impressions clicks spend_micros"


def _within(found: Iterable[Row], day: str, given: Given) -> list[Row]:
    return [row for row in found if given["start"] <= row[day] <= given["end"]]


@answer
def performance(all_: Recount, given: Given) -> list[Row]:
    where = {"basis": given["basis"], "currency": given["currency"]}
    every = all_.of("daily_rollups", given, **where, grain="ORGANIZATION")
    if given["account_id"]:
        every = all_.of("account_rollups", given, **where, account_id=given["account_id"])
    found: dict[object, Row] = {}
    every, is_known = _within(every, "rollup_date", given), has_known_costs(all_, given)
    for row in every:
        if not is_of_site(row, given):
            continue
        if row["model"] in {"", given["model"]} and (given["goal"] in {"", row["goal"]} or not row["goal"]):
            day = {"day": row["rollup_date"], "credit": 0, "value_micros": 0, "spend_micros": None}
            total = found.setdefault(row["rollup_date"], day)
            total["credit"] += row["credit"]
            total["value_micros"] += row["value_micros"]
            if not row["model"] and is_known:
                total["spend_micros"] = (total["spend_micros"] or 0) + row["spend_micros"]
    return ordered(found.values(), "day")


@answer
def paid_by_day(all_: Recount, given: Given) -> list[Row]:
    found = []
    for link in all_.of("attribution_links", given, model=given["model"]):
        conversion, touch = all_.conversions[link["conversion_id"]], all_.touches.get(link["touchpoint_id"])
        is_asked = conversion["currency"] == given["currency"] and given["goal"] in {"", conversion["goal"]}
        is_asked = is_asked and is_of_account(all_, conversion, given)
        if touch and is_asked and all_.evidence[touch["evidence_id"]]["is_paid"]:
            day = touch["touch_date"] if given["basis"] == "TOUCH" else conversion["conversion_date"]
            found.append({"day": day, "paid_credit": link["credit"], "paid_value_micros": link["value_micros"]})
    return summed(_within(found, "day", given), "day", "paid_credit paid_value_micros")


def _counted(all_: Recount, given: Given) -> list[Row]:
    return [row for row in all_.of("conversions", given, is_counted=True) if given["goal"] in {"", row["goal"]}]


@answer
def new_customers(all_: Recount, given: Given) -> list[Row]:
    of_accounts: dict[str, Row] = {}
    for row in ordered(_counted(all_, given), "occurred_at conversion_id"):
        if account := account_of(all_, row):
            of_accounts.setdefault(account, row)
    persons = [({"new_customers": 1, "new_accounts": 0}, row) for row in firsts(all_, given)]
    accounts = [({"new_customers": 0, "new_accounts": 1}, row) for row in of_accounts.values()]
    found = [
        {**new, "day": row["conversion_date"], "new_value_micros": row["value_micros"] * new["new_customers"]}
        for new, row in [*persons, *accounts]
        if row["currency"] == given["currency"] and is_of_account(all_, row, given)
    ]
    return summed(_within(found, "day", given), "day", "new_customers new_value_micros new_accounts")


@answer
def new_by_day(all_: Recount, given: Given) -> list[Row]:
    new, found = {row["conversion_id"] for row in firsts(all_, given)}, []
    for link in all_.of("attribution_links", given, model=given["model"]):
        conversion, touch = all_.conversions[link["conversion_id"]], all_.touches.get(link["touchpoint_id"])
        is_asked = conversion["currency"] == given["currency"] and given["goal"] in {"", conversion["goal"]}
        if is_asked and link["conversion_id"] in new and is_of_account(all_, conversion, given):
            is_paid = bool(touch and all_.evidence[touch["evidence_id"]]["is_paid"])
            day = touch["touch_date"] if touch and given["basis"] == "TOUCH" else conversion["conversion_date"]
            amounts = {"new_credit": link["credit"], "new_booked_micros": link["value_micros"]}
            found.append({"day": day, **amounts, "paid_new_credit": link["credit"] * is_paid})
    return summed(_within(found, "day", given), "day", "new_credit new_booked_micros paid_new_credit")


@answer
def kept_since(all_: Recount, given: Given) -> list[Row]:
    return [{"first_day": min((row["conversion_date"] for row in _counted(all_, given)), default=None)}]


@answer
def spend_by_channel(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("channel_spend", given, currency=given["currency"])
    return summed(_within(found, "cost_date", given), "channel", _COSTS)


@answer
def spend_by_channel_and_day(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("channel_spend", given, currency=given["currency"])
    listed = [{**row, "day": row["cost_date"]} for row in found]
    return summed(_within(listed, "day", given), "day channel", _COSTS)


@answer
def credit_by_channel_and_day(all_: Recount, given: Given) -> list[Row]:
    found = []
    for link in all_.of("attribution_links", given, model=given["model"]):
        conversion = all_.conversions[link["conversion_id"]]
        is_asked = conversion["currency"] == given["currency"] and given["goal"] in {"", conversion["goal"]}
        if is_asked and link["credit"] and is_of_site(conversion, given):
            channel = link["channel"] if link["touchpoint_id"] else "(unattributed)"
            found.append({**link, "day": conversion["conversion_date"], "channel": channel})
    return summed(_within(found, "day", given), "day channel", "credit value_micros")


@answer
def credit_of_account_by_channel_and_day(all_: Recount, given: Given) -> list[Row]:
    found = []
    for link in all_.of("attribution_links", given, model=given["model"]):
        conversion = all_.conversions[link["conversion_id"]]
        is_asked = conversion["currency"] == given["currency"] and given["goal"] in {"", conversion["goal"]}
        account = account_of(all_, conversion)
        if is_asked and link["credit"] and is_of_site(conversion, given) and account == given["account_id"]:
            channel = link["channel"] if link["touchpoint_id"] else "(unattributed)"
            found.append({**link, "day": conversion["conversion_date"], "channel": channel})
    return summed(_within(found, "day", given), "day channel", "credit value_micros")


@answer
def calibrated(all_: Recount, given: Given) -> list[Row]:
    found = []
    where = {"basis": given["basis"], "grain": given["grain"], "currency": given["currency"]}
    rolled = _within(all_.of("daily_rollups", given, **where), "rollup_date", given)
    for lift in all_.of("lift_factors", given):
        for row in rolled:
            of = (lift["channel"],) if given["grain"] == "CHANNEL" else (lift["platform"], lift["campaign_id"])
            key = (row["entity_id"],) if given["grain"] == "CHANNEL" else (row["platform"], row["campaign_id"])
            is_of = of == key and of[-1] and row["model"] and lift["model"] in {"", row["model"]}
            is_within = lift["start_date"] <= row["rollup_date"] <= (lift["end_date"] or row["rollup_date"])
            is_asked = given["goal"] in {"", row["goal"]} and given["site_id"] in {"", row["site_id"]}
            if given["grain"] in {"CHANNEL", "CAMPAIGN"} and is_of and is_within and is_asked:
                day = row["rollup_date"] if given["is_daily"] == "yes" else lift["start_date"]
                shown = {"day": day, "model_tested": lift["model"], "start_date": lift["start_date"]}
                found.append({**row, **{name: lift[name] for name in ("factor", "low", "high")}, **shown})
    groups: dict[tuple[object, ...], Row] = {}
    names = ("day", "model", "entity_id", "start_date", "model_tested", "factor", "low", "high")
    for row in found:
        sums = groups.setdefault(tuple(row[name] for name in names), {**pick([row], " ".join(names))[0], "credit": 0})
        sums["credit"] += row["credit"]
    return ordered(groups.values(), "day model entity_id start_date")


@answer
def spend_by_country(all_: Recount, given: Given) -> list[Row]:
    place = ("source", "account_id", "cost_date", "platform", "campaign_id", "adset_id", "ad_id", "load_number")
    ads = {
        (row["native_currency"], *(row[name] for name in place)): row
        for row in all_.of("ad_costs", given, currency=given["currency"])
    }
    found = []
    for row in _within(all_.of("cost_rows", given), "cost_date", given):
        ad = ads.get((row["currency"], *(row[name] for name in place)))
        if ad is not None:
            spent = row["spend_micros"] if ad["exchange_rate"] is None else row["reporting_micros"]
            found.append({**row, "country": row["country"] or "", "spend_micros": spent})
    return summed(found, "platform country", _COSTS)


@answer
def spend_without_visits(all_: Recount, given: Given) -> list[Row]:
    clicks = _within(all_.of("campaign_clicks", given), "cost_date", given)
    visited = {(row["platform"], row["campaign_id"]) for row in clicks}
    names = {(row["platform"], row["campaign_id"]): row["name"] for row in _campaigns(all_, given)}
    costs = _within(all_.of("ad_costs", given, currency=given["currency"]), "cost_date", given)
    costs = [row for row in costs if is_of_site(row, given)]
    found = [
        {**row, "name": names.get((row["platform"], row["campaign_id"]))}
        for row in summed(costs, "platform campaign_id", "spend_micros")
        if row["campaign_id"] and row["spend_micros"] > 0 and (row["platform"], row["campaign_id"]) not in visited
    ]
    listed = pick(found, "platform campaign_id name spend_micros")
    return ordered(listed, "-spend_micros platform campaign_id")[: given["limit"]]


def _campaigns(all_: Recount, given: Given) -> list[Row]:
    return all_.of("campaigns", given, grain="CAMPAIGN")


@answer
def visits_without_campaign(all_: Recount, given: Given) -> list[Row]:
    known = {(row["platform"], row["campaign_id"]) for row in _campaigns(all_, given)}
    platforms = {platform for platform, _ in known}
    visits: Counter[tuple[str, str]] = Counter()
    for row in _within(all_.of("campaign_clicks", given), "cost_date", given):
        if is_of_site(row, given):
            visits[row["platform"], row["campaign_id"]] += row["click_count"]
    earned: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    where = {"basis": "TOUCH", "grain": "CAMPAIGN", "model": given["model"], "currency": given["currency"]}
    for row in _within(all_.of("daily_rollups", given, **where), "rollup_date", given):
        if given["goal"] in {"", row["goal"]} and is_of_site(row, given):
            won = {name: row[name] for name in ("credit", "value_micros")}
            earned[row["platform"], row["campaign_id"]].update(won)
    found = [
        {
            "platform": place[0], "said": place[1], "visits": count, "credit": earned[place]["credit"],
            "value_micros": earned[place]["value_micros"],
        }
        for place, count in visits.items()
        if place not in known and place[0] in platforms
    ]  # fmt: skip
    return ordered(found, "-visits platform said")[: given["limit"]]


@answer
def campaigns_named(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("campaign_names", given, grain="CAMPAIGN", is_id=False)
    return ordered(pick(found, "platform campaign_id match_key"), "platform match_key campaign_id")


@answer
def days_without_conversions(all_: Recount, given: Given) -> list[Row]:
    """What each entity of the grain cost on days on which nothing was won."""
    names = "entity_id platform campaign_id adset_id ad_id"
    of_days = [
        {**row, "day": row["rollup_date"]}
        for row in all_.of("daily_rollups", given, basis="CONVERSION", grain=given["grain"], currency=given["currency"])
        if given["start"] <= row["rollup_date"] <= given["end"]
        and row["model"] in {"", given["model"]}
        and (not row["goal"] or given["goal"] in {"", row["goal"]})
    ]
    named = {
        tuple(row[name] for name in ("grain", "platform", "campaign_id", "adset_id", "ad_id")): row["name"]
        for row in all_.of("campaigns", given)
    }
    result = []
    for row in summed(of_days, f"{names} day", "spend_micros credit"):
        if row["spend_micros"] > 0 and not row["credit"]:
            key = given["grain"], *(row[name] for name in ("platform", "campaign_id", "adset_id", "ad_id"))
            result.append({**row, "name": named.get(key) or row["entity_id"]})
    return pick(result, f"{names} day spend_micros name")


@answer
def spend_of_tree(all_: Recount, given: Given) -> list[Row]:
    found = _within(all_.of("channel_spend", given, currency=given["currency"]), "cost_date", given)
    nothing = {"adset_id": "", "ad_id": ""} | ({"platform": "", "campaign_id": ""} if given["is_channel"] else {})
    listed = [{**row, **nothing} for row in found if given["channel"] in {"", row["channel"]}]
    return summed(listed, "channel platform campaign_id adset_id ad_id", _COSTS)


@answer
def spend_of_ads(all_: Recount, given: Given) -> list[Row]:
    """Each ad's part of each day in whole micros, by what it adds to the running share."""
    where = {name: given[name] for name in ("platform", "campaign_id", "currency")}
    of_channels, of_ads = (
        _within(all_.of(table, given, **where), "cost_date", given) for table in ("channel_spend", "ad_costs")
    )
    days = {(row["source"], row["account_id"], row["cost_date"]) for row in of_channels}
    found: list[Row] = []
    for day in sorted(days):
        channels, ads = (
            [row for row in rows if (row["source"], row["account_id"], row["cost_date"]) == day]
            for rows in (ordered(of_channels, "channel"), ordered(of_ads, "adset_id ad_id"))
        )
        total = sum(row["spend_micros"] for row in channels)
        before = sum(row["spend_micros"] for row in channels if row["channel"] < given["channel"])
        until = sum(row["spend_micros"] for row in channels if row["channel"] <= given["channel"])
        spent = 0
        for ad in ads if given["channel"] in {row["channel"] for row in channels} else []:
            ends = [
                (spent + more) * share // total if total else 0
                for more in (0, ad["spend_micros"])
                for share in (before, until)
            ]
            spent += ad["spend_micros"]
            ad_id = ad["ad_id"] if given["is_ad"] else ""
            found.append(
                {"adset_id": ad["adset_id"], "ad_id": ad_id, "spend_micros": ends[3] - ends[1] - ends[2] + ends[0]}
            )
    return summed(found, "adset_id ad_id", "spend_micros")


@answer
def names_of_entities(all_: Recount, given: Given) -> list[Row]:
    found = [
        row
        for row in all_.of("campaigns", given)
        if row["grain"] == "CAMPAIGN"
        or (row["platform"], row["campaign_id"]) == (given["platform"], given["campaign_id"])
    ]
    return pick(found, "grain platform campaign_id adset_id ad_id name")
