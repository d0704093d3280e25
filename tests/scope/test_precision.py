"""Each kind of change recomputes what it touches: nothing stale (a rebuild says the same), and nothing needless.

The shop has five people who have nothing to do with each other; each case says whose rows may be written anew, and on
which days sums may change: of those, only the rows whose numbers differ. Waste findings, health signals and campaigns
are small and are made anew for the organization.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import Row, Tables, World, at, claim, cost, event, goal, organization, site
from tests.scope.touched import Units, Written, counting, written
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.engines.duckdb_rows import stored
from touchline.tables import ALL, SESSIONS

GOOGLE = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"}
LETTER = {"utm_source": "letter", "utm_medium": "email"}
SPRING = {"campaign_id": "7", "campaign_name": "Spring"}
WHOLE = {"campaigns", "campaign_names", "waste_findings", "health_blocks", "health_limits", "health_signals"}
"""Tables that are made anew for a whole organization."""
OF_PERSONS = ("session_events", "sessions", "touchpoints", "conversions")
OF_CONVERSIONS = ("paths", "attribution_links")
SUMS = ("account_rollups", "campaign_clicks", "daily_rollups", "health_measures", "health_volumes")


def page(event_id: str, time: str, visitor: str, **said: Any) -> Row:
    return event(event_id, at(time), visitor_id=visitor, url=f"https://shop.example/{event_id}", **said)


def order(event_id: str, time: str, visitor: str, number: str, **said: Any) -> Row:
    """What a server says, unless something of a visit is said."""
    value: dict[str, Any] = {"value_micros": 10_000_000, "order_id": number, "visitor_id": visitor}
    return event(event_id, at(time), type="CONVERSION", **value | said)


def login(event_id: str, time: str, visitor: str, user: str) -> Row:
    return event(event_id, at(time), type="IDENTIFY", visitor_id=visitor, user_id=user)


KNOWN = [
    page("a1", "2026-03-01 10:00", "a", **GOOGLE, user_agent="Desk/1"), order("a2", "2026-03-02 10:00", "a", "A"),
    page("b1", "2026-03-03 10:00", "b", **LETTER, user_agent="Phone/1 Mobile"),
    order("b2", "2026-03-04 10:00", "b", "B"),
    page("c1", "2026-03-05 10:00", "c", referrer_host="google.com", referrer_domain="google.com"),
    login("c2", "2026-03-05 10:05", "c", "x"), login("c3", "2026-03-06 10:00", "c-phone", "x"),
    order("c4", "2026-03-06 10:10", "c-phone", "C"),
    page("d1", "2026-03-07 10:00", "d", referrer_host="bing.com", referrer_domain="bing.com"),
    order("d2", "2026-03-08 10:00", "d", "D"),
    page("d3", "2026-03-08 18:00", "d-phone", **LETTER), page("e1", "2026-03-09 10:00", "e"),
]  # fmt: skip
CLAIMS = [claim("v:s:d", "v:s:d-phone", at("2026-03-08 12:00")), claim("v:s:d-phone", "u:z", at("2026-03-08 20:00"))]
LOADS = [
    [cost(date(2026, 3, 1), 5_000_000, **SPRING), cost(date(2026, 3, 3), 5_000_000, platform="META", campaign_id="9")]
]


def person(identifier: str) -> str:
    """The id of a person who is named after this identifier."""
    return md5(f"o {identifier}".encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """``people`` are the eldest visitors of those who may be written, ``days`` the days of March whose sums may."""

    change: Callable[[ListFeed], None]
    people: str
    days: str
    people_who_must: str = ""
    cost_days: set[str] = field(default_factory=set)
    is_rebuild: bool = False


def erasing(*event_ids: str) -> Callable[[ListFeed], None]:
    return lambda ledger: ledger.erase(*event_ids)


def telling(*events: Row) -> Callable[[ListFeed], None]:
    return lambda ledger: ledger.tell(events)


def loading(*rows: Row) -> Callable[[ListFeed], None]:
    return lambda ledger: ledger.load(rows)


def claiming(one: str, other: str) -> Callable[[ListFeed], None]:
    return lambda ledger: ledger.claim([claim(one, other, at("2026-03-20 10:00"))])


def set_row(table: str, row: Row) -> Callable[[ListFeed], None]:
    return lambda ledger: ledger.reference[table].append(row)


CASES = {
    "nothing happened": Case(telling(), "", ""),
    "a late event": Case(telling(page("late", "2026-03-01 18:00", "a", **LETTER)), "a", "01 02", "a"),
    "somebody new": Case(telling(page("f1", "2026-03-04 12:00", "f")), "f", "04", "f"),
    "a login merges two persons": Case(
        telling(login("m1", "2026-03-05 12:00", "a", "y"), login("m2", "2026-03-05 12:00", "b", "y")),
        "a b", "01 03 04", "a b",
    ),
    "an erased login splits a person": Case(erasing("c3"), "c c-phone", "05 06", "c"),
    "a person is erased": Case(erasing("a1", "a2"), "a", "01 02", "a"),
    "the newest event is erased": Case(erasing("e1"), "e", "09", "e"),
    "the oldest event goes, the person stays": Case(erasing("b1"), "b", "03 04", "b"),
    "a claim merges two persons": Case(claiming("v:s:a", "v:s:b"), "a b", "01 02 03 04", "a b"),
    "a claim names somebody whom nobody knows": Case(claiming("v:s:a", "u:unseen"), "a", "01 02"),
    "a claim of two who are unknown": Case(claiming("u:unseen", "m:unseen"), "unseen", ""),
    "a claim repeats a login": Case(claiming("v:s:c", "u:x"), "c", "05 06"),
    "a withdrawn claim splits a person": Case(
        lambda ledger: ledger.withdraw("v:s:d"), "d d-phone", "07 08", "d d-phone"
    ),
    "a refund from nobody known": Case(
        telling(event("r", at("2026-03-20 10:00"), type="REFUND", order_id="D")), "d", "07 08", "d"
    ),
    "a cost restatement": Case(
        loading(cost(date(2026, 3, 3), 4_000_000, platform="META", campaign_id="9")), "", "03",
        cost_days={"2026-03-03"},
    ),
    "a campaign's new name, which leaves it the touches of the old one": Case(
        loading(cost(date(2026, 3, 12), 1_000_000, campaign_id="7", campaign_name="Summer")), "",
        "12", cost_days={"2026-03-12"},
    ),
    "a target": Case(
        set_row("targets", {"organization_id": "o", "platform": "", "campaign_id": "", "target_cpa_micros": 1,
                            "target_roas": None}), "", "",
    ),
    "a goal is a rule of everything": Case(
        set_row("goals", goal(name="signup", event_name="signup")), "", "", is_rebuild=True,
    ),
}  # fmt: skip


HELD = {
    "nothing happened": 7,
    "a late event": 454,
    "somebody new": 173,
    "a login merges two persons": 623,
    "an erased login splits a person": 481,
    "a person is erased": 311,
    "the newest event is erased": 148,
    "the oldest event goes, the person stays": 445,
    "a claim merges two persons": 604,
    "a claim names somebody whom nobody knows": 278,
    "a claim of two who are unknown": 44,
    "a claim repeats a login": 186,
    "a withdrawn claim splits a person": 318,
    "a refund from nobody known": 344,
    "a cost restatement": 40,
    "a campaign's new name, which leaves it the touches of the old one": 31,
    "a target": 7,
    "a goal is a rule of everything": 0,
}
"""How many rows the relations of a run have in all: whatever makes it more makes runs longer and changes no number."""


@pytest.fixture
def ledger() -> ListFeed:
    return _known()


def _known() -> ListFeed:
    return told([World(organization(), [site(time_zone="UTC")], [goal()], [], KNOWN, LOADS, CLAIMS)])


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an engine after two runs of what is known."""
    return _begun(_known(), tmp_path_factory.mktemp("begun"))


