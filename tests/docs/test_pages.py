"""Whoever follows a page of the documentation, command by command, sees what the page shows."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from tests.docs.pages import Command, File, page_of, steps
from tests.docs.reader import Reader
from touchline.cli import main
from touchline.ingest.mapping import MAPPABLE

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
FOLLOWED = [
    REPOSITORY / "README.md",
    *(page for name in ("tutorial", "howto", "explanation") for page in (DOCS / name).glob("*.md")),
]
PAGES = sorted(page for page in FOLLOWED if any(isinstance(step, Command) for step in page_of(page)))
SLOW_PAGES = [page for page in PAGES if any(isinstance(step, Command) and step.is_slow for step in page_of(page))]
_EXPLAINED_AS = {
    "daily_rollup": "daily_roll_up",
    "DailyRollup": "daily_roll_up",
    "AttributionLink": "attribution_link",
    "TouchPoint": "touch_point",
    "Campaign": "campaign",
}
"""Views with the columns of others, under the same names or in camel case."""
PAGE = """
<!-- file: a.csv -->
```csv
x
```
```toml
no = "file"
```
```console
$ touchline a \\
  b
1  2 …
…
$ curl -d '{
  "c": 1}'
```
"""


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Reader]:
    """Somebody in an empty folder, whose environment says nothing of Touchline."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("TOUCHLINE_HOME", "TOUCHLINE_DEBUG", "TOUCHLINE_ENGINE"):
        monkeypatch.setenv(name, "")
    with ExitStack() as held:
        yield Reader(monkeypatch, capsys, held)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_answer_what_the_page_shows(page: Path, reader: Reader) -> None:
    reader.follow(page, is_slow=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW_PAGES, ids=lambda page: page.stem)
def test_slow_commands_answer_what_the_page_shows(page: Path, reader: Reader) -> None:
    reader.follow(page, is_slow=True)


def test_page_is_read_as_files_and_commands() -> None:
    assert list(steps(PAGE)) == [
        File("a.csv", "x\n"),
        Command(["touchline", "a", "b"], ["1  2 …", "…"]),
        Command(["curl", "-d", '{\n  "c": 1}'], []),
    ]


@pytest.mark.parametrize(
    ("output", "is_answered"), [("1 2 3", True), ("1   2 3\n\nmore\n", True), ("1 3", False), ("0\n1 2 3", False)]
)
def test_answer_is_compared_line_by_line(output: str, is_answered: bool) -> None:
    command = list(steps(PAGE))[1]
    assert isinstance(command, Command)
    assert command.is_answered(output) is is_answered


def test_every_field_of_the_wire_is_explained() -> None:
    page = (DOCS / "howto" / "import-events.md").read_text(encoding="utf-8")
    assert [name for name in sorted(MAPPABLE) if f"`{name}`" not in page] == []


def test_every_column_of_the_views_is_explained(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    assert main(["init", "--domain", "shop.example", "--currency", "EUR", "--home", home]) == 0
    assert main(["run", "--home", home]) == 0
    with duckdb.connect(tmp_path / "home" / "engine.duckdb", read_only=True) as engine:
        columns = engine.execute(
            "select view_name, column_name from duckdb_views() join duckdb_columns() using (schema_oid)"
            " where view_name = table_name and not duckdb_views.internal"
            " and duckdb_views.schema_name = 'main'"  # docs/reference/views.md explains the others
        ).fetchall()
    page = (DOCS / "howto" / "query-with-sql.md").read_text(encoding="utf-8")
    assert columns
    sections = {section.partition("`")[0]: section for section in page.split("\n\n`")}
    named = [(_EXPLAINED_AS.get(view, view), name) for view, name in columns]
    assert [
        (view, name)
        for view, name in named
        if f"`{name}`" not in sections[view] and f"`{_in_snake_case(name)}`" not in sections[view]
    ] == []
    assert [view for view in _EXPLAINED_AS if f"`{view}`" not in page and f'`"{view}"`' not in page] == []


def _in_snake_case(name: str) -> str:
    return re.sub("(?=[A-Z])", "_", name).lower()


def test_index_lists_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = sorted(str(page.relative_to(DOCS)) for page in DOCS.glob("*/*.md"))
    assert pages
    assert [page for page in pages if f"({page})" not in index] == []
