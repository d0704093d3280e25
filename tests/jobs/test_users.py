"""People who may log in: what their names and passwords may be, and the first of them."""

from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.jobs.conftest import NOW
from tests.quantifiers import each
from touchline.errors import StorageError, UsageError
from touchline.jobs import auditing, users
from touchline.jobs.managing import users as managing_users
from touchline.jobs.managing.manager import Manager
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

GOOD = "twelve chars"


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [("", False), ("x" * 11, False), ("x" * 12, True), ("x" * 1_024, True), ("x" * 1_025, False)],
)
def test_a_password_has_twelve_to_a_thousand_characters(workspace: Workspace, password: str, is_taken: bool) -> None:
    users.add_user(workspace, "eve", GOOD, now=NOW)
    for set_password in (
        partial(users.add_user, workspace, "ada", password, now=NOW),
        partial(users.change_password, workspace, "eve", password),
    ):
        if is_taken:
            set_password()
        else:
            with pytest.raises(UsageError, match=f"12 to 1,024 characters, not {len(password)}"):
                set_password()
    stored = {row["name"]: row["password_hash"] for row in workspace.ledger.rows(schema.USERS)}
    assert sorted(stored) == (["ada", "eve"] if is_taken else ["eve"])
    assert each(PasswordHasher().verify(one, password if is_taken else GOOD) for one in stored.values())


@pytest.mark.parametrize("name", ["", "  ", "x" * 129, "a\nb", "a\x1bb"])
def test_a_name_is_one_that_can_be_shown(workspace: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match="A person's name"):
        users.add_user(workspace, name, GOOD, now=NOW)
    assert workspace.ledger.rows(schema.USERS) == []


def test_of_one_name_there_is_one_person(workspace: Workspace) -> None:
    users.add_user(workspace, "ada", GOOD, now=NOW)
    before = workspace.ledger.rows(schema.USERS)
    with pytest.raises(UsageError, match="There is a user 'ada' already"):
        users.add_user(workspace, "ada", f"{GOOD}!", now=NOW + 1)
    assert workspace.ledger.rows(schema.USERS) == before


def failing(*_args: object, **_how: object) -> None:
    raise StorageError("The disk is full.")


def test_the_first_person_has_a_password_that_only_the_homes_owner_reads_until_it_is_changed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = users.make_the_first(workspace, now=NOW)
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    password = file.read_text(encoding="utf-8").strip()
    (admin,) = workspace.ledger.rows(schema.USERS)
    assert (admin["name"], len(password) >= 24) == ("admin", True)
    assert PasswordHasher().verify(admin["password_hash"], password)
    assert users.make_the_first(workspace, now=NOW) is None
    users.add_user(workspace, "eve", GOOD, now=NOW)
    users.change_password(workspace, "eve", f"{GOOD}!")
    assert file.exists()
    manager = Manager(workspace, None, NOW, is_local=True)
    with monkeypatch.context() as patch:
        patch.setattr(auditing, "note_in", failing)
        with pytest.raises(StorageError):
            managing_users.change_password(manager, "admin", GOOD)
    assert file.exists()  # it is the password still
    managing_users.change_password(manager, "admin", GOOD)
    assert not file.exists()


def test_where_another_server_was_faster_no_password_is_told_that_opens_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = users.add_user

    def overtaken(workspace: Workspace, name: str, password: str, *, now: int) -> None:
        add(workspace, name, GOOD, now=now)
        add(workspace, name, password, now=now)

    monkeypatch.setattr(users, "add_user", overtaken)
    assert users.make_the_first(workspace, now=NOW) is None
    assert list(workspace.home.path.glob("first_password*")) == []
    (admin,) = workspace.ledger.rows(schema.USERS)
    assert PasswordHasher().verify(admin["password_hash"], GOOD)


def test_a_home_that_takes_no_file_gets_no_person_whose_password_nobody_knows(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(users, "first_password_of", lambda _home: tmp_path / "nowhere" / "first_password")
    with pytest.raises(StorageError, match="first_password cannot be written"):
        users.make_the_first(workspace, now=NOW)
    assert workspace.ledger.rows(schema.USERS) == []