def _begun(ledger: ListFeed, folder: Path) -> Path:
    file = folder / "engine.duckdb"
    with closing(DuckDB(file)) as made:
        pipeline.run(ledger.feed, made)
        pipeline.run(ledger.feed, made)
    return file


@pytest.fixture
def engine(begun: Path, tmp_path: Path) -> Iterator[DuckDB]:
    with closing(DuckDB(Path(shutil.copy(begun, tmp_path)))) as made:
        yield made


@pytest.mark.parametrize("name", CASES)
def test_a_change_writes_what_it_touches_and_leaves_the_rest(name: str, ledger: ListFeed, engine: DuckDB) -> None:
    case = CASES[name]
    before, then = written(engine), snapshot(engine)
    case.change(ledger)
    held: list[int] = []
    report = pipeline.run(ledger.feed, engine, wrap_engine=counting(held))
    now = snapshot(engine)
    assert report.is_rebuild is case.is_rebuild
    assert sum(held) == HELD[name]
    assert changes(rebuilt(ledger), now) == ""
    if not case.is_rebuild:
        units = by_person(written(engine).since(before), then, now)
        assert needless(units, case, {name: differing(name, then, now) for name in SUMS}) == {}
        assert {person(f"v:s:{one}") for one in case.people_who_must.split()} <= people_in(units)


