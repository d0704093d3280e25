"""What an organization chose is told to the engine, with all of its digits."""

import pytest

from touchline.errors import UnknownError
from touchline.jobs import running, setup
from touchline.jobs.workspace import Workspace


@pytest.mark.parametrize(
    ("name", "text", "column", "expected"),
    [
        ("half_life_days", "3.5", "half_life_micros", 302_400_000_000),
        ("half_life_days", "0.01", "half_life_micros", 864_000_000),
        ("lookback_days", "45", "lookback_days", 45),
        ("touches_per_path", "7", "touches_per_path", 7),
        ("touches_per_path", "7", "crowded_touches_per_path", 7),
        ("touches_per_path", "70", "crowded_touches_per_path", 10),
        ("direct", "include", "direct", "include"),
        ("claimed_touches", "leave_out", "claimed_touches", "leave_out"),
        ("default_model", "LINEAR", "default_model", "LINEAR"),
        ("waste_window_days", "12", "waste_window_days", 12),
        ("unverified_links", "5", "unverified_links", 5),
        ("verified_links", "7", "verified_links", 7),
        ("verified_links_per_week", "8", "verified_links_per_week", 8),
        ("verified_names", "9", "verified_names", 9),
        ("largest_group", "11", "largest_group", 11),
        ("clock_tolerance_seconds", "0", "clock_tolerance_seconds", 0),
        ("session_gap_minutes", "10", "session_gap_minutes", 10),
        ("session_policy", "matomo", "session_policy", "matomo"),
        ("session_cap_hours", "24", "session_cap_hours", 24),
    ],
)
def test_a_chosen_setting_reaches_the_engine(
    workspace: Workspace, name: str, text: str, column: str, expected: object
) -> None:
    setup.change_setting(workspace, "shop", name, text, now=1)
    (row,) = running.reference(workspace, "organizations").to_pylist()
    assert row[column] == expected


def test_days_of_a_platform_hold_under_each_of_its_names(workspace: Workspace) -> None:
    setup.change_setting(workspace, "shop", "fresh_click_days", "90, FACEBOOK=28, google ads=7", now=1)
    rows = running.reference(workspace, "click_freshness").to_pylist()
    assert {row["platform"]: row["fresh_days"] for row in rows} == {"": 90, "META": 28, "GOOGLE_ADS": 7}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("GOGLE", "Did you mean GOOGLE_ADS?"), ("STACKADAPT", "There are: ACOUSTIC, ACTIVECAMPAIGN, ADMITAD, ")],
)
def test_days_of_a_platform_that_no_click_is_of_are_refused(workspace: Workspace, name: str, hint: str) -> None:
    with pytest.raises(UnknownError, match=f"no click id is of a platform '{name}'") as refused:
        setup.change_setting(workspace, "shop", "fresh_click_days", f"90, {name}=28", now=1)
    assert refused.value.hint.startswith(hint)
    assert workspace.settings("shop").fresh_click_days == "90"
