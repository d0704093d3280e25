"""Every stage's SQL keeps the rules of the house; and the judge itself catches what it is there to catch."""

from pathlib import Path

import pytest

from tests.architecture.portable_sql import findings
from touchline.health.measures import OWNERS, SLICES
from touchline.sql import branches, query

STAGES = ("identity", "sessions", "channels", "attribution", "spend", "rollups", "waste", "health")
SOURCE = Path(__file__).resolve().parents[2] / "src" / "touchline"
FILES = sorted(file for stage in STAGES for file in (SOURCE / stage).rglob("*.sql"))

HEADER = """\
-- writes: agents
-- reads: sessions
-- grain: one user agent
-- What a browser calls itself.
"""
GOOD = HEADER + "select user_agent, 'desktop' as device_type from sessions group by user_agent"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_sql_file(file: Path) -> None:
    name = file.stem if file.parent.name in STAGES else file.parent.name
    assert findings(name, file.read_text(encoding="utf-8")) == []


def test_there_are_files_to_judge() -> None:
    assert FILES


def test_good_statement_has_no_findings() -> None:
    assert findings("agents", GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("writes: agents", "writes: agent", "names no declared table"),
        ("reads: sessions", "reads: session", "names no declared table"),
        ("reads: sessions", "reads: sessions, sites", "names sites, which is not read"),
        ("reads: sessions", "reads: sites", "does not name sessions"),
        ("-- grain: one user agent\n", "", "says no grain"),
        ("-- What a browser calls itself.\n", "", "one sentence"),
        ("writes: agents", "writes: sites", "is named as the table agents and writes sites"),
        ("as device_type", "as device", "columns are user_agent, device"),
        ("select user_agent,", "select *,", "unnamed"),
        ("'desktop' as", "'desktop' as x, 'desktop' as", "columns are"),
    ],
)
def test_false_header_or_columns_are_found(old: str, new: str, complaint: str) -> None:
    assert complaint in "; ".join(findings("agents", GOOD.replace(old, new)))


@pytest.mark.parametrize(
    ("column", "complaint"),
    [
        ("arg_min(landing_url, started_at)", "arg_min"),
        ("arg_max(landing_url, started_at)", "arg_max"),
        ("any_value(landing_url)", "any_value"),
        ("first(landing_url)", "first may choose"),
        ("string_agg(landing_url, ',')", "string aggregation"),
        ("list(landing_url)", "lists"),
        ("count(*) filter (where landing_url is null)", "filter is not"),
        ("random()", "chance"),
        ("now()", "neither portable nor a fragment"),
        ("current_timestamp", "wall clock"),
        ("current_date", "wall clock"),
        ("epoch_us(started_at)", "neither portable nor a fragment"),
        ("event_count / page_view_count", "without nullif"),
        ("event_count // page_view_count", "without nullif"),
        ("event_count / nullif(page_view_count, 0)", "may be integers"),
        ("event_count / 0", "without nullif"),
        ("event_count / cast(0 as double)", "without nullif"),
        ("ended_at - started_at", "times are subtracted"),
        ("cast(event_count > 1 as bigint)", "a boolean is cast"),
        ("(event_count > 1)::int", "a boolean is cast"),
        ("row_number() over (partition by person_id)", "without order by"),
        ("lag(ended_at) over ()", "without order by"),
        ("row_number() over (order by started_at)", "two rows may share"),
        ("row_number() over (order by session_id, lower(landing_url))", "two rows may share"),
        ("sum(event_count) over (order by session_id)", "has no frame"),
        ("sum(event_count)", "a sum of nothing is null"),
    ],
)
def test_expression_outside_the_subset_is_found(column: str, complaint: str) -> None:
    statement = HEADER + f"select user_agent, {column} as device_type from sessions"
    assert complaint in "; ".join(findings("agents", statement))


@pytest.mark.parametrize(
    "column",
    [
        "event_count // nullif(page_view_count, 0)",
        "event_count / cast(1e9 as double)",
        "cast(event_count as double) / nullif(page_view_count, 0)",
        "case when ended_at > started_at + interval '30' minute then 1 else 0 end",
        "micros_between(ended_at, started_at)",
        "coalesce(sum(event_count), 0)",
        "sum(event_count) over (partition by person_id)",
        "row_number() over (partition by person_id order by started_at, session_id)",
        "sum(event_count) over (order by session_id rows between unbounded preceding and current row)",
    ],
)
def test_expression_of_the_subset_passes(column: str) -> None:
    assert findings("agents", HEADER + f"select user_agent, {column} as device_type from sessions") == []


