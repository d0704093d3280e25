"""An error about a value that is one of a few lists them all: every option of every command is looked at."""

import io
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from cyclopts.argument import Argument

from tests.cli.conftest import Command
from tests.organizations.doors import commands
from touchline.cli import app
from touchline.reports.catalog import reports
from touchline.settings import OrganizationSettings

NONE = "nonesuch"
MODELS = ("FIRST_TOUCH", "LAST_TOUCH", "LINEAR", "POSITION_BASED", "TIME_DECAY")
BYS = (
    "channel", "source_class", "platform", "campaign", "adset", "ad", "source", "medium", "term", "content",
    "landing_page", "app", "device", "city", "district", "site", "account", "customer", "day",
    "week", "month",
)  # fmt: skip
COMPARED = ("previous", "last-year")
CHOSEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("channels diff", "OLD"): ("current", "defaults", "touchline", "ga4", "seed"),
    ("channels diff", "NEW"): ("current", "defaults", "touchline", "ga4", "seed"),
    ("classify", "--ruleset"): ("touchline", "ga4", "seed"),
    ("export dbt", "--dialect"): ("duckdb", "snowflake", "bigquery", "databricks", "postgres"),
    ("export dbt", "--own"): ("tracking_events", "cost_rows", "reporting_rates", "identity_claims"),
    ("export tables", "--format"): ("csv", "duckdb", "parquet", "postgresql", "sqlite", "xlsx"),
    ("fit make", "--kind"): ("MARKOV", "PROCESS_LIMITS", "USUAL_CPA"),
    ("fit make", "--order"): ("1", "2", "3", "4", "auto"),
    ("fit schedule set", "--kind"): ("MARKOV", "PROCESS_LIMITS", "USUAL_CPA"),
    ("fit schedule set", "--every"): ("week", "month"),
    ("fit schedule set", "--order"): ("1", "2", "3", "4", "auto"),
    ("fit schedule remove", "KIND"): ("MARKOV", "PROCESS_LIMITS", "USUAL_CPA"),
    ("goal set", "--signal"): ("lead", "signup", "first_use", "payment", "other"),
    ("goal set", "--event-type"): ("CONVERSION", "CUSTOM", "PAGE_VIEW", "IDENTIFY"),
    ("goal set", "--unverified"): ("count", "apart", "leave_out"),
    ("goal set", "--owner"): ("person", "account"),
    ("import costs", "--date-order"): ("DMY", "MDY"),
    ("import costs", "--decimal"): (".", ","),
    ("import costs", "--overlap"): ("refuse", "replace", "add"),
    ("import events", "--format"): ("combined", "ledger"),
    ("key create", "--kind"): ("publishable", "secret"),
    ("key create", "--scope"): ("track", "costs", "read", "admin", "metrics"),
    ("rejected", "--reason"): ("malformed", "bot", "foreign_origin", "unstorable", "unread_field"),
    ("model add", "FILE"): ("adobe", "amplitude", "hubspot", "ga"),
    ("report attribution", "--basis"): ("CONVERSION", "TOUCH"),
    ("report attribution", "--by"): BYS,
    ("report intervals", "--by"): BYS[: BYS.index("site")],
    ("report attribution", "--compare"): COMPARED,
    ("report attribution", "--match"): ("weekdays", "dates"),
    ("report attribution", "--model"): MODELS,
    ("report html", "--model"): MODELS,
    ("lift add", "--model"): MODELS,
    ("lift remove", "--model"): MODELS,
    ("health", "--per"): ("day", "week"),
    ("report mix", "--layout"): ("long", "wide"),
    ("report mix", "--model"): MODELS,
    ("report mix", "--per"): ("day", "week", "month"),
    ("report conversions", "--model"): MODELS,
    ("report models", "--baseline"): MODELS,
    ("report models", "--by"): BYS,
    ("report models", "--compare"): COMPARED,
    ("report models", "--match"): ("weekdays", "dates"),
    ("site costs add", "SITE"): ("shop-example",),
    ("settings set", "NAME"): ("lookback_days", "direct", "default_model", "primary_goal", "retention_days"),
    ("sql", "--engine"): ("duckdb", "postgresql", "clickhouse"),
    ("sql", "--stage"): ("identity", "sessions", "channels", "attribution", "spend", "rollups", "health", "waste"),
    ("finding set", "STATE"): ("accepted", "dismissed", "snoozed"),
    ("health chart", "MEASURE"): ("landings", "behavioural_coverage", "conversions --goal conversion"),
    ("report tree", "--compare"): COMPARED,
    ("report tree", "--match"): ("weekdays", "dates"),
    ("report tree", "--model"): MODELS,
    ("report performance", "--basis"): ("CONVERSION", "TOUCH"),
    ("report performance", "--model"): MODELS,
    ("report performance", "--per"): ("day", "week", "month"),
    ("report performance", "--compare"): COMPARED,
    ("report performance", "--match"): ("weekdays", "dates"),
    ("user add", "--role"): ("viewer", "editor", "administrator"),
    ("user set", "--role"): ("viewer", "editor", "administrator"),
    ("waste", "--grain"): ("ORGANIZATION", "PLATFORM", "CAMPAIGN", "ADSET", "AD"),
    ("waste", "--mode"): ("likely", "simple"),
    ("waste", "--model"): MODELS,
    ("waste", "--severity"): ("high", "medium", "low"),
}
"""What each may be; of long lists, some."""
OF_THE_HOME = {"--goal": ("conversion",), "--site": ("shop-example",), "--organization": ("shop-example",)}
"""Names that the home has: an unknown one is refused with those that there are."""
FREE = {
    "--account", "--campaign", "--channel", "--column", "--cursor", "--currency", "--database", "--date", "--domain",
    "--email", "--email-hash", "--order", "--address-hash",
    "--event-name", "--from", "--host", "--key", "--name", "--note", "--origin", "--own-host",
    "--platform", "--prefix", "--query", "--schema", "--server", "--source", "--spread", "--sql", "--table", "--tenant",
    "--then", "--under",
    "--by", "--time-zone", "--to", "--user", "--visitor", "ADDRESS", "ALARM_ID", "TEXT", "URL",
    "CODE", "CONVERSION", "DOMAIN", "FINDING_ID", "KEY_ID",
    "NAME", "NAMES", "PERSON", "VALUE",
}  # fmt: skip
"""Options that take any text, or a name of which there may be very many."""
NEEDED: dict[str, tuple[object, ...]] = {
    "site costs add": ("shop-example", "--platform", "META", "--account", "1"),
    "site costs add SITE": ("--platform", "META", "--account", "1"),
    "site costs remove": ("--platform", "META", "--account", "1"),
    "alias add": ("sale", "--platform", "META", "--campaign", "1"), "alias remove": ("sale", "--platform", "META"),
    "finding set": ("w_0123456789abcdef", "accepted"), "finding set STATE": (),
    "finding remove": ("w_0123456789abcdef",),
    "health ack": ("a_0123456789abcdef",), "health mute": ("a_0123456789abcdef", "--until", "2290-01-01"),
    "health chart": ("conversions", "--svg", "/dev/null"), "health chart MEASURE": ("--svg", "/dev/null"),
    "health note add": ("2026-01-01", "A deploy"), "health note remove": (1,),
    "alarm add email": ("ops@shop.example",), "alarm add webhook": ("https://hooks.example/",),
    "alarm test": ("email-1",), "alarm remove": ("email-1",),
    "model add": ("W_SHAPED",), "model add FILE": (), "model remove": ("W_SHAPED",),
    "lift add": ("--channel", "Email", "--factor", "1", "--source", "x", "--start", "2026-01-01"),
    "lift remove": ("--channel", "Email", "--start", "2026-01-01"),
    "goal set": ("late",),
    "channels diff": ("current", "ga4"),
    "channels diff OLD": ("ga4",),
    "channels diff NEW": ("ga4",),
    "classify": ("{file}",),
    "import events": ("{file}",),
    "settings set NAME": ("30",),
    "settings set": ("lookback_days", "30"),
    "sql --stage": (),
    "site add": ("blog.example",),
    "site snippet": ("--server", "https://t.example"),
    "import costs": ("{file}",),
    "import claims": ("{file}",),
    "import rates": ("{file}",),
    "import touches": ("--database", "{file}"),
    "claims withdraw": ("{file}",), "claims separate": ("{file}",),
    "explain conversion": ("x",), "explain person": ("x",), "export person": ("--user", "x"), "erase": ("--user", "x"),
    "platform add": ("PODCASTS",), "platform remove": ("PODCASTS",),
    "fit show": ("x",), "fit schedule remove": ("MARKOV",), "fit schedule remove KIND": (),
    "goal remove": ("x",), "key revoke": ("x",), "key rotate": ("x",), "query": ("select 1 as n",),
    "export dbt": ("{file}",), "export tables": ("--to", "{file}"), "target set": ("--cpa", 1),
    "user add": ("x",), "user set": ("x",), "sql": ("waste",),
}  # fmt: skip
"""What else a command wants to be told."""
BEFORE = {"finding set STATE": ("w_0123456789abcdef",)}
"""What stands before a value by its place."""