_OF_IDENTITY = {
    "identity_pairs", "identity_sightings", "identifiers", "identities", "identity_edges", "tracking_events",
}  # fmt: skip


def needless(units: dict[str, Units], case: Case, sums: dict[str, Units]) -> dict[str, Units]:
    """The units that were written and need not have been; ``sums`` are the keys of the sums that differ."""
    people: Units = {(person(f"v:s:{one}"),) for one in case.people.split()}
    days = {f"2026-03-{day}" for day in case.days.split()}
    allowed = dict.fromkeys((*OF_PERSONS, *OF_CONVERSIONS), people)
    allowed |= {name: {key for key in keys if days & {*key}} for name, keys in sums.items()}
    allowed["ad_costs"] = {u for u in units.get("ad_costs", set()) if u[-1] in case.cost_days}
    cut = units.get("channel_spend", set())
    allowed["channel_spend"] = {unit for unit in cut if unit[-1] in case.cost_days | days}
    judged = {name: found - allowed[name] for name, found in units.items() if name in allowed}
    of_identity = _OF_IDENTITY if case.people else set()
    lookups = {"evidence_channels", "agents", "corrections"} if case.people else set()
    known = {*allowed, *of_identity, *lookups, *WHOLE}
    strangers = {name: found for name, found in units.items() if name not in known}
    return {name: found for name, found in {**judged, **strangers}.items() if found}


def by_person(units: dict[str, Units], then: Tables, now: Tables) -> dict[str, Units]:
    """The units, where those of conversions give way to the persons who had and who have them."""
    owners: dict[str, set[str]] = {}
    for row in (*then["conversions"], *now["conversions"]):
        owners.setdefault(row["conversion_id"], set()).add(row["person_id"])
    persons: dict[str, Units] = {
        name: {(person_id,) for (conversion,) in units[name] for person_id in owners[conversion]}
        for name in OF_CONVERSIONS if name in units
    }  # fmt: skip
    return units | persons


def differing(name: str, then: Tables, now: Tables) -> Units:
    """The keys of the rows that came, went or have other numbers."""
    rows = [{tuple(str(row[column]) for column in ALL[name].key): row for row in told[name]} for told in (then, now)]
    return {key for key in rows[0].keys() | rows[1].keys() if rows[0].get(key) != rows[1].get(key)}


def people_in(units: dict[str, Units]) -> set[str]:
    return {unit[0] for name in (*OF_PERSONS, *OF_CONVERSIONS) for unit in units.get(name, set())}


def test_identifiers_of_others_are_left_alone(ledger: ListFeed, engine: DuckDB) -> None:
    before = written(engine)
    ledger.erase("c3")
    pipeline.run(ledger.feed, engine)
    units = written(engine).since(before)
    theirs = {("o", name) for name in ("v:s:c", "v:s:c-phone", "u:x")}
    assert units["identities"] <= theirs
    assert units["identity_edges"] <= theirs
    assert units["tracking_events"] == {("v:s:c-phone",)}


@pytest.mark.slow
def test_what_an_erased_person_showed_stays_while_somebody_shows_it(ledger: ListFeed, engine: DuckDB) -> None:
    ledger.tell([page("f1", "2026-03-12 10:00", "f", **GOOGLE, user_agent="Desk/1")])
    pipeline.run(ledger.feed, engine)
    shown = snapshot(engine)
    ledger.erase("a1", "a2")
    pipeline.run(ledger.feed, engine)
    assert changes(rebuilt(ledger), snapshot(engine)) == ""
    for name in ("evidence_channels", "agents"):
        assert snapshot(engine)[name] == shown[name]
    ledger.erase("f1")
    pipeline.run(ledger.feed, engine)
    assert changes(rebuilt(ledger), snapshot(engine)) == ""
    for name in ("evidence_channels", "agents"):
        assert len(snapshot(engine)[name]) == len(shown[name]) - 1


def _crowded(events: list[Row]) -> ListFeed:
    chosen = organization(crowded_touches=3, touches_per_path=5, crowded_touches_per_path=2, lookback_days=3)
    return told([World(chosen, [site(time_zone="UTC")], [goal()], [], [*KNOWN, *events], LOADS, CLAIMS)])


