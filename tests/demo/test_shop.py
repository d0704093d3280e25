import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.demo.recount import (
    Event,
    Recount,
    campaign_id,
    cost_rows,
    has_source,
    instant,
    local_date,
    micros,
    persons,
    purchases,
    recount,
)
from tests.quantifiers import each
from touchline.demo import DemoShop, generate
from touchline.errors import UsageError


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> DemoShop:
    return generate(tmp_path_factory.mktemp("shop"), visitors=800)


@pytest.fixture(scope="module")
def found(shop: DemoShop) -> Recount:
    return recount(shop.event_files)


@pytest.fixture(scope="module")
def large_shop(tmp_path_factory: pytest.TempPathFactory) -> DemoShop:
    """Large enough for every planted fact to show."""
    return generate(tmp_path_factory.mktemp("large"), visitors=8_000)


@pytest.fixture(scope="module")
def large_found(large_shop: DemoShop) -> Recount:
    return recount(large_shop.event_files)


@pytest.fixture(scope="module")
def paths(large_found: Recount) -> dict[str, list[Event]]:
    return persons(large_found.accepted)


def test_the_same_seed_gives_the_same_bytes(shop: DemoShop, tmp_path: Path) -> None:
    again = generate(tmp_path, visitors=800)
    names = sorted(file.name for file in shop.folder.iterdir())
    assert names == [
        "ad-costs.csv",
        "events-2026-07.jsonl",
        "events-2026-08.jsonl",
        "events-2026-09.jsonl",
        "truth.json",
    ]
    for name in names:
        assert (tmp_path / name).read_bytes() == (shop.folder / name).read_bytes()
    assert again.truth == shop.truth


def test_another_seed_gives_another_shop(shop: DemoShop, tmp_path: Path) -> None:
    other = generate(tmp_path, seed=8, visitors=800)
    assert other.event_files[0].read_bytes() != shop.event_files[0].read_bytes()


def test_the_lines_are_what_truth_says(shop: DemoShop, found: Recount) -> None:
    lines = shop.truth.lines
    assert (found.lines, found.bad_json, found.missing_type) == (lines.total, lines.bad_json, lines.missing_type)
    assert (len(found.accepted), len(found.bots), found.repeated) == (lines.accepted, lines.bots, lines.duplicates)
    assert lines.unique_events == lines.accepted + lines.bots
    assert dict(Counter(event["type"] for event in found.accepted)) == lines.by_type
    assert min(lines.bots, lines.duplicates, lines.bad_json, lines.missing_type, lines.late) > 0


def test_late_lines_stand_in_the_file_of_a_later_month(shop: DemoShop) -> None:
    late = 0
    for file in shop.event_files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.endswith("}"):
                month = f"{local_date(json.loads(line)):%Y-%m}"
                assert f"events-{month}.jsonl" <= file.name
                late += f"events-{month}.jsonl" < file.name and "type" in json.loads(line)
    assert late == shop.truth.lines.late


def test_files_are_not_in_the_order_of_time(shop: DemoShop) -> None:
    events = [
        json.loads(line)
        for line in shop.event_files[0].read_text(encoding="utf-8").splitlines()[:100]
        if line.endswith("}")
    ]
    assert events != sorted(events, key=instant)


def test_all_events_lie_within_the_days(shop: DemoShop, found: Recount) -> None:
    dates = [local_date(event) for event in found.accepted + found.bots]
    assert (
        (min(dates), max(dates))
        == (shop.truth.first_date, shop.truth.last_date)
        == (date(2026, 7, 1), date(2026, 9, 28))
    )


