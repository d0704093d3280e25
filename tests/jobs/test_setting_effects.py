"""What each setting of an organization does to its numbers: small worlds, told the same, with two values."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.cli import main
from touchline.engines import DuckDB, Engine
from touchline.ingest.context import Context
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import CREDIT
from touchline.memory import Memory
from touchline.reports.attribution import attribution_report
from touchline.reports.views import views
from touchline.reports.waste import waste_report
from touchline.settings import home_from

Measure = Callable[[Workspace], Any]
Told = list[dict[str, object]]
Shop = Callable[..., None]


@pytest.fixture
def shop(workspace: Workspace, tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Tells a shop with two goals and two days of costs some events, verified or not."""

    def told(events: Told, *, is_verified: bool) -> None:
        accept = import_module("touchline.ingest.accept")
        monkeypatch.setattr(accept, "Context", partial(Context, is_verified=is_verified))
        setup.set_goal(workspace, "shop", setup.Goal("signup", event_name="signup"))
        tell(*events)
        (tmp_path / "costs.csv").write_text("date,platform,cost\n2026-01-10,META,1\n2026-03-02,META,1\n")
        importing.import_costs(workspace, [tmp_path / "costs.csv"], organization_id=None, now=NOW)

    return told


def visit(at: str, marks: str = "utm_source=letter&utm_medium=email", who: str = "ada") -> dict[str, object]:
    return {
        "eventId": f"{who}-{at}",
        "anonId": who,
        "url": f"https://shop.example/?{marks}",
        "occurredAt": f"2026-{at}Z",
    }


def sale(at: str = "03-02T10:00:00", name: str = "purchase", **said: object) -> dict[str, object]:
    moment = {"eventId": f"{name}-{at}", "occurredAt": f"2026-{at}Z"}
    return {"type": "CONVERSION", "name": name, "anonId": "ada", "value": 10, **moment, **said}


def credits_of(model: str) -> Measure:
    """Billionths of the one conversion, the first touch's in front; no touch is one without an id."""

    def measured(workspace: Workspace) -> list[int]:
        select = (
            "select l.credit from attribution_links as l left join touchpoints as t"
            " on t.touchpoint_id = l.touchpoint_id where l.model = $model order by t.occurred_at"
        )
        return [row["credit"] for row in workspace.engine.select(select, {}, {"model": model}).to_pylist()]

    return measured


def touched(workspace: Workspace) -> int:
    """How many touches share the credit."""
    select = "select count(*) as links from attribution_links where model = 'LINEAR' and touchpoint_id <> ''"
    return int(workspace.engine.select(select)["links"][0].as_py())


def persons(workspace: Workspace) -> int:
    return int(workspace.engine.select("select count(distinct person_id) as n from identities")["n"][0].as_py())


def counted(workspace: Workspace) -> tuple[str, str, float]:
    """The model and the goal of a report that names neither, and what it counts."""
    report = attribution_report(workspace.engine, "shop")
    return report.model, report.goal, report.totals.conversions


def wasted_window(workspace: Workspace) -> int | None:
    return waste_report(workspace.engine, "shop").window.days


PATH = [visit("02-24T22:00:00"), visit("02-27T10:00:00", "utm_source=b&utm_medium=email"),
        visit("02-27T22:00:00", "utm_source=c&utm_medium=email"), sale("03-01T10:00:00")]  # fmt: skip
APART = [visit("02-24T22:00:00"), visit("02-28T10:00:00", "utm_source=b&utm_medium=email"), sale("03-01T10:00:00")]
MIXED = [visit("03-01T10:00:00"), visit("03-02T09:00:00", ""), sale()]
GOALS = [visit("03-01T10:00:00"), sale(), sale(name="signup"), sale("03-02T11:00:00", "signup")]
SKEWED = [visit("03-02T10:00:10"), sale()]
UNVERIFIED = [
    {"eventId": f"i{n}", "type": "IDENTIFY", "anonId": f"browser-{n}", "userId": "ada"} for n in range(3)
]  # fmt: skip
ONE_BROWSER: Told = [
    {"eventId": f"i{n}", "type": "IDENTIFY", "anonId": "tablet", "userId": f"user-{n}"} for n in range(2)
]  # fmt: skip
CHAINED: Told = [
    {"eventId": f"i{n}", "type": "IDENTIFY", "anonId": f"browser-{n % 11}", "userId": "ada" if n < 6 else "bob"}
    for n in (*range(11), 16)
]
"""Eleven browsers of two users, one of which both use."""
THIRD = CREDIT // 3
VISITS: Told = [
    visit("02-28T20:00:00", "utm_source=a"), visit("02-28T20:10:00", "utm_source=b"), visit("02-28T23:50:00", ""),
    visit("03-01T00:10:00", ""), visit("03-01T10:00:00", ""),
]  # fmt: skip
"""A new campaign, a midnight and a month within half an hour of the visit before, and longer pauses."""


CLICKS: Told = [visit(f"{day}T10:00:00", f"gclid=Cj0{'x' * 40}") for day in ("01-01", "03-02")]
"""Two clicks, sixty days apart."""


def answering(workspace: Workspace) -> str:
    """The day of the click that answers for the person."""
    view = next(view for view in views() if view.name == "person_clicks")
    return str(workspace.engine.select(view.select)["date"][0].as_py())[5:]


