"""The questions of the reports, answered by going through the tables: plain, slow, and for tests only."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.clicks import chosen_clicks
from tests.oracle.world import Row, Tables
from touchline.reports.survey import CHANNELS

Given = Mapping[str, Any]


class Recount:
    """The tables of all worlds, and the answers that they give when one just goes through them."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.owned: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._having: dict[tuple[Any, ...], dict[tuple[Any, ...], list[Row]]] = {}
        """By table, organization and names of columns: the rows by their values in these columns."""
        for table, listed in tables.items():
            for row in listed:
                self.owned[table, row.get("organization_id", "")].append(row)
        self.conversions = {row["conversion_id"]: row for row in tables["conversions"]}
        self.touches = {row["touchpoint_id"]: row for row in tables["touchpoints"]}
        self.sessions = {row["session_id"]: row for row in tables["sessions"]}
        self.evidence = {row["evidence_id"]: row for row in tables["evidence_channels"]}

    def of(self, table: str, given: Given, **where: Any) -> list[Row]:
        """An organization's rows in which the named columns have the given values."""
        place = table, given["organization_id"], *where
        if place not in self._having:
            found = self._having[place] = defaultdict(list)
            for row in self.owned[table, given["organization_id"]]:
                found[tuple(row[name] for name in where)].append(row)
        return list(self._having[place].get(tuple(where.values()), ()))

    def chosen(self, given: Given, *, is_counted: bool = True) -> list[Row]:
        """The conversions of the window, the currency and the goal."""
        return [
            row
            for row in self.of("conversions", given, currency=given["currency"])
            if given["start"] <= row["conversion_date"] <= given["end"]
            and is_of_site(row, given)
            and is_of_account(self, row, given)
            and (row["is_counted"] or not is_counted)
            and (given["goal"] in {"", row["goal"]} or not is_counted)
        ]

    def path(self, conversion_id: str) -> list[Row]:
        owner = self.conversions[conversion_id]
        found = self.of("paths", owner, conversion_id=conversion_id)
        return sorted(found, key=lambda row: (-row["age_micros"], row["occurred_at"], row["touchpoint_id"]))


def is_of_site(row: Row, given: Given) -> bool:
    return given["site_id"] in {"", row["site_id"]}


def has_known_costs(all_: "Recount", given: Given) -> bool:
    """Whether all costs of the window are mapped to sites, where one of several sites is asked about."""
    costs = all_.of("ad_costs", given, currency=given["currency"])
    return not given["site_id"] or all(
        row["site_id"] for row in costs if given["start"] <= row["cost_date"] <= given["end"]
    )


def is_of_account(all_: "Recount", row: Row, given: Given) -> bool:
    return not given["account_id"] or account_of(all_, row) == given["account_id"]


def with_local_time(all_: "Recount", found: Iterable[Row], site_id: str = "") -> list[Row]:
    """The rows with the time on the clock of their site, or of one site."""
    zones = {row["site_id"]: row["time_zone"] for row in all_.tables["sites"]}
    rows = [{**row, "time_zone": zones[site_id or row["site_id"]]} for row in found]
    return [{**row, "local_time": _on_the_clock(row["occurred_at"], row["time_zone"])} for row in rows]


def _on_the_clock(time: datetime, zone: str) -> datetime:
    return time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def pick(found: Iterable[Row], names: str) -> list[Row]:
    return [{name: row[name] for name in names.split()} for row in found]


def summed(found: Iterable[Row], by: str, sums: str) -> list[Row]:
    """Sums of some columns by others, in the order of these."""
    groups: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    names = by.split()
    for row in found:
        total = groups[tuple(row[name] for name in names)]
        total.update({name: row[name] for name in sums.split()})
    return [{**dict(zip(names, key, strict=True)), **groups[key]} for key in sorted(groups)]


def ordered(found: Iterable[Row], names: str) -> list[Row]:
    """By some columns; those with a minus from the largest on."""
    result = list(found)
    for name in reversed(names.split()):
        result.sort(key=itemgetter(name.removeprefix("-")), reverse=name.startswith("-"))
    return result


Answer = Callable[[Recount, Given], list[Row]]
ANSWERS: dict[str, Answer] = {}


def answer(question: Answer) -> Answer:
    ANSWERS[question.__name__] = question
    return question


@answer
def answers(all_: Recount, given: Given) -> list[Row]:
    counts: Counter[tuple[str, str]] = Counter()
    every = {**given, "account_id": ""}
    for row in all_.chosen({**every, "currency": "EUR"}) + all_.chosen({**every, "currency": "USD"}):
        for link in all_.of("attribution_links", given, model="LAST_TOUCH", conversion_id=row["conversion_id"]):
            if link["credit"] and row["self_reported_source"] is not None:
                counts[row["self_reported_source"], link["channel"]] += 1
    found = [{"answer": text, "channel": channel, "conversions": n} for (text, channel), n in counts.items()]
    return ordered(found, "-conversions answer channel")


