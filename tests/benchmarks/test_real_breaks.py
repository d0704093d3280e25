"""A shop's real days: seven are too few to judge, and in later ones breaks are signals on their days alone."""

from pathlib import Path

import pytest

from tests.benchmarks.real_breaks import Found, examined
from touchline.health.signals import SHORTEST

pytestmark = pytest.mark.local_data


@pytest.fixture(scope="module")
def found(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Eleven days later: eighteen in all, of which no weekday has four."""
    broken = {5: "id capture", 9: "direct rate", 10: "referrer"}
    return examined(shared / "puffy_events", tmp_path_factory.mktemp("days"), broken, later=11, visitors=900)


def test_seven_days_are_said_to_be_too_few(found: Found) -> None:
    assert found.first.window.days == 7 < SHORTEST
    assert found.first.signals == ()
    assert {one.centre for one in found.first.series} == {None}
    assert "too few days have enough data to establish usual limits" in found.first.verdict


def test_each_break_is_a_signal_on_its_day_and_quiet_days_have_none(found: Found) -> None:
    assert found.missed == []
    assert found.false == []
