"""Costs, the names of what was advertised, and sums by day."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction
from operator import itemgetter

from tests.oracle.accounts import account_of
from tests.oracle.credit import attribution_links, evidence_channels
from tests.oracle.orders import conversions
from tests.oracle.touches import touchpoints
from tests.oracle.world import Row, World, once

GRAINS = ("ORGANIZATION", "PLATFORM", "CAMPAIGN", "ADSET", "AD")
"""The levels of the tree of ads, each of which holds the costs as well."""
AD = ("platform", "campaign_id", "adset_id", "ad_id")
_COST_KEY = ("organization_id", "source", "account_id", "cost_date", *AD, "currency")
"""As the rows say: in whichever currency was paid."""
MOST = 2**63 - 1
"""What one row of costs holds at most, and as much below nothing; sums over them have no limit."""
_AMOUNTS = ("impressions", "clicks", "spend_micros", "credit", "value_micros", "source_count")


def standing_costs(world: World, first_load: int = 1) -> list[Row]:
    """The rows of each account's day from the newest load that has any of it."""
    rows = [row | {"load_number": n} for n, load in enumerate(world.loads, first_load) for row in load]
    day_of = itemgetter("source", "platform", "account_id", "cost_date")
    newest: dict[tuple[object, ...], int] = {}
    for row in rows:
        newest[day_of(row)] = max(row["load_number"], newest.get(day_of(row), 0))
    return [row for row in rows if row["load_number"] == newest[day_of(row)]]


_REPORTED = (
    "platform_conversion_micros", "platform_value_micros", "reporting_micros", "reporting_value_micros",
)  # fmt: skip


@once
def ad_costs(world: World) -> list[Row]:
    """The standing costs, added up by ad and currency."""
    ads: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in standing_costs(world):
        ads[tuple(row[name] for name in _COST_KEY)].append(row)
    return [_ad_cost(world, rows) for rows in ads.values()]


def _ad_cost(world: World, rows: list[Row]) -> Row:
    """What an ad cost on a day: in the organization's currency if each of its rows is known in it."""
    total = {name: rows[0][name] for name in _COST_KEY}
    total |= {name: _bounded(sum(row[name] for row in rows)) for name in _AMOUNTS[:3]}
    total |= {name: _known(row[name] for row in rows) for name in _REPORTED}
    total["spread_days"] = max((row["spread_days"] for row in rows if row["spread_days"] is not None), default=None)
    total |= {"native_currency": total["currency"], "native_spend_micros": total["spend_micros"], "exchange_rate": None}
    spent, valued = total.pop("reporting_micros"), total.pop("reporting_value_micros")
    if all(row["reporting_micros"] is not None for row in rows):
        is_valued = all(
            row["platform_value_micros"] is None or row["reporting_value_micros"] is not None for row in rows
        )
        total |= {
            "currency": world.organization["currency"],
            "spend_micros": spent,
            "exchange_rate": rows[0]["exchange_rate"],
        }
        total["platform_value_micros"] = valued if is_valued else None
    return total | {"site_id": _site_of_cost(world, total)}


def _site_of_cost(world: World, row: Row) -> str:
    """What is mapped most narrowly decides: a campaign in the account, the campaign anywhere, the account."""
    account, campaign = row["account_id"], row["campaign_id"]
    mapped = {
        (said["account_id"], said["campaign_id"]): said["site_id"]
        for said in world.cost_sites
        if said["platform"] == row["platform"]
    }
    found = (mapped.get(place) for place in ((account, campaign), ("", campaign), (account, "")))
    return next((site_id for site_id in found if site_id), "")


def _bounded(amount: int) -> int:
    return max(-MOST, min(MOST, amount))


def _known(amounts: Iterable[int | None]) -> int | None:
    """Their sum; unknown where nobody says one."""
    said = [amount for amount in amounts if amount is not None]
    return _bounded(sum(said)) if said else None


@once
def campaigns(world: World) -> list[Row]:
    """Every campaign, ad set and ad that stands in the costs, with its newest name."""
    named: dict[tuple[str, ...], list[tuple[object, int, str]]] = defaultdict(list)
    for row in standing_costs(world):
        spot = row["cost_date"], row["load_number"]
        platform, campaign_id, adset_id, ad_id = (row[name] for name in AD)
        if campaign_id:
            named["CAMPAIGN", platform, campaign_id, "", ""].append((*spot, row["campaign_name"]))
        if adset_id:
            named["ADSET", platform, campaign_id, adset_id, ""].append((*spot, row["adset_name"]))
        if ad_id:
            named["AD", platform, campaign_id, adset_id, ad_id].append((*spot, row["ad_name"]))
    rows = []
    for (grain, *ids), said in named.items():
        newest = max((day, load) for day, load, _ in said)
        rows.append(
            {"organization_id": world.name, "grain": grain, **dict(zip(AD, ids, strict=True))}
            | {"name": min(name for *spot, name in said if tuple(spot) == newest)}
        )
    return rows


