"""The settings of an organization, and where a home is."""

from dataclasses import fields
from pathlib import Path

import pytest

from touchline.errors import UsageError
from touchline.models import FITTED_MODELS, MODELS
from touchline.settings import Home, OrganizationSettings, home_from, wants_traceback

DEFAULTS = OrganizationSettings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lookback_days", "1", 1), ("lookback_days", "3650", 3650), ("half_life_days", "0.01", 0.01),
        ("half_life_days", "7", 7.0), ("waste_window_days", "90", 90), ("direct", "include", "include"),
        ("default_model", "LINEAR", "LINEAR"), ("primary_goal", "any text", "any text"), ("primary_goal", "", ""),
    ],
)  # fmt: skip
def test_one_setting_is_changed_and_the_others_stay(name: str, text: str, value: object) -> None:
    changed = DEFAULTS.changed(name, text)
    assert getattr(changed, name) == value
    others = [field.name for field in fields(DEFAULTS) if field.name != name]
    assert [getattr(changed, other) for other in others] == [getattr(DEFAULTS, other) for other in others]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lookback_days", "0", "lookback_days is a number from 1 to 3650, not '0'"),
        ("lookback_days", "3651", "not '3651'"), ("lookback_days", "7.5", "not '7.5'"), ("lookback_days", "", "not ''"),
        ("touches_per_path", "1", "touches_per_path is a number from 2 to 1000, not '1'"),
        ("touches_per_path", "1001", "not '1001'"),
        ("clock_tolerance_seconds", "-1", "clock_tolerance_seconds is a number from 0 to 1800, not '-1'"),
        ("clock_tolerance_seconds", "1801", "not '1801'"),
        ("half_life_days", "0", "from 0.01 to 3650"), ("half_life_days", "nan", "not 'nan'"),
        ("half_life_days", "inf", "not 'inf'"), ("half_life_days", "a week", "not 'a week'"),
        ("waste_window_days", "-1", "waste_window_days is a number"),
        ("direct", "never", "direct is one of unless_only, include, not 'never'"),
        (
            "default_model", "linear",
            f"default_model is one of {', '.join(MODELS + FITTED_MODELS)}, or a model of your own, not 'linear'",
        ),
        ("lookback", "7", "no setting 'lookback'. Settings are: lookback_days, touches_per_path, half_life_days"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_with_what_is(name: str, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        DEFAULTS.changed(name, text)
    assert said in str(caught.value)


def test_every_setting_can_be_set_to_its_own_value() -> None:
    for field in fields(DEFAULTS):
        assert DEFAULTS.changed(field.name, str(getattr(DEFAULTS, field.name))) == DEFAULTS


@pytest.mark.parametrize("environment", [{}, {"TOUCHLINE_HOME": ""}])
def test_without_a_name_the_home_is_in_the_users_folder(environment: dict[str, str]) -> None:
    assert home_from(environment).path == Path.home() / ".touchline"


def test_a_home_may_be_named_from_the_users_folder() -> None:
    assert home_from({"TOUCHLINE_HOME": "~/shop"}).path == Path.home() / "shop"


def test_the_process_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    assert home_from() == Home(tmp_path)


@pytest.mark.parametrize("url", ["postgresql://u:secret@db.example/t", "postgres://u:secret@db.example/t"])
def test_a_database_holds_the_ledger_of_any_folder_and_its_password_is_not_shown(tmp_path: Path, url: str) -> None:
    home = home_from({"DATABASE_URL": url, "TOUCHLINE_HOME": "/elsewhere"}, tmp_path)
    assert (home.ledger, home.engine_file) == (url, tmp_path / "engine.duckdb")
    assert "secret" not in repr(home)


@pytest.mark.parametrize("environment", [{}, {"DATABASE_URL": ""}, {"DATABASE_URL": " "}])
def test_without_a_database_the_ledger_is_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    assert home_from(environment, tmp_path).ledger == tmp_path / "ledger.db"


@pytest.mark.parametrize("url", ["mysql://u:secret@db.example/t", "secret", "sqlite:///secret.db"])
def test_another_kind_of_database_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(UsageError, match=r"^DATABASE_URL is not a PostgreSQL URL. Set it to postgresql://") as caught:
        home_from({"DATABASE_URL": url})
    assert "secret" not in str(caught.value)


def test_a_home_exists_once_it_has_a_ledger(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.ledger_file.mkdir()
    assert not home.exists
    home.ledger_file.rmdir()
    home.ledger_file.touch()
    assert home.exists
    assert (home.ledger_file.name, home.engine_file.name) == ("ledger.db", "engine.duckdb")


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_a_traceback_is_shown_where_it_is_asked_for(value: str, wanted: bool) -> None:
    assert wants_traceback({"TOUCHLINE_DEBUG": value}) is wanted
