"""What each question of the reports answers: the same as a plain recount over the tables, in worlds full of clashes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.oracle.engine import arrow, snapshot, told
from tests.oracle.world import Row, World, at, event, goal, organization, reference, site
from tests.oracle.worlds import drawn
from tests.reports import recount_accounts, recount_money, recount_pages  # their questions are among the answers
from tests.reports.recount import ANSWERS, Given, Recount, pick
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.engines.answers import python_rows
from touchline.magnitudes import DAY_MICROS
from touchline.reports.dimensions import WITH_COSTS, By
from touchline.reports.queries import rows
from touchline.reports.survey import CODES
from touchline.tables import ALL

START = date(2026, 3, 28)
WINDOWS = [(START, START + timedelta(days=210)), (START + timedelta(days=1), START + timedelta(days=7))]
FOLDER = Path(__file__).resolve().parents[2] / "src" / "touchline" / "reports" / "queries"
OF_SITES = {"entities_of_one_site", "entities_of_site", "spend_of_site", "touches_to_place"}
"""What they answer is recounted in ``test_spend_of_sites``."""
OF_INTERVALS = {"booked", "credit_by_group"}
"""The same of ``test_intervals``, and what its statement and ``credit_by_dimension`` share."""
DRAWN = 16
NAMES = [*(f"o{number}" for number in range(DRAWN)), "w"]
"""The organizations of these worlds."""
MOST = 12
"""Conversions or persons of an organization that are asked about one by one."""


def apart() -> World:
    """A shop in which nobody vouches for orders: one goal names them apart, the other leaves them out."""
    goals = [goal("w", unverified_handling="apart"), goal("w", "signup", "signup", unverified_handling="leave_out")]
    said: Row = {"type": "CONVERSION", "value_micros": 3_000_000, "self_reported_source": "a friend"}
    events = [
        event(f"{name}{n}", at(f"2026-03-29 1{n}:00"), "w", "ws", name=name, visitor_id="a", is_verified=n > 2, **said,
              clock_corrected_seconds=n - 600 if n > 2 else None)
        for name in ("buy", "signup")
        for n in range(5)
    ]  # fmt: skip
    return World(organization("w"), [site("w", "ws")], goals, [], events)


def with_lifts(world: World) -> World:
    """The world with factors of lift tests: of channels that it has or not, of a campaign, of one model or of all."""
    of: Row = {"organization_id": world.name, "channel": "", "platform": "", "campaign_id": "", "model": ""}
    of |= {"start_date": START, "end_date": None, "factor": 0.5, "low": None, "high": None, "source": "A holdout"}
    later = START + timedelta(days=3)
    named = {(row["platform"], row["campaign_id"]) for load in world.loads for row in load}
    lifts = [
        {**of, "channel": "Email", "end_date": later}, {**of, "channel": "Direct", "model": "LINEAR"},
        {**of, "channel": "Paid Search", "low": 0.25, "high": 0.75}, {**of, "channel": "Radio"},
        {**of, "channel": "Email", "factor": 0.0, "start_date": later + timedelta(days=1)},
        *({**of, "platform": platform, "campaign_id": campaign} for platform, campaign in named),
    ]  # fmt: skip
    return replace(world, lifts=lifts, notes=notes_on(world))


def notes_on(world: World) -> list[Row]:
    """Notes about one site, about every site, and on a day outside all windows."""
    days = ((WINDOWS[0][0], ""), (WINDOWS[0][1], world.sites[0]["site_id"]), (date(2000, 1, 1), ""))
    number = int(md5(world.name.encode()).hexdigest()[:8], 16) * 3
    return [
        {
            "note_id": number + place,
            "organization_id": world.name,
            "site_id": site_id,
            "period": day,
            "said": "A deploy",
        }
        for place, (day, site_id) in enumerate(days)
    ]


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[DuckDB, Recount]]:
    """Some organizations, a few of them crowded, and an engine that holds what became of them."""
    lived = [with_lifts(one) for one in (*drawn(DRAWN, 28), apart())]
    engine = DuckDB()
    ledger = told(lived)
    pipeline.run(ledger.feed, engine)
    for name in ("health_limits", "health_signals"):  # numbers of one channel, which no report takes for all
        [row] = python_rows(engine.select(f"select * from {name} limit 1"))
        engine.append(ALL[name], arrow(ALL[name], [{**row, "channel": "Email"}]))
    told_too = {
        "identity_claims": ledger.claims, "tracking_events": list(ledger.events.values()), "cost_rows": ledger.costs,
    }  # fmt: skip
    yield engine, Recount({**reference(lived), **snapshot(engine), **told_too})
    engine.close()


def asked(all_: Recount, name: str, organization: str) -> Iterator[Row]:
    """What a question is asked of an organization: every value of what it depends on, but not all of them together."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    if "includes: touches_of_owner" in text:
        text += "$conversion_id"
    given: Row = {
        "organization_id": organization, "currency": "EUR", "goal": "", "basis": "CONVERSION",
        "grain": "CAMPAIGN", "model": "LINEAR", "limit": 2, "severity": "", "min_waste_micros": 0,
        "unverified_goal": "", "site_id": "", "account_id": "", "is_daily": "no",
        "after": "", "by": "channel", "channel": "", "most_values": 1_000, "codes": CODES,
        "last_micros": 2**62, "last_id": "", "until_micros": DAY_MICROS // 2, "day": WINDOWS[1][1],
        "platform": "", "campaign_id": "", "is_channel": 0, "is_ad": 0,
        "start": WINDOWS[0][0], "end": WINDOWS[0][1], "lookback_micros": 10 * DAY_MICROS,
    }  # fmt: skip
    yield from [{**given, **more} for more in (*_varied(all_, given, text), *_places(all_, given, text))]