@answer
def answers_credited(all_: Recount, given: Given) -> list[Row]:
    found = []
    for row in all_.chosen(given):
        if row["self_reported_source"] is not None:
            links = all_.of("attribution_links", given, conversion_id=row["conversion_id"])
            for model in {link["model"] for link in links}:
                credited = {link["channel"] for link in links if link["model"] == model and link["credit"]}
                channels = sum(2**place for place, name in enumerate(CHANNELS) if name in credited)
                found.append({"answer": row["self_reported_source"], "model": model, "channels": channels})
    counts = Counter((row["answer"], row["model"], row["channels"]) for row in found)
    return [{"answer": a, "model": m, "channels": c, "conversions": n} for (a, m, c), n in counts.items()]


@answer
def counted_conversions(all_: Recount, given: Given) -> list[Row]:
    found = [{**row, "conversions": 1} for row in all_.of("conversions", given, is_counted=True)]
    return summed(found, "currency", "conversions value_micros")


@answer
def covered(all_: Recount, given: Given) -> list[Row]:
    names = {"behavioural_coverage", "direct_only_rate", "no_touch_rate"}
    found = [row for row in all_.of("health_measures", given) if row["measure"] in names]
    return summed(found, "measure", "numerator denominator")


@answer
def credit_by_dimension(all_: Recount, given: Given) -> list[Row]:
    found, new = [], {row["conversion_id"] for row in firsts(all_, given)}
    for link in all_.of("attribution_links", given):
        conversion, touch = all_.conversions[link["conversion_id"]], all_.touches.get(link["touchpoint_id"])
        day = touch["touch_date"] if touch and given["basis"] == "TOUCH" else conversion["conversion_date"]
        is_wanted = conversion["currency"] == given["currency"] and given["goal"] in {"", conversion["goal"]}
        is_wanted = is_wanted and is_of_site(conversion, given) and is_of_account(all_, conversion, given)
        if is_wanted and given["start"] <= day <= given["end"]:
            value = str(day) if given["by"] == "day" else _shown(all_, given["by"], conversion, touch)
            is_new = link["conversion_id"] in new
            value = ("new" if is_new else "returning") if given["by"] == "customer" else value
            is_unattributed = int(touch is None and given["by"] not in {"site", "account", "customer", "day"})
            place = {"is_unattributed": is_unattributed, "value": value or ""}
            found.append({**by_payment(all_, link, touch), **of_new(link, is_new=is_new), **place})
    whole = {key: influence(all_, mine) for key, mine in by_key(found, "is_unattributed value").items()}
    sizes: Counter[tuple[int, str]] = Counter()
    for row in found:
        sizes[row["is_unattributed"], row["value"]] += row["credit"]
    most = sorted(sizes, key=lambda one: (-one[0], -sizes[one], one[1]))[: given["most_values"]]
    for row in found:
        row["is_rest"] = int((row["is_unattributed"], row["value"]) not in most)
        row["value"] = "" if row["is_rest"] else row["value"]
    rows = summed(found, "is_unattributed is_rest value model", f"credit value_micros {OF_NEW} {BY_PAYMENT}")
    nothing = {"influenced": None, "influenced_value_micros": None}
    return [
        {
            **row,
            **(nothing if row["is_rest"] or row["is_unattributed"] or given["by"] == "day" else whole[0, row["value"]]),
        }
        for row in rows
    ]


def by_key(found: Iterable[Row], names: str) -> dict[tuple[Any, ...], list[Row]]:
    """The rows by the values of some columns."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in found:
        groups[tuple(row[name] for name in names.split())].append(row)
    return groups


def influence(all_: Recount, links: Iterable[Row]) -> Row:
    """How many conversions the touches of links led to, each whole, and what these are worth; none without a touch."""
    reached = {link["conversion_id"] for link in links if link["touchpoint_id"]}
    worth = sum(all_.conversions[one]["value_micros"] for one in reached)
    return {"influenced": len(reached) or None, "influenced_value_micros": worth if reached else None}


@answer
def own_totals(all_: Recount, given: Given) -> list[Row]:
    wanted = {row["conversion_id"] for row in all_.chosen(given)}
    credit: Counter[tuple[str, str]] = Counter()
    for link in all_.of("attribution_links", given):
        if link["conversion_id"] in wanted and link["fit_id"] and link["touchpoint_id"]:
            credit[link["model"], link["fit_id"]] += link["credit"]
    found = [
        {
            "model": model,
            "fit_id": fit,
            "channel": row["name"],
            "credit": credit[model, fit],
            "removal_effect": row["value"],
        }
        for model, fit in credit
        for row in all_.tables["fit_values"]
        if (row["fit_id"], row["statistic"]) == (fit, "removal_effect")
    ]
    return ordered(found, "model fit_id channel")


OF_NEW = "new_credit new_value_micros"


def of_new(link: Row, *, is_new: bool) -> Row:
    """What a link adds to the sums of new customers."""
    return {f"new_{name}": link[name] * is_new for name in _EARNED}


@answer
def first_conversions(all_: Recount, given: Given) -> list[Row]:
    window = [row for row in all_.of("conversions", given) if given["start"] <= row["conversion_date"] <= given["end"]]
    persons = {row["person_id"] for row in window}
    found = [row for row in firsts(all_, given) if given["basis"] == "TOUCH" or row["person_id"] in persons]
    return pick(found, "organization_id conversion_id site_id currency conversion_date value_micros")


def firsts(all_: Recount, given: Given) -> list[Row]:
    """Each person's first counted conversion of the goal, of whatever currency, site and day."""
    first: dict[str, Row] = {}
    counted = [row for row in all_.of("conversions", given, is_counted=True) if given["goal"] in {"", row["goal"]}]
    for row in ordered(counted, "occurred_at conversion_id"):
        first.setdefault(row["person_id"], row)
    return list(first.values())


