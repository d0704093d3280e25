"""``demo``: from nothing to a report, each time the same, and never over anything of anybody's."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from tests.cli.conftest import Command
from tests.quantifiers import each
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.process import serving
from touchline.settings import Home


def told(touchline: Command, home: Path, *words: object) -> Any:
    outcome = touchline("demo", "--home", home, "--json", *words)
    assert outcome.exit_code == 0, outcome.err
    return outcome.document


def test_demo_accounts_for_every_row_and_finds_what_is_hidden(demonstrated: Any, shop: Path) -> None:
    made, events = demonstrated, demonstrated["events"]
    assert events["read"] == events["accepted"] + events["duplicate"] + sum(events["rejected"].values())
    assert set(events["rejected"]) == {"bot", "malformed", "missing_field"}
    assert made["is_conserved"] is True
    assert each(check["is_held"] for check in made["overview"]["checks"])
    found = {one["what"]: one["found"] for one in made["planted"]}
    assert "no_conversions" in found["a campaign that earns nothing"]
    page = Path(made["report_file"])
    assert page == shop / "report.html"
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_demo_shows_its_numbers_and_next_steps(
    touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = touchline("demo", "--visitors", "300")
    assert shown.exit_code == 0
    assert (tmp_path / "demo-home" / "report.html").is_file()
    lines = shown.out.splitlines()
    commands = [line.split()[1:] for line in lines if line.startswith("  touchline ")]
    assert len(commands) == 3
    for words in commands:
        assert touchline(*words).exit_code == 0


def test_the_demo_is_served_to_a_user_with_a_new_password(
    touchline: Command, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(shop, home)
    served: list[tuple[Path, int]] = []
    monkeypatch.setenv("TOUCHLINE_PORT", "8765")
    monkeypatch.setattr(serving, "serve", lambda place, options: served.append((place.path, options.port)))
    said = [touchline("demo", "--keep", "--serve", "--home", home, "--json").err for _ in range(2)]
    assert served == [(home, 8765)] * 2
    assert "http://127.0.0.1:8765/" in said[0]
    passwords = [one.partition("Password: ")[2].split()[0] for one in said]
    assert passwords[0] != passwords[1]
    with Workspace(Home(home)) as workspace:
        (user,) = workspace.ledger.rows(schema.USERS, name="demo")
    assert PasswordHasher().verify(user["password_hash"], passwords[1])
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(user["password_hash"], passwords[0])


def test_the_demo_says_which_servers_it_leaves_alone(
    touchline: Command, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shutil.copytree(shop, tmp_path / "home")
    assert touchline("demo", "--keep", "--home", home).err == ""
    monkeypatch.setenv("TOUCHLINE_ENGINE", "postgresql://nobody@127.0.0.1:1/river")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/ledger")
    kept = touchline("demo", "--keep", "--home", home)
    assert kept.exit_code == 0, kept.err
    engine, database = kept.err.splitlines()
    assert engine.startswith(f"TOUCHLINE_ENGINE is not used: the demo keeps its numbers in {home}, ")
    assert engine.endswith(f"`touchline run --home {home}`.")
    assert database.startswith(f"DATABASE_URL is not used: the demo keeps its events in {home}, ")
    assert kept.out.count("  env -u TOUCHLINE_ENGINE -u DATABASE_URL touchline ") == 3
    monkeypatch.setenv("TOUCHLINE_MEMORY", "no size")
    assert touchline("demo", "--keep", "--home", home).exit_code == 2


@pytest.mark.slow
def test_demo_is_the_same_each_time(touchline: Command, tmp_path: Path) -> None:
    words = ("--visitors", "300", "--seed", "3")
    first = told(touchline, tmp_path / "a", *words)
    again = told(touchline, tmp_path / "b", *words)
    assert first["overview"] == again["overview"]
    anew = told(touchline, tmp_path / "a", "--visitors", "300", "--seed", "4")
    assert anew["overview"] != first["overview"]


def page_of(home: Path) -> str:
    """The page, but for the charts' clip numbers, which the chart library counts up for as long as a process lives."""
    return re.sub(r"\bclip\d+", "clip", (home / "report.html").read_text(encoding="utf-8"))


def test_kept_demo_is_reported_again(touchline: Command, shop: Path, tmp_path: Path) -> None:
    home = shutil.copytree(shop, tmp_path / "a")
    (home / "report.html").unlink()
    kept = told(touchline, home, "--keep")
    assert (kept["events"], kept["run"]) == (None, None)
    assert kept["is_conserved"] is True
    assert page_of(home) == page_of(shop)


@pytest.mark.parametrize("words", [(), ("--keep",)])
def test_folder_that_is_no_demo_is_left_alone(touchline: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    outcome = touchline("demo", "--home", tmp_path, *words)
    assert (outcome.exit_code, outcome.out) == (3, "")
    assert "was not deleted" in outcome.err
    assert [file.name for file in tmp_path.iterdir()] == ["precious.txt"]


def test_real_home_is_left_alone(touchline: Command, home: Path) -> None:
    assert touchline("demo", "--home", home, "--keep").exit_code == 3
    assert touchline("demo", "--home", home).exit_code == 3
    assert touchline("site", "list").exit_code == 0