def texts() -> Iterator[tuple[str, str, tuple[str, ...] | None]]:
    """Every option that takes text, by its command, with the choices that its type lists."""
    for words in commands():
        command = app
        for word in words.split():
            command = command[word]
        for argument in command.assemble_argument_collection():
            if _takes_text(argument):
                yield words, argument.names[0], argument.get_choices()


def _takes_text(argument: Argument) -> bool:
    parts = {argument.hint, *typing.get_args(argument.hint)}
    return argument.names[0] != "*" and (str in parts or any(typing.get_origin(part) is Literal for part in parts))


TEXTS = [*texts()]
LISTED = {(words, option): found for words, option, found in TEXTS if found}


def expected_of(words: str, option: str) -> tuple[str, ...] | None:
    return CHOSEN.get((words, option), OF_THE_HOME.get(option))


def test_every_option_is_one_that_takes_any_text_or_lists_what_it_takes() -> None:
    unknown = {(words, option) for words, option, _ in TEXTS if option not in FREE and not expected_of(words, option)}
    assert unknown == set()
    assert len(TEXTS) > 60


def test_the_choices_of_types_and_reports_are_all_tried() -> None:
    of_reports = {
        (name if name in {"waste", "health"} else f"report {name}", f"--{asked.asked_name}"): asked.choices
        for name, report in reports().items()
        for asked in report.parameters
        if asked.choices
    }
    assert len(of_reports) > 3
    assert {**LISTED, **of_reports}.items() <= CHOSEN.items()


