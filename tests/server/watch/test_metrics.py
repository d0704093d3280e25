"""Every metric by its name, labels and number: what dashboards and alerts are made of."""

import os
import re
import time
from typing import Any

import pytest

from touchline.server.watch.counts import Counts, Told
from touchline.server.watch.keeper_record import RiverState
from touchline.server.watch.metrics import ServerFacts, exposition
from touchline.server.watch.processes import process_metrics

ONE = {"counts": [1, 0, 2, *[0] * 10, 1], "sum": 12.5}
NONE = {"counts": [0] * 14, "sum": 0.0}
BOUNDS = (
    "0.001",
    "0.0025",
    "0.005",
    "0.01",
    "0.025",
    "0.05",
    "0.1",
    "0.25",
    "0.5",
    "1.0",
    "2.5",
    "5.0",
    "10.0",
    "+Inf",
)
COUNTS = Counts(
    1, 7,
    {"accepted": 5, "duplicate": 4, "conflicting": 3, "superseding": 2, "rejected": 1, "commits": 9, "failures": 8,
     "reason:bot": 6, "field:colour": 10, "clock_corrected": 16, "other": 99},
    {"200": 11, "429": 12, "too_many": 13},
    {"/api/track": Told([1, 0, 2, *[0] * 10, 1], 12.5)}, {"/api/waste 200": 14, "/api/waste 401": 15},
)  # fmt: skip
RIVER: dict[str, Any] = {
    "status": "ticking", "ranAt": 1_800_000_000.5, "writtenAt": {"paths": 1_700_000_000.0}, "runSeconds": ONE,
    "querySeconds": NONE, "jobSeconds": {"retention": ONE},
    "wasteFindings": [{"model": "LINEAR", "severity": "high", "findings": 31}],
    "wasteShares": [{"model": "LINEAR", "currency": "EUR", "share": 0.25}],
    "modelDisagreements": [{"model": "LINEAR", "share": 0.125}],
    "healthAlarms": [{"measure": "landings", "state": "new", "alarms": 3}],
    "tallies": {"runs": 3, "failures": 1, "rows:touchpoints": 21, "rows:conversions": 22, "rows:attribution_links": 23,
                "rows:daily_rollups": 24, "rows:waste_findings": 25},
}  # fmt: skip


