"""The cells of the tutorial's notebooks run, one after the other, as in a notebook."""

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "tutorial").glob("*.ipynb"))


def test_there_is_a_notebook() -> None:
    assert [file.name for file in NOTEBOOKS] == ["models.ipynb"]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_every_cell_runs_in_order(file: Path) -> None:
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    named: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []  # what a cell shows is not kept, so that it cannot be out of date
            exec(compile("".join(cell["source"]), f"{file.name} {cell['id']}", "exec"), named)
    assert sum(named["links"]["value_micros"].to_pylist()) == 3 * 260_000_000
    assert sum(named["credit"]["conversions"].to_pylist()) == pytest.approx(18)
    chart = next("".join(cell["source"]) for cell in cells if "alt.Chart" in "".join(cell["source"]))
    assert "bar" in json.dumps(eval(chart.rpartition("\n")[2], named).to_dict())