def test_the_orders_are_what_truth_says(shop: DemoShop, found: Recount) -> None:
    truth, ids = shop.truth.orders, shop.truth.order_ids
    orders = [event for event in found.accepted if event["type"] == "CONVERSION"]
    corrected = {event["orderId"]: event for event in found.accepted if event["type"] == "REFUND"}
    cancelled = sorted(order for order, event in corrected.items() if event["name"] == "cancellation")
    whole = sorted(order for order, event in corrected.items() if event["name"] == "refund" and "value" not in event)
    partly = sorted(order for order, event in corrected.items() if "value" in event)
    assert (len(orders), len(cancelled), len(whole), len(partly)) == (
        truth.all, truth.cancelled, truth.fully_refunded, truth.partially_refunded,
    )  # fmt: skip
    assert (cancelled, whole, partly) == (ids.cancelled, ids.fully_refunded, ids.partially_refunded)
    assert sorted(event["orderId"] for event in orders if event.get("isTest")) == ids.test
    assert truth.test == len(ids.test) > 0
    values = {event["orderId"]: round(event["value"] * 1_000_000) for event in orders}
    assert each(0 < corrected[order]["value"] * 1_000_000 < values[order] for order in partly)
    assert each(
        instant(corrected[event["orderId"]]) > instant(event) for event in orders if event["orderId"] in corrected
    )


def test_what_the_orders_are_worth(shop: DemoShop, found: Recount) -> None:
    truth, ids = shop.truth.orders, shop.truth.order_ids
    real = [event for event in found.accepted if event["type"] == "CONVERSION" and not event.get("isTest")]
    assert sum(round(event["value"] * 1_000_000) for event in real) == truth.gross_value_micros
    standing = [event for event in real if event["orderId"] not in {*ids.cancelled, *ids.fully_refunded}]
    refunded = sum(
        round(event["value"] * 1_000_000) for event in found.accepted if event["type"] == "REFUND" and "value" in event
    )
    assert len(standing) == truth.counted
    assert sum(round(event["value"] * 1_000_000) for event in standing) - refunded == truth.counted_value_micros


def test_a_reused_order_id_stands_on_orders_of_two_people(shop: DemoShop, found: Recount) -> None:
    uses: dict[str, set[str]] = {}
    for person, events in persons(found.accepted).items():
        for _, order in purchases(events):
            uses.setdefault(order["orderId"], set()).add(person)
    assert sorted(order for order, people in uses.items() if len(people) > 1) == shop.truth.order_ids.reused != []


def test_people_with_several_browsers_can_be_found(shop: DemoShop, found: Recount) -> None:
    people = persons(found.accepted).values()
    several = [events for events in people if len({event["anonId"] for event in events if "anonId" in event}) > 1]
    assert len(several) == shop.truth.people_with_several_visitors > 0
    # On the broken day a browser may pass unseen, but for those that log in.
    seen = {event["anonId"] for event in found.accepted if "anonId" in event}
    assert shop.truth.visitors * 0.98 < len(seen) <= shop.truth.visitors


def test_accounts_have_several_people(large_shop: DemoShop, paths: dict[str, list[Event]]) -> None:
    members = Counter(account for events in paths.values() for account in {event.get("accountId") for event in events})
    del members[None]
    assert members.most_common(1)[0][1] > 1


def test_the_costs_add_up(shop: DemoShop) -> None:
    rows, costs = cost_rows(shop.cost_file), shop.truth.costs
    assert len(rows) == costs.rows == len({(row["date"], row["ad_id"]) for row in rows})
    assert micros(rows) == costs.total_micros == sum(costs.micros_by_platform.values())
    for platform, spent in costs.micros_by_platform.items():
        assert micros([row for row in rows if row["platform"] == platform]) == spent > 0
    assert len({row["campaign_id"] for row in rows}) == 12


@pytest.mark.parametrize("part", ["loser", "assist", "dear"])
def test_a_planted_campaign_costs_and_brings_what_truth_says(
    large_shop: DemoShop, large_found: Recount, part: str
) -> None:
    planted = getattr(large_shop.truth, part)
    rows = [row for row in cost_rows(large_shop.cost_file) if row["campaign_id"] == planted.campaign_id]
    visits = [e for e in large_found.accepted if campaign_id(e) == planted.campaign_id]
    assert {(row["platform"], row["campaign_name"]) for row in rows} == {(planted.platform, planted.name)}
    assert micros(rows) == planted.spend_micros > 0
    assert len(visits) == planted.visits > 0


def test_every_ad_that_a_url_names_has_costs(shop: DemoShop, found: Recount) -> None:
    paid = {row["campaign_id"] for row in cost_rows(shop.cost_file) if row["clicks"] != "0"}
    assert {campaign_id(event) for event in found.accepted} - {None} <= paid


