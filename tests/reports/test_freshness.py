"""How new data is: by the data's own days, whatever the clock."""

from datetime import date

from touchline.reports.freshness import late_costs

DAY = date(2026, 3, 4)


def test_costs_are_late_up_to_a_time_after_which_nobody_advertises() -> None:
    newest = {"A": DAY, "B": date(2026, 3, 3), "C": date(2026, 1, 3), "D": date(2026, 1, 2), "E": date(2026, 3, 9)}
    assert [(one.platform, one.days, one.newest_day) for one in late_costs(newest, DAY)] == [
        ("C", 60, date(2026, 1, 3)), ("B", 1, date(2026, 3, 3)),
    ]  # fmt: skip


def test_the_latest_comes_first_and_then_by_name() -> None:
    newest = {"Z": date(2026, 3, 1), "A": date(2026, 3, 1), "M": date(2026, 2, 1)}
    assert [one.platform for one in late_costs(newest, DAY)] == ["M", "A", "Z"]
