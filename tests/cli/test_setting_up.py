"""``init``, ``site``, ``key``, ``goal``, ``target``, ``settings``."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from touchline.cli.setting_up import micros
from touchline.errors import UsageError


def test_init_says_what_it_made(touchline: Command, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    made = touchline("init", "--domain", "shop.example", "--currency", "eur", "--home", folder, "--json")
    assert made.exit_code == 0
    assert made.document == {
        "home": str(folder), "organization_id": "shop-example", "site_id": "shop-example",
    }  # fmt: skip


def test_home_is_readable_by_its_owner_only(home: Path) -> None:
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "ledger.db").stat().st_mode & 0o777 == 0o600


def test_sites_are_added_and_listed(home: Path, touchline: Command) -> None:
    assert touchline("site", "add", "blog.example", "--time-zone", "Europe/Berlin", "--json").document == {
        "site_id": "blog-example"
    }
    sites = touchline("site", "list", "--json").document["sites"]
    assert [(site["site_id"], site["time_zone"]) for site in sites] == [
        ("blog-example", "Europe/Berlin"), ("shop-example", "UTC"),
    ]  # fmt: skip


def test_key_is_shown_once_and_revoked(home: Path, touchline: Command) -> None:
    made = touchline("key", "add", "--json").document
    assert made["key"].startswith("pk_")
    listed = touchline("key", "list", "--json")
    assert made["key"] not in listed.out
    assert listed.document["keys"][0]["revoked_at"] is None
    touchline("key", "revoke", made["key_id"])
    assert touchline("key", "list", "--json").document["keys"][0]["revoked_at"].endswith("Z")


def test_goals_are_set_listed_and_removed(home: Path, touchline: Command) -> None:
    options = ("--signal", "signup", "--event-type", "CUSTOM", "--event-name", "signup", "--milestone")
    assert touchline("goal", "set", "signup", *options, "--default-value", "12.5").exit_code == 0
    goals = {goal["goal"]: goal for goal in touchline("goal", "list", "--json").document["goals"]}
    assert goals["signup"] == {
        "goal": "signup", "signal_type": "signup", "event_type": "CUSTOM", "event_name": "signup",
        "is_milestone": True, "default_value_micros": 12_500_000,
    }  # fmt: skip
    assert touchline("goal", "remove", "signup").exit_code == 0
    assert [goal["goal"] for goal in touchline("goal", "list", "--json").document["goals"]] == ["conversion"]


def test_targets_are_set_listed_and_removed(home: Path, touchline: Command) -> None:
    touchline("target", "set", "--cpa", "60.00")
    touchline("target", "set", "--platform", "META", "--roas", "2.5")
    targets = touchline("target", "list", "--json").document["targets"]
    assert targets == [
        {"platform": "", "campaign_id": "", "target_cpa_micros": 60_000_000, "target_roas": None},
        {"platform": "META", "campaign_id": "", "target_cpa_micros": None, "target_roas": 2.5},
    ]
    assert touchline("target", "remove", "--platform", "META").exit_code == 0
    assert touchline("target", "remove", "--platform", "META").exit_code == 8
    assert len(touchline("target", "list", "--json").document["targets"]) == 1


def test_settings_are_listed_and_changed(home: Path, touchline: Command) -> None:
    assert touchline("settings", "--json").document["lookback_days"] == 30
    assert touchline("settings", "set", "lookback_days", "90").exit_code == 0
    assert touchline("settings", "list", "--json").document["lookback_days"] == 90


def test_null_is_shown_as_a_dash(home: Path, touchline: Command) -> None:
    touchline("target", "set", "--cpa", "60")
    assert touchline("target", "list").out.splitlines()[-1].split() == ["—", "—", "60.00", "—"]


@pytest.mark.parametrize("amount", ["-1", "1e30", "NaN"])
def test_what_is_no_amount_of_money_is_refused(home: Path, touchline: Command, amount: str) -> None:
    outcome = touchline("target", "set", f"--cpa={amount}")
    assert outcome.exit_code == 2
    assert "--cpa" in outcome.err


def test_no_amount_is_no_micros() -> None:
    assert micros(None, "--cpa") is None
    with pytest.raises(UsageError, match="--cpa is an amount"):
        micros(Decimal(-2), "--cpa")


def test_the_primary_goal_is_not_removed(home: Path, touchline: Command) -> None:
    assert touchline("settings", "set", "primary_goal", "conversion").exit_code == 0
    refused = touchline("goal", "remove", "conversion")
    assert refused.exit_code == 2
    assert "primary goal" in refused.err
    assert touchline("goal", "list", "--json").document
