"""The page on false alarms is written by the command that it names, and says of each bar whether it is kept."""

from pathlib import Path

from tests.benchmarks.health_alarms import Table, main, section


def test_the_page_has_every_promise_with_its_bar(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    main(["--series", "1", "--page", str(page)])
    text = page.read_text(encoding="utf-8")
    assert "python -m tests.benchmarks.health_alarms --series 1 --page docs/explanation/false-alarms.md" in text
    assert text.count("## ") == text.count("Bar: ") == 13


def test_a_bar_is_kept_only_if_every_cell_keeps_it() -> None:
    most = Table("T", "series", 0.02, False, ["a", "b"], [("x", [0.0, 0.02]), ("y", [0.01, 0.021])])
    assert "Bar: at most 2% in each; missed: 2.10%." in section(most)
    least = Table("T", "series", 0.9, True, ["a"], [("x", [0.95]), ("y", [0.9])])
    assert "Bar: at least 90% in each; kept." in section(least)
    assert "| y | 90.00% |" in section(least)
