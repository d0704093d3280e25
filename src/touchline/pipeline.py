"""The river, whole: from the ledger's events to findings and health, in the order in which it flows."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import pyarrow as pa

from touchline import attribution, channels, health, identity, rollups, sessions, spend, waste
from touchline.applied import current_digests, prepare, store_digests, stored_digests
from touchline.changes import Change, Moved, changes_of_rebuild, changes_of_run, conversions_of_run, credits_of
from touchline.engines import Engine, IncrementalEngine, can_increment
from touchline.following import Feed, Followed, follow, has_news
from touchline.progress import Progress, ignore_progress
from touchline.scope import Rebuild, Run, refit
from touchline.stage import River
from touchline.table import Table
from touchline.tables import FIT_TABLES, REFERENCE
from touchline.view import View

__all__ = ["STAGES", "Feed", "RunReport", "run"]

T = TypeVar("T")

STAGES = (
    identity.STAGE,
    sessions.STAGE,
    channels.STAGE,
    attribution.STAGE,
    spend.STAGE,
    rollups.STAGE,
    health.STAGE,
    waste.STAGE,
)

_ADDED = tuple((f"touchline.{stage.name}", table) for stage in STAGES for table in stage.writes if table.sums)


@dataclass
class RunReport(Followed):
    """What a run did: how much of each kind was new, and how much went; each stage's seconds and rows."""

    is_rebuild: bool = False
    is_always_rebuilt: bool = False
    """The engine cannot increment, so every run rebuilds everything."""
    refitted_links: int = 0
    """The links that were made again because another fit serves their conversions."""
    views_blocked: str = ""
    """Why the views still have the definitions of an earlier release; ``""``: they do not."""
    seconds: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    why: str = ""
    """Why everything was computed again (:data:`touchline.changes.REASONS`); ``""`` of a run that was no rebuild."""
    changes: list[Change] = field(default_factory=list)
    """What has other credit than before the run, and why."""
    moved: list[Moved] = field(default_factory=list)
    """The same of single conversions; none in a rebuild, and of links that only a new fit changed."""


def run(
    feed: Feed,
    engine: Engine,
    *,
    views: Sequence[View] = (),
    is_rebuild: bool = False,
    wrap_engine: Callable[[Engine], Engine] = lambda engine: engine,
    progress: Progress = ignore_progress,
) -> RunReport:
    """Bring the engine's tables to what the ledger says: all of it or nothing, where the engine has transactions.

    :param views: what stands on the tables. Where a release changes the tables, they are defined together.
    :param is_rebuild: delete everything derived and compute it again. A run also does this if the engine cannot
        increment, if it is empty, or if a rule, goal, setting, or the first fit of a model came since the tables were
        computed. Another fit makes the links again that follow from it.
        If nothing changed and the ledger has nothing new, a run writes nothing.
    :param wrap_engine: what the stages are given in the place of ``engine``; such as one that shows what they hold.
    """
    seconds: dict[str, float] = {}
    with engine.transaction():
        progress("following the ledger", 0, len(STAGES) + 1)
        stored, wrapped = stored_digests(engine), wrap_engine(engine)
        may_rest = not is_rebuild and wrapped is engine
        if may_rest and _timed(seconds, "follow", partial(_is_current, feed, engine, stored)):
            return RunReport(seconds=seconds, rows={table.name: 0 for stage in STAGES for table in stage.writes})
        made_with = prepare(engine, stored, views, is_rebuild=is_rebuild)
        followed = _timed(seconds, "follow", partial(follow, feed, engine))
        reference = _reference(feed)  # read after the events, so that it has the site of each of them
        digests = current_digests(STAGES, reference, engine)
        report = RunReport(**vars(followed), is_rebuild=made_with.get("rules") != digests["rules"], seconds=seconds)
        report.is_always_rebuilt = not can_increment(engine)
        if made_with.get("reference") != digests["reference"]:
            _load(engine, {table: rows for table, rows in reference.items() if table not in FIT_TABLES})
        fits = {table: reference[table] for table in FIT_TABLES} if made_with.get("fits") != digests["fits"] else {}
        if can_increment(wrapped) and not report.is_rebuild:
            _recompute_changed(wrapped, report, fits, progress)
        else:
            _load(engine, fits)
            report.why = _why(report, stored, is_asked=is_rebuild or wrapped is not engine)
            _recompute_all(wrapped, report, progress)
        store_digests(engine, digests)
        progress("done", len(STAGES) + 1, len(STAGES) + 1)
    return report


def _recompute_changed(
    engine: IncrementalEngine, report: RunReport, fits: Mapping[Table, pa.Table], progress: Progress
) -> None:
    """Make the links again that follow from new ``fits``, if there are any, and all that follows from new rows."""
    if fits:
        before = credits_of(engine)
        report.refitted_links = _timed(report.seconds, "fits", partial(refit, engine, fits, _ADDED))
        report.changes = changes_of_rebuild(before, credits_of(engine), "fits")
    _flow(Run(engine, report.rows.__setitem__, _ADDED), report, progress)
    report.changes += changes_of_run(engine)
    report.moved = conversions_of_run(engine) if any(one.reason != "new" for one in report.changes) else []


def _recompute_all(engine: Engine, report: RunReport, progress: Progress) -> None:
    before = credits_of(engine)
    _flow(Rebuild(engine, report.rows.__setitem__), report, progress)
    report.changes = changes_of_rebuild(before, credits_of(engine), report.why)


def _flow(river: River, report: RunReport, progress: Progress) -> None:
    for number, stage in enumerate(STAGES, 1):
        progress(stage.name, number, len(STAGES) + 1)
        _timed(report.seconds, stage.name, partial(stage.run, river))


def _why(report: RunReport, stored: Mapping[str, str], *, is_asked: bool) -> str:
    """Why a run computes everything again."""
    if not stored:
        return "first"
    if is_asked:
        return "asked"
    return "always" if report.is_always_rebuilt else "rules"


def _is_current(feed: Feed, engine: Engine, stored: Mapping[str, str]) -> bool:
    """Whether a run would change nothing: no new rows in the ledger, and the same rules and reference tables."""
    if not stored or has_news(feed, engine):
        return False
    return current_digests(STAGES, _reference(feed), engine) == stored


def _reference(feed: Feed) -> dict[Table, pa.Table]:
    return {table: feed.reference(table.name) for table in REFERENCE}


def _load(engine: Engine, reference: Mapping[Table, pa.Table]) -> None:
    for table, rows in reference.items():
        engine.remove(table)
        engine.append(table, rows)


def _timed(seconds: dict[str, float], name: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    result = work()
    seconds[name] = time.perf_counter() - started
    return result
