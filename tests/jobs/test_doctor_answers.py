"""What each question of the doctor answers: the same as a plain recount over the tables, in worlds full of clashes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.engine import snapshot, told
from tests.oracle.world import Row, Tables, World, at, cost, event, goal, organization, reference, site
from tests.oracle.worlds import drawn
from tests.reports.recount import Recount, ordered, pick, touches_of_the_owner
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.engines.answers import python_rows
from touchline.sql import query
from touchline.tables import ALL

FOLDER = Path(__file__).resolve().parents[2] / "src" / "touchline" / "jobs" / "doctor"
FIRST, LAST = 20, 90
"""Numbers of events, which are of several organizations."""
Answer = Callable[[Tables], list[Row]]
ANSWERS: dict[str, Answer] = {}


def answer(question: Answer) -> Answer:
    ANSWERS[question.__name__] = question
    return question


def counted(rows: list[Row], by: str, name: str) -> list[Row]:
    """How many rows there are of each kind, in the order of the columns that make it."""
    names = by.split()
    sizes = Counter(tuple(row[one] for one in names) for row in rows)
    return [{**dict(zip(names, key, strict=True)), name: sizes[key]} for key in sorted(sizes)]


def of(tables: Tables, table: str, row: Row, **where: Any) -> list[Row]:
    wanted = {"organization_id": row["organization_id"], **where}
    return [one for one in tables[table] if wanted.items() <= one.items()]


@answer
def days_with_volumes(tables: Tables) -> list[Row]:
    days = {(row["organization_id"], row["site_id"], row["period"]) for row in tables["health_volumes"]}
    return [{"organization_id": of, "site_id": site_id, "period": day} for of, site_id, day in sorted(days)]


@answer
def corrections_not_applied(tables: Tables) -> list[Row]:
    rows = [row for row in tables["corrections"] if not row["is_applied"]]
    newest: dict[tuple[str, str], Row] = {}
    for row in ordered(rows, "site_id event_id")[::-1]:
        key = row["organization_id"], row["reason"]
        if key not in newest or row["occurred_at"] >= newest[key]["occurred_at"]:
            newest[key] = row
    found = counted(rows, "organization_id reason", "corrections")
    return [{**row, "newest_order": newest[row["organization_id"], row["reason"]]["order_id"]} for row in found]


@answer
def crowded_identifiers(tables: Tables) -> list[Row]:
    crowded = [row for row in tables["identifiers"] if row["crowded_by"] != row["crowded_by"].upper()]
    kinds = ("unverified_users", "unverified_emails", "unverified_visitors")
    rows = [{**row, "all": sum(row[kind] for kind in kinds), "how_many": len(crowded)} for row in crowded]
    shown = ordered(rows, "-all organization_id identifier")[:3]
    return pick(shown, f"organization_id identifier {' '.join(kinds)} how_many")


@answer
def shared_identifiers(tables: Tables) -> list[Row]:
    kinds = ("users", "emails", "visitors")
    found: list[Row] = [
        {**row, **{kind: row[f"verified_{kind}"] for kind in kinds}}
        for row in tables["identifiers"]
        if {"U", "M", "V"}.intersection(row["crowded_by"])
    ]
    rows = [{**row, "all": row["users"] + row["emails"] + row["visitors"], "how_many": len(found)} for row in found]
    shown = ordered(rows, "-all organization_id identifier")[:3]
    return pick(shown, "organization_id identifier users emails visitors how_many")


@answer
def large_groups(tables: Tables) -> list[Row]:
    chained: dict[str, list[str]] = defaultdict(list)
    for row in tables["identity_edges"]:
        if row["reason"] == "too_large":
            chained[row["organization_id"]].append(f"{row['identifier']} and {row['linked_identifier']}")
    return [{"organization_id": of, "pairs": len(chained[of]), "example": min(chained[of])} for of in sorted(chained)]


@answer
def large_persons(tables: Tables) -> list[Row]:
    browsers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in tables["identities"]:
        if row["identifier"].startswith("v:"):
            browsers[row["organization_id"], row["person_id"]].add(row["identifier"])
    found = []
    for (owner, person), theirs in sorted(browsers.items(), key=lambda one: (-len(one[1]), one[0][1]))[:3]:
        names = [row for row in tables["identities"] if (row["organization_id"], row["person_id"]) == (owner, person)]
        first = min(names, key=lambda row: (row["identifier"][0] != "u", row["first_seen_at"], row["identifier"]))
        found.append({"organization_id": owner, "identifier": first["identifier"], "browsers": len(theirs)})
    return found


@answer
def days_without_costs(tables: Tables) -> list[Row]:
    platform = {row["evidence_id"]: row["is_paid"] and row["platform"] for row in tables["evidence_channels"]}
    paid = {(row["organization_id"], row["platform"], row["cost_date"]) for row in tables["ad_costs"]}
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in tables["touchpoints"]:
        if platform[row["evidence_id"]]:
            days[row["organization_id"], platform[row["evidence_id"]]].add(row["touch_date"])
    found = []
    for key in sorted(days):
        without = [day for day in days[key] if (*key, day) not in paid]
        ends = {"first_day": min(without, default=None), "last_day": max(without, default=None)}
        sizes = {"days": len(days[key]), "days_without": len(without)}
        found.append({"organization_id": key[0], "platform": key[1], **sizes, **ends})
    return found


@answer
def events_of_no_goal(tables: Tables) -> list[Row]:
    rows = []
    for row in tables["tracking_events"]:
        goals = of(tables, "goals", row, event_type=row["type"])
        is_of_goal = [one for one in goals if one["event_name"] in {"", row["name"]}]
        is_money = row["value_micros"] is not None or row["order_id"] is not None
        if not is_of_goal and (row["type"] == "CONVERSION" or (row["type"] == "CUSTOM" and is_money)):
            rows.append({**row, "name": row["name"] or ""})
    return counted(rows, "organization_id type name", "events")


@answer
def goals_reached(tables: Tables) -> list[Row]:
    found = []
    for row in ordered(tables["goals"], "organization_id goal"):
        names = {row["goal"], *([row["unverified_goal"]] if row["unverified_handling"] == "apart" else [])}
        reached = [one for one in of(tables, "conversions", row) if one["goal"] in names]
        sizes = {
            "conversions": len(reached), "counted": sum(one["is_counted"] for one in reached),
            "unverified": sum(not one["is_verified"] for one in reached),
        }  # fmt: skip
        found.append({**row, **sizes})
    columns = "organization_id goal event_type event_name conversions counted unverified unverified_handling"
    return pick(found, f"{columns} unverified_goal")


@answer
def links_missing(tables: Tables) -> list[Row]:
    facts, all_ = [], Recount(tables)
    for row in tables["conversions"]:
        path = of(tables, "paths", row, conversion_id=row["conversion_id"])
        theirs = touches_of_the_owner(all_, row)
        before = [touch["counted_at"] for touch in theirs if touch["counted_at"] <= row["occurred_at"]]
        names = [one["identifier"] for one in of(tables, "identities", row, person_id=row["person_id"])]
        yes = {
            "has_path": path, "has_source": [touch for touch in path if touch["channel"] != "Direct"],
            "has_earlier": before, "has_touch": theirs,
            "is_known": [name for name in names if not name.startswith("e:")],
            "has_visitor": [name for name in names if name.startswith("v:")],
        }  # fmt: skip
        nearest = (row["occurred_at"] - max(before)) // timedelta(microseconds=1) if before else None
        facts.append({**row, **{name: int(bool(shown)) for name, shown in yes.items()}, "nearest": nearest})
    kinds = "organization_id status is_counted has_path has_source has_earlier has_touch is_known has_visitor"
    found = []
    for kind in counted(facts, kinds, "conversions"):
        same = [row for row in facts if {name: kind[name] for name in kinds.split()}.items() <= row.items()]
        newest = min(same, key=lambda row: (-row["occurred_at"].timestamp(), row["conversion_id"]))
        nearest = [row["nearest"] for row in same if row["nearest"] is not None]
        said = {"newest": newest["conversion_id"], "newest_at": newest["occurred_at"]}
        found.append({**kind, "nearest_micros": min(nearest, default=None), **said})
    return found


@answer
def matched_campaigns(tables: Tables) -> list[Row]:
    spent: Counter[tuple[str, str, str]] = Counter()
    for row in tables["ad_costs"]:
        spent[row["organization_id"], row["platform"], row["campaign_id"]] += row["spend_micros"]
    found = []
    for (owner, of_platform, campaign), spend in spent.items():
        row = {"organization_id": owner, "platform": of_platform, "campaign_id": campaign, "spend_micros": spend}
        key = {"grain": "CAMPAIGN", "platform": of_platform, "campaign_id": campaign}
        names = [one["name"] for one in of(tables, "campaigns", row, **key)]
        clicks = of(tables, "campaign_clicks", row, platform=of_platform)
        touches = sum(one["click_count"] for one in clicks if campaign in {"", one["campaign_id"]})
        if spend > 0:
            name = next(filter(None, [*names, campaign, "(no campaign)"]))
            found.append({**row, "name": name, "touches": touches})
    return ordered(found, "-spend_micros platform campaign_id")


@answer
def path_lengths(tables: Tables) -> list[Row]:
    return [
        {
            "conversions": sum(row["is_counted"] for row in tables["conversions"]),
            "touched": len({row["conversion_id"] for row in tables["paths"]}),
            "touchpoints": len(tables["touchpoints"]),
        }
    ]


@answer
def persons_past_limits(tables: Tables) -> list[Row]:
    found = []
    for row in tables["crowded_persons"]:
        names = ordered(of(tables, "identities", row, person_id=row["person_id"]), "first_seen_at identifier")
        [owner] = of(tables, "organizations", row)
        said = {"identifier": names[0]["identifier"], "touches_per_path": owner["crowded_touches_per_path"]}
        sizes = {"touches": row["touch_count"], "conversions": row["conversion_count"]}
        found.append({"organization_id": row["organization_id"], **said, **sizes, "all": sum(sizes.values())})
    return pick(ordered(found, "-all identifier"), "organization_id identifier touches conversions touches_per_path")


@answer
def rolled_up_days(tables: Tables) -> list[Row]:
    rows = [row for row in tables["daily_rollups"] if (row["basis"], row["grain"]) == ("CONVERSION", "ORGANIZATION")]
    days = {row["rollup_date"] for row in rows}
    costs = {row["rollup_date"] for row in rows if row["spend_micros"]}
    credit = {row["rollup_date"] for row in rows if row["credit"]}
    return [
        {
            "days": len(days), "cost_days": len(costs), "credit_days": len(credit),
            "shared_days": len(costs & credit),
        }
    ]  # fmt: skip


@answer
def sequences_between(tables: Tables) -> list[Row]:
    numbers = [row["sequence"] for row in tables["tracking_events"]]
    return [{"sequence": number} for number in numbers if FIRST <= number <= LAST]


@answer
def stored(tables: Tables) -> list[Row]:
    sizes = Counter(f"events of {row['site_id']}" for row in tables["tracking_events"])
    sizes.update(f"cost load {row['load_number']}" for row in tables["cost_rows"])
    return [{"what": what, "how_many": n} for what, n in sizes.items()]


@answer
def waste_by_severity(tables: Tables) -> list[Row]:
    rows = []
    for row in tables["waste_findings"]:
        [owner] = of(tables, "organizations", row)
        is_own = (row["model"], row["currency"]) == (owner["default_model"], owner["currency"])
        is_told = row["grain"] == "CAMPAIGN" and row["reason"] != "insufficient_data"
        rows += [row] if is_own and is_told else []
    return counted(rows, "organization_id severity", "findings")


@answer
def waste_looked_for(tables: Tables) -> list[Row]:
    found = []
    for owner in ordered(tables["organizations"], "organization_id"):
        last = max((row["rollup_date"] for row in of(tables, "daily_rollups", owner)), default=None)
        costs = [
            row
            for row in of(tables, "daily_rollups", owner, basis="CONVERSION", grain="ORGANIZATION", model="")
            if row["spend_micros"] > 0
        ]
        window = owner["waste_window_days"]
        inside = [row for row in costs if last and row["rollup_date"] > last - timedelta(days=window)]
        others = [row for row in inside if row["currency"] != owner["currency"]]
        own = [row for row in inside if row["currency"] == owner["currency"]]
        volumes = [row for row in of(tables, "health_volumes", owner, measure="events") if row["volume"] > 0]
        began = min((row["period"] for row in volumes), default=None)
        findings = of(tables, "waste_findings", owner, grain="CAMPAIGN", currency=owner["currency"])
        findings = [row for row in findings if row["reason"] != "insufficient_data"]
        elsewhere = {row["model"] for row in findings} - {owner["default_model"]}
        targets = of(tables, "targets", owner)
        ads = of(tables, "ad_costs", owner)
        aims = {("", "")} if ads else set()
        aims |= {(row["platform"], one) for row in ads for one in ("", row["campaign_id"])}
        found.append(
            {
                **pick([owner], "organization_id currency default_model")[0], "window_days": window, "last_day": last,
                "last_cost_day": max((row["rollup_date"] for row in costs), default=None),
                "own_micros": sum(row["spend_micros"] for row in own),
                "recorded_micros": sum(row["spend_micros"] for row in own if not began or row["rollup_date"] >= began),
                "first_day": began,
                "other_micros": sum(row["spend_micros"] for row in others),
                "other_currency": min((row["currency"] for row in others), default=None),
                "findings": sum(row["model"] == owner["default_model"] for row in findings),
                "other_model": min(elsewhere, default=None), "targets": len(targets),
                "matched": sum((row["platform"], row["campaign_id"]) in aims for row in targets),
            }
        )  # fmt: skip
    return found


@answer
def without_rate(tables: Tables) -> list[Row]:
    found = []
    for owner in ordered(tables["organizations"], "organization_id"):
        days: dict[str, set[date]] = {}
        for row in of(tables, "daily_rollups", owner, basis="CONVERSION", grain="ORGANIZATION"):
            if row["currency"] != owner["currency"] and (row["spend_micros"] or row["credit"]):
                days.setdefault(row["currency"], set()).add(row["rollup_date"])
        found += [
            {
                "organization_id": owner["organization_id"], "currency": other, "own_currency": owner["currency"],
                "days": len(days[other]), "first_day": min(days[other]), "last_day": max(days[other]),
            }
            for other in sorted(days)
        ]  # fmt: skip
    return found


@answer
def uncredited_visits(tables: Tables) -> list[Row]:
    rows = [row for row in tables["session_events"] if row["uncredited_because"]]
    hits = [row for row in tables["source_hits"] if row["outcome"] == "weaker_source"]
    rows += [{**row, "uncredited_because": row["outcome"]} for row in hits]
    newest = {row["uncredited_because"]: row["occurred_at"].date() for row in ordered(rows, "occurred_at")}
    found = counted(rows, "uncredited_because", "visits")
    return [{**row, "newest": newest[row["uncredited_because"]]} for row in found]


@answer
def weights_by_model(tables: Tables) -> list[Row]:
    found = []
    for row in ordered(tables["models"], "organization_id model"):
        links = of(tables, "attribution_links", row, model=row["model"])
        sizes = {
            "conversions": len(of(tables, "conversions", row, is_counted=True)),
            "weighted": len({link["conversion_id"] for link in links}),
        }
        found.append({**row, **sizes})
    return found


def shop() -> World:
    """What the drawn worlds have none of: money on events of no goal, costs without visits, a kiosk."""
    days = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 20))
    custom: Row = {"type": "CUSTOM", "visitor_id": "a"}
    paid: Row = {"visitor_id": "a", "utm_source": "google", "utm_medium": "cpc", "utm_campaign": "none"}
    events = [
        event("e1", at("2026-03-01 10:00"), "w", "ws", **custom, name="cart", value_micros=5),
        event("e2", at("2026-03-01 10:01"), "w", "ws", **custom, name="cart", order_id="1"),
        event("e3", at("2026-03-01 10:02"), "w", "ws", **custom, name="cart"),
        event("e4", at("2026-03-01 10:03"), "w", "ws", **custom, order_id="2"),
        event("e5", at("2026-03-01 10:04"), "w", "ws", type="CONVERSION", name="other", visitor_id="a"),
        event("e6", at("2026-03-02 10:00"), "w", "ws", url="https://shop.example/", page_domain="shop.example", **paid),
        event("e8", at("2026-02-20 10:00"), "w", "ws", url="https://shop.example/", page_domain="shop.example", **paid),
        event("e9", at("2026-02-25 10:00"), "w", "ws", type="CONVERSION", name="buy", visitor_id="a", value_micros=5),
        event("e7", at("2026-03-03 10:00"), "w", "ws", url="https://shop.example/", page_domain="shop.example", **paid),
        *(
            event(f"k{n}", at("2026-03-03 10:00"), "w", "ws", type="IDENTIFY", visitor_id="kiosk", user_id=f"k{n}")
            for n in range(101)
        ),
    ]
    loads = [
        [cost(day, 3_000_000, "w", platform=platform, campaign_id="c1") for day in days for platform in ("META", "X")],
        [cost(days[1], 1_000_000, "w", campaign_id="c9", currency="USD", campaign_name="None")],
    ]
    targets: list[Row] = [
        {"organization_id": "w", "platform": platform, "campaign_id": campaign, "target_cpa_micros": 1,
         "target_roas": None}
        for platform, campaign in (("", ""), ("META", ""), ("META", "c1"), ("META", "c2"), ("BING_ADS", ""))
    ]  # fmt: skip
    return World(
        organization("w", waste_window_days=2), [site("w", "ws")], [goal("w", event_name="buy")], targets, events, loads
    )


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[DuckDB, Tables]]:
    """Some organizations, a few of them crowded, and an engine that holds what became of them."""
    lived = [*drawn(16, 28), shop()]
    engine, ledger = DuckDB(), told(lived)
    pipeline.run(ledger.feed, engine)
    given = {"tracking_events": list(ledger.events.values()), "cost_rows": ledger.costs}
    yield engine, {**reference(lived), **snapshot(engine), **given}
    engine.close()


def asked(engine: DuckDB, name: str, organization_id: str) -> list[Row]:
    """What the engine answers about an organization."""
    text = query("touchline.jobs.doctor", name).text
    given = {"organization_id": organization_id, "first": FIRST, "last": LAST}
    parameters = {key: value for key, value in given.items() if f"${key}" in text}
    return nameless(python_rows(engine.select(text, parameters=parameters)))


def nameless(rows: list[Row]) -> list[Row]:
    """Without the organization, which is asked about and need not be answered."""
    return [{key: value for key, value in row.items() if key != "organization_id"} for row in rows]


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_question_is_answered_as_a_recount_answers_it(world: tuple[DuckDB, Tables], name: str) -> None:
    engine, tables = world
    filled = 0
    for owner in (row["organization_id"] for row in tables["organizations"]):
        own = {
            table: [row for row in rows if row.get("organization_id", owner) == owner] for table, rows in tables.items()
        }
        came, expected = asked(engine, name, owner), nameless(ANSWERS[name](own))
        if name in {"stored", "sequences_between"}:
            came, expected = (sorted(found, key=repr) for found in (came, expected))
        assert came == expected, owner
        filled += bool(expected)
    assert filled


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_where_there_is_nothing_the_answer_is_that(name: str) -> None:
    with closing(DuckDB()) as engine:
        for table in ALL.values():
            engine.create(table)
        came = asked(engine, name, "nobody")
    assert came == nameless(ANSWERS[name]({table: [] for table in ALL}))


def test_every_question_has_its_recount() -> None:
    assert {file.stem for file in FOLDER.glob("*.sql")} == ANSWERS.keys()
