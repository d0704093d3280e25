"""A changed rule reaches the past in the next plain run, whichever Python file or table of facts it stands in.

``make test`` draws some of the rules; that the digest of a stage is of all its modules, ``tests/test_source_digest.py``
says of each.
"""

from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa
import pytest

from tests.forking import FORKING
from tests.laws.changed_rules import Answer, Change, begun, changed_copy, changed_text, copied, ran, run_again
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
        "len(nodes), np.arange(len(nodes))", "merged_accounts",
    ),
    "touchline.identity.disputes": Change(
        "touchline/identity/disputes.py", "return TWO_UNIQUE if kinds", "return TWO_CONTACTS if kinds", "identity_edges"
    ),
    "touchline.identity.graphs": Change(
        "touchline/identity/graphs.py", "connected_components(graph, directed=False)[1]", "np.arange(size)",
        "identity_edges",
    ),
    "touchline.identity.limits": Change(
        "touchline/identity/limits.py", "ever: int | None = None", "ever: int | None = 0", "identity_edges"
    ),
    "touchline.identity.numbering": Change(
        "touchline/identity/numbering.py", '("id", "ascending")', '("id", "descending")', "identity_edges"
    ),
    "touchline.identity.parts": Change(
        "touchline/identity/parts.py", 'UNIQUE, CONTACTS = ("u",), ("m",)', 'UNIQUE, CONTACTS = ("x",), ("u", "m")',
        "identity_edges",
    ),
    "touchline.identity.solving": Change(
        "touchline/identity/solving.py", "refusals[theirs] = _REFUSAL_OF", "refusals[theirs] = 0 * _REFUSAL_OF",
        "identity_edges",
    ),
    "touchline.identity.tiers": Change(
        "touchline/identity/tiers.py", 'UNRESOLVED = "unresolved"', 'UNRESOLVED = "claimed_by_browser"',
        "identity_edges",
    ),
    "touchline.channels": Change(
        "touchline/channels/__init__.py", "[device_type(agent) for", "[device_type(agent[:2]) for", "agents"
    ),
    "touchline.channels.medium_parts": Change(
        "touchline/channels/medium_parts.py", "_SHORTEST_NAME = 5", "_SHORTEST_NAME = 50", "evidence_channels"
    ),
    "touchline.channels.source_parts": Change(
        "touchline/channels/source_parts.py", "if is_plain or is_known", "if is_plain", "evidence_channels"
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
        "touchline/channels/contradictions.py", "medium_called(f.medium).is_unpaid", "False", "evidence_channels"
    ),
    "touchline.channels.ga4": Change(
        "touchline/channels/ga4.py", '("google", "cpc")', '("google", "ppc")', "evidence_channels"
    ),
    "touchline.channels.mediums": Change(
        "touchline/channels/mediums.py", '"organic-social", "organic", "search", "referral"})',
        '"organic-social", "search", "referral"})', "evidence_channels",
    ),
    "touchline.channels.rules": Change(
        "touchline/channels/rules.py", "frozenset(pattern.casefold() for", "frozenset(pattern.upper() for",
        "evidence_channels",
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
        "touchline/waste/__init__.py", "findings(judged(units, days, lags, excluded))",
        f"findings(judged(units, days, lags, excluded)){NOTHING}", "waste_findings",
    ),
    "touchline.waste.accounts": Change(
        "touchline/waste/accounts.py",
        "target = np.where(is_own, own, ",
        "target = np.where(is_own, own * 2, ", "waste_findings",
    ),
    "touchline.waste.evidence": Change(
        "touchline/waste/evidence.py",
        "lag_cdf[np.minimum(age, len(lag_cdf) - 1)]",
        "np.ones(len(age))", "waste_findings",
    ),
    "touchline.waste.explanation": Change(
        "touchline/waste/explanation.py",
        '"waste.explanation/1"',
        '"waste.explanation/2"', "waste_findings",
    ),
    "touchline.waste.finding": Change(
        "touchline/waste/finding.py",
        'frozenset({"high", "medium"})',
        'frozenset({"medium"})', "waste_findings",
    ),
    "touchline.waste.guards": Change(
        "touchline/waste/guards.py",
        "NEEDED_CONVERSIONS = 3.0",
        "NEEDED_CONVERSIONS = 300.0", "waste_findings",
    ),
    "touchline.waste.judges": Change(
        "touchline/waste/judges/__init__.py",
        'Judge("high_cpa", high_cpa.holds',
        'Judge("high_cpa", no_conversions.holds', "waste_findings",
    ),
    "touchline.waste.judges.case": Change(
        "touchline/waste/judges/case.py",
        "WATCHED = 0.8",
        "WATCHED = 1.5", "waste_findings",
    ),
    "touchline.waste.judges.high_cpa": Change(
        "touchline/waste/judges/high_cpa.py",
        "case.cpa.over >= WATCHED",
        "case.cpa.over < 0", "waste_findings",
    ),
    "touchline.waste.judges.low_roas": Change(
        "touchline/waste/judges/low_roas.py",
        "case.roas.over >= WATCHED",
        "case.roas.over < 0", "waste_findings",
    ),
    "touchline.waste.judges.no_conversions": Change(
        "touchline/waste/judges/no_conversions.py",
        "case.units.conversions == 0",
        "case.units.conversions < 0", "waste_findings",
    ),
    "touchline.waste.judges.untagged_spend": Change(
        "touchline/waste/judges/untagged_spend.py",
        "units.conversions == 0",
        "units.conversions < 0", "waste_findings",
    ),
    "touchline.waste.judging": Change(
        "touchline/waste/judging.py",
        'np.where(is_high, "high",',
        'np.where(is_high, "medium",', "waste_findings",
    ),
    "touchline.waste.lag_curve": Change(
        "touchline/waste/lag_curve.py",
        "FEWEST = 30",
        "FEWEST = 30_000", "waste_findings",
    ),
    "touchline.waste.order_values": Change(
        "touchline/waste/order_values.py",
        "np.exp(mean + variance / 2),",
        "np.exp(mean + variance / 2) * 2,", "waste_findings",
    ),
    "touchline.waste.posterior": Change(
        "touchline/waste/posterior.py",
        "_TAIL = 0.1",
        "_TAIL = 0.2", "waste_findings",
    ),
    "touchline.waste.prior": Change(
        "touchline/waste/prior.py",
        "SHAPE = 200.0",
        "SHAPE = 6.0", "waste_findings",
    ),
    "touchline.waste.names": Change(
        "touchline/waste/names.py", 'unit["name"].strip() or ', "", "waste_findings"
    ),
    "touchline.waste.outages": Change(
        "touchline/waste/outages.py", "_IMPOSSIBLE = 9.2", "_IMPOSSIBLE = -1.0", "waste_findings"
    ),
    "touchline.waste.scatter": Change(
        "touchline/waste/scatter.py",
        "conversions = summed(days.unit, days.conversions, count)",
        "conversions = 9 + summed(days.unit, days.conversions, count)", "waste_findings",
    ),
    "touchline.waste.judges.late_costs": Change(
        "touchline/waste/judges/late_costs.py", "case.is_late & case", "case", "waste_findings"
    ),
    "touchline.waste.judges.ambiguous_platform": Change(
        "touchline/waste/judges/ambiguous_platform.py", "is_over & case.units.is_ambiguous", "case.units.spend > 0",
        "waste_findings",
    ),
    "touchline.waste.judges.click_leak": Change(
        "touchline/waste/judges/click_leak.py", "(usual > 0) & _is_below", "(case.units.spend > 0) | _is_below",
        "waste_findings",
    ),
    "touchline.waste.judges.invalid_traffic": Change(
        "touchline/waste/judges/invalid_traffic.py", "is_over & discovered", "(units.spend > 0) | discovered",
        "waste_findings",
    ),
    "touchline.waste.judges.already_customer": Change(
        "touchline/waste/judges/already_customer.py", "discovered(chance, is_counted) & ~is_over", "units.spend > 0",
        "waste_findings",
    ),
    "touchline.waste.judges.duplicate_costs": Change(
        "touchline/waste/judges/duplicate_costs.py", "(case.units.repeated > 0) &", "(case.units.spend > 0) |",
        "waste_findings",
    ),
    "touchline.waste.judges.efficiency_shift": Change(
        "touchline/waste/judges/efficiency_shift.py", "return discovered(", "return (units.spend > 0) | discovered(",
        "waste_findings",
    ),
    "touchline.waste.stand_ins": Change(
        "touchline/waste/stand_ins.py", "_APART = (1.0, 1.12, 1.25)", "_APART = (9.0, 9.12, 9.25)", "waste_findings"
    ),
    "touchline.waste.volume": Change(
        "touchline/waste/volume.py", "return np.exp(slope * away)", "return 9 * np.exp(slope * away)", "waste_findings"
    ),
    "touchline.waste.findings": Change(
        "touchline/waste/findings.py", '"severity": finding.severity,', '"severity": "medium",', "waste_findings"
    ),
    "touchline.waste.words": Change(
        "touchline/waste/words.py", "Check its tags: no visit", "No visit", "waste_findings"
    ),
    "touchline.health": Change(
        "touchline/health/__init__.py", '"daily_rates", HEALTH_SIGNALS)', f'"daily_rates", HEALTH_SIGNALS){NOTHING}',
        "health_signals",
    ),
    "touchline.health.blocks": Change("touchline/health/blocks.py", "DAYS = 28", "DAYS = 1", "health_signals"),
    "touchline.health.series": Change(
        "touchline/health/series.py", "pc.not_equal(one.slice(1)", "pc.equal(one.slice(1)", "health_signals"
    ),
    "touchline.health.natural_limits": Change(
        "touchline/health/natural_limits.py", "Factors(3 / _D2,", "Factors(300 / _D2,", "health_signals"
    ),
    "touchline.health.rate_limits": Change(
        "touchline/health/rate_limits.py", "TAIL = 1.5e-4", "TAIL = 1e-300", "health_signals"
    ),
    "touchline.health.volume_limits": Change(
        "touchline/health/volume_limits.py", "LEAST_LOSS = 0.5", "LEAST_LOSS = 2.0", "health_signals"
    ),
    "touchline.health.volume_signals": Change(
        "touchline/health/volume_signals.py", '"value": found.value,', '"value": found.value + 1,', "health_signals"
    ),
    "touchline.health.measures": Change(
        "touchline/health/measures.py", 'said["worse"]', '"below"', "health_signals"
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
        "touchline/health/seen_landings.sql", "case when e.channel = 'Direct' then 1 else 0",
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


def test_every_case_changes_a_rule_that_is_there() -> None:
    """Also of the cases that ``make test`` does not draw."""
    assert [name for name, change in CASES.items() if change.new not in changed_text(change)] == []


@pytest.mark.campaign(16)
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


SHOWN_BY = {
    "components": "identities", "parts": "identity_edges", "refused_pairs": "identity_edges",
    "health_blocks": "health_signals", "health_limits": "health_signals",
}  # fmt: skip
"""Tables that are no result themselves, by a table that is made of them."""
