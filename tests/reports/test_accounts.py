"""A company whose people buy together: whose touches lead to its orders, and what the views show of it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.engine import told
from tests.oracle.world import World, at, claim, cost, goal, organization, site
from tests.oracle.world import event as event_of
from tests.reports.conftest import MAIL, NOW, ORGANIZATION, PAID, event, order, workspace
from touchline import pipeline
from touchline.cli.shown import conversion, person
from touchline.cli.terminal import console
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.jobs import running, setup
from touchline.jobs.claiming import import_claims, withdraw_claims
from touchline.jobs.doctor.untouched import missing_links
from touchline.jobs.workspace import Workspace
from touchline.reports.accounts import accounts_report
from touchline.reports.attribution import attribution_report
from touchline.reports.catalog import reports
from touchline.reports.explain import ConversionExplanation, explain_conversion
from touchline.reports.performance import performance_report
from touchline.reports.person import explain_person
from touchline.reports.report import document
from touchline.settings import PathOwner

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
ADVERTISED = {"url": "https://shop.example/", "utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"}
ACME, BETA = {"accountId": "acme"}, {"accountId": "beta"}
EVENTS = [
    # Ann clicks an ad for Acme, on a laptop and on a telephone; Bob, of Acme too, buys without a visit.
    event("ann", "03-01T10:00", url=f"https://shop.example/{PAID}", userId="1", **ACME),
    event("ann-2", "03-02T10:00", userAgent=PHONE, userId="1"),
    event("ann", "03-01T10:20", referrer="https://www.paypal.com/", userId="1", **ACME),
    order("bob", "03-03T10:00", "A1", 100.0, url=None, userAgent=None, userId="2", **ACME),
    # Cid works for Acme and for Beta: what he does for Beta is no touch of Acme's.
    event("cid", "03-02T11:00", url=f"https://shop.example/{MAIL}", userId="3", **BETA),
    event("cid", "03-02T13:00", referrer="https://www.google.com/", userId="3", **ACME),
    # Dan works for nobody.
    event("dan", "03-02T12:00", url=f"https://shop.example/{MAIL}"),
    order("dan", "03-02T12:05", "D1", 50.0),
    order("gil", "02-01T10:00", "G1", 30.0, url=None, userAgent=None, userId="4", **BETA),
    order("fay", "03-04T12:05", "F1", 20.0, accountId="null"),
]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with workspace(tmp_path_factory.mktemp("company"), events=EVENTS, costs="") as opened:
        yield opened


def owned_by(company: Workspace, owner: PathOwner) -> None:
    goal = setup.Goal("purchase", "payment", event_name="purchase", path_owner=owner)
    setup.set_goal(company, ORGANIZATION, goal)
    running.run(company)


def explained(company: Workspace, number: str) -> ConversionExplanation:
    return explain_conversion(company.engine, ORGANIZATION, number)


def claimed(company: Workspace, folder: Path, *, is_back: bool = False, **said: str) -> None:
    file = folder / "claims.jsonl"
    file.write_text(json.dumps(said), encoding="utf-8")
    if is_back:
        assert withdraw_claims(company, [file], organization_id=None, site_id=None, source="crm").withdrawn == 1
    else:
        report = import_claims(company, [file], organization_id=None, site_id=None, source="crm", now=NOW)
        assert report.accepted == 1, report
    assert not running.run(company).is_rebuild


def test_a_colleagues_click_is_on_the_accounts_order(
    company: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owned_by(company, "person")
    alone = explained(company, "A1")
    assert (alone.account_id, alone.touches) == (None, ())
    owned_by(company, "account")
    told = explained(company, "A1")
    assert told.account_id == "acme"
    assert [(touch.channel, touch.is_eligible) for touch in told.touches] == [
        ("Paid Search", True), ("Direct", False), ("Organic Search", True),
    ]  # fmt: skip
    assert told.person_id not in {touch.person_id for touch in told.touches}
    assert told.touches[0].person_id == told.touches[1].person_id != told.touches[2].person_id
    assert {one.is_whole for one in told.sums} == {True}
    console().print(conversion(told), width=400)
    shown = capsys.readouterr().out
    assert told.touches[0].person_id[:8] in shown
    assert "acme, whose members' touches count" in shown
    others = explained(company, "D1")
    assert (others.account_id, len(others.touches)) == (None, 1)
    by_account = attribution_report(company.engine, ORGANIZATION, by="account", goal="purchase")
    assert {row.name: row.value_micros // 1_000_000 for row in by_account.rows} == {"acme": 100, "beta": 30, "—": 70}
    # Claims make Dan a member, and Beta the same account; taken back, everything is as it was.
    claimed(company, tmp_path, visitor_id="dan", account_id="acme")
    assert [touch.channel for touch in explained(company, "A1").touches].count("Email") == 1
    claimed(company, tmp_path, account_id="acme", linked_account_id="beta")
    assert [touch.channel for touch in explained(company, "A1").touches].count("Email") == 2
    assert explained(company, "D1").account_id == "acme"
    claimed(company, tmp_path, is_back=True, account_id="beta", linked_account_id="acme")
    claimed(company, tmp_path, is_back=True, visitor_id="dan", account_id="acme")
    assert explained(company, "A1") == told


def test_what_colleagues_did_is_part_of_the_explanation(company: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A colleague's visit that shows a source and has no credit, whose account a person acts for, and the doctor."""
    owned_by(company, "account")
    told = explained(company, "A1")
    (uncredited,) = told.uncredited
    assert (uncredited.reason, uncredited.person_id) == ("payment", told.touches[0].person_id)
    causes = Counter({one.cause: one.conversions for one in missing_links(company, ORGANIZATION)})
    early = explained(company, "G1")  # before all that Beta's members did
    assert (early.account_id, early.touches, early.cause) == ("beta", (), "only_afterwards")
    ann = explain_person(company.engine, ORGANIZATION, "u:1")
    assert [(one.account_id, one.event_count, one.is_believed) for one in ann.accounts] == [("acme", 2, True)]
    console().print(person(ann), width=400)
    assert "Accounts for which this person acts" in capsys.readouterr().out
    assert explain_person(company.engine, ORGANIZATION, "dan").accounts == ()
    owned_by(company, "person")
    assert explained(company, "A1").uncredited == ()
    alone = Counter({one.cause: one.conversions for one in missing_links(company, ORGANIZATION)})
    assert alone - causes == {"unseen_visitor": 2}