KIOSK = [
    one
    for day in range(1, 10)
    for one in (
        page(f"k{day}", f"2026-03-0{day} 09:00", "kiosk", **LETTER),
        order(f"o{day}", f"2026-03-0{day} 12:00", "kiosk", f"K{day}"),
    )
]


@pytest.fixture(scope="module")
def begun_crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an engine after two runs of what is known of the shop with the kiosk."""
    return _begun(_crowded(KIOSK), tmp_path_factory.mktemp("begun_crowded"))


@pytest.mark.parametrize(
    ("change", "orders", "events", "rows"),
    [
        (telling(page("k10", "2026-03-10 09:00", "kiosk", **GOOGLE)), "", "k10", 426),
        (telling(order("o10", "2026-03-09 13:00", "kiosk", "K10")), "o10", "", 602),
        (telling(order("o10", "2026-03-09 13:00", "kiosk", "K10", user_agent="Desk/1")), "o10", "o10", 623),
        (telling(order("o10", "2026-03-05 08:59:30", "kiosk", "K10")), "o10 o5 o6 o7", "o10", 993),
        (telling(page("late", "2026-03-04 10:00", "kiosk", **GOOGLE)), "o4 o5 o6", "late", 945),
        (telling(event("r", at("2026-03-20 10:00"), type="REFUND", order_id="K5")), "o5", "", 646),
        (erasing("k2"), "o2 o3 o4", "k2", 915),
        (erasing("o9"), "o9", "", 616),
    ],
)
def test_of_a_crowded_person_rows_are_replaced_one_by_one(
    change: Callable[[ListFeed], None], orders: str, events: str, rows: int, begun_crowded: Path, tmp_path: Path
) -> None:
    ledger = _crowded(KIOSK)
    with closing(DuckDB(Path(shutil.copy(begun_crowded, tmp_path)))) as engine:
        before = written(engine)
        change(ledger)
        held: list[int] = []
        pipeline.run(ledger.feed, engine, wrap_engine=counting(held))
        assert sum(held) == rows
        places, now = before.places["session_events"], written(engine).places["session_events"]
        moved = {key for key in {*places, *now} if places.get(key) != now.get(key)}
        units = written(engine).since(before)
        assert changes(rebuilt(ledger), snapshot(engine)) == ""
    assert {key[-1] for key in moved} == set(events.split())
    for name in OF_CONVERSIONS:
        assert {unit[0] for unit in units.get(name, set())} == {f"s:{one}" for one in orders.split()}, name


def test_who_is_crowded_no_more_gets_whole_paths_again() -> None:
    ledger = _crowded(KIOSK[:8])
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        ledger.erase("k1")
        pipeline.run(ledger.feed, engine)
        assert snapshot(engine)["crowded_persons"] == []
        assert changes(rebuilt(ledger), snapshot(engine)) == ""


def test_another_organization_is_left_alone(ledger: ListFeed, engine: DuckDB) -> None:
    other = World(organization("p"), [site("p", "t", "other.example")], [goal("p")], [], [
        event("x1", at("2026-03-01 10:00"), "p", "t", visitor_id="a", url="https://other.example/", **GOOGLE),
        event("x2", at("2026-03-02 10:00"), "p", "t", visitor_id="a", type="CONVERSION", order_id="A"),
    ])  # fmt: skip
    ledger.tell(other.events)
    for name, rows in (("organizations", [other.organization]), ("sites", other.sites), ("goals", other.goals)):
        ledger.reference[name] += rows
    pipeline.run(ledger.feed, engine)
    before = written(engine)
    ledger.erase("a1", "a2")
    pipeline.run(ledger.feed, engine)
    after = written(engine)
    assert "daily_rollups" in after.since(before)
    for name in (*SUMS, "identities"):
        assert {unit for unit in after.since(before)[name] if unit[0] == "p"} == set()
    assert changes(rebuilt(ledger), snapshot(engine)) == ""


def test_a_rewritten_row_is_noticed(engine: DuckDB) -> None:
    before = written(engine)
    rows = stored(SESSIONS)
    engine._run(f"create temp table kept as select * from {rows}")
    engine._run(f"delete from {rows} where person_id = (select min(person_id) from sessions)")
    engine._run(f"insert into {rows} select * from kept where person_id = (select min(person_id) from kept)")
    found: Written = written(engine)
    assert set(found.since(before)) == {"sessions"}
    assert len(found.since(before)["sessions"]) == 1
