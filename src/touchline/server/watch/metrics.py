"""What is measured, in Prometheus' format: counts that the parts keep anyway, read when somebody asks."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from touchline.server.watch.counts import Counts
from touchline.server.watch.durations import BOUNDS
from touchline.server.watch.keeper_record import RiverState
from touchline.server.watch.processes import process_metrics

_COUNTED = {
    "touchpoints": "Touchpoints written",
    "conversions": "Conversions processed",
    "attribution_links": "Attribution links written",
    "daily_rollups": "Rollups written",
    "waste_findings": "Waste findings written",
}
_OF_LAST_RUN = (
    ("wasteFindings", "findings", "waste_findings", "Waste findings of campaigns that the last run left",
     ("model", "severity")),
    ("wasteShares", "share", "waste_share",
     "Of the spend of the waste window, the share that findings of campaigns call wasted", ("model", "currency")),
    ("modelDisagreements", "share", "model_disagreement",
     "Share of the credit of the newest 28 days that the model gives to other channels than LAST_TOUCH", ("model",)),
    ("healthAlarms", "alarms", "health_alarms", "Alarms of the health of the data that are in force",
     ("measure", "state")),
)  # fmt: skip
"""What the river says of its last run: the key, the number in a row, the gauge, its meaning, and its labels.

