"""Persons of invented people whose every visit is known."""

import pytest

from tests.identity import truth


@pytest.mark.parametrize("name", truth.SCENARIOS)
@pytest.mark.parametrize("seed", [2, 3])
def test_deterministic_evidence_gives_the_right_persons(name: str, seed: int) -> None:
    seen = truth.scenario(name, seed)
    found = truth.score(truth.shown(seen), truth.resolved(seen.edges))
    assert found.precision >= 0.99
    assert found.recall >= 0.95
    assert len(truth.shown(seen)) > len(seen.visits) / 2


def test_what_no_evidence_shows_is_seldom_wrong() -> None:
    """A change that gives a shared browser's visits to the wrong people more often is seen here."""
    seen = truth.scenario("Households with a shared tablet", 2)
    found = truth.score(seen.visits, truth.resolved(seen.edges))
    assert found.precision >= 0.9
    assert found.recall >= 0.79


def test_the_page_says_what_the_program_finds() -> None:
    assert truth.PAGE.read_text(encoding="utf-8") == truth.page()