@pytest.mark.parametrize(
    ("words", "option"), [(words, option) for words, option, _ in TEXTS if expected_of(words, option)]
)
def test_a_value_that_is_none_is_refused_with_those_there_are(
    told: Path, touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, option: str
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("user_id,linked_user_id\nu1,u2\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("a-long-password\n"))
    needed = [str(word).format(file=file) for word in NEEDED.get(f"{words} {option}", NEEDED.get(words, ()))]
    named = [option, NONE] if option.startswith("--") else [*BEFORE.get(f"{words} {option}", ()), NONE]
    outcome = touchline(*words.split(), *named, *needed)
    assert outcome.exit_code in {2, 8}, outcome
    missing = [value for value in expected_of(words, option) or () if value not in outcome.err]
    assert (missing, NONE in outcome.err) == ([], True), outcome.err


def choices_of(kind: Any) -> tuple[str, ...]:
    return typing.get_args(kind) if typing.get_origin(kind) is Literal else ()


SETTINGS = {
    name: found
    for name, kind in typing.get_type_hints(OrganizationSettings).items()
    if (found := choices_of(kind) or (MODELS if name == "default_model" else ()))
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_lists_what_it_may_be(told: Path, touchline: Command, name: str) -> None:
    outcome = touchline("settings", "set", name, NONE)
    assert outcome.exit_code == 2
    assert [value for value in SETTINGS[name] if value not in outcome.err] == []


def test_the_settings_that_list_what_they_may_be() -> None:
    assert SETTINGS.keys() == {
        "claimed_touches", "direct", "default_model", "session_policy", "titles", "queries", "user_agents",
        "do_not_track", "withdrawal",
    }  # fmt: skip