LONG_VISIT: Told = [visit(f"03-01T{time}:00", "") for time in ("10:00", "10:30", "11:00", "11:30")]
RETURNED: Told = [
    {**visit("03-02T09:00:00", ""), "referrer": "https://www.google.com/"},
    {**visit("03-02T09:05:00", ""), "referrer": "https://my.bank.example/"},
    sale(),
]


def session_count(workspace: Workspace) -> Any:
    return workspace.engine.select("select count(*) as n from sessions")["n"][0].as_py()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "events", "measure", "expected"),
    [
        ("lookback_days", [visit("01-21T10:00:00"), sale()], touched, {"39": 0, "40": 1}),
        ("touches_per_path", PATH, touched, {"2": 2, "3": 3}),
        (
            "half_life_days", APART, credits_of("TIME_DECAY"),
            {"3.5": [THIRD, CREDIT - THIRD], "1.75": [CREDIT // 5, CREDIT - CREDIT // 5]},
        ),
        ("direct", MIXED, touched, {"unless_only": 1, "include": 2}),
        ("default_model", GOALS, counted, {"LINEAR": ("LINEAR", "", 3), "FIRST_TOUCH": ("FIRST_TOUCH", "", 3)}),
        (
            "primary_goal", GOALS, counted,
            {"": ("LAST_TOUCH", "", 3), "conversion": ("LAST_TOUCH", "conversion", 1),
             "signup": ("LAST_TOUCH", "signup", 2)},
        ),
        ("waste_window_days", GOALS, wasted_window, {"1": 1, "12": 12}),
        ("unverified_links", UNVERIFIED, persons, {"2": 4, "3": 1}),
        ("verified_links", UNVERIFIED, persons, {"2": 4, "3": 1}),
        ("verified_links_per_week", UNVERIFIED, persons, {"2": 4, "3": 1}),
        ("verified_names", ONE_BROWSER, persons, {"1": 3, "2": 2}),
        ("largest_group", CHAINED, persons, {"12": 13, "13": 2}),
        ("clock_tolerance_seconds", SKEWED, touched, {"9": 0, "10": 1}),
        ("fresh_click_days", CLICKS, answering, {"90": "01-01", "59, META=5": "03-02", "59, GOOGLE_ADS=60": "01-01"}),
        ("session_gap_minutes", VISITS, session_count, {"9": 5, "10": 4, "30": 3}),
        ("session_cap_hours", LONG_VISIT, session_count, {"0": 1, "1": 2}),
        (
            "ignored_referrers", RETURNED, touched,
            {"": 2, "bank.example": 1, "shop-example=bank.example": 1, "www.my.bank.example": 1, "other.example": 2},
        ),
        ("session_policy", VISITS, session_count, {"ga4": 3, "matomo": 5, "seed": 4}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_setting_changes_what_it_says(
    workspace: Workspace, shop: Shop, name: str, events: Told, measure: Measure, expected: dict[str, Any]
) -> None:
    """A run follows each value, and the same events say what the value says."""
    shop(events, is_verified=name not in {"unverified_links", "largest_group"})
    found = {}
    for value in expected:
        setup.change_setting(workspace, "shop", name, value, now=NOW)
        running.run(workspace)
        found[value] = measure(workspace)
    assert found == expected


def test_commands_work_in_the_home_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    for name in ("one", "two"):
        monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / name))
        assert main(["init", "--domain", f"{name}.example", "--currency", "EUR"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    capsys.readouterr()
    assert main(["site", "list"]) == 0
    listed = capsys.readouterr().out
    assert ("one.example" in listed, "two.example" in listed) == (False, True)


@pytest.mark.parametrize("setting", ["400MB", "800MB"])
def test_the_engine_of_a_home_holds_as_much_memory_as_the_environment_says(workspace: Workspace, setting: str) -> None:
    """The engine has the share of the setting that an engine of this size has."""

    def limit(engine: Engine) -> object:
        return engine.select("select current_setting('memory_limit') as most")["most"][0].as_py()

    home = home_from({"TOUCHLINE_MEMORY": setting}, workspace.home.path)
    workspace.close()
    with Workspace(home) as opened, closing(DuckDB(memory=Memory(int(setting[:-2]) * 10**6))) as alike:
        assert limit(opened.engine) == limit(alike)


def test_tag_names_hold_for_what_is_received_from_then_on(workspace: Workspace, tell: Tell) -> None:
    """A shop's own words are read by imports; an event that was stored before stays as it is."""
    marks = "quelle=Zeitung&kampagne=Mai&utm_medium=print"
    tell(visit("03-01T10:00:00", marks, "ada"))
    setup.change_setting(workspace, "shop", "tag_names", "Quelle=utm_source, kampagne=utm_campaign", now=NOW)
    tell(visit("03-01T11:00:00", marks, "eve"))
    stored = workspace.ledger.rows(schema.TRACKING_EVENTS)
    assert sorted(
        (row["event_id"][:3], row["utm_source"], row["utm_campaign"], row["utm_medium"]) for row in stored
    ) == [
        ("ada", None, None, "print"),
        ("eve", "zeitung", "Mai", "print"),
    ]