def test_views_tell_persons_devices_and_accounts(company: Workspace) -> None:
    engine = company.engine
    accounts = engine.select(
        "select account_id, person_count, value, touch_count, first_channel, last_channel, order_count"
        " from touchline.accounts order by 1"
    ).to_pylist()
    assert [tuple(row.values()) for row in accounts] == [
        ("acme", 3, 100.0, 3, "Paid Search", "Organic Search", 1), ("beta", 2, 30.0, 1, "Email", "Email", 1),
    ]  # fmt: skip
    earned = engine.select(
        "select entity_id, account_id, sum(value) as value, sum(spend) as spend from touchline.rollups_all"
        " where grain = 'ACCOUNT' and basis = 'CONVERSION' and is_default_model group by 1, 2 order by 1"
    ).to_pylist()
    assert [tuple(row.values()) for row in earned] == [
        ("(no account)", None, 70.0, 0.0), ("acme", "acme", 100.0, 0.0), ("beta", "beta", 30.0, 0.0),
    ]  # fmt: skip
    devices = engine.select(
        "select device_type, count(*) as n from touchline.devices where person_id in"
        " (select person_id from touchline.devices where device like '%:ann-2') group by 1 order by 1"
    ).to_pylist()
    assert [tuple(row.values()) for row in devices] == [("desktop", 1), ("mobile", 1)]
    ann = engine.select(
        "select first_channel, last_channel, order_count, first_payment_at_utc, last_touch_at_utc"
        " from touchline.persons"
        " where person_id in (select person_id from touchline.devices where device like '%:ann-2')"
    ).to_pylist()
    assert [(row["first_channel"], row["last_channel"], row["order_count"]) for row in ann] == [
        ("Paid Search", "Direct", 0)
    ]
    assert (ann[0]["first_payment_at_utc"], f"{ann[0]['last_touch_at_utc']:%d %H:%M}") == (None, "02 10:00")


