"""Each option of the server, setting and variable of the environment has a test of its effect, not of its text."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from touchline.server.http.options import ServerOptions, name_of
from touchline.settings import OrganizationSettings

REPOSITORY = Path(__file__).resolve().parents[2]

_EFFECTS = "server/test_option_effects.py"
_LIMITS = f"{_EFFECTS}::test_a_limit_is_of_the_site_the_key_or_the_client"
_COLLECTOR = "server/collect/test_collector.py"
_WORKERS = f"{_EFFECTS}::test_workers_are_as_many_as_they_are_told"
_NETWORKS = "server/http/test_request_context.py::test_networks_of_the_owners_and_of_data_centres"
_BACKUPS = "server/process/test_backing_up.py::test_backups_are_made_as_the_options_say"
_MANAGED = "server/api/test_managing.py::test_one_key_does_not_make_sites_and_keys_without_end"
_ENDED = "server/process/test_keeping.py::test_a_river_is_ended_after_as_long_as_the_option_says"

OF_THE_SERVER = {
    "redis_url": "server/http/test_rate_limits.py::test_a_server_without_redis_counts_in_memory",
    "events_per_minute_of_site": _LIMITS,
    "events_per_minute_of_key": _LIMITS,
    "events_per_minute_of_client": _LIMITS,
    "is_open_without_redis": f"{_EFFECTS}::test_without_its_redis_a_server_is_as_open_as_it_is_told",
    "needs_origin": f"{_EFFECTS}::test_needs_origin_refuses_a_publishable_key_that_no_page_sends",
    "commit_wait_seconds": f"{_COLLECTOR}::test_a_commit_waits_for_more_as_it_is_told",
    "commit_rows": f"{_COLLECTOR}::test_a_commit_waits_for_more_as_it_is_told",
    "waiting_rows": f"{_COLLECTOR}::test_what_there_is_no_room_for_is_refused_until_there_is",
    "waiting_bytes": f"{_COLLECTOR}::test_what_there_is_no_room_for_is_refused_until_there_is",
    "answer_seconds": f"{_COLLECTOR}::test_whoever_waits_longer_than_an_answer_may_take_is_told",
    "body_seconds": f"{_EFFECTS}::test_a_client_has_so_long_to_send_its_body_on_every_path",
    "trusted_proxies": "server/http/test_request_context.py::test_headers_of_places_only_from_trusted_proxies",
    "forwarding_header": (
        "server/http/test_request_context.py::test_forwarded_is_believed_where_proxies_write_it_and_never_both"
    ),
    "ip_hash_salt": f"{_EFFECTS}::test_the_salt_is_in_the_hash_of_an_address",
    "internal_networks": _NETWORKS,
    "datacentre_networks": _NETWORKS,
    "places_file": "server/http/test_request_context.py::test_a_file_of_places_tells_where_no_proxy_does",
    "host": f"{_EFFECTS}::test_only_the_address_that_is_told_has_to_be_free",
    "port": f"{_EFFECTS}::test_only_the_address_that_is_told_has_to_be_free",
    "workers": _WORKERS,
    "public_url": "server/api/test_operations.py::test_cookies_are_for_https_alone_where_the_server_is",
    "stop_seconds": (
        "server/process/test_keeping.py::test_a_river_that_does_not_end_is_killed_after_as_long_as_a_stop_may_take"
    ),
    "river_silent_seconds": _ENDED,
    "river_idle_seconds": _ENDED,
    "river_step_seconds": _ENDED,
    "report_seconds": f"{_EFFECTS}::test_a_report_takes_so_long_and_no_longer",
    "cron_seconds": f"{_EFFECTS}::test_a_job_is_waited_for_so_long_and_no_longer",
    "cron_secret": f"{_EFFECTS}::test_jobs_are_for_those_who_know_the_secret",
    "backup_folder": _BACKUPS,
    "backup_hours": _BACKUPS,
    "backup_keep": _BACKUPS,
    "backup_then": _BACKUPS,
    "managed_sites": _MANAGED,
    "managed_keys": _MANAGED,
    "metrics_are_open": f"{_EFFECTS}::test_metrics_are_open_where_they_are_told_to_be",
}

_SETTINGS = "jobs/test_setting_effects.py::test_a_setting_changes_what_it_says"

_SCRUBBING = "ingest/test_scrubbing.py::test_an_organization_has_its_own_names_and_rules"
_LEFT_OUT = "ingest/test_scrubbing.py::test_titles_queries_and_user_agents_can_be_left_out"
OF_AN_ORGANIZATION = {
    "lookback_days": _SETTINGS,
    "touches_per_path": _SETTINGS,
    "half_life_days": _SETTINGS,
    "direct": _SETTINGS,
    "claimed_touches": "journeys/test_claimed_touches.py::test_touches_that_only_a_page_claims_can_be_left_out",
    "default_model": _SETTINGS,
    "primary_goal": _SETTINGS,
    "waste_window_days": _SETTINGS,
    "retention_days": "jobs/test_erasing.py::test_what_a_retention_period_outlives_goes",
    "unverified_links": _SETTINGS,
    "verified_links": _SETTINGS,
    "verified_links_per_week": _SETTINGS,
    "verified_names": _SETTINGS,
    "largest_group": _SETTINGS,
    "clock_tolerance_seconds": _SETTINGS,
    "session_gap_minutes": _SETTINGS,
    "session_policy": _SETTINGS,
    "fresh_click_days": _SETTINGS,
    "session_cap_hours": _SETTINGS,
    "ignored_referrers": _SETTINGS,
    "redacted_keys": _SCRUBBING,
    "kept_keys": _SCRUBBING,
    "redaction_rules": _SCRUBBING,
    "titles": _LEFT_OUT,
    "queries": _LEFT_OUT,
    "user_agents": _LEFT_OUT,
    "visitor_ids": "server/collect/test_visitor_ids.py::test_a_visitor_is_as_long_the_same_as_the_setting_says",
    "do_not_track": "acceptance/test_choices.py::test_a_choice_holds_at_every_door",
    "withdrawal": "jobs/test_withdrawals.py::test_what_a_withdrawal_leaves",
    "tag_names": "jobs/test_setting_effects.py::test_tag_names_hold_for_what_is_received_from_then_on",
}

OF_THE_ENVIRONMENT = {
    "TOUCHLINE_HOME": "jobs/test_setting_effects.py::test_commands_work_in_the_home_that_the_environment_names",
    "TOUCHLINE_ENGINE": "cli/test_engines.py::test_every_answer_is_the_same_on_a_server",
    "DATABASE_URL": "cli/test_database.py::test_a_ledger_in_postgresql_gives_the_same_tables",
    "TOUCHLINE_MEMORY": (
        "jobs/test_setting_effects.py::test_the_engine_of_a_home_holds_as_much_memory_as_the_environment_says"
    ),
    "TOUCHLINE_DEBUG": "cli/test_failures.py::test_unforeseen_error_is_one_line",
}

EFFECTS = {**OF_THE_SERVER, **OF_AN_ORGANIZATION, **OF_THE_ENVIRONMENT}


def documented(page: str) -> set[str]:
    """The names in the first column of a page of the reference."""
    text = (REPOSITORY / "docs" / "reference" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_each_option_of_the_server_has_a_row() -> None:
    assert {option.name for option in fields(ServerOptions)} == set(OF_THE_SERVER)
    assert {name_of(option) for option in OF_THE_SERVER} == documented("server.md")


def test_each_setting_and_variable_has_a_row() -> None:
    assert {setting.name for setting in fields(OrganizationSettings)} == set(OF_AN_ORGANIZATION)
    assert {*OF_AN_ORGANIZATION, *OF_THE_ENVIRONMENT} == documented("settings.md")


@pytest.mark.parametrize("name", EFFECTS)
def test_the_test_of_an_effect_is_there_and_names_what_it_is_of(name: str) -> None:
    """It is read, and not run; whether it fails where the option is ignored is for a person to see."""
    file, _, function = EFFECTS[name].partition("::")
    source = (REPOSITORY / "tests" / file).read_text(encoding="utf-8")
    assert function in {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert re.search(rf"\b(?:{name}|{name_of(name)})\b", source)
