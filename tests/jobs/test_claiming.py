"""Claims come in once, are refused with a reason, join and part persons, and go with whoever is erased."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.jobs.conftest import NOW, Tell
from tests.keyed import keyed
from tests.oracle.engine import changes, snapshot
from touchline.cli import main
from touchline.engines import DuckDB
from touchline.errors import InputError, UsageError
from touchline.jobs import belonging, claiming, erasing, running, setup
from touchline.jobs.claiming import ClaimsReport
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.settings import Home

MAIL = sha256(b"ada@example.org").hexdigest()
PHONE, LAPTOP = "v:shop-example:phone", "v:shop-example:laptop"
EVENTS = (
    {"eventId": "ad", "anonId": "phone", "url": "https://shop.example/?utm_source=google&utm_medium=cpc"},
    {"eventId": "buy", "anonId": "laptop", "type": "CONVERSION", "orderId": "1", "occurredAt": "2026-03-03T10:00:00Z"},
)
Claim = Callable[..., ClaimsReport]


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    return made if request.param == "sqlite" else replace(made, database_url=request.getfixturevalue("database_url"))


@pytest.fixture
def claim(workspace: Workspace, tmp_path: Path) -> Claim:
    def claimed(*rows: dict[str, object], source: str = "crm", now: int = NOW, **more: str) -> ClaimsReport:
        file = tmp_path / "claims.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        chosen = {"organization_id": None, "site_id": None, **more}
        return claiming.import_claims(workspace, [file], source=source, now=now, **chosen)

    return claimed


def pairs(workspace: Workspace) -> list[tuple[str, str, str]]:
    rows = workspace.ledger.rows(schema.IDENTITY_CLAIMS)
    return [(row["identifier"], row["linked_identifier"], row["source"]) for row in rows]


def persons(workspace: Workspace) -> int:
    """How many there are after a run, which has to say what a rebuild says."""
    assert not running.run(workspace).is_rebuild
    return len({row["person_id"] for row in same_as_rebuilt(workspace)["identities"]})


def same_as_rebuilt(workspace: Workspace) -> dict[str, list[dict[str, object]]]:
    assert isinstance(workspace.engine, DuckDB)
    stood = snapshot(workspace.engine)
    running.run(workspace, is_rebuild=True)
    assert changes(stood, snapshot(workspace.engine)) == ""
    return stood


def withdraw(workspace: Workspace, file: Path, source: str = "crm") -> ClaimsReport:
    return claiming.withdraw_claims(workspace, [file], organization_id=None, site_id=None, source=source)


@pytest.mark.parametrize("home", ["postgresql"], indirect=True)
def test_a_withdrawal_waits_for_nobody_who_takes_events_in(workspace: Workspace, claim: Claim, tmp_path: Path) -> None:
    """On PostgreSQL, where many write at a time; for SQLite, see test_erasing_beside_writers.py."""
    claim({"visitor_id": "phone", "linked_visitor_id": "laptop"})
    with closing(Ledger(workspace.home.ledger)) as beside, beside.transaction() as intake:
        intake.erasing("shop", is_alone=False)
        assert withdraw(workspace, tmp_path / "claims.jsonl").withdrawn == 1


@pytest.mark.slow
def test_a_claim_joins_and_its_withdrawal_parts_again(
    workspace: Workspace, tell: Tell, claim: Claim, tmp_path: Path
) -> None:
    tell(*EVENTS)
    running.run(workspace)
    apart = snapshot(workspace.engine)
    assert claim({"visitor_id": "phone", "linked_visitor_id": "laptop"}).accepted == 1
    assert persons(workspace) == 1
    assert [row["touchpoint_count"] for row in snapshot(workspace.engine)["paths"]] == [1]
    assert withdraw(workspace, tmp_path / "claims.jsonl", source="login").withdrawn == 0
    assert withdraw(workspace, tmp_path / "claims.jsonl").withdrawn == 1
    assert persons(workspace) == 2
    assert changes(apart, snapshot(workspace.engine)) == ""
    assert claim({"visitor_id": "phone", "linked_visitor_id": "laptop"}).accepted == 1
    assert persons(workspace) == 1


def test_a_row_of_three_ids_is_two_claims_each_once(workspace: Workspace, claim: Claim) -> None:
    row: dict[str, object] = {"email_hash": MAIL.upper(), "visitor_id": "phone", "user_id": " 42 "}
    assert (claim(row, row).accepted, claim(row).duplicate) == (2, 2)
    assert pairs(workspace) == [(PHONE, f"m:{keyed(MAIL)}", "crm"), (PHONE, "u:42", "crm")]
    assert claim(row, source="login").accepted == 2
    assert claim({"linked_visitor_id": "phone", "visitor_id": "laptop"}, {"visitor_id": "phone",
                 "linked_visitor_id": "laptop"}).duplicate == 1  # fmt: skip


def test_what_is_wrong_is_refused_with_a_reason_and_the_rest_goes_on(workspace: Workspace, claim: Claim) -> None:
    report = claim(
        {"visitor_id": "phone", "user_id": "42"}, {"user_id": "42"}, {"user_id": "42", "linked_user_id": "42"},
        {"user_id": "null", "visitor_id": "phone"}, {"user_id": "42", "email_hash": "ada@example.org"},
        {"user_id": "x" * 257, "visitor_id": "phone"},
        {"user_id": "42", "visitor_id": "phone", "claimed_at": "yesterday"}, {"user_id": "4\0", "visitor_id": "phone"},
    )  # fmt: skip
    assert (report.read, report.accepted) == (8, 1)
    assert report.rejected == {
        "missing_field": 2, "unknown_value": 1, "wrong_type": 2, "too_long": 1, "malformed": 1,
    }  # fmt: skip
    kept = workspace.ledger.rows(schema.REJECTED_CLAIMS)
    assert [row["source"] for row in kept] == [f"claims.jsonl:{number}" for number in range(2, 9)]
    assert "ada@" not in repr(kept)


def test_every_format_is_read_and_a_foreign_column_is_not_guessed(workspace: Workspace, tmp_path: Path) -> None:
    def taken(file: Path) -> int:
        chosen = {"organization_id": None, "site_id": None, "source": file.suffix, "now": NOW}
        return claiming.import_claims(workspace, [file], **chosen).accepted  # type: ignore[arg-type] # as named

    text = tmp_path / "c.csv"
    text.write_text("user_id,email_hash,claimed_at\n42," + MAIL + ",2026-01-02T03:04:05Z\n", encoding="utf-8")
    assert taken(text) == 1
    assert workspace.ledger.rows(schema.IDENTITY_CLAIMS)[0]["claimed_at"] == 1_767_323_045_000_000
    pq.write_table(pa.table({"user_id": ["42"], "visitor_id": ["phone"]}), tmp_path / "c.parquet")
    assert taken(tmp_path / "c.parquet") == 1
    text.write_text("user_id,account\n42,acme\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no column 'account'\. There may be: visitor_id"):
        taken(text)


def test_visitors_belong_to_a_site_of_the_organization(workspace: Workspace, claim: Claim) -> None:
    setup.add_site(workspace, "shop", name="b", domain="b.example", time_zone="UTC", now=NOW)
    row = {"visitor_id": "phone", "user_id": "42"}
    assert claim(row).rejected == {"missing_field": 1}
    assert claim(row, site_id="b-example").accepted == 1
    assert claim({"email_hash": MAIL, "user_id": "42"}).accepted == 1
    with pytest.raises(UsageError, match="shop has no site 'other'"):
        claim(row, site_id="other")


def test_an_organizations_claims_join_nobody_elsewhere(workspace: Workspace, tell: Tell, claim: Claim) -> None:
    with workspace.ledger.transaction() as entry:
        entry.add(schema.ORGANIZATIONS, organization_id="other", name="other", currency="EUR", created_at=NOW)
    tell({"eventId": "1", "anonId": "a", "userId": "1"}, {"eventId": "2", "anonId": "b", "userId": "2"})
    running.run(workspace)
    assert claim({"user_id": "1", "linked_user_id": "2"}, organization_id="other").accepted == 1
    running.run(workspace)
    theirs = [row for row in same_as_rebuilt(workspace)["identities"] if row["organization_id"] == "shop"]
    assert len({row["person_id"] for row in theirs}) == 2


def test_claims_go_with_whoever_is_erased_and_do_not_come_again(workspace: Workspace, tell: Tell, claim: Claim) -> None:
    tell(*EVENTS)
    row = {"visitor_id": "phone", "linked_visitor_id": "laptop"}
    claim(row, {"user_id": "1", "linked_user_id": "2"})
    report = erasing.erase(workspace, "shop", visitor="phone", now=NOW)
    assert (report.identifiers, report.events, report.claims) == ((LAPTOP, PHONE), 2, 1)
    assert pairs(workspace) == [("u:1", "u:2", "crm")]
    running.run(workspace)
    assert workspace.engine.select("select * from identity_claims").num_rows == 1
    same_as_rebuilt(workspace)
    dated = [row | {"claimed_at": f"{day}T00:00:00Z"} for day in ("2026-03-01", "2026-04-01")]
    ahead = claim(dated[1])
    assert (ahead.rejected, ahead.accepted) == ({"out_of_range": 1}, 0)
    again = claim(row, *dated, now=NOW + 30 * 86_400_000_000)
    assert (again.rejected, again.accepted) == ({"erased": 2}, 1)


def test_a_claim_that_the_river_has_not_seen_is_part_of_who_is_erased(
    workspace: Workspace, tell: Tell, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(*EVENTS)
    running.run(workspace)
    claim({"visitor_id": "phone", "linked_visitor_id": "laptop"})
    with monkeypatch.context() as patched:
        patched.setattr(running, "run", lambda _workspace: None)
        assert erasing.erase(workspace, "shop", visitor="phone", now=NOW).events == 2
    assert workspace.ledger.rows(schema.TRACKING_EVENTS) == []


def test_many_claims_follow_each_other_in_chunks(workspace: Workspace, claim: Claim) -> None:
    assert claim(*({"user_id": f"{n}a", "linked_user_id": f"{n}b"} for n in range(10_001))).accepted == 10_001
    assert running.run(workspace).claims == 10_001
    assert running.run(workspace).claims == 0


def test_the_commands_answer(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, place = tmp_path / "claims.csv", str(workspace.home.path)
    file.write_text("visitor_id,user_id\nphone,42\nlaptop,null\n", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", workspace.home.database_url)
    workspace.close()
    assert main(["import", "claims", str(file), "--source", "crm", "--home", place, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["accepted"], said["rejected"]) == (1, {"unknown_value": 1})
    assert said["rejected_examples"][0]["source"] == "claims.csv:3"
    assert main(["import", "claims", str(file), "--source", "crm", "--home", place]) == 0
    assert "claims known before" in capsys.readouterr().out
    assert main(["claims", "withdraw", str(file), "--source", "crm", "--home", place]) == 0
    assert "claims withdrawn" in capsys.readouterr().out


@pytest.mark.slow
def test_what_is_separated_by_hand_is_apart_until_that_is_taken_back(
    workspace: Workspace, tell: Tell, claim: Claim, tmp_path: Path
) -> None:
    tell(*EVENTS, {"eventId": "in1", "anonId": "phone", "userId": "7"})
    running.run(workspace)
    tell({"eventId": "in2", "anonId": "laptop", "userId": "7"})
    assert persons(workspace) == 1
    file = tmp_path / "apart.jsonl"
    file.write_text('{"visitor_id": "phone", "user_id": "7"}\n', encoding="utf-8")
    apart = claiming.separate(workspace, [file], organization_id=None, site_id=None, now=NOW)
    assert (apart.accepted, apart.rejected) == (1, {})
    assert belonging.belonging(workspace, "shop", ["u:7"]).identifiers == ["u:7", LAPTOP]  # a run is not needed
    assert persons(workspace) == 2
    edges = {row["identifier"]: row["reason"] for row in same_as_rebuilt(workspace)["identity_edges"]}
    assert edges == {PHONE: "separated", LAPTOP: "same_event"}
    claim({"visitor_id": "phone", "user_id": "7"})
    assert persons(workspace) == 2
    taken_back = claiming.withdraw_claims(
        workspace, [file], organization_id=None, site_id=None, source=claiming.SEPARATED
    )
    assert taken_back.withdrawn == 1
    assert persons(workspace) == 1


def test_no_system_has_the_name_of_separations(claim: Claim) -> None:
    with pytest.raises(UsageError, match="No system is called 'separated'"):
        claim({"visitor_id": "phone", "user_id": "7"}, source="separated")


def test_a_row_that_would_separate_nothing_or_half_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "apart.csv"
    rows = ("visitor_id,user_id,linked_user_id,account_id,linked_account_id", "phone,7,,,", "phone,7,8,,",
            "phone,,,acme,", ",7,8,,", ",,,acme,beta", ",7,8,acme,", ",7,,,")  # fmt: skip
    file.write_text("\n".join(rows), encoding="utf-8")
    apart = claiming.separate(workspace, [file], organization_id=None, site_id=None, now=NOW)
    assert (apart.read, apart.accepted, apart.rejected) == (7, 3, {"contradiction": 3, "missing_field": 1})
    kept = workspace.ledger.rows(schema.REJECTED_CLAIMS, organization_id="shop")
    refused = [row for row in kept if row["reason"] == "contradiction"]
    fields = [(row["source"].rsplit(":", 1)[1], row["field"]) for row in refused]
    assert fields == [("3", "linked_user_id"), ("4", "account_id"), ("7", "account_id")]
    assert ["Write a row for each pair" in row["message"] for row in refused] == [True, False, True]
    assert "touchline claims withdraw" in refused[1]["message"]