_VARIED: Mapping[str, tuple[Any, ...]] = {
    "currency": ("USD",), "basis": ("TOUCH",), "grain": ("PLATFORM", "AD", "CHANNEL"), "model": ("LAST_TOUCH", ""),
    "is_daily": ("yes",), "is_channel": (1,), "channel": ("Email", "Direct"),
    "by": tuple(by for by in get_args(By) if by not in ("channel", "week", "month", *WITH_COSTS)), "most_values": (2,),
    "limit": (1, 9), "severity": ("low", "high"), "min_waste_micros": (10_000_000, 10_000_001),
}  # fmt: skip


def _places(all_: Recount, given: Given, text: str) -> Iterator[Row]:
    """The places in the order of conversions after which some are listed."""
    for row in some(all_.of("conversions", given)) if "$last_micros" in text else []:
        micros = (row["occurred_at"] - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001 - UTC
        yield {"last_micros": micros, "last_id": row["conversion_id"]}


def _varied(all_: Recount, given: Given, text: str) -> Iterator[Row]:
    yield from _of_rows(all_, given, text)
    if any(of_sites in text for of_sites in ("$site_id = ''", "$site_id in ('', site_id)", "$until_micros")):
        yield from pick(all_.of("sites", given), "site_id")
    yield from _of_names(all_, given, text)
    if "$after" in text:
        for row in some(all_.of("conversions", given)):
            yield {"person_id": row["person_id"], "after": f"{row['site_id']}:k2"}
    for name, values in _VARIED.items():
        if f"${name}" in text and "$conversion_id" not in text and "$person_id" not in text:
            yield from ({name: value} for value in values)
    if "$start" in text:
        yield {"start": WINDOWS[1][0], "end": WINDOWS[1][1]}
    if "$goal" in text:
        for goal in {row["goal"] for row in all_.of("conversions", given)}:
            yield {"goal": goal, "unverified_goal": f"{goal} (unverified)", "basis": "TOUCH"}


def _of_names(all_: Recount, given: Given, text: str) -> Iterator[Row]:
    """The campaigns and accounts that a question is about."""
    if "$campaign_id" in text:
        for row in pick(some(all_.of("channel_spend", given)), "platform campaign_id channel"):
            yield from ({**row, "is_ad": is_ad} for is_ad in (0, 1))
    if "$account_id" in text:
        names = {row["account_id"] for row in all_.of("account_members", given)}
        yield from ({"account_id": name} for name in sorted(names)[:2])


def some(found: list[Row]) -> list[Row]:
    """A few, from everywhere among them."""
    return found[:: len(found) // MOST + 1]


def _of_rows(all_: Recount, given: Given, text: str) -> Iterator[Row]:
    """The conversions, persons or names that a question is about."""
    if "$order_id" in text:
        for row in all_.of("corrections", given):
            of = {name: row[name] for name in ("site_id", "order_id", "person_id")}
            yield from ({**of, "native_currency": currency} for currency in ("EUR", "USD"))
    elif "$conversion_id" in text:
        found = some(all_.of("conversions", given))
        yield from pick(found, "conversion_id person_id site_id")
        yield from ({**one, "person_id": "nobody"} for one in pick(found[:1], "conversion_id site_id"))
    elif "$person_id" in text:
        yield from pick(some(all_.of("identities", given)), "person_id")
    elif "$ending" in text:
        for row in some(all_.of("identities", given)):
            for named in (row["person_id"], row["identifier"], row["identifier"].rpartition(":")[2]):
                yield {"named": named, "ending": f":{named}", "length": len(named) + 1}
    elif "$named" in text:
        found = all_.of("conversions", given)
        names = [row[name] for row in found for name in ("conversion_id", "order_id") if row[name]]
        names = ["acme", "beta", "Beta", "gamma", "nobody"] if "account_members" in text else names
        yield from ({"named": name} for name in names)
    elif "$beginning" in text:
        yield from ({"beginning": beginning, "length": len(beginning)} for beginning in ("1", "2", "12", "x"))
    else:
        yield {}


@pytest.mark.slow
@pytest.mark.campaign(6, each="name")
@pytest.mark.parametrize("organization", NAMES)
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_question_is_answered_as_a_recount_answers_it(
    world: tuple[DuckDB, Recount], name: str, organization: str
) -> None:
    engine, recount = world
    is_ordered = "order by" in (FOLDER / f"{name}.sql").read_text(encoding="utf-8").rpartition(")")[2]
    for given in asked(recount, name, organization):
        came, expected = rows(engine, name, **given), ANSWERS[name](recount, given)
        if not is_ordered:
            came, expected = (sorted(found, key=repr) for found in (came, expected))
        assert came == expected, given


def test_every_question_has_an_answer_in_these_worlds(world: tuple[DuckDB, Recount]) -> None:
    _, recount = world
    assert [row["organization_id"] for row in recount.tables["organizations"]] == NAMES
    for name, answer in ANSWERS.items():
        assert any(answer(recount, given) for owner in NAMES for given in asked(recount, name, owner)), name


def test_every_question_has_its_recount() -> None:
    named = {recount_money.performance, recount_accounts.accounts, recount_pages.sites_shown}
    assert named <= {*ANSWERS.values()}
    assert {file.stem for file in FOLDER.glob("*.sql")} == ANSWERS.keys() | OF_SITES | OF_INTERVALS
