"""Documentation is held to the code: everything is named in it, and its Python runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from touchline import tables
from touchline.cli import app
from touchline.table import Table

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted({*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("packages/*/*.md")})
HOUSE_WORDS = (
    "organization site tracking_event visitor person account session touchpoint channel source_class platform campaign "
    "goal conversion path attribution_link weight model fit lookback ad_cost rollup grain basis waste_finding measure "
    "signal server worker tracker snippet key run rebuild tick owner unit claim erasure refusal capture recorder policy"
)


def python_blocks(text: str) -> str:
    """The Python of a page, one block after the other, as one script that keeps the page's line numbers.

    A block that is marked ``python no-run`` is for reading only.
    """
    lines: list[str] = []
    is_inside = False
    for line in text.splitlines():
        if line.strip().startswith("```"):
            is_inside = not is_inside and line.strip() == "```python"
            lines.append("")
        else:
            lines.append(line if is_inside else "")
    return "\n".join(lines)


def test_blocks_of_other_languages_are_not_run() -> None:
    page = "words\n```python\nx = 1\n```\n```sh\nls\n```\n```python no-run\nnever()\n```\n```python\nx += 1\n```"
    assert python_blocks(page).split() == ["x", "=", "1", "x", "+=", "1"]


def test_there_are_pages() -> None:
    assert REPOSITORY / "README.md" in PAGES
    assert REPOSITORY / "docs" / "glossary.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_python_of_the_page_runs(page: Path, tmp_path: Path) -> None:
    script = python_blocks(page.read_text(encoding="utf-8"))
    if not script.strip():
        return
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [target for target in targets if target and "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_nothing_is_said_to_be_easy(page: Path) -> None:
    words = re.findall(r"\b(simply|just|obviously)\b", page.read_text(encoding="utf-8"), flags=re.IGNORECASE)
    assert words == []


@pytest.mark.parametrize("word", HOUSE_WORDS.split())
def test_glossary_explains_the_words_of_the_house(word: str) -> None:
    glossary = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| {word.replace('_', ' ')} \| \w", glossary, flags=re.MULTILINE)


@pytest.mark.parametrize("table", tables.ALL.values(), ids=lambda table: table.name)
def test_reference_names_every_table_and_column(table: Table) -> None:
    reference = (REPOSITORY / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    section = reference.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE) == list(table.column_names)


def test_reference_names_every_command() -> None:
    reference = (REPOSITORY / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    commands = [name for name in app if not name.startswith("-")]
    assert commands
    assert [name for name in commands if f"touchline {name}" not in reference] == []


def test_decisions_are_all_listed() -> None:
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    decisions = sorted(file.name for file in (REPOSITORY / "docs" / "decisions").glob("*.md"))
    assert decisions
    assert [name for name in decisions if f"(decisions/{name})" not in index] == []
