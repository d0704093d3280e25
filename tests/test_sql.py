"""Finding the ``.sql`` files and reading their headers."""

from pathlib import Path

import pytest

from touchline.sql import definitions, parsed, query


def test_a_query_is_found_beside_the_modules_of_its_package() -> None:
    found = query("touchline.sessions", "sessions")
    assert (found.writes, found.reads[0]) == ("sessions", "session_events")
    assert found.grain
    assert found.sentence.endswith(".")
    assert found.text.startswith("-- writes: sessions\n")
    assert query("touchline.sessions", "sessions") is found


def test_a_missing_query_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.sql"):
        query("touchline.sessions", "nothing")


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("select 1 -- reads: x", ("", (), "", "")),
        ("-- writes: a\n-- reads:\n-- grain: one b: or c\n-- Says it.\nselect 1", ("a", (), "one b: or c", "Says it.")),
        ("-- reads: b , c,\n-- Says\n-- it: so.\nselect 1", ("", ("b", "c"), "", "Says it: so.")),
    ],
)
def test_a_header_is_read_as_far_as_it_goes(text: str, header: tuple[object, ...]) -> None:
    found = parsed(text)
    assert (found.writes, found.reads, found.grain, found.sentence) == header
    assert found.text == text


def test_definitions_are_all_the_files_of_a_package_in_a_fixed_order(repository: Path) -> None:
    files = sorted((repository / "src" / "touchline" / "sessions").glob("*.sql"), key=lambda file: file.name)
    assert definitions("touchline.sessions") == "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert len(files) > 1


def test_a_package_without_queries_defines_nothing() -> None:
    assert definitions("touchline.ingest") == ""


def test_joins_of_several_statements_are_said_once(repository: Path) -> None:
    """What they give is held against the reports, in tests/reports/test_twenty_questions.py."""
    folder = repository / "src" / "touchline" / "reports" / "views"
    joins = (folder / "ad_names.join").read_text(encoding="utf-8")
    for name in ("costs_all", "rollups_all"):
        own = (folder / f"{name}.sql").read_text(encoding="utf-8")
        assert query("touchline.reports.views", name).text == f"{own.rstrip()}\n{joins}"
        assert "left join campaigns" not in own
    assert joins.count("left join campaigns") == 3