MERGED = [
    event_of("c1", at("2026-03-02 10:00"), visitor_id="c", account_id="acme", **ADVERTISED),
    event_of("c2", at("2026-03-03 10:00"), visitor_id="c", url="https://shop.example/", utm_medium="email"),
    event_of("d1", at("2026-03-04 10:00"), visitor_id="d", type="CONVERSION", order_id="1", value_micros=10_000_000,
             account_id="beta"),
    event_of("c3", at("2026-03-09 10:00"), visitor_id="c", type="CONVERSION", order_id="2", value_micros=30_000_000),
    event_of("e1", at("2026-03-10 10:00"), visitor_id="e", type="CONVERSION", order_id="3", value_micros=50_000_000,
             account_id="gamma"),
    event_of("f1", at("2026-03-10 11:00"), visitor_id="f", type="CONVERSION", order_id="4", value_micros=70_000_000),
]  # fmt: skip
"""Two members of one account, which has two names; another account, and somebody of none."""
BETA_IS_ACME = claim("a:acme", "a:beta", at("2026-03-06 10:00"))


def merged(engine: str) -> Engine:
    world = World(
        organization(), [site(time_zone="UTC")], [goal()], [], MERGED,
        [[cost(date(2026, 3, 2), 12_000_000, campaign_id="7", campaign_name="Spring")]], [BETA_IS_ACME],
    )  # fmt: skip
    opened = FRESH[engine]()
    pipeline.run(told([world]).feed, opened)
    return opened


def asked_of(engine: Engine) -> dict[str, Any]:
    """What each report of conversions says of all accounts, and of one of them."""
    names = ("accounts", "attribution", "devices", "journeys", "models", "performance")
    return {
        f"{name} {by} {account}": document(reports()[name].function(engine, "o", account=account, **by_rows))
        for name in names
        for account in (None, "beta")
        for by in (("account", "campaign", "week") if name in {"attribution", "models"} else ("",))
        for by_rows in ({"by": by} if by else {},)
    }


def test_every_engine_says_the_same_of_accounts() -> None:
    engines = {name: merged(name) for name in FRESH}
    found = {name: asked_of(engine) for name, engine in engines.items()}
    assert found["postgresql"] == found["duckdb"] == found["clickhouse"]
    report = accounts_report(engines["duckdb"], "o")
    names = (
        "account_id merged_from members touches first_channel last_channel conversions converting_persons value_micros"
    )
    assert [[getattr(row, name) for name in names.split()] for row in report.rows] == [
        ["gamma", "", 1, 0, None, None, 1, 1, 50_000_000],
        ["acme", "beta", 2, 2, "Paid Search", "Email", 2, 2, 40_000_000],
    ]  # fmt: skip
    assert [row.is_new for row in report.rows] == [True, True]
    assert (report.accounts, report.new_accounts, report.account_cpa, report.account_cac) == (2, 2, 6.0, 6.0)
    assert (report.conversions, report.conversions_without_account) == (3, 1)
    weeks = performance_report(engines["duckdb"], "o").rows
    assert [(row.new_customers, row.new_accounts, row.account_cac) for row in weeks] == [(1, 1, 12.0), (3, 1, None)]
    weeks = performance_report(engines["duckdb"], "o", account="beta").rows
    assert [(row.conversions, row.new_customers, row.spend_micros) for row in weeks] == [(1.0, 1, None), (1.0, 1, None)]
    by_campaign = attribution_report(engines["duckdb"], "o", account="acme", by="campaign", model="FIRST_TOUCH")
    assert {row.name: (row.conversions, row.spend_micros) for row in by_campaign.rows if row.credit} == {
        "Spring": (1.0, None), "(unattributed)": (1.0, None),
    }  # fmt: skip
    with pytest.raises(UnknownError, match="Nobody acts for an account 'nobody'"):
        attribution_report(engines["duckdb"], "o", account="nobody")
    for engine in engines.values():
        engine.close()


def test_nobody_else_owns_a_path(company: Workspace) -> None:
    with pytest.raises(UsageError, match="owned by the person or account, not 'company'"):
        setup.set_goal(company, ORGANIZATION, setup.Goal("x", event_name="x", path_owner="company"))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "instead"), [("waste", "performance"), ("health", "attribution")])
def test_what_one_account_cannot_be_asked_says_what_can(company: Workspace, name: str, instead: str) -> None:
    with pytest.raises(UsageError) as refused:
        reports()[name].function(company.engine, ORGANIZATION, account="acme & sons")
    assert f"`touchline report {instead} --account 'acme & sons'`" in str(refused.value.hint)
    assert "account" in {one.name for one in reports()[instead].parameters}