BY_PAYMENT = "paid_credit paid_value_micros ambiguous_credit ambiguous_value_micros touches ambiguous_touches"


def by_payment(all_: Recount, link: Row, touch: Row | None) -> Row:
    """A link with what it adds to the sums of paid and of ambiguous touches."""
    is_paid = all_.evidence[touch["evidence_id"]]["is_paid"] if touch else False
    parts = {"paid": is_paid is True, "ambiguous": is_paid is None}
    amounts = {f"{part}_{name}": link[name] * holds for part, holds in parts.items() for name in _EARNED}
    return {**link, **amounts, "touches": int(touch is not None), "ambiguous_touches": int(is_paid is None)}


_EARNED = ("credit", "value_micros")


def account_of(all_: Recount, conversion: Row) -> str | None:
    """The account that the conversion names and its person acts for, or the person's only one; if it is believed."""
    theirs = {r["account_id"]: r for r in all_.of("account_members", conversion, person_id=conversion["person_id"])}
    account = main_account(all_, conversion, conversion["account_id"])
    if account not in theirs:
        account = next((name for name, row in theirs.items() if row["is_only"]), None)
    return account if account in theirs and theirs[account] in believed(all_, conversion, account) else None


def main_account(all_: Recount, given: Given, account: str | None) -> str | None:
    merged = {row["account_id"]: row["main_account_id"] for row in all_.of("merged_accounts", given)}
    return merged.get(account, account) if account else None


def believed(all_: Recount, given: Given, account: str | None) -> list[Row]:
    """The members of an account: the verified ones, where there are any."""
    members = all_.of("account_members", given, account_id=account)
    return [row for row in members if row["is_verified"]] or members


def touches_of_the_owner(all_: Recount, conversion: Row) -> list[Row]:
    """The touches of the person, or of the members of the account that owns the path, but for those of another one."""
    account = account_of(all_, conversion) if conversion["path_owner"] == "account" else None
    if account is None:
        return all_.of("touchpoints", conversion, person_id=conversion["person_id"])
    members = {row["person_id"] for row in believed(all_, conversion, account)}
    return [
        touch
        for touch in all_.of("touchpoints", conversion)
        if touch["person_id"] in members and (main_account(all_, conversion, touch["account_id"]) or account) == account
    ]


def _shown(all_: Recount, by: str, conversion: Row, touch: Row | None) -> str | None:
    """The value of a dimension."""
    if by == "account":
        return account_of(all_, conversion)
    if by == "site" or touch is None:
        return conversion["site_id"] if by == "site" else None
    evidence, visit = all_.evidence[touch["evidence_id"]], all_.sessions[touch["session_id"]]
    page: str | None = touch["landing_url"]
    agents = {row["user_agent"]: row["device_type"] for row in all_.tables["agents"]}
    found: dict[str, str | None] = {
        "channel": evidence["channel"], "source_class": evidence["source_class"], "app": touch["app"],
        "source": touch["utm_source"] or touch["referrer_host"] or touch["app"],
        "medium": touch["utm_medium"], "term": touch["utm_term"], "content": touch["utm_content"],
        "landing_page": page and page.partition("?")[0].partition("#")[0],
        "device": visit["device_type"] or agents.get(touch["user_agent"]),
        "city": visit["city"], "district": visit["district"],
    }  # fmt: skip
    return found.get(by)


@answer
def credited(all_: Recount, given: Given) -> list[Row]:
    currency = {row["conversion_id"]: row["currency"] for row in all_.tables["conversions"]}
    found = [{**row, "currency": currency[row["conversion_id"]]} for row in all_.of("attribution_links", given)]
    return summed(found, "currency model", "credit value_micros")


@answer
def currencies(all_: Recount, given: Given) -> list[Row]:
    return [{"currency": one} for one in {row["currency"] for row in all_.of("daily_rollups", given)}]


@answer
def days(all_: Recount, given: Given) -> list[Row]:
    found = []
    where = {"basis": "CONVERSION", "grain": "ORGANIZATION", "currency": given["currency"]}
    is_known = has_known_costs(all_, given)
    for row in all_.of("daily_rollups", given, **where):
        if given["start"] <= row["rollup_date"] <= given["end"] and is_of_site(row, given):
            is_won = row["model"] == given["model"] and given["goal"] in {"", row["goal"]}
            won = {name: row[name] if is_won else 0 for name in ("credit", "value_micros")}
            spent = None if row["model"] or not is_known else row["spend_micros"]
            found.append({"day": row["rollup_date"], **won, "spend_micros": spent})
    result = []
    for day, of_day in groupby(ordered(found, "day"), itemgetter("day")):
        listed = list(of_day)
        spends = [row["spend_micros"] for row in listed if row["spend_micros"] is not None]
        sums = {name: sum(row[name] for row in listed) for name in ("credit", "value_micros")}
        result.append({"day": day, **sums, "spend_micros": sum(spends) if spends else None})
    return result


