"""Runs and jobs, against a plain model: what may be done at once, what stands after each, and what is recorded."""

import atexit
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.jobs.conftest import NOW
from touchline import pipeline
from touchline.errors import BusyError, HomeError
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.progress import Progress
from touchline.server.process.ticking import River
from touchline.settings import Home

STAGES = 4
JOBS = ("touchpoint-derivation", "attribution-weights", "daily-rollups")
ENDS = ("done", "done", "fails", "lost")
Act = tuple[int, str]
"""A server by its number, and what is asked of it: ``run`` or a job's name."""

_ACTS = st.tuples(st.integers(0, 1), st.sampled_from(["run", *JOBS]))


@cache
def template() -> Path:
    """A home that is set up, to be copied, which takes less time than setting one up."""
    home = Home(Path(mkdtemp()))
    atexit.register(shutil.rmtree, home.path)
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    return home.path


class Runs(RuleBasedStateMachine):
    """Two servers over one ledger and one engine, of which each is asked for runs and jobs while another is at work.

    In the place of the pipeline stands one that counts the events which it follows, and lets others ask in between.
    """

    @initialize()
    def open(self) -> None:
        self.held = ExitStack()
        self.folder = Path(self.held.enter_context(TemporaryDirectory()))
        home = Home(self.folder / "home", "chdb://")
        shutil.copytree(template(), home.path)
        patch = self.held.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(pipeline, "run", self.follow)
        patch.setattr(running, "define_views", lambda _engine: None)
        patch.setattr(Ledger, "alone", self.claim(Ledger.alone))
        self.rivers = [River(self.held.enter_context(self.opened(home))) for _ in range(2)]
        self.ledger = self.rivers[0].workspace.ledger
        self.told = self.followed = self.standing = 0
        self.records: list[tuple[str, str]] = []
        self.results: list[tuple[int, str]] = [(0, ""), (0, "")]
        """Of each server: runs that went well, and what its last one said where it failed."""
        self.end, self.meanwhile, self.at = "done", list[Act](), 0
        self.is_lost = False
        self.seen: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "held"):
            self.held.close()

    @staticmethod
    def opened(home: Home) -> Workspace:
        workspace = Workspace(home, is_owner=True)
        workspace.__dict__["engine"] = SimpleNamespace(
            close=lambda: None, size_bytes=lambda: 0, select=lambda _sql: pa.table({})
        )
        return workspace

    def claim(self, alone: Callable[..., Any]) -> Callable[..., Any]:
        """The ledger's own claim, which can be lost as that of a database can."""

        @contextmanager
        def claimed(ledger: Ledger, what: str) -> Iterator[Callable[[], None]]:
            with alone(ledger, what) as still_alone:

                def look() -> None:
                    still_alone()
                    if self.is_lost:
                        raise HomeError("The claim was lost.", "Try again.")

                yield look

        return claimed

    def follow(
        self, feed: pipeline.Feed, _engine: object, *, is_rebuild: bool, progress: Progress, views: object
    ) -> pipeline.RunReport:
        """Follow the ledger stage by stage; in one of them something happens."""
        assert views
        events = sum(batch.num_rows for batch in feed.events_after(0 if is_rebuild else self.followed))
        for stage in range(STAGES):
            progress(f"stage {stage}", stage, STAGES)
            self.seen.append(f"stage {stage}")
            if stage == self.at:
                meanwhile, self.meanwhile = self.meanwhile, []
                for act in meanwhile:
                    self.asked_at_once(act)
                if self.end == "fails":
                    raise ValueError("A stage failed.")
                self.is_lost = self.end == "lost"
        progress("done", STAGES, STAGES)
        self.followed += events
        return pipeline.RunReport(events=events, is_rebuild=is_rebuild)

    def asked_at_once(self, act: Act) -> None:
        """While a run goes on nobody begins another one, and nothing of the ledger's or the engine's changes."""
        server, what = act
        river, followed = self.rivers[server], self.followed
        if server == self.at_work[0]:
            if what == "run" or what != self.at_work[1]:
                return  # it would wait for its turn
            assert river.job(what)["skipped"] is True
        elif what == "run":
            with pytest.raises(BusyError, match="busy with a run into a server"):
                river.run()
        else:
            assert river.job(what)["skipped"] is True
            self.records.append((what, "failed"))
        assert self.followed == followed

    @rule(count=st.integers(1, 3))
    def tell(self, count: int) -> None:
        """Import new events."""
        file = self.folder / "events.csv"
        ids = range(self.told, self.told + count)
        lines = (
            f'{{"eventId": "{n}", "anonId": "ada", "type": "PAGE_VIEW", "occurredAt": "2026-03-02T10:00:00Z"}}\n'
            for n in ids
        )
        file.with_suffix(".jsonl").write_text("".join(lines), encoding="utf-8")
        workspace = self.rivers[0].workspace
        report = importing.import_events(workspace, [file.with_suffix(".jsonl")], site_id=None, mapping=None, now=NOW)
        assert report.accepted == count
        self.told += count

    @rule(act=_ACTS, end=st.sampled_from(ENDS), at=st.integers(0, STAGES - 1), meanwhile=st.lists(_ACTS, max_size=3))
    def ask(self, act: Act, end: str, at: int, meanwhile: list[Act]) -> None:
        """A run, or a job, in which others ask meanwhile, and which ends well or does not."""
        server, what = act
        river, new = self.rivers[server], self.told - self.followed
        self.end, self.at, self.meanwhile, self.at_work = end, at, meanwhile, act
        self.is_lost, self.seen = False, []
        said: object = None
        try:
            said = river.run().events if what == "run" else river.job(what)["counts"]["events"]
        except (ValueError, HomeError) as error:
            said = str(error)
        assert said == {"done": new, "fails": "A stage failed.", "lost": "The claim was lost. Try again."}[end]
        assert len(self.seen) == (STAGES if end == "done" else at + 1)
        self.records.append(("run", "done" if end == "done" else "failed"))
        if what != "run":
            self.records.append((what, "done" if end == "done" else "failed"))
        self.standing = self.told if end == "done" else self.standing
        runs, _ = self.results[server]
        self.results[server] = (runs + 1, "") if end == "done" else (runs, str(said))

    @invariant()
    def what_stands_is_what_the_last_good_run_followed(self) -> None:
        if not hasattr(self, "records"):
            return
        rows = self.ledger.rows(schema.JOB_RUNS)
        assert [(row["job"], row["status"]) for row in rows] == self.records
        assert self.followed == self.standing

    @invariant()
    def each_server_says_how_its_last_run_went(self) -> None:
        if not hasattr(self, "records"):
            return
        for river, (runs, failure) in zip(self.rivers, self.results, strict=True):
            status = river.status()
            assert (status["tallies"]["runs"], status["error"]) == (runs, failure)
            assert status["status"] == ("failing" if failure else "ticking" if runs else "starting")
            assert river.beats().status == status["status"]


# A few steps are sooner read than shrunk.
Runs.TestCase.settings = settings(
    max_examples=8, stateful_step_count=8, deadline=None, phases=(Phase.reuse, Phase.generate)
)
test_runs_and_jobs_are_as_the_plain_model_says = Runs.TestCase


def test_runs_into_one_file_exclude_each_other_and_those_into_another_do_not(tmp_path: Path) -> None:
    """Whatever name the file goes by; a server has many URLs, so all runs into servers do."""
    home, other = Home(tmp_path / "home"), Home(tmp_path / "other")
    (tmp_path / "link").symlink_to(tmp_path / "home")
    assert running._run_into(home) == running._run_into(Home(tmp_path / "link"))
    assert running._run_into(home) != running._run_into(other)
    urls = ("clickhouse://one.example", "clickhouse://two.example")
    assert len({running._run_into(Home(tmp_path, url)) for url in urls}) == 1
