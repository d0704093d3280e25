"""An engine knows tables by what is declared of them: it names none."""

import ast
import re
from pathlib import Path

import pytest

from touchline.tables import ALL

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINES = sorted((REPOSITORY / "src" / "touchline" / "engines").glob("*.py"))
_TABLE = re.compile(rf"\b({'|'.join(ALL)})\b")


def tables_in(source: str) -> list[str]:
    """The names of tables in the texts of a module, docstrings aside."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [name for text in texts if isinstance(text.value, str) for name in _TABLE.findall(text.value)]


@pytest.mark.parametrize("module", ENGINES, ids=lambda module: module.stem)
def test_no_engine_names_a_table(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    assert "touchline.tables" not in source
    assert tables_in(source) == []


def test_a_table_that_is_named_is_found() -> None:
    assert tables_in('_LOOSE = {"identities": ("person_id",)}\n"""Where the sites lie."""') == ["identities"]
    assert tables_in('run(f"select 1 from {schema}.ad_costs where 1 = 0")') == ["ad_costs"]