def test_nobody_who_met_the_loser_buys_or_signs_up(large_shop: DemoShop, paths: dict[str, list[Event]]) -> None:
    met = [e for e in paths.values() if any(campaign_id(event) == large_shop.truth.loser.campaign_id for event in e)]
    assert len(met) > 50
    assert not [event for events in met for event in events if event["type"] in {"CONVERSION", "CUSTOM"}]


def test_another_source_always_comes_between_the_assisting_campaign_and_a_purchase(
    large_shop: DemoShop, paths: dict[str, list[Event]]
) -> None:
    assisted = 0
    for events in paths.values():
        for at, _ in purchases(events):
            sources = [campaign_id(event) for event in events[:at] if has_source(event)]
            assert sources[-1:] != [large_shop.truth.assist.campaign_id]
            assisted += large_shop.truth.assist.campaign_id in sources
    assert assisted > 5


def test_the_dear_campaign_costs_several_times_as_much_for_a_purchase(
    large_shop: DemoShop, paths: dict[str, list[Event]]
) -> None:
    """Even where every purchase counts that it had any part in."""
    wins: Counter[str | None] = Counter()
    for events in paths.values():
        for at, _ in purchases(events):
            wins.update({campaign_id(event) for event in events[:at]})
    spend: Counter[str] = Counter()
    for row in cost_rows(large_shop.cost_file):
        spend[row["campaign_id"]] += micros([row])
    cpa = {campaign: spend[campaign] / wins[campaign] for campaign in spend if wins[campaign]}
    dear = cpa.pop(large_shop.truth.dear.campaign_id)
    assert dear > 4 * max(cpa.values())


def test_on_the_broken_day_purchases_come_and_page_views_do_not(large_shop: DemoShop, large_found: Recount) -> None:
    accepted = large_found.accepted
    day = large_shop.truth.broken_day
    views = Counter(local_date(event) for event in accepted if event["type"] == "PAGE_VIEW")
    others = sorted(count for other, count in views.items() if other != day)
    assert views[day] < 0.1 * others[len(others) // 2]
    broken = [event for event in accepted if local_date(event) == day]
    orders = [event for event in broken if event["type"] == "CONVERSION"]
    assert orders
    assert not [event for event in orders if "anonId" in event]
    assert not [event for event in broken if "?" in event.get("url", "") or "referrer" in event]


def test_answers_agree_as_often_as_truth_says(shop: DemoShop, found: Recount) -> None:
    answers = [event for event in found.accepted if "survey" in event]
    assert len(answers) == shop.truth.surveys.answered > shop.truth.surveys.agree > 0


def test_milestones_are_reached_once_and_used_after_signing_up(shop: DemoShop, found: Recount) -> None:
    custom = [event for event in found.accepted if event["type"] == "CUSTOM"]
    signed_up = {event["userId"]: instant(event) for event in custom if event["name"] == "signup"}
    used = {event["userId"]: instant(event) for event in custom if event["name"] == "first_use"}
    assert (len(signed_up), len(used)) == (shop.truth.sign_ups, shop.truth.first_uses)
    assert len(custom) == len(signed_up) + len(used)
    assert each(at > signed_up[user] for user, at in used.items())


def test_truth_is_written_as_it_is_returned(shop: DemoShop) -> None:
    written = json.loads(shop.truth_file.read_text(encoding="utf-8"))
    assert written["broken_day"] == str(shop.truth.broken_day)
    assert written["lines"]["total"] == shop.truth.lines.total


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    generate(tmp_path, visitors=100, days=14, progress=lambda *step: told.append(step))
    last = {what: (done, total) for what, done, total in told}
    assert list(last) == ["visits", "event files", "cost rows"]
    assert each(done == total for done, total in last.values())


@pytest.mark.parametrize("arguments", [{"seed": -1}, {"visitors": 99}, {"days": 13}])
def test_a_shop_too_small_is_refused(arguments: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least"):
        generate(tmp_path / "new", **{"visitors": 800, **arguments})  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()
