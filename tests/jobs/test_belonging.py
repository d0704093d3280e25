"""An erasure finds whoever belongs together without a run, and a stranger's word erases nobody else."""

import json
import sqlite3
from collections.abc import Mapping
from functools import partial

import pytest

from tests.jobs.conftest import NOW, Tell
from tests.keyed import keyed
from touchline.errors import UsageError
from touchline.jobs import claiming, erasing, running
from touchline.jobs.belonging import belonging
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.windows import windows
from touchline.tables import APPLIED_RULES, IDENTITY_PAIRS

HOUR = 3_600_000_000
DAY_2 = 1_772_445_600_000_000 // HOUR
"""10:00 UTC on 2 March 2026."""


def hearsay(workspace: Workspace, tell: Tell, *pairs: tuple[str, Mapping[str, object]]) -> None:
    """What a page said: events like those that come with a publishable key."""
    events = [
        {"eventId": f"x-{visitor}-{number}", "type": "IDENTIFY", "anonId": visitor, **names}
        for number, (visitor, names) in enumerate(pairs)
    ]
    tell(*events)
    with sqlite3.connect(workspace.home.path / "ledger.db") as ledger:
        ledger.execute("update tracking_events set is_verified = 0 where event_id like 'x-%'")
    ledger.close()


def identifiers(workspace: Workspace, **named: str) -> set[str]:
    report = erasing.erase(workspace, "shop", now=NOW, is_dry_run=True, **named)  # type: ignore[arg-type] # names of text
    return {name.replace("v:shop-example:", "v:") for name in report.identifiers}


def agree(workspace: Workspace, **named: str) -> set[str]:
    """What belongs together by the ledger alone, which must be what it is after a run."""
    before = identifiers(workspace, **named)
    running.run(workspace)
    assert identifiers(workspace, **named) == before
    return before


def test_an_erasure_runs_no_river(workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    tell({"eventId": "a", "anonId": "ada", "userId": "1"}, {"eventId": "b", "anonId": "phone", "userId": "1"})
    monkeypatch.setattr(running, "run", lambda *_given, **_named: pytest.fail("The river ran."))
    assert erasing.erase(workspace, "shop", visitor="ada", now=NOW).events == 2
    assert not workspace.home.has_engine


def test_after_a_run_that_did_not_end_the_ledger_is_asked(workspace: Workspace, tell: Tell) -> None:
    tell({"eventId": "a", "anonId": "ada", "userId": "1"}, {"eventId": "b", "anonId": "phone", "userId": "1"})
    running.run(workspace)
    workspace.engine.remove(APPLIED_RULES)
    workspace.engine.remove(IDENTITY_PAIRS)
    assert identifiers(workspace, visitor="ada") == {"v:ada", "v:phone", "u:1"}


@pytest.mark.parametrize("ran", [False, True])
def test_a_stranger_who_names_all_customers_gets_none_erased(workspace: Workspace, tell: Tell, *, ran: bool) -> None:
    tell(*({"eventId": f"c{n}", "anonId": f"c{n}", "userId": f"{n}"} for n in range(20)))
    if ran:
        running.run(workspace)
    hearsay(workspace, tell, *(("stranger", {"userId": f"{n}"}) for n in range(20)))
    assert agree(workspace, visitor="stranger") == {"v:stranger"}
    assert agree(workspace, user="7") == {"u:7", "v:c7"}


@pytest.mark.parametrize("ran", [False, True])
def test_two_users_stay_two_along_any_path(workspace: Workspace, tell: Tell, *, ran: bool) -> None:
    tell({"eventId": "c1", "anonId": "c1", "userId": "1"}, {"eventId": "c2", "anonId": "c2", "userId": "2"})
    if ran:
        running.run(workspace)
    mail = "ab" * 32
    hearsay(workspace, tell, ("c1", {"emailHash": mail}), ("c2", {"emailHash": mail}))
    assert agree(workspace, user="1") == {"u:1", "v:c1", f"m:{keyed(mail)}"}
    assert agree(workspace, user="2") == {"u:2", "v:c2"}


@pytest.mark.parametrize("ran", [False, True])
def test_a_shared_browser_goes_with_each_of_its_users_and_alone_by_its_own_id(
    workspace: Workspace, tell: Tell, *, ran: bool
) -> None:
    tell(*(
        {"eventId": f"s{n}", "anonId": "tablet", "userId": user, "occurredAt": f"2026-03-0{n + 1}T10:00:00Z"}
        for n, user in enumerate(("1", "2", "1"))
    ))  # fmt: skip
    if ran:
        running.run(workspace)
    tell({"eventId": "p", "anonId": "phone", "userId": "1", "occurredAt": "2026-03-05T10:00:00Z"})
    assert agree(workspace, user="1") == {"u:1", "v:tablet", "v:phone"}
    assert agree(workspace, user="2") == {"u:2", "v:tablet"}
    assert agree(workspace, visitor="tablet") == {"v:tablet"}


@pytest.mark.parametrize("ran", [False, True])
@pytest.mark.parametrize("told_by", ["event", "claim"])
def test_who_says_to_be_a_customer_does_not_get_the_customer_erased(
    workspace: Workspace, tell: Tell, told_by: str, *, ran: bool
) -> None:
    if told_by == "event":
        tell({"eventId": "c1", "type": "CONVERSION", "anonId": "c1", "userId": "1", "orderId": "A-1"})
    else:
        file = workspace.home.path / "claims.jsonl"
        file.write_text('{"visitor_id": "c1", "user_id": "1"}\n', encoding="utf-8")
        claiming.import_claims(workspace, [file], organization_id=None, site_id=None, source="crm", now=NOW)
    if ran:
        running.run(workspace)
    hearsay(workspace, tell, ("mallory", {"userId": "1"}))
    report = erasing.erase(workspace, "shop", visitor="mallory", now=NOW, is_dry_run=True)
    assert report.unproven == ("u:1", "v:shop-example:c1")
    with pytest.raises(UsageError, match="Only a browser says that v:shop-example:mallory is u:1") as refused:
        erasing.erase(workspace, "shop", visitor="mallory", now=NOW)
    assert "--proven-only" in refused.value.hint
    stored = {row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)}
    assert stored == ({"c1", "x-mallory-0"} if told_by == "event" else {"x-mallory-0"})
    report = erasing.erase(workspace, "shop", visitor="mallory", now=NOW, is_proven_only=True)
    assert (report.identifiers, report.events, report.claims) == (("v:shop-example:mallory",), 1, 0)
    assert agree(workspace, user="1") == {"u:1", "v:c1"}


