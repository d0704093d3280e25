"""A changed rule reaches the past in the next plain run, whichever Python file or table of facts it stands in."""

from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa
import pytest

from tests.forking import FORKING
from tests.laws.changed_rules import Answer, Change, begun, changed_copy, copied, ran, run_again
from touchline.engines import DuckDB, Engine
from touchline.pipeline import STAGES
from touchline.scope import Rebuild
from touchline.source_digest import modules_behind
from touchline.table import Table

pytestmark = pytest.mark.slow

NOTHING = ".slice(0, 0)"
CASES = {
    "touchline.identity": Change(
        "touchline/identity/__init__.py", '"joining_pairs", COMPONENTS)', f'"joining_pairs", COMPONENTS){NOTHING}',
        "identities",
    ),
    "touchline.identity.components": Change(
        "touchline/identity/components.py", "connected_components(graph, directed=False)",
        "len(nodes), np.arange(len(nodes))", "identities",
    ),
    "touchline.identity.parts": Change(
        "touchline/identity/parts.py", "(owners[graph.one] == owners[graph.other]) & (owners[graph.one] != _TORN)",
        "owners[graph.one] == owners[graph.one]", "identity_edges",
    ),
    "touchline.channels": Change(
        "touchline/channels/__init__.py", "[device_type(agent) for", "[device_type(agent[:2]) for", "agents"
    ),
    "touchline.channels.devices": Change(
        "touchline/channels/devices.py", "LONGEST_USER_AGENT = 512", "LONGEST_USER_AGENT = 2", "agents"
    ),
    "touchline.channels.evidence": Change(
        "touchline/channels/evidence.py", "text.casefold()", "text", "evidence_channels"
    ),
    "touchline.channels.facts": Change(
        "touchline/channels/facts.py", '"(direct)", "direct"', '"(direct)", "direct", "google"', "evidence_channels"
    ),
    "touchline.channels.hosts": Change(
        "touchline/channels/hosts.py", "LONGEST_HOST = 253", "LONGEST_HOST = 5", "evidence_channels"
    ),
    "touchline.channels.ladder": Change(
        "touchline/channels/ladder.py", '"click_id": 0.95', '"click_id": 0.94', "evidence_channels"
    ),
    "touchline.channels.contradictions": Change(
        "touchline/channels/contradictions.py", '"organic", "referral"', '"referral"', "evidence_channels"
    ),
    "touchline.channels.ga4": Change(
        "touchline/channels/ga4.py", '("google", "cpc")', '("google", "ppc")', "evidence_channels"
    ),
    "touchline.channels.rules": Change(
        "touchline/channels/rules.py", "casefold() for pattern", "upper() for pattern", "evidence_channels"
    ),
    "channel rules": Change(
        "touchline/channels/data/touchline.toml", 'id = "direct"\nchannel = "Direct"',
        'id = "direct"\nchannel = "Typed in"', "evidence_channels",
    ),
    "mediums": Change(
        "touchline/channels/data/mediums.csv", "boosted,paid,", "boosted,ad-of-seller,", "evidence_channels"
    ),
    "touchline.channels.reference": Change(
        "touchline/channels/reference.py", "splitlines()[1:]", "splitlines()[1:9]", "evidence_channels"
    ),
    "touchline.channels.sources": Change(
        "touchline/channels/sources.py", "cpc|ppc|paid)$", "cpc|ppc|paid|promo)$", "evidence_channels"
    ),
    "touchline.waste": Change(
        "touchline/waste/__init__.py", "findings(judged(units, days, lags))",
        f"findings(judged(units, days, lags)){NOTHING}", "waste_findings",
    ),
    "touchline.waste.findings": Change(
        "touchline/waste/findings.py", '"severity": finding.severity,', '"severity": "medium",', "waste_findings"
    ),
    "touchline.waste.words": Change(
        "touchline/waste/words.py", "Wait: the spend is too small to tell.", "Wait.", "waste_findings"
    ),
    "touchline.health": Change(
        "touchline/health/__init__.py", '"daily_rates", HEALTH_SIGNALS)', f'"daily_rates", HEALTH_SIGNALS){NOTHING}',
        "health_signals",
    ),
    "touchline.health.limits": Change(
        "touchline/health/limits.py", "_MEDIAN_FACTOR = 3.145", "_MEDIAN_FACTOR = 31.45", "health_signals"
    ),
    "touchline.health.measures": Change(
        "touchline/health/measures.py", 'file.details["worse"]', '"below"', "health_signals"
    ),
    "touchline.health.signals": Change(
        "touchline/health/signals.py", "SMALLEST = 10", "SMALLEST = 11", "health_signals"
    ),
    "sources": Change(
        "touchline/channels/data/sources.csv", "google.*,search,", "google.*,social,", "evidence_channels"
    ),
    "devices": Change(
        "touchline/channels/data/devices.csv", "mobile,agent,webos,", "mobile,agent,webos|tizen/1,", "agents"
    ),
    "platforms": Change(
        "touchline/channels/data/platforms.csv", "META,Facebook,yes", "META,Facebook,no", "evidence_channels"
    ),
    "click ids": Change(
        "attribution_campaign_context/registry.py", "gclid gclsrc gbraid wbraid", "gclsrc gbraid wbraid",
        "evidence_channels",
    ),
    "public suffixes": Change(
        "publicsuffixlist/public_suffix_list.dat", "\nco.uk\n", "\n", "evidence_channels"
    ),
    "SQL": Change(
        "touchline/health/health_measures/direct_landing_rate.sql", "case when e.channel = 'Direct' then 1 else 0",
        "case when e.channel = 'Direct' then 0 else 1", "health_measures",
    ),
}  # fmt: skip
"""By module of a Python step, or by what else decides: one change of its rule."""


