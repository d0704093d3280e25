"""What an organization chose is told to the engine, with all of its digits."""

import pytest

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
        ("default_model", "LINEAR", "default_model", "LINEAR"),
        ("waste_window_days", "12", "waste_window_days", 12),
        ("unverified_links", "5", "unverified_links", 5),
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