@pytest.mark.parametrize(
    ("rest", "complaint"),
    [
        ("group by all", "group by all"),
        ("qualify row_number() over (order by session_id) = 1", "qualify"),
    ],
)
def test_clause_outside_the_subset_is_found(rest: str, complaint: str) -> None:
    statement = HEADER + f"select user_agent, '' as device_type from sessions {rest}"
    assert complaint in "; ".join(findings("agents", statement))


def test_named_window_is_found() -> None:
    statement = "select user_agent, max(type) over w as device_type from sessions window w as (order by session_id)"
    assert any("a named window" in finding for finding in findings("agents", HEADER + statement))


def test_distinct_on_is_found() -> None:
    assert "distinct on is not in the subset: rank with row_number" in findings(
        "agents", GOOD.replace("select user_agent", "select distinct on (user_agent) user_agent")
    )


def test_join_without_aliases_is_found() -> None:
    statement = (
        HEADER + "select s.user_agent, '' as device_type from sessions as s join sessions as t using (session_id)"
    )
    assert findings("agents", statement) == ["a column of a join has no alias: s.user_agent"]


def test_later_branch_of_a_union_is_held_to_the_columns_too() -> None:
    statement = f"{GOOD} union all select user_agent, '' as device from sessions"
    assert any("columns are user_agent, device;" in finding for finding in findings("agents", statement))


def test_union_of_many_sources_is_found() -> None:
    parts = ["select user_agent, '' as device_type from sessions"] * 3
    assert findings("agents", HEADER + " union all ".join(parts)) == []
    many = HEADER + " union all ".join([*parts, parts[0]])
    assert findings("agents", many) == ["a union has 4 branches: make it a folder with a file for each"]


FOLDERS = sorted({file.parent for file in FILES if file.parent.name not in STAGES})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_branches_of_a_folder_say_what_people_read(folder: Path) -> None:
    parts = branches(f"touchline.{folder.parent.name}", folder.name)
    assert parts
    for name, part in parts.items():
        assert part.writes == folder.name, f"{name}.sql writes {part.writes}"
        assert part.details.get("says"), f"{name}.sql does not say what it means: add `-- says: …`"
        assert part.details.get("since"), f"{name}.sql does not say since when it is there: add `-- since: …`"
        assert part.details.get("place", "0").isdigit(), f"{name}.sql: place is a number"
    assert len({part.grain for part in parts.values()}) == 1, f"the branches of {folder.name} have several grains"


def test_weights_name_the_model_that_their_file_is_called_by() -> None:
    parts = branches("touchline.attribution", "weights")
    assert [name for name, part in parts.items() if part.details.get("needs") == "rows"] == ["own"]
    for name, part in parts.items():
        if part.details.get("needs") == "rows":
            assert "own_models" in part.reads
            continue
        assert f"'{name.upper()}' as model" in part.text
        assert part.details.get("needs", "fit") in {"fit", "times"}, (
            f"{name}.sql needs {part.details['needs']}; only a fit and times are known"
        )
        assert part.details.get("offered", "on request") == "on request", f"{name}.sql: offered is `on request`"
        assert ("age_micros" in part.text) is (part.details.get("needs") == "times"), f"{name}.sql: add `needs: times`"


def test_measures_say_what_they_count_and_who_fixes_it() -> None:
    stored = branches("touchline.health", "health_measures")
    for name, part in {**stored, **branches("touchline.reports.queries", "by_day")}.items():
        assert name not in stored or f"'{name}' as measure" in part.text
        assert part.details.get("worse") in {"above", "below"}, f"{name}.sql: add `-- worse: above` or `below`"
        assert part.details.get("owner") in OWNERS, f"{name}.sql: add `-- owner:` with one of {', '.join(OWNERS)}"
        assert part.details.get("numerator"), f"{name}.sql: add `-- numerator: …`, in words"
        assert part.details.get("denominator"), f"{name}.sql: add `-- denominator: …`, in words"
        assert {*part.details.get("slices", "").split()} == {
            column for column in SLICES if f"'' as {column}" not in part.text
        }, f"{name}.sql: name under `-- slices:` the columns that are not always empty"


def test_volumes_say_who_fixes_them_and_those_that_are_judged_are_read() -> None:
    judged = query("touchline.health", "daily_volumes").text
    for name, part in branches("touchline.health", "health_volumes").items():
        assert part.details.get("owner") in OWNERS, f"{name}.sql: add `-- owner:` with one of {', '.join(OWNERS)}"
        assert (f"'{name}'" in judged) is ("judged" not in part.details)


def test_cte_may_not_shadow_a_table() -> None:
    statement = (
        HEADER + "with sites as (select user_agent from sessions) select user_agent, '' as device_type from sites"
    )
    assert findings("agents", statement) == ["a CTE is named like a table: sites"]