_NAMES = {"CAMPAIGN": "campaign_name", "ADSET": "adset_name", "AD": "ad_name"}


@once
def campaign_names(world: World) -> list[Row]:
    """The id, and every name in any load, of each campaign, ad set and ad that stands."""
    said = [row for load in world.loads for row in load]
    rows = []
    for known in campaigns(world):
        place = {name: known[name] for name in AD if known[name] or name == "platform"}
        own = known[_NAMES[known["grain"]].replace("name", "id")]
        names = {row[_NAMES[known["grain"]]].lower() for row in said if place.items() <= row.items()} - {""}
        base = {name: known[name] for name in ("organization_id", "grain", *AD)}
        rows += [base | {"match_key": own.lower(), "is_id": True}]
        rows += [base | {"match_key": name, "is_id": False} for name in names]
    return rows


NO_VISIT = "(no visit)"


@once
def campaign_clicks(world: World) -> list[Row]:
    """How many touches each campaign brought, by site, day and channel."""
    place, answers = placing(world), {row["evidence"]: row for row in evidence_channels(world)}
    counted: Counter[tuple[object, ...]] = Counter()
    for touch in touchpoints(world):
        spot = place(touch)
        if spot["platform"]:
            counted[
                world.name, touch["site_id"], touch["touch_date"], spot["platform"], spot["campaign_id"],
                answers[touch["evidence"]]["channel"],
            ] += 1  # fmt: skip
    names = ("organization_id", "site_id", "cost_date", "platform", "campaign_id", "channel")
    return [dict(zip(names, key, strict=True)) | {"click_count": count} for key, count in counted.items()]


@once
def channel_spend(world: World) -> list[Row]:
    """Each campaign's costs of a day, cut by its own clicks, or by the platform's where no campaign is known."""
    sums: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    names = ("organization_id", "source", "account_id", "cost_date", "platform", "campaign_id", "currency", "site_id")
    for row in ad_costs(world):
        key = tuple(row[name] for name in names)
        sums[key] = [so_far + row[name] for so_far, name in zip(sums[key], _AMOUNTS, strict=False)]
    rows = []
    for key, amounts in sums.items():
        spot = dict(zip(names, key, strict=True))
        cuts = [_cut(amount, _brought(world, spot)) for amount in amounts]
        for channel in cuts[0]:
            parts = {name: cut[channel] for name, cut in zip(_AMOUNTS, cuts, strict=False)}
            rows.append(spot | {"channel": channel} | parts)
    return rows


def _brought(world: World, spot: Row) -> dict[str, int]:
    """How many clicks of the channels explain these costs."""
    found: Counter[str] = Counter()
    for row in campaign_clicks(world):
        is_of_day = (row["platform"], row["cost_date"]) == (spot["platform"], spot["cost_date"])
        if is_of_day and spot["campaign_id"] in {"", row["campaign_id"]}:
            found[row["channel"]] += row["click_count"]
    return found or {NO_VISIT: 1}


def _cut(amount: int, weights: dict[str, int]) -> dict[str, int]:
    """Whole units by channel, in alphabetical order: what the running share, toward zero, grows by."""
    parts, weight, given = {}, 0, 0
    for channel in sorted(weights):
        weight += weights[channel]
        until = int(Fraction(amount * weight, sum(weights.values())))
        parts[channel], given = until - given, until
    return parts


@once
def daily_rollups(world: World) -> list[Row]:
    """Costs and credit by day for every grain; ``entity_id`` is spelled by :func:`entity`."""
    sums: dict[tuple[object, ...], Row] = {}
    for fact in [*_earned(world), *_spent(world)]:
        for grain in (*GRAINS, *(["CHANNEL"] if fact["model"] else [])):
            row = _seen_from(grain, fact)
            total = sums.setdefault(tuple(row.values()), row | dict.fromkeys(_AMOUNTS, 0))
            for name in _AMOUNTS:
                total[name] += fact.get(name, 0)
    return list(sums.values())


@once
def account_rollups(world: World) -> list[Row]:
    """Credit by the account of the conversion, also where the person owns the path."""
    of = {row["conversion_id"]: account_of(world, row) or "" for row in conversions(world)}
    sums: dict[tuple[object, ...], Row] = {}
    names = ("organization_id", "site_id", "rollup_date", "basis", "goal", "currency", "model")
    for fact in _earned(world):
        row = {name: fact[name] for name in names} | {"account_id": of[fact["conversion_id"]]}
        total = sums.setdefault(tuple(row.values()), row | {"credit": 0, "value_micros": 0, "source_count": 0})
        for name in ("credit", "value_micros", "source_count"):
            total[name] += fact[name]
    return list(sums.values())


