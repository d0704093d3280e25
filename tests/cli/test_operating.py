"""``erase``, ``backup`` and ``restore``, as a person or a program calls them."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command, ledger_rows
from touchline.cli.clock import now_micros
from touchline.jobs import saved_views, users
from touchline.jobs.saved_views import Kept
from touchline.jobs.workspace import Workspace
from touchline.settings import Home


def test_erasing_tells_what_went_and_the_numbers_follow(told: Path, touchline: Command) -> None:
    document = touchline("erase", "--visitor", "visitor-3", "--json").document
    engine, others = document.pop("remains")
    assert (engine["place"], engine["what"]) == (str(told / "engine.duckdb"), "bytes in free space")
    assert others["place"] == "Backups, imported files, saved reports"
    assert document == {
        "identifiers": ["v:shop-example:visitor-3"], "events": 3, "rejected": 0, "claims": 0, "is_dry_run": False,
        "unproven": [], "run_failure": "", "is_log_empty": True,
    }  # fmt: skip
    assert ledger_rows(told)["tracking_events"] == 27
    assert touchline("run", "--json").document["rows"]["sessions"] == 0  # nothing was left to do
    rebuilt = touchline("run", "--rebuild", "--json").document
    assert (rebuilt["events"], rebuilt["rows"]["conversions"]) == (27, 9)


def test_a_dry_run_erases_nothing(told: Path, touchline: Command) -> None:
    before = ledger_rows(told)
    assert "Dry run" in touchline("erase", "--visitor", "visitor-3", "--dry-run").out
    assert ledger_rows(told) == before


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        ((), 2, "one id"),
        (("--visitor", "a", "--user", "b"), 2, "one id"),
        (("--email-hash", "ada@example.org"), 2, "64 hexadecimal"),
        (("--visitor", "stranger"), 8, "v:shop-example:stranger is unknown"),
        (("--visitor", "visitor-1", "--organization", "nobody"), 8, "There is no organization"),
    ],
)
def test_an_erasure_that_makes_no_sense_erases_nothing(
    told: Path, touchline: Command, words: tuple[str, ...], exit_code: int, said: str
) -> None:
    before = ledger_rows(told)
    outcome = touchline("erase", *words)
    assert outcome.exit_code == exit_code
    assert said in outcome.err
    assert ledger_rows(told) == before


def test_run_erases_what_has_outlived_its_time(told: Path, touchline: Command) -> None:
    touchline("settings", "set", "retention_days", "1")
    assert "30 erased events removed" in touchline("run").out
    assert ledger_rows(told)["tracking_events"] == 0


def test_a_backup_is_restored_elsewhere(told: Path, touchline: Command, tmp_path: Path) -> None:
    backup, other = tmp_path / "shop.backup", tmp_path / "other"
    document = touchline("backup", backup, "--json").document
    assert (document["file"], document["events"], document["size_bytes"]) == (str(backup), 30, backup.stat().st_size)
    restored = touchline("restore", backup, "--home", other, "--json").document
    assert (restored["home"], restored["events"]) == (str(other), 30)
    assert ledger_rows(other) == ledger_rows(told)
    assert touchline("run", "--home", other, "--json").document["events"] == 30
    with Workspace(Home(other)) as workspace:
        kept = Kept(workspace.organization(None)["organization_id"], "A", "models", "", "ada")
        users.add_user(workspace, "ada", "correct horse battery", now=now_micros())
        saved_views.make_link(workspace.ledger, kept, days=1, now=now_micros())
    touchline("backup", tmp_path / "second.backup", "--home", other)
    said = touchline("restore", tmp_path / "second.backup", "--home", tmp_path / "third").out
    assert "1 link to a view works again, also if removed after the backup was made" in " ".join(said.split())


def test_backups_of_a_folder_and_what_the_doctor_says_of_the_last_one(
    told: Path, touchline: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    made = touchline("backup", "--into", folder, "--keep", "1", "--json").document
    assert (made["events"], made["removed"]) == (30, [])
    second = touchline("backup", "--into", folder, "--keep", "1", "--then", "test -s")
    assert "was restored on trial" in " ".join(second.out.split())
    assert "1 older one went" in " ".join(second.out.split())
    checks = {check["name"]: check for check in touchline("doctor", "--json").document["checks"]}
    assert checks["backup"]["status"] == "ok"
    assert touchline("backup", "--into", folder, "--then", "test -d").exit_code == 5
    checks = {check["name"]: check for check in touchline("doctor", "--json").document["checks"]}
    assert (checks["backup"]["status"], checks["backup"]["cause"]) == ("problem", "backup_failed")
    assert "test ended with 1" in checks["backup"]["message"]


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("backup",), 2, "Give FILE, or --into FOLDER"),
        (("backup", "--into", "{home}/x", "--then", "'open"), 2, "quotation marks"),
        (("backup", "{home}/ledger.db"), 2, "already exists"),
        (("backup", "{home}/no/such/folder/x"), 5, "cannot be written"),
        (("backup", "x", "--home", "{home}/nowhere"), 3, "no Touchline"),
        (("restore", "{home}/none"), 3, "is already a Touchline home"),
        (("restore", "{home}/none", "--home", "{home}/other"), 6, "There is no file"),
        (("restore", "{home}/engine.duckdb", "--home", "{home}/other"), 6, "is not a ledger backup"),
    ],
)
def test_what_cannot_be_copied_says_why(
    told: Path, touchline: Command, words: tuple[str, ...], exit_code: int, said: str
) -> None:
    outcome = touchline(*(word.format(home=told) for word in words))
    assert outcome.exit_code == exit_code
    assert said in outcome.err


def test_exporting_a_person(told: Path, touchline: Command) -> None:
    named = ("export", "person", "--visitor", "visitor-3")
    document = touchline(*named, "--json").document
    assert document["identifiers"] == ["v:shop-example:visitor-3"]
    assert {row["identifier"] for row in document["events"]} == set(document["identifiers"])
    assert len(document["events"]) == 3
    page = told / "person.html"
    shown = touchline(*named, "--html", str(page))
    assert "Events                        3" in shown.out
    assert f"Everything is in {page}." in shown.out
    assert page.read_text(encoding="utf-8").count("v:shop-example:visitor-3") > 3
    both = touchline(*named, "--json", "--html", str(page)).document
    assert both == document
    assert "with --html FILE" in touchline(*named).out
    refused = touchline("export", "person", "--visitor", "nobody", "--json")
    assert (refused.exit_code, refused.document["error"]["code"]) == (8, "unknown")
