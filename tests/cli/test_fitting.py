"""``fit``: made, listed and shown, on a terminal and as a document."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def _at_a_shop_of_ones_own(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(shop, tmp_path / "own")
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "own"))


def test_no_fits_are_said_to_be_none(touchline: Command) -> None:
    assert touchline("fit", "list", "--json").document == []
    assert "There are no fits." in touchline("fit", "list").out


def test_a_fit_is_made_listed_shown_and_used(touchline: Command) -> None:
    made = touchline("fit", "make", "--json").document
    assert made["kind"] == "MARKOV"
    assert touchline("fit", "show", made["fit_id"], "--json").document == made
    assert "removal_effect" in touchline("fit", "show", made["fit_id"]).out
    assert [one["fit_id"] for one in touchline("fit", "list", "--json").document] == [made["fit_id"]]
    assert touchline("run").exit_code == 0
    report = touchline("report", "attribution", "--model", "MARKOV", "--json").document
    assert report["totals"]["credit"] % 1_000_000_000 == 0
    assert "MARKOV" in touchline("report", "models").out


def test_what_has_no_fit_is_refused_with_what_to_do(touchline: Command) -> None:
    refused = touchline("report", "attribution", "--model", "MARKOV")
    assert (refused.exit_code, refused.out) == (2, "")
    assert "touchline fit make --kind MARKOV" in refused.err
    assert touchline("fit", "show", "MARKOV/x").exit_code == 8
