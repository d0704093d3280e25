"""Exports of screens in other languages and of connectors, read with no more than the options named."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from touchline.spend import AdCost, CostFile, Reading, read_file
from touchline.spend.options import options_of

EXPORTS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "foreign_exports.toml").read_text(encoding="utf-8")
)["export"]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export["name"])
def test_an_export_is_read_whole_and_adds_up(export: dict[str, Any]) -> None:
    content = export["text"].encode(export.get("encoding", "utf-8"))
    file = CostFile(Path("export.csv"), content, options=options_of((), **export.get("options", {})))
    rows = [row for _, row in read_file(file, Reading("EUR", date(2026, 12, 31))).rows]
    costs = [row for row in rows if isinstance(row, AdCost)]
    assert [row for row in rows if row not in costs] == []
    assert (len(costs), sum(row.spend_micros for row in costs)) == (export["rows"], round(export["total"] * 1_000_000))
    assert "platform" not in export or {row.platform for row in costs} == {export["platform"]}
