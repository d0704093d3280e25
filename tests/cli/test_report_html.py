"""``report html``: all reports of one's own home as one page."""

import re
from pathlib import Path

from tests.cli.conftest import Command
from touchline.jobs.workspace import Workspace
from touchline.reports.overview import overview
from touchline.reports.page import page
from touchline.settings import Home


def drawn(page: str) -> str:
    """The page without the numbers of its clips, which count on with every drawing of a process."""
    return re.sub(r"\bclip\d+", "clip", page)


def expected(home: Path, **asked: str) -> str:
    with Workspace(Home(home), is_read_only=True) as workspace:
        return drawn(page(overview(workspace.engine, "fernwood-home", **asked)))  # type: ignore[arg-type]


def test_the_page_of_a_home_is_its_overview(shop: Path, touchline: Command, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert touchline("report", "html", file, "--home", shop).exit_code == 0
    usual = expected(shop)
    assert drawn(file.read_text(encoding="utf-8")) == usual
    file.write_text("an older one", encoding="utf-8")
    answer = touchline("report", "html", file, "--home", shop, "--model", "LINEAR", "--json").document
    assert answer == {"file": str(file), "organization_id": "fernwood-home", "is_conserved": True}
    found = drawn(file.read_text(encoding="utf-8"))
    assert found == expected(shop, model="LINEAR") != usual


def test_a_home_without_events_has_a_page_too(home: Path, touchline: Command, tmp_path: Path) -> None:
    assert touchline("run").exit_code == 0
    assert touchline("report", "html", tmp_path / "empty.html").exit_code == 0
    assert "There is no day with data yet." in (tmp_path / "empty.html").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_named(told: Path, touchline: Command, tmp_path: Path) -> None:
    answer = touchline("report", "html", tmp_path / "nowhere" / "report.html")
    assert answer.exit_code != 0
    assert f"{tmp_path / 'nowhere' / 'report.html'} cannot be written" in answer.err
