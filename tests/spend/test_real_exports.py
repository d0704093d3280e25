"""Real exports of twelve platforms: each total is proven against a sum that shares no code with the reader."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.benchmarks.cost_files import NOW, imported, independent_sum
from touchline.errors import InputError
from touchline.jobs import importing, setup
from touchline.jobs.importing import OverlapError
from touchline.jobs.workspace import Workspace
from touchline.settings import Home
from touchline.spend.options import options_of

pytestmark = pytest.mark.local_data

FOLDERS = ("google_ads_exports", "ad_report_samples", "kag_facebook_ads")
OPTIONS = {
    "2025-11-01-campaign-report.csv": ["--spread", "2025-10-29..2025-10-31"],
    "2025-11-02-campaign-report.csv": ["--spread", "2025-10-31..2025-11-02"],
    "2025-11-03-search-keyword-report.csv": ["--spread", "2025-10-31..2025-11-03"],
    "2025-11-03-search-terms-report.csv": ["--spread", "2025-10-31..2025-11-03"],
    "KAG_conversion_data.csv": ["--date", "2017-08-01"],
}
"""What the files lack."""


def files(shared: Path) -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((shared / folder).glob("*.csv"))]


def test_every_file_that_holds_costs_is_imported_whole(shared: Path) -> None:
    judged = 0
    for path in files(shared):
        if "ga4" in path.name:
            continue
        total, rows, rejected = imported(path, OPTIONS.get(path.name, []))
        expected = independent_sum(path)
        assert expected is not None
        assert (rejected, abs(total - expected) <= Decimal("0.000001") * rows) == (0, True), path.name
        judged += 1
    assert judged == 18


def test_the_file_that_holds_no_costs_is_refused_as_such(shared: Path) -> None:
    (path,) = (path for path in files(shared) if "ga4" in path.name)
    with pytest.raises(InputError, match=r"has no column of costs: .* it is no report of costs"):
        imported(path, [])


def test_reports_of_the_same_days_are_refused_after_the_first(shared: Path, tmp_path: Path) -> None:
    home, refused = Home(tmp_path / "home"), {}
    setup.init(home, name="shop", domain="shop.example", currency="AUD", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        for path in files(shared):
            if path.name not in OPTIONS or "KAG" in path.name:
                continue
            options = options_of((), spread=OPTIONS[path.name][1])
            try:
                importing.import_costs(workspace, [path], organization_id=None, now=NOW, options=options)
            except OverlapError as error:
                refused[path.name] = error.message
    assert refused.keys() == OPTIONS.keys() - {"KAG_conversion_data.csv", "2025-11-01-campaign-report.csv"}
    assert [name for name, message in refused.items() if "2025-10-31" not in message or "load 1" not in message] == []