def numbers(text: str) -> dict[str, float]:
    """Each metric with its labels, and its number."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(number) for name, _, number in lines}


def of_histogram(name: str, label: str, told: dict[str, Any]) -> dict[str, float]:
    own = f"{label}," if label else ""
    found, total = {}, 0
    for bound, count in zip(BOUNDS, told["counts"], strict=True):
        total += count
        labels = f'{own}le="{bound}"' if not label or label < "le" else f'le="{bound}",{label}'
        found[f"touchline_{name}_bucket{{{labels}}}"] = total
    ending = f"{{{label}}}" if label else ""
    return {**found, f"touchline_{name}_count{ending}": total, f"touchline_{name}_sum{ending}": told["sum"]}


def test_what_collects_is_counted() -> None:
    found = numbers(exposition(COUNTS, {"status": "down"}, None))
    assert found == {
        'touchline_events_total{outcome="accepted"}': 5, 'touchline_events_total{outcome="duplicate"}': 4,
        'touchline_events_total{outcome="conflicting"}': 3, 'touchline_events_total{outcome="superseding"}': 2,
        'touchline_events_total{outcome="rejected"}': 1, 'touchline_rejected_events_total{reason="bot"}': 6,
        'touchline_unread_fields_total{field="colour"}': 10, "touchline_clock_corrected_events_total": 16,
        'touchline_track_answers_total{status="200"}': 11,
        'touchline_track_answers_total{status="429"}': 12, 'touchline_track_problems_total{code="too_many"}': 13,
        'touchline_commits_total{outcome="done"}': 9, 'touchline_commits_total{outcome="failed"}': 8,
        'touchline_http_requests_total{path="/api/track",status="200"}': 11,
        'touchline_http_requests_total{path="/api/track",status="429"}': 12,
        'touchline_http_requests_total{path="/api/waste",status="200"}': 14,
        'touchline_http_requests_total{path="/api/waste",status="401"}': 15,
        "touchline_waiting_events": 7, "touchline_keeper_up": 0, "touchline_river_up": 0,
        **of_histogram("request_seconds", 'path="/api/track"', ONE),
    }  # fmt: skip


def test_the_river_and_its_keeper_are_measured() -> None:
    kept = RiverState(restarts=4, stuck=3, silent_seconds=2.5, at=time.monotonic())
    found = numbers(exposition(Counts(), RIVER, kept))
    of_river = {name: number for name, number in found.items() if not re.search("event|track|commit|field|http", name)}
    assert of_river == {
        "touchline_keeper_up": 1, "touchline_river_restarts": 4, "touchline_river_stuck": 3,
        "touchline_river_silent_seconds": 2.5, "touchline_river_up": 1,
        'touchline_river_runs_total{outcome="done"}': 3, 'touchline_river_runs_total{outcome="failed"}': 1,
        "touchline_touchpoints_written_total": 21, "touchline_conversions_written_total": 22,
        "touchline_attribution_links_written_total": 23, "touchline_daily_rollups_written_total": 24,
        "touchline_waste_findings_written_total": 25, "touchline_river_fresh_at_seconds": 1_800_000_000.5,
        'touchline_table_written_at_seconds{table="paths"}': 1_700_000_000.0,
        'touchline_waste_findings{model="LINEAR",severity="high"}': 31,
        'touchline_waste_share{currency="EUR",model="LINEAR"}': 0.25,
        'touchline_model_disagreement{model="LINEAR"}': 0.125,
        'touchline_health_alarms{measure="landings",state="new"}': 3,
        **of_histogram("river_run_seconds", "", ONE), **of_histogram("query_seconds", "", NONE),
        **of_histogram("job_seconds", 'job="retention"', ONE),
    }  # fmt: skip


def test_what_never_was_is_zero_or_missing() -> None:
    found = numbers(exposition(Counts(), {**RIVER, "tallies": {}, "ranAt": None}, RiverState()))
    assert found["touchline_keeper_up"] == 0  # it has written nothing for long
    assert "touchline_river_fresh_at_seconds" not in found
    for name in ('river_runs_total{outcome="done"}', 'river_runs_total{outcome="failed"}', "conversions_written_total"):
        assert found[f"touchline_{name}"] == 0
    assert [name for name in found if name.startswith("touchline_request_seconds")] == []


@pytest.mark.parametrize(
    ("status", "is_up"), [("ticking", 1), ("starting", 1), ("failing", 0), ("late", 0), ("stuck", 0), ("down", 0)]
)
def test_the_river_is_up_while_its_runs_go_well(status: str, is_up: int) -> None:
    assert numbers(exposition(Counts(), {**RIVER, "status": status}, None))["touchline_river_up"] == is_up


def test_every_metric_says_what_it_is() -> None:
    text = exposition(COUNTS, RIVER, RiverState(at=time.monotonic()))
    told = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
    kinds = dict(re.findall(r"^# TYPE (\S+) (.+)$", text, re.MULTILINE))
    assert told.keys() == kinds.keys()
    assert told["touchline_touchpoints_written_total"] == "Touchpoints written"
    assert told["touchline_waste_findings_written_total"] == "Waste findings written"
    assert {kind: sorted(name for name in kinds if kinds[name] == kind) for kind in ("histogram",)} == {
        "histogram": [
            "touchline_job_seconds", "touchline_query_seconds", "touchline_request_seconds",
            "touchline_river_run_seconds",
        ]
    }  # fmt: skip


def test_what_a_server_looks_at_is_said_as_far_as_it_is_known() -> None:
    build = {"version": "1", "python": "3", "ledger": "sqlite", "engine": "duckdb"}
    bare = numbers(exposition(Counts(), RIVER, None, ServerFacts(build, {}, is_ready=False)))
    facts = ServerFacts(
        build, {"worker": [os.getpid()], "river": [2**30]}, is_ready=True, disk_free_bytes=5, disk_size_bytes=9,
        database_bytes={"ledger": 3, "engine": 4}, backlog=0, succeeded_at={"retention": 1.5}, has_redis=False,
    )  # fmt: skip
    found = numbers(exposition(Counts(), RIVER, None, facts))
    assert {name: number for name, number in found.items() if name not in bare and "process_" not in name} == {
        "touchline_disk_free_bytes": 5, "touchline_disk_size_bytes": 9, "touchline_river_backlog_events": 0,
        'touchline_database_bytes{database="ledger"}': 3, 'touchline_database_bytes{database="engine"}': 4,
        'touchline_job_succeeded_at_seconds{job="retention"}': 1.5, "touchline_redis_up": 0,
    }  # fmt: skip
    assert (bare["touchline_ready"], found["touchline_ready"]) == (0, 1)
    assert bare['touchline_build_info{engine="duckdb",ledger="sqlite",python="3",version="1"}'] == 1
    of_processes = {name: number for name, number in found.items() if name.startswith("process_")}
    assert {re.findall('"(.*)"', name)[0] for name in of_processes} == {"worker"}  # the other has ended
    assert len(of_processes) == 6
    assert of_processes['process_resident_memory_bytes{process="worker"}'] > 10_000_000


def test_processes_of_a_role_are_one_number() -> None:
    one, two = (
        {metric.name: metric.samples[0].value for metric in process_metrics({"worker": [os.getpid()] * count})}
        for count in (1, 2)
    )
    assert two["process_open_fds"] == pytest.approx(2 * one["process_open_fds"], abs=4)
    assert two["process_max_fds"] == one["process_max_fds"]
    assert two["process_start_time_seconds"] == one["process_start_time_seconds"]
