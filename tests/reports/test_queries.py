"""The reports' SQL keeps the rules of the house."""

from pathlib import Path

import pytest

from tests.architecture.portable_sql import findings

FOLDER = Path(__file__).resolve().parents[2] / "src" / "touchline" / "reports" / "queries"
WRITES_NOTHING = "header: writes names no declared table: ''"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.stem)
def test_query_is_portable_and_writes_nothing(file: Path) -> None:
    assert findings(file.stem, file.read_text(encoding="utf-8")) == [WRITES_NOTHING]
