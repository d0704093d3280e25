"""The page on tiers counts what it says it counts."""

from pathlib import Path

from tests.benchmarks.identity_tiers import COMMAND, TIERS, of_days, of_the_demo, page_of
from tests.benchmarks.test_disputed_rules import folder_of


def test_the_demos_persons_are_found_by_their_user_ids(tmp_path: Path) -> None:
    truth, found = of_the_demo(tmp_path, 150)
    assert [one.tier for one in found] == ["", *TIERS]
    none, users = found[:2]
    assert none.with_several == 0 < users.with_several == truth.people_with_several_visitors
    assert none.persons > users.persons
    assert users.moved > 0 < users.moved_last
    assert len({one.orders for one in found}) == 1
    days = of_days(folder_of(tmp_path), tmp_path / "real")
    assert {(one.persons, one.moved) for one in days} == {(4, 0.0)}
    text = page_of(truth, found, days)
    published = (Path(__file__).parents[2] / "docs" / "explanation" / "identity-tiers.md").read_text(encoding="utf-8")
    assert f"\n{COMMAND}\n" in text and f"\n{COMMAND}\n" in published
    words = [row.split("|")[1] for row in text.splitlines() if row.startswith("|")]
    assert words == [row.split("|")[1] for row in published.splitlines() if row.startswith("|")]