@pytest.fixture(scope="module")
def engine_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begun(tmp_path_factory.mktemp("begun"))


@pytest.fixture(scope="module")
def unchanged(engine_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    return ran(copied(engine_file, tmp_path_factory.mktemp("unchanged")))


def changed(change: Change, engine_file: Path, folder: Path) -> Answer:
    """What a plain run with the changed rule does to tables that were made without it."""
    code = changed_copy(change, folder / "code")
    reader, writer = FORKING.Pipe(duplex=False)
    process = FORKING.Process(target=_run, args=(code, copied(engine_file, folder), writer))
    process.start()
    writer.close()
    try:
        return Answer(*reader.recv())
    finally:
        process.join()


def _run(code: Path, engine_file: Path, answer: Connection) -> None:
    """What a fork does; where it fails there is no answer, which fails the test."""
    answer.send(run_again(code, engine_file))


def test_without_a_change_a_run_rebuilds_nothing(unchanged: Answer) -> None:
    assert (unchanged.is_rebuild, unchanged.stale) == (False, "")


@pytest.mark.parametrize("name", CASES)
def test_a_changed_rule_reaches_the_past(name: str, engine_file: Path, unchanged: Answer, tmp_path: Path) -> None:
    answer = changed(CASES[name], engine_file, tmp_path)
    assert answer.stale == ""
    assert answer.tables[CASES[name].table] != unchanged.tables[CASES[name].table]


class Recorded(Rebuild):
    """A rebuild that records which tables stages make in Python."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, lambda _table, _rows: None)
        self.put_tables: list[str] = []

    def put(self, table: Table, rows: pa.Table) -> None:
        """Note the table's name."""
        self.put_tables.append(table.name)
        super().put(table, rows)


@pytest.fixture(scope="module")
def steps(engine_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """By the package of each stage that has Python steps, the tables that those make."""
    found = {}
    with closing(DuckDB(copied(engine_file, tmp_path_factory.mktemp("steps")))) as engine:
        for stage in STAGES:
            river = Recorded(engine)
            stage.run(river)
            found[stage.run.__module__] = river.put_tables
    return {package: tables for package, tables in found.items() if tables}


def test_every_module_of_a_python_step_has_a_case(steps: dict[str, list[str]]) -> None:
    modules = {name for package in steps for name in modules_behind(package) if f"{name}.".startswith(f"{package}.")}
    assert modules
    assert modules - set(CASES) == set()


def test_every_table_made_in_python_has_a_case(steps: dict[str, list[str]]) -> None:
    shown = {change.table for change in CASES.values()}
    made = {table for tables in steps.values() for table in tables}
    assert made - set(SHOWN_BY) - shown == set()
    assert {SHOWN_BY[table] for table in made & set(SHOWN_BY)} <= shown


SHOWN_BY = {"components": "identities", "parts": "identity_edges"}
"""Tables that are no result themselves, by a table that is made of them."""