def _seen_from(grain: str, fact: Row) -> Row:
    depth = 0 if grain == "CHANNEL" else GRAINS.index(grain)
    ids = {name: fact[name] if number < depth else "" for number, name in enumerate(AD)}
    names = ("organization_id", "site_id", "rollup_date", "basis", "goal", "currency", "model")
    return {name: fact[name] for name in names} | ids | {"grain": grain, "entity_id": entity(grain, ids, fact)}


def entity(grain: str, ids: Row, fact: Row) -> str:
    """The organization, or the path of ids down to the entity; a slash inside an id is not one of the path."""
    if grain == "ORGANIZATION":
        return str(fact["organization_id"])
    if fact.get("is_unattributed"):
        return "(unattributed)"
    if grain == "CHANNEL":
        return str(fact["channel"])
    spelled = [ids["platform"] or "(no ad platform)"]
    for name in AD[1 : GRAINS.index(grain)]:
        text = ids[name].replace("%", "%25").replace("/", "%2F")
        spelled.append("%28none)" if text == "(none)" else text or "(none)")
    return "/".join(spelled)


def _spent(world: World) -> list[Row]:
    return [
        row | {"rollup_date": row["cost_date"], "basis": basis, "goal": "", "model": "", "source_count": 1}
        for row in ad_costs(world)
        for basis in ("CONVERSION", "TOUCH")
    ]


def _earned(world: World) -> list[Row]:
    """Each link's credit, on the day of the conversion and, the other basis, on the day of the touch."""
    by_conversion = {row["conversion_id"]: row for row in conversions(world)}
    touches = {row["touchpoint_id"]: row for row in touchpoints(world)}
    place = placing(world)
    facts = []
    for link in attribution_links(world):
        conversion, touch = by_conversion[link["conversion_id"]], touches.get(link["touchpoint_id"])
        if not link["credit"] and not link["value_micros"]:
            continue
        fact = {name: link[name] for name in ("organization_id", "model", "channel", "credit", "value_micros")}
        fact |= {
            "site_id": conversion["site_id"],
            "goal": conversion["goal"],
            "currency": conversion["currency"],
            "is_unattributed": touch is None,
        }
        fact |= {"source_count": 1, "conversion_id": link["conversion_id"]}
        fact |= place(touch) if touch else dict.fromkeys(AD, "")
        touch_date = touch["touch_date"] if touch else conversion["conversion_date"]
        facts += [
            fact | {"basis": "CONVERSION", "rollup_date": conversion["conversion_date"]},
            fact | {"basis": "TOUCH", "rollup_date": touch_date},
        ]
    return facts


def placing(world: World) -> Callable[[Row], Row]:
    """Which platform, campaign, ad set and ad a touch came from, whatever the case.

    Matched by id, else by a name that only one ever had; a campaign also by an alias.
    """
    answers = {row["evidence"]: row for row in evidence_channels(world)}
    known = campaign_names(world)

    def matches(grain: str, text: str | None, within: Row) -> list[Row]:
        rows = [row for row in known if row["grain"] == grain and within.items() <= row.items()]
        said = [row for row in rows if text and row["match_key"] == text.lower()]
        by_id = [row for row in said if row["is_id"]]
        own = _NAMES[grain].replace("name", "id")
        by_name = said if len({row[own] for row in said}) == 1 else []
        return by_id or by_name or (alias(text, within) if grain == "CAMPAIGN" else [])

    def alias(text: str | None, within: Row) -> list[Row]:
        return [row for row in world.aliases if text and row["alias"] == text.lower() and within.items() <= row.items()]

    def place(touch: Row) -> Row:
        spot: Row = {"platform": answers[touch["evidence"]]["platform"]}
        found = matches("CAMPAIGN", touch["campaign_ref"], spot) or matches("CAMPAIGN", touch["utm_campaign"], spot)
        said = touch["campaign_ref"] or (touch["utm_campaign"] or "").lower()
        spot["campaign_id"] = min(row["campaign_id"] for row in found) if found else said
        ads = matches("AD", touch["ad_ref"] or touch["utm_content"], spot)
        ads = ads if len({row["ad_id"] for row in ads}) == 1 else []  # a name that two ads bear tells neither
        adsets = matches("ADSET", touch["adset_ref"] or touch["utm_term"], spot) or ads
        spot["adset_id"] = min((row["adset_id"] for row in adsets), default="")
        return spot | {"ad_id": ads[0]["ad_id"] if ads else ""}

    return place
