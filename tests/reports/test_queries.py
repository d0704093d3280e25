"""The reports' SQL keeps the rules of the house."""

from pathlib import Path

import pytest

from tests.architecture.portable_sql import findings
from touchline.included import INCLUDED

FOLDER = Path(__file__).resolve().parents[2] / "src" / "touchline" / "reports" / "queries"
WRITES_NOTHING = "header: writes names no declared table: ''"


@pytest.mark.parametrize(
    "file", sorted((*FOLDER.glob("*.sql"), *FOLDER.glob("by_day/*.sql"))), ids=lambda file: file.stem
)
def test_query_is_portable_and_writes_nothing(file: Path) -> None:
    """Nothing that is stored: one that is named as a relation that statements include defines that."""
    expected = [] if file.stem in INCLUDED else [WRITES_NOTHING]
    assert findings(file.stem, file.read_text(encoding="utf-8")) == expected