Rows are by model, as adding the models up would count each finding several times, and never by site or campaign, of
which there may be very many.
"""
_REASON, _FIELD = "reason:", "field:"


class ServerFacts(msgspec.Struct):
    """What is looked at when somebody asks, and not counted; ``None``: not known."""

    build: dict[str, str]
    """Versions and kinds of databases."""
    processes: dict[str, list[int]]
    """The ids of the processes by role."""
    is_ready: bool
    disk_free_bytes: int | None = None
    """Of the disk that the home is on."""
    disk_size_bytes: int | None = None
    database_bytes: dict[str, int] = {}
    """``ledger`` and ``engine``, as far as their sizes are known."""
    backlog: int | None = None
    """Events that are stored and not yet in the numbers."""
    succeeded_at: dict[str, float] = {}
    """By job, when it last went well, in seconds since 1970."""
    has_backups: bool | None = None
    """Whether the last backup went well, and none is overdue; ``None``: none was made, and none is scheduled."""
    has_redis: bool | None = None
    """Whether Redis answers; ``None``: there is none."""


def exposition(counts: Counts, river: dict[str, Any], kept: RiverState | None, facts: ServerFacts | None = None) -> str:
    """All of it as text.

    :param counts: of all workers.
    :param river: what the river's process says of itself.
    :param kept: what its keeper says of it, if there is a keeper.
    :param facts: what was looked at, if there is a server to look at.
    """
    registry = CollectorRegistry()
    registry.register(_Measured(counts, river, kept, facts))
    return generate_latest(registry).decode()


class _Measured:
    """What prometheus-client asks for metrics."""

    def __init__(
        self, counts: Counts, river: dict[str, Any], kept: RiverState | None, facts: ServerFacts | None
    ) -> None:
        self._facts = facts
        self._counts = counts
        self._river = river
        self._kept = kept

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        yield from _of_collection(self._counts)
        yield from _of_keeper(self._kept)
        yield from _of_river(self._river)
        if self._facts is not None:
            yield from _of_server(self._facts)
            yield from process_metrics(self._facts.processes)


def _of_collection(told: Counts) -> Iterator[Metric]:
    tallies, answers = Counter(told.events), Counter(told.answers)
    outcomes = ("accepted", "duplicate", "conflicting", "superseding", "rejected")
    yield _counter("events", "Events by what became of them", "outcome", {name: tallies[name] for name in outcomes})
    yield _counter("rejected_events", "Rejected events by reason", "reason", _below(_REASON, tallies))
    yield _counter(
        "unread_fields", "Events with a field that nothing reads, by its name", "field", _below(_FIELD, tallies)
    )
    clocks = "Events whose time was corrected because their sender's clock was off"
    yield CounterMetricFamily("touchline_clock_corrected_events", clocks, value=tallies["clock_corrected"])
    statuses = {name: count for name, count in answers.items() if name.isdigit()}
    yield _counter("track_answers", "Answers of /api/track by status", "status", statuses)
    problems = {name: count for name, count in answers.items() if not name.isdigit()}
    yield _counter(
        "track_problems", "Refusals of /api/track by code; too_many are those of the limits", "code", problems
    )
    commits = {"done": tallies["commits"], "failed": tallies["failures"]}
    yield _counter("commits", "Transactions of the ledger that took events in", "outcome", commits)
    yield _gauge("waiting_events", "Events that wait for their commit", told.waiting)
    seconds = {name: msgspec.to_builtins(each) for name, each in told.seconds.items()}
    yield _histogram("request_seconds", "How long answers take", "path", seconds)
    requests = CounterMetricFamily("touchline_http_requests", "Answered requests", labels=["path", "status"])
    for name, count in sorted({**_of_track(statuses), **told.others}.items()):
        requests.add_metric(name.split(" "), count)
    yield requests


def _of_server(facts: ServerFacts) -> Iterator[Metric]:
    build = GaugeMetricFamily("touchline_build_info", "Always 1: what runs here", labels=list(facts.build))
    build.add_metric(list(facts.build.values()), 1)
    yield build
    yield _gauge("ready", "Whether events are accepted, as /readyz says", int(facts.is_ready))
    single = (
        ("disk_free_bytes", "Free bytes of the disk that the home is on", facts.disk_free_bytes),
        ("disk_size_bytes", "Bytes of the disk that the home is on", facts.disk_size_bytes),
        ("river_backlog_events", "Events that are stored and not yet in the numbers", facts.backlog),
        ("backups_up", "Whether the last backup went well, and no scheduled one is overdue", facts.has_backups),
        ("redis_up", "Whether Redis, which keeps the limits, answers", facts.has_redis),
    )
    for name, meaning, value in single:
        if value is not None:
            yield _gauge(name, meaning, float(value))
    sizes = GaugeMetricFamily("touchline_database_bytes", "Bytes that a database takes", labels=["database"])
    for name, size in sorted(facts.database_bytes.items()):
        sizes.add_metric([name], size)
    yield sizes
    jobs = GaugeMetricFamily("touchline_job_succeeded_at_seconds", "When a job last went well", labels=["job"])
    for name, at in sorted(facts.succeeded_at.items()):
        jobs.add_metric([name], at)
    yield jobs


def _of_keeper(kept: RiverState | None) -> Iterator[Metric]:
    yield _gauge("keeper_up", "Whether the keeper, which restarts the river, is at work",
                 int(kept is not None and kept.is_kept))  # fmt: skip
    if kept is None:
        return
    yield _gauge("river_restarts", "How often the river's process was restarted", kept.restarts)
    yield _gauge("river_stuck", "How many of the restarts were of a river that was stuck", kept.stuck)
    yield _gauge("river_silent_seconds", "Since the river's last heartbeat", kept.silent_seconds)


def _of_river(river: dict[str, Any]) -> Iterator[Metric]:
    yield _gauge("river_up", "Whether the river's process answers, and its last run went well",
                 int(river["status"] in {"ticking", "starting"}))  # fmt: skip
    if "tallies" not in river:
        return
    tallies = river["tallies"]
    runs = {"done": tallies.get("runs", 0), "failed": tallies.get("failures", 0)}
    yield _counter("river_runs", "Runs of the river", "outcome", runs)
    for table, meaning in _COUNTED.items():
        yield CounterMetricFamily(f"touchline_{table}_written", meaning, value=tallies.get(f"rows:{table}", 0))
    for key, counted, name, meaning, labels in _OF_LAST_RUN:
        family = GaugeMetricFamily(f"touchline_{name}", meaning, labels=labels)
        for row in river[key]:
            family.add_metric([row[label] for label in labels], row[counted])
        yield family
    if river["ranAt"] is not None:
        yield _gauge(
            "river_fresh_at_seconds", "When the tables were last brought to what the ledger says", river["ranAt"]
        )
    written = GaugeMetricFamily(
        "touchline_table_written_at_seconds", "When rows of a table were last written", labels=["table"]
    )
    for table, at in river["writtenAt"].items():
        written.add_metric([table], at)
    yield written
    yield _histogram("river_run_seconds", "How long runs take", "", {"": river["runSeconds"]})
    yield _histogram("query_seconds", "How long statements of reports take", "", {"": river["querySeconds"]})
    yield _histogram("job_seconds", "How long jobs of the schedule take", "job", river["jobSeconds"])


def _of_track(statuses: Mapping[str, int]) -> dict[str, int]:
    return {f"/api/track {status}": count for status, count in statuses.items()}


def _below(prefix: str, tallies: Mapping[str, int]) -> dict[str, int]:
    """The tallies whose names begin with ``prefix``, without it."""
    return {name.removeprefix(prefix): count for name, count in tallies.items() if name.startswith(prefix)}


def _counter(name: str, meaning: str, label: str, counts: dict[str, int]) -> Metric:
    family = CounterMetricFamily(f"touchline_{name}", meaning, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"touchline_{name}", meaning, value=value)


def _histogram(name: str, meaning: str, label: str, durations: dict[str, dict[str, Any]]) -> Metric:
    family = HistogramMetricFamily(f"touchline_{name}", meaning, labels=[label] if label else [])
    for value, told in durations.items():
        buckets, total = [], 0
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], told["counts"], strict=True):
            total += count
            buckets.append((bound, total))
        family.add_metric([value] if label else [], buckets, told["sum"])
    return family
