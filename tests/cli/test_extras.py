"""Where charts are not installed, what draws one says which extra brings them, and everything else works."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from touchline import api as tl
from touchline.errors import UsageError
from touchline.extras import needing_charts

WITHOUT = """
import sys
sys.modules["altair"] = sys.modules["vl_convert"] = None
from touchline.cli import app, main
from touchline.cli.registration import read_commands
from touchline.reports.catalog import reports
import touchline, touchline.api, touchline.server.whole, touchline.server.process.local_api
read_commands(app)
assert len(reports()) > 10
home = ["--home", sys.argv[1]]
for words in (["report", "attribution"], ["waste"], ["health"], ["doctor"]):
    assert main([*words, *home]) in {0, 1}, words
"""


@pytest.fixture
def _without_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = [f"touchline.reports.{name}" for name in ("page", "charts", "drawing", "measure_chart")]
    for name in (*drawing, "touchline.api.behavior_chart"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in ("altair", "vl_convert"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("_without_charts")
@pytest.mark.parametrize(
    "words", [("report", "html", "page.html"), ("health", "chart", "landings", "--svg", "a.svg"), ("demo",)]
)
def test_what_draws_says_what_to_install(
    words: Sequence[str], initialized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, touchline: Command
) -> None:
    monkeypatch.chdir(tmp_path)
    at = tmp_path / "demo" if words == ("demo",) else initialized
    outcome = touchline(*words, "--home", at)
    assert outcome.exit_code == 2
    assert 'which is not installed. Run `pip install "touchline[charts]"`.' in " ".join(outcome.err.split())
    assert [*tmp_path.iterdir()] == []


@pytest.mark.usefixtures("_without_charts")
def test_a_chart_of_ones_own_series_says_the_same() -> None:
    found = tl.xmr([1.0, 2.0, 1.0, 3.0, 2.0, 1.0])
    with pytest.raises(UsageError, match=r"A chart needs altair.*touchline\[charts\]"):
        found.chart()


def test_another_module_that_is_missing_is_no_matter_of_charts() -> None:
    with pytest.raises(ModuleNotFoundError, match="nonesuch"), needing_charts("A chart"):
        raise ModuleNotFoundError("No module named 'nonesuch'", name="nonesuch")


def test_a_server_and_all_other_reports_need_no_charts(initialized: Path, tmp_path: Path) -> None:
    home = shutil.copytree(initialized, tmp_path / "home")
    program = WITHOUT.replace("home = [", "assert main(['run', '--home', sys.argv[1]]) == 0\nhome = [")
    ran = subprocess.run([sys.executable, "-c", program, home], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