def test_a_named_customer_goes_with_what_browsers_did_in_their_name(workspace: Workspace, tell: Tell) -> None:
    tell({"eventId": "c1", "type": "CONVERSION", "anonId": "c1", "userId": "1", "orderId": "A-1"})
    hearsay(workspace, tell, ("phone", {"userId": "1"}))
    report = erasing.erase(workspace, "shop", user="1", now=NOW)
    assert report.unproven == ()
    assert report.identifiers == ("u:1", "v:shop-example:c1", "v:shop-example:phone")
    assert workspace.ledger.rows(schema.TRACKING_EVENTS) == []


def test_a_browser_that_no_server_knows_goes_with_its_sign_in(workspace: Workspace, tell: Tell) -> None:
    hearsay(workspace, tell, ("phone", {"userId": "1"}), ("laptop", {"userId": "1"}))
    assert erasing.erase(workspace, "shop", visitor="phone", now=NOW).events == 2


def test_an_unverified_sign_in_of_one_browser_is_believed(workspace: Workspace, tell: Tell) -> None:
    tell({"eventId": "c1", "anonId": "c1", "userId": "1"})
    running.run(workspace)
    hearsay(workspace, tell, ("phone", {"userId": "1"}))
    assert agree(workspace, user="1") == {"u:1", "v:c1", "v:phone"}


def test_a_withdrawn_claim_ties_nobody_before_the_next_run(workspace: Workspace, tell: Tell) -> None:
    tell({"eventId": "c1", "anonId": "c1", "userId": "1"}, {"eventId": "c2", "anonId": "c2"})
    pair = "v:shop-example:c2", "u:1"
    with workspace.ledger.transaction() as entry:
        entry.add(
            schema.IDENTITY_CLAIMS, organization_id="shop", identifier=pair[0], linked_identifier=pair[1], source="crm",
            claimed_at=NOW,
        )  # fmt: skip
    assert agree(workspace, user="1") == {"u:1", "v:c1", "v:c2"}
    with workspace.ledger.transaction() as entry:
        entry.erasing("shop").withdraw([pair], "crm")
    assert identifiers(workspace, user="1") == {"u:1", "v:c1"}


@pytest.mark.parametrize("ran", [False, True])
def test_thousands_of_ids_go_in_bounded_statements(workspace: Workspace, tell: Tell, *, ran: bool) -> None:
    tell(*({"eventId": f"e{n}", "anonId": f"b{n}", "userId": "all"} for n in range(3_000)), {"anonId": "else"})
    if ran:
        running.run(workspace)
    report = erasing.erase(workspace, "shop", user="all", now=NOW)
    assert (len(report.identifiers), report.events) == (3_001, 3_000)


def periods_of_tablet(workspace: Workspace, user: str) -> tuple[tuple[int | None, int | None], ...]:
    shared = belonging(workspace, "shop", [f"u:{user}"]).shared
    return tuple((since and since // HOUR, until and until // HOUR) for since, until in shared["v:shop-example:tablet"])


def told_by(workspace: Workspace, tell: Tell, kind: str, user: str, day: int) -> None:
    """A login on the tablet at ten o'clock, or a claim that says so."""
    at = f"2026-03-0{day}T10:00:00Z"
    if kind == "event":
        tell({"eventId": f"{user}-{day}", "anonId": "tablet", "userId": user, "occurredAt": at})
        return
    file = workspace.home.path / "claims.jsonl"
    file.write_text(json.dumps({"visitor_id": "tablet", "user_id": user, "claimed_at": at}), encoding="utf-8")
    claiming.import_claims(workspace, [file], organization_id=None, site_id=None, source=f"crm{day}", now=NOW)


@pytest.mark.parametrize("told", ["event", "claim", "event claim", "claim event"])
@pytest.mark.parametrize("ran", [False, True])
def test_what_happened_early_and_came_late_ends_where_the_next_login_was(
    workspace: Workspace, tell: Tell, told: str, *, ran: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ann's logins repeat one another until Bob's, between two of them, comes in: from hers on, the tablet is hers."""
    monkeypatch.setattr("touchline.ledger.erasures.windows", partial(windows, at_once=3))
    first, *_, last = told.split() * 2
    for day in (1, 3, 5):
        told_by(workspace, tell, first, "ann", day)
    if ran:
        running.run(workspace)
    told_by(workspace, tell, last, "bob", 2)
    expected = {"ann": ((None, DAY_2), (DAY_2 + 24, None)), "bob": ((DAY_2, DAY_2 + 24),)}
    for _ in range(2):
        assert {user: periods_of_tablet(workspace, user) for user in expected} == expected
        running.run(workspace)