@answer
def goals_set(all_: Recount, given: Given) -> list[Row]:
    goals = all_.of("goals", given)
    apart = [row["unverified_goal"] for row in goals if row["unverified_handling"] == "apart"]
    return [{"goal": name} for name in sorted([*(row["goal"] for row in goals), *apart])]


@answer
def journeys(all_: Recount, given: Given) -> list[Row]:
    found = []
    for row in all_.chosen(given):
        path = all_.path(row["conversion_id"])
        steps = [(channel, len(list(same))) for channel, same in groupby(path, itemgetter("channel"))]
        spelled = "/".join(f"{channel}|{n}" for channel, n in steps[:10]) + (
            f"+{len(steps) - 10}" if steps[10:] else ""
        )
        touches = path[0]["eligible_count"] + path[0]["idle_count"] if path else 0
        age = path[0]["age_micros"] if path else 0
        found.append({"path": spelled, "value": row["value_micros"], "touches": touches, "age": age})
    sizes = Counter(row["path"] for row in found if row["path"])
    most = sorted(sizes, key=lambda path: (-sizes[path], path))[: given["limit"]]
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        groups[row["path"] if row["path"] in most else "(other paths)" if row["path"] else "(no touch)"].append(row)
    result = [
        {
            "journey": name, "conversions": len(same), "paths": len({row["path"] for row in same}),
            "value_micros": sum(row["value"] for row in same),
            "middle_age_micros": _middles(same, "age"), "middle_touches": _middles(same, "touches"),
        }
        for name, same in groups.items()
    ]  # fmt: skip
    return ordered(result, "-conversions journey")


@answer
def journey_steps(all_: Recount, given: Given) -> list[Row]:
    found = []
    for row in all_.chosen(given):
        path = all_.path(row["conversion_id"])
        for step, (channel, same) in enumerate(groupby(path, itemgetter("channel")), 1):
            touches = list(same)
            found.append({
                "conversion_id": row["conversion_id"], "step": step, "channel": channel, "touches": len(touches),
                "age_micros": max(touch["age_micros"] for touch in touches),
                "path_touches": path[0]["eligible_count"] + path[0]["idle_count"],
            })  # fmt: skip
    return found


@answer
def journey_flows(all_: Recount, given: Given) -> list[Row]:
    found: Counter[tuple[str, str, str]] = Counter()
    for row in all_.chosen(given):
        steps = [channel for channel, _ in groupby(all_.path(row["conversion_id"]), itemgetter("channel"))]
        if steps:
            between = steps[1:-1]
            middle = "(several)" if len(between) > 1 else "".join(between)
            found[steps[0], middle, steps[-1] if steps[1:] else ""] += 1
    result = [
        {"first_channel": first, "between_channel": between, "last_channel": last, "conversions": number}
        for (first, between, last), number in found.items()
    ]
    return ordered(result, "-conversions first_channel between_channel last_channel")


