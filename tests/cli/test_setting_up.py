"""``init``, ``site``, ``key``, ``goal``, ``target``, ``settings``."""

import io
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from touchline.cli.amounts import micros
from touchline.errors import UsageError
from touchline.ledger.hash_key import HashKey


def test_init_says_what_it_made(touchline: Command, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    made = touchline("init", "--domain", "shop.example", "--currency", "eur", "--home", folder, "--json")
    assert made.exit_code == 0
    document = made.document
    assert document.pop("key").startswith("pk_")
    assert document == {
        "home": str(folder), "organization_id": "shop-example", "site_id": "shop-example",
    }  # fmt: skip


def test_init_says_which_key_the_home_does_not_keep(
    touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"--domain": "shop.example", "--currency": "eur"}
    options = [part for pair in said.items() for part in pair]
    assert "hashes" not in touchline("init", *options, "--home", tmp_path / "inside").out
    monkeypatch.setenv("TOUCHLINE_HASH_KEY", "ab" * 32)
    made = touchline("init", *options, "--home", tmp_path / "outside")
    key = HashKey(bytes.fromhex("ab" * 32))
    assert f"the key {key.key_id} of TOUCHLINE_HASH_KEY" in " ".join(made.out.split())
    assert key.hexadecimal not in made.out


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
    made = touchline("key", "create", "--json").document
    assert made["key"].startswith("pk_")
    listed = touchline("key", "list", "--json")
    assert made["key"] not in listed.out
    assert [key["revoked_at"] for key in listed.document["keys"]] == [None, None]  # the first is init's
    touchline("key", "revoke", made["key_id"])
    keys = {key["key_id"]: key for key in touchline("key", "list", "--json").document["keys"]}
    assert keys[made["key_id"]]["revoked_at"].endswith("Z")


def test_a_rotated_key_hands_on_what_it_may_and_ends_later(home: Path, touchline: Command) -> None:
    options = ("--kind", "secret", "--scope", "track", "--scope", "read", "--origin", "https://Pay.example/")
    old = touchline("key", "create", *options, "--json").document
    assert (old["scopes"], old["origins"], old["key"][:3]) == ("track read", "https://pay.example", "sk_")
    new = touchline("key", "rotate", old["key_id"], "--overlap-hours", "2", "--json").document
    assert (new["scopes"], new["origins"]) == (old["scopes"], old["origins"])
    assert new["key"] != old["key"]
    keys = {key["key_id"]: key for key in touchline("key", "list", "--json").document["keys"]}
    ends, made = keys[old["key_id"]]["revoked_at"], keys[new["key_id"]]["created_at"]
    assert datetime.fromisoformat(ends) - datetime.fromisoformat(made) == timedelta(hours=2)


@pytest.mark.parametrize(
    "words",
    [
        ("create", "--kind", "other"), ("create", "--scope", "read"), ("create", "--scope", "nope"),
        ("create", "--origin", "pay.example"), ("rotate", "key_1", "--overlap-hours", "-1"),
    ],
)  # fmt: skip
def test_keys_that_make_no_sense(home: Path, touchline: Command, words: tuple[str, ...]) -> None:
    assert touchline("key", *words).exit_code == 2
    assert len(touchline("key", "list", "--json").document["keys"]) == 1


def test_goals_are_set_listed_and_removed(home: Path, touchline: Command) -> None:
    options = ("--signal", "signup", "--event-type", "CUSTOM", "--event-name", "signup", "--milestone")
    assert touchline("goal", "set", "signup", *options, "--default-value", "12.5").exit_code == 0
    goals = {goal["goal"]: goal for goal in touchline("goal", "list", "--json").document["goals"]}
    assert goals["signup"] == {
        "goal": "signup", "signal_type": "signup", "event_type": "CUSTOM", "event_name": "signup",
        "is_milestone": True, "default_value_micros": 12_500_000, "unverified_handling": "count",
        "path_owner": "person", "retention_exponent": None,
    }  # fmt: skip
    assert touchline("goal", "remove", "signup").exit_code == 0
    assert [goal["goal"] for goal in touchline("goal", "list", "--json").document["goals"]] == ["conversion"]


def test_a_goal_of_retention_is_a_curve_of_days(home: Path, touchline: Command) -> None:
    curve = ("--event-type", "PAGE_VIEW", "--default-value", "10", "--retention", "-0.5")
    assert touchline("goal", "set", "active", *curve).exit_code == 0
    goals = {goal["goal"]: goal for goal in touchline("goal", "list", "--json").document["goals"]}
    assert goals["active"]["retention_exponent"] == -0.5
    for wrong in (["--retention", "1.5"], ["--retention", "-3.1"], ["--milestone"], ["--default-value", "0"]):
        assert touchline("goal", "set", "active", *curve, *wrong).exit_code == 2


def test_a_goal_chooses_what_becomes_of_unverified_conversions(home: Path, touchline: Command) -> None:
    assert touchline("goal", "set", "conversion", "--unverified", "apart").exit_code == 0
    (found,) = touchline("goal", "list", "--json").document["goals"]
    assert found["unverified_handling"] == "apart"
    assert touchline("goal", "set", "conversion", "--unverified", "ignore").exit_code == 2
    refused = touchline("goal", "set", "conversion (unverified)", "--event-name", "x")
    assert refused.exit_code == 2
    assert "unverified conversions" in refused.err


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


def test_a_target_of_an_own_platform_is_removed_by_the_name_that_set_it(home: Path, touchline: Command) -> None:
    touchline("platform", "add", "PODCASTS")
    touchline("target", "set", "--platform", "podcasts", "--cpa", "50")
    assert touchline("target", "remove", "--platform", "podcasts").exit_code == 0
    touchline("target", "set", "--platform", "podcasts", "--cpa", "50")
    touchline("platform", "remove", "PODCASTS")
    assert touchline("target", "remove", "--platform", "PODCASTS").exit_code == 0


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


NAMED = {
    "a goal": ("goal", "set", "{name}"),
    "a goal's event": ("goal", "set", "late", "--event-type", "CUSTOM", "--event-name", "{name}"),
    "a site": ("site", "add", "blog.example", "--name", "{name}"),
    "an organization": ("organization", "add", "{name}", "--domain", "other.example", "--currency", "EUR"),
    "the first organization": (
        "init", "--domain", "a.example", "--currency", "EUR", "--name", "{name}", "--home", "{new}"
    ),
    "a platform": ("target", "set", "--cpa", 1, "--platform", "{name}"),
    "a campaign": ("target", "set", "--cpa", 1, "--platform", "META", "--campaign", "{name}"),
    "a source of costs": ("import", "costs", "{file}", "--source", "{name}"),
    "a source of claims": ("import", "claims", "{file}", "--source", "{name}"),
    "a source of withdrawn claims": ("claims", "withdraw", "{file}", "--source", "{name}"),
    "a user": ("user", "add", "{name}"),
}  # fmt: skip
ALL = ("a goal's event", "a platform", "a campaign")
"""An empty one stands for all of them."""


@pytest.mark.parametrize("what", [*NAMED])
@pytest.mark.parametrize("name", ["", " ", "\u00a0\u200b"], ids=["empty", "space", "no width"])
def test_a_name_that_shows_nothing_is_refused(
    home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str, name: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a-long-password\n"))
    file = tmp_path / "rows.csv"
    file.write_text("user_id,linked_user_id\nu1,u2\n")
    words = [str(word).format(name=name, new=tmp_path / "new", file=file) for word in NAMED[what]]
    outcome = touchline(*words)
    if what in ALL and not name:
        assert outcome.exit_code == 0
    else:
        assert (outcome.exit_code, "needs a character that can be seen" in outcome.err) == (2, True)