@answer
def journey_lags(all_: Recount, given: Given) -> list[Row]:
    paths = [path for row in all_.chosen(given) if (path := all_.path(row["conversion_id"]))]
    found = Counter(path[0]["age_micros"] // 86_400_000_000 for path in paths)
    return ordered([{"days": days, "conversions": number} for days, number in found.items()], "days")


def _middles(found: list[Row], name: str) -> int:
    """The one in the middle, or both of them, added up."""
    return int(median(row[name] for row in found) * (1 if len(found) % 2 else 2))


@answer
def limits_by_day(all_: Recount, given: Given) -> list[Row]:
    found = [row for row in all_.of("health_limits", given, channel="") if is_of_site(row, given)]
    names = "numerator denominator center lower_limit upper_limit baseline_start baseline_end fit_id"
    return pick(ordered(found, "site_id measure goal period"), f"site_id measure goal period {names}")


@answer
def measures_by_day(all_: Recount, given: Given) -> list[Row]:
    found = [
        row
        for row in all_.of("health_measures", given)
        if is_of_site(row, given) and all(given[name] in {"", row[name]} for name in ("goal", "channel"))
    ]
    return ordered(summed(found, "site_id measure period", "numerator denominator"), "site_id measure period")


@answer
def costs_by_day(all_: Recount, given: Given) -> list[Row]:
    found = [{**row, "period": row["cost_date"], "volume": 1} for row in all_.of("ad_costs", given)]
    return ordered(summed(found, "platform period", "volume"), "platform period")


@answer
def volumes_by_day(all_: Recount, given: Given) -> list[Row]:
    found = [row for row in all_.of("health_volumes", given) if is_of_site(row, given)]
    return pick(ordered(found, "site_id measure goal period"), "site_id measure goal period volume")


@answer
def notes_by_day(all_: Recount, given: Given) -> list[Row]:
    found = [row for row in all_.of("health_notes", given) if given["start"] <= row["period"] <= given["end"]]
    found = [row for row in found if not row["site_id"] or is_of_site(row, given)]
    return pick(ordered(found, "period note_id"), "note_id period site_id said")


@answer
def limited_days(all_: Recount, given: Given) -> list[Row]:
    found = [
        row
        for row in all_.of("health_limits", given, channel="")
        if is_of_site(row, given) and row["upper_limit"] is not None
    ]
    return [{"days": len({row["period"] for row in found if given["start"] <= row["period"] <= given["end"]})}]


@answer
def coverage(all_: Recount, given: Given) -> list[Row]:
    mine = [
        row
        for row in all_.of("conversions", given, is_counted=True)
        if is_of_site(row, given)
        and given["start"] <= row["conversion_date"] <= given["end"]
        and given["goal"] in {"", row["goal"]}
    ]
    covered = [row for row in mine if {path["channel"] for path in all_.path(row["conversion_id"])} - {"Direct"}]
    return [{"conversions": len(mine), "covered": len(covered)}]


@answer
def conversions_by_day(all_: Recount, given: Given) -> list[Row]:
    mine = [
        row
        | {"period": row["conversion_date"], "conversions": 1}
        | {"value_micros": row["value_micros"] if row["currency"] == given["currency"] else 0}
        for row in all_.of("conversions", given, is_counted=True)
        if is_of_site(row, given) and given["start"] <= row["conversion_date"] <= given["end"]
    ]
    return summed(mine, "site_id goal period", "conversions value_micros")


@answer
def findings_held_back(all_: Recount, given: Given) -> list[Row]:
    of = {"model": given["model"], "grain": "CAMPAIGN", "reason": "tracking_break"}
    found = [row | {"findings": 1} for row in all_.of("waste_findings", given, **of)]
    return summed(found, "window_start window_end", "findings")


@answer
def models_used(all_: Recount, given: Given) -> list[Row]:
    return pick(all_.of("models", given), "model")


@answer
def rolled_up(all_: Recount, given: Given) -> list[Row]:
    nothing = {"grain": "CHANNEL", "model": "", "credit": 0, "value_micros": 0}
    cut = [row | nothing | {"basis": b} for row in all_.of("channel_spend", given) for b in ("CONVERSION", "TOUCH")]
    found = [*all_.of("daily_rollups", given), *cut]
    return summed(found, "currency grain basis model", "credit value_micros spend_micros")


@answer
def rollups_by_entity(all_: Recount, given: Given) -> list[Row]:
    names = {tuple(row[name] for name in _ENTITY): row["name"] for row in all_.of("campaigns", given)}
    where = {"basis": given["basis"], "grain": given["grain"], "currency": given["currency"]}
    inside = [
        row
        for row in all_.of("daily_rollups", given, **where)
        if given["start"] <= row["rollup_date"] <= given["end"]
        and given["goal"] in {"", row["goal"], row["goal"] or given["goal"]}
    ]
    sums = "impressions clicks spend_micros credit value_micros"
    result = []
    for row in summed(inside, f"entity_id {' '.join(_ENTITY)} model", sums):
        cost = {name: None if row["model"] else row[name] for name in ("impressions", "clicks", "spend_micros")}
        own = names.get(tuple(row[name] for name in _ENTITY))
        of_campaign = names.get(("CAMPAIGN", row["platform"], row["campaign_id"], "", ""))
        result.append({**row, **cost, "name": own, "campaign_name": of_campaign})
    return pick(
        result,
        "entity_id platform campaign_id adset_id ad_id name campaign_name model impressions clicks spend_micros credit"
        " value_micros",
    )


_ENTITY = ("grain", "platform", "campaign_id", "adset_id", "ad_id")


@answer
def settings_chosen(all_: Recount, given: Given) -> list[Row]:
    return pick(
        all_.of("organizations", given),
        "organization_id name currency direct default_model primary_goal lookback_days waste_window_days"
        " touches_per_path crowded_touches crowded_conversions clock_tolerance_seconds",
    )


@answer
def signals_by_day(all_: Recount, given: Given) -> list[Row]:
    signals = all_.of("health_signals", given, channel="")
    found = [row for row in signals if given["start"] <= row["period"] <= given["end"] and is_of_site(row, given)]
    names = "site_id measure goal period direction since value centre lower_limit upper_limit fit_id"
    return pick(ordered(found, "-period site_id measure goal"), names)


@answer
def span(all_: Recount, given: Given) -> list[Row]:
    found = [row["rollup_date"] for row in all_.of("daily_rollups", given)]
    return [{"first_day": min(found, default=None), "last_day": max(found, default=None)}]


@answer
def spent(all_: Recount, given: Given) -> list[Row]:
    return summed(all_.of("ad_costs", given), "currency", "spend_micros")


@answer
def touch_counts(all_: Recount, given: Given) -> list[Row]:
    counts: Counter[int] = Counter()
    for row in all_.chosen(given):
        path = all_.path(row["conversion_id"])
        counts[path[0]["eligible_count"] + path[0]["idle_count"] if path else 0] += 1
    return [{"touches": touches, "conversions": counts[touches]} for touches in sorted(counts)]


@answer
def unverified(all_: Recount, given: Given) -> list[Row]:
    found = all_.chosen(given)
    every = all_.chosen(given, is_counted=False)
    apart = [
        row
        for row in every
        if (row["status"] == "unverified" and given["goal"] in {"", row["goal"]})
        or (row["is_counted"] and row["goal"] == given["unverified_goal"])
    ]
    return [
        {
            "conversions": len(found), "unverified": sum(not row["is_verified"] for row in found),
            "unverified_apart": len(apart),
        }
    ]  # fmt: skip


@answer
def waste_findings_of_model(all_: Recount, given: Given) -> list[Row]:
    where = {"model": given["model"], "grain": given["grain"], "currency": given["currency"]}
    found = [
        row
        for row in all_.of("waste_findings", given, **where)
        if given["severity"] in {"", row["severity"]} and row["waste_micros"] >= given["min_waste_micros"]
    ]
    names = (
        "finding_id entity_id name platform campaign_id adset_id ad_id severity reason spend_micros waste_micros credit"
        " value_micros expected_waste_micros waste_low_micros waste_high_micros p_over_millionths maturity_millionths"
        " explanation fit_id"
    )
    return pick(found, names)


@answer
def waste_window(all_: Recount, given: Given) -> list[Row]:
    [organization] = all_.of("organizations", given)
    every = all_.of("daily_rollups", given)
    if not every:
        return []
    days = [row["rollup_date"] for row in every]
    start = max(days) - timedelta(days=organization["waste_window_days"] - 1)
    return [{"window_start": start, "window_end": max(days), "first_day": min(days)}]


# Of one conversion.


@answer
def conversions_named(all_: Recount, given: Given) -> list[Row]:
    named = given["named"]
    found = [row for row in all_.of("conversions", given) if named in {row["conversion_id"], row["order_id"]}]
    names = (
        "organization_id site_id person_id conversion_id goal signal_type order_id occurred_at currency"
        " local_time time_zone gross_value_micros refunded_micros value_micros status is_counted is_verified"
        " event_count"
        " self_reported_source native_currency native_value_micros exchange_rate"
    )
    return pick(with_local_time(all_, ordered(found, "conversion_id")), names)


@answer
def clocks_of_person(all_: Recount, given: Given) -> list[Row]:
    names = all_.of("identities", given, person_id=given["person_id"])
    found = [
        row["clock_corrected_seconds"]
        for row in all_.of("tracking_events", given)
        if any(row["identifier"] == name["identifier"] and _is_within(row["occurred_at"], name) for name in names)
    ]
    off = [seconds for seconds in found if seconds is not None] or [0]
    return [{"events": len([1 for s in found if s is not None]), "least_seconds": min(off), "most_seconds": max(off)}]


@answer
def facts_of_conversion(all_: Recount, given: Given) -> list[Row]:
    [row] = all_.of("conversions", given, conversion_id=given["conversion_id"])
    path, theirs = all_.path(row["conversion_id"]), touches_of_the_owner(all_, row)
    names = [name["identifier"] for name in all_.of("identities", given, person_id=given["person_id"])]
    yes = {
        "has_path": path, "has_source": [touch for touch in path if touch["channel"] != "Direct"],
        "has_earlier": [touch for touch in theirs if touch["counted_at"] <= row["occurred_at"]], "has_touch": theirs,
        "is_known": [name for name in names if not name.startswith("e:")],
        "has_visitor": [name for name in names if name.startswith("v:")],
    }  # fmt: skip
    said = {name: int(bool(found)) for name, found in yes.items()}
    account = account_of(all_, row) if row["path_owner"] == "account" else None
    return [{"status": row["status"], "is_counted": row["is_counted"], "account_id": account, **said}]


@answer
def links_of_conversion(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("attribution_links", given, conversion_id=given["conversion_id"])
    return pick(ordered(found, "model position"), "touchpoint_id model credit weight value_micros fit_id")


@answer
def clicks_of_person(all_: Recount, given: Given) -> list[Row]:
    days = {row["platform"]: row["fresh_days"] for row in all_.of("click_freshness", given)}
    theirs = all_.of("touchpoints", given, person_id=given["person_id"])
    found = chosen_clicks({**all_.tables, "touchpoints": theirs}, days)
    names = (
        "platform touchpoint_id occurred_at click_id_names click_ids is_initial initial_touchpoint_id"
        " newest_touchpoint_id as_of fresh_days click_count"
    )
    return pick(ordered(found, "platform"), names)


@answer
def orders_alike(all_: Recount, given: Given) -> list[Row]:
    orders = {row["order_id"] for row in all_.of("conversions", given)}
    alike = sorted(order for order in orders if order and order[: given["length"]].lower() == given["beginning"])
    return [{"order_id": order} for order in alike]


@answer
def refunds_of_order(all_: Recount, given: Given) -> list[Row]:
    where = {name: given[name] for name in ("site_id", "order_id", "person_id")}
    found = []
    for row in ordered(all_.of("corrections", given, **where), "-is_applied occurred_at event_id"):
        is_other = row["is_applied"] and row["kind"] == "refund" and row["refunded_micros"] is not None
        is_other = is_other and row["currency"] not in {None, given["native_currency"]}
        found.append({**row, "reason": "other_currency" if is_other else row["reason"]})
    names = "event_id kind occurred_at local_time refunded_micros currency is_verified reason"
    return [{**row, "how_many": len(found)} for row in pick(with_local_time(all_, found), names)]


@answer
def uncredited_before_conversion(all_: Recount, given: Given) -> list[Row]:
    result = []
    for row in all_.of("conversions", given, conversion_id=given["conversion_id"], person_id=given["person_id"]):
        account = account_of(all_, row) if row["path_owner"] == "account" else None
        owners = {one["person_id"] for one in believed(all_, given, account)} if account else {row["person_id"]}
        theirs = [visit for visit in all_.of("session_events", given) if visit["person_id"] in owners]
        touched = {one["touchpoint_id"] for one in all_.of("touchpoints", given)}
        hits = all_.of("source_hits", given, outcome="weaker_source")
        weaker = {(one["site_id"], one["event_id"]): one["outcome"] for one in hits}
        told = {(one["site_id"], one["event_id"]): one for one in all_.of("tracking_events", given)}
        for visit in ordered(theirs, "-occurred_at event_id"):
            key = (visit["site_id"], visit["event_id"])
            reason = weaker.get(key, visit["uncredited_because"])
            age = (row["occurred_at"] - visit["occurred_at"]) // timedelta(microseconds=1)
            if account and (main_account(all_, given, told[key]["account_id"]) or account) != account:
                continue
            if reason and ":".join(key) not in touched and 0 <= age <= given["lookback_micros"]:
                shown = {"url": told[key]["url"], "referrer": told[key]["referrer_host"], "reason": reason}
                result.append({**visit, **shown, "site_id": row["site_id"]})
    names = "person_id event_id occurred_at local_time url referrer reason"
    return [{**row, "how_many": len(result)} for row in pick(with_local_time(all_, result), names)][:100]


@answer
def touches_of_conversion(all_: Recount, given: Given) -> list[Row]:
    result = []
    theirs = [row for row in all_.path(given["conversion_id"]) if row["person_id"] == given["person_id"]]
    for row in theirs:
        touch = all_.touches[row["touchpoint_id"]]
        shown = all_.evidence[touch["evidence_id"]]
        said = {
            "click_ids": touch["click_id_names"], "referrer": touch["referrer_host"],
            "rule_version": shown["ruleset_version"], "person_id": touch["person_id"],
        }  # fmt: skip
        result.append({**touch, **shown, **touch, **row, **said, "channel": shown["channel"]})
    names = (
        "touchpoint_id occurred_at local_time age_micros channel source_class platform reason rule_version is_paid"
        " rule_id ignored confidence contradictions utm_source utm_medium"
        " utm_campaign utm_term utm_content utm_id click_ids campaign_ref adset_ref ad_ref referrer landing_url"
        " is_eligible position touchpoint_count eligible_count idle_count person_id account_id"
    )
    return pick(with_local_time(all_, result, given["site_id"]), names)


@answer
def touches_of_owner(all_: Recount, given: Given) -> list[Row]:
    row = all_.conversions[given["conversion_id"]]
    account = account_of(all_, row) if row["path_owner"] == "account" else None
    said = {"converted_at": row["occurred_at"], "account_id": account}
    names = "converted_at account_id person_id touchpoint_id counted_at"
    return pick(({**touch, **said} for touch in touches_of_the_owner(all_, row)), names)


@answer
def touches_up_to(all_: Recount, given: Given) -> list[Row]:
    row = all_.conversions[given["conversion_id"]]
    theirs = touches_of_the_owner(all_, row)
    return [{"touches": sum(touch["counted_at"] <= row["occurred_at"] for touch in theirs)}]


def _is_within(time: Any, period: Row) -> bool:
    start, end = period["valid_from"], period["valid_until"]
    return (start is None or start <= time) and (end is None or time < end)


# Of persons.


@answer
def devices(all_: Recount, given: Given) -> list[Row]:
    agents = {row["user_agent"]: row["device_type"] for row in all_.tables["agents"]}
    used: dict[str, dict[str, set[str | None]]] = defaultdict(lambda: defaultdict(set))
    members = {row["person_id"] for row in believed(all_, given, given["account_id"])}
    for row in all_.of("sessions", given):
        is_inside = given["start"] <= row["started_date"] <= given["end"] and is_of_site(row, given)
        is_inside = is_inside and (not given["account_id"] or row["person_id"] in members)
        if is_inside and row["identifier"].startswith("v:"):
            used[row["person_id"]][row["identifier"]].add(row["device_type"] or agents.get(row["user_agent"]))
    found = []
    for person, browsers in used.items():
        kinds = {kind for shown in browsers.values() for kind in shown if kind}
        bought = [row for row in all_.chosen(given) if row["person_id"] == person]
        found.append(
            {
                "devices": min(len(browsers), 5),
                **{kind: int(kind in kinds) for kind in ("desktop", "mobile", "tablet")},
                "persons": 1, "conversions": len(bought), "value_micros": sum(row["value_micros"] for row in bought),
            }
        )  # fmt: skip
    return summed(found, "devices desktop mobile tablet", "persons conversions value_micros")


# Of one person.


def _names(all_: Recount, given: Given) -> list[Row]:
    """Each name once, since when it is known."""
    found = all_.of("identities", given, person_id=given["person_id"])
    return list({row["identifier"]: row for row in sorted(found, key=lambda r: -r["period_number"])}.values())


@answer
def identifiers_of_person(all_: Recount, given: Given) -> list[Row]:
    return pick(ordered(_names(all_, given), "first_seen_at identifier"), "identifier")


@answer
def periods_of_person(all_: Recount, given: Given) -> list[Row]:
    found = all_.of("identities", given, person_id=given["person_id"])
    shared = [row for row in found if row["valid_from"] or row["valid_until"]]
    return pick(ordered(shared, "identifier period_number"), "identifier valid_from valid_until")


@answer
def accounts_of_person(all_: Recount, given: Given) -> list[Row]:
    found = ordered(all_.of("account_members", given, person_id=given["person_id"]), "account_id")
    names = "account_id first_seen_at event_count claim_count is_verified"
    return [
        {**row, "is_believed": one in believed(all_, given, row["account_id"])}
        for one, row in zip(found, pick(found, names), strict=True)
    ]


@answer
def identifiers_named(all_: Recount, given: Given) -> list[Row]:
    named = given["named"]
    found = [
        row
        for row in all_.of("identities", given)
        if named in {row["person_id"], row["identifier"]} or row["identifier"].endswith(f":{named}")
    ]
    once = {(row["person_id"], row["identifier"]): row for row in found}.values()
    return pick(ordered(list(once), "person_id identifier"), "identifier person_id")


def _edges(all_: Recount, given: Given) -> list[Row]:
    names = {row["identifier"] for row in all_.of("identities", given, person_id=given["person_id"])}
    found = [row for row in all_.of("identity_edges", given) if row["identifier"] in names]
    return ordered(found, "first_seen_at identifier linked_identifier")


@answer
def edges_of_person(all_: Recount, given: Given) -> list[Row]:
    return pick(
        _edges(all_, given),
        "identifier linked_identifier first_seen_at event_count claim_count tier source is_verified is_refused reason",
    )


@answer
def claims_of_person(all_: Recount, given: Given) -> list[Row]:
    pairs = {(row["identifier"], row["linked_identifier"]) for row in _edges(all_, given)}
    claims = all_.of("identity_claims", given)
    found = [row for row in claims if (row["identifier"], row["linked_identifier"]) in pairs]
    names = "identifier linked_identifier source claimed_at"
    return pick(ordered(found, "claimed_at source identifier linked_identifier"), names)


@answer
def sizes_of_person(all_: Recount, given: Given) -> list[Row]:
    found = _names(all_, given)
    return [{"identifiers": len(found), "ties": len(_edges(all_, given))}]


@answer
def sites_of(all_: Recount, given: Given) -> list[Row]:
    return pick(ordered(all_.of("sites", given), "site_id"), "site_id")


def _paged(all_: Recount, given: Given, table: str, key: str, names: str) -> list[Row]:
    """A person's rows of a table after a key, which some columns make."""
    theirs = all_.of(table, given, person_id=given["person_id"])
    keyed = [{**row, "row_key": " ".join(str(row[name]) for name in key.split())} for row in theirs]
    return pick(ordered([row for row in keyed if row["row_key"] > given["after"]], "row_key"), f"row_key {names}")


@answer
def conversions_of_person(all_: Recount, given: Given) -> list[Row]:
    names = (
        "site_id conversion_id session_id goal order_id account_id occurred_at currency gross_value_micros"
        " refunded_micros value_micros status is_counted is_verified self_reported_source"
    )
    return _paged(all_, given, "conversions", "conversion_id", names)


@answer
def corrections_of_person(all_: Recount, given: Given) -> list[Row]:
    names = "site_id event_id order_id kind occurred_at refunded_micros currency is_verified is_applied reason"
    return _paged(all_, given, "corrections", "site_id event_id", names)


@answer
def credit_of_person(all_: Recount, given: Given) -> list[Row]:
    names = "conversion_id touchpoint_id model channel credit value_micros"
    return _paged(all_, given, "attribution_links", "conversion_id touchpoint_id model", names)


@answer
def names_of_person(all_: Recount, given: Given) -> list[Row]:
    keyed = [{**row, "row_key": row["identifier"]} for row in _names(all_, given)]
    later = [row for row in keyed if row["row_key"] > given["after"]]
    return pick(ordered(later, "row_key"), "row_key identifier first_seen_at")


@answer
def sessions_of_person(all_: Recount, given: Given) -> list[Row]:
    names = (
        "site_id identifier started_at ended_at event_count page_view_count landing_url user_agent device_type city"
        " district"
    )
    return _paged(all_, given, "sessions", "session_id", names)


@answer
def touches_of_person(all_: Recount, given: Given) -> list[Row]:
    names = (
        "site_id session_id touchpoint_id occurred_at landing_url referrer_host utm_source utm_medium utm_campaign"
        " utm_term utm_content utm_id click_id_names campaign_ref adset_ref ad_ref user_agent"
    )
    return _paged(all_, given, "touchpoints", "touchpoint_id", names)
