"""While a server owns a home, every command says what it says without one."""

import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cyclopts
import pytest
from sqlalchemy import create_engine

from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from tests.server.whole import whole
from touchline.cli import app, main
from touchline.jobs import users
from touchline.jobs.ownership import owning
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

pytestmark = pytest.mark.slow

Words = Sequence[str]

STEPS: Sequence[tuple[str, Words]] = (
    ("init", ("--domain", "shop.example", "--currency", "EUR")),
    ("site add", ("other.example",)),
    ("site list", ()),
    ("site snippet", ("--server", "https://t.shop.example", "--site", "$SITE")),
    ("key create", ("--kind", "secret", "--site", "other-example")),
    ("key list", ()),
    ("key rotate", ("$KEY",)),
    ("key revoke", ("$KEY",)),
    ("goal set", ("newsletter", "--event-type", "CUSTOM", "--event-name", "newsletter")),
    ("goal list", ()),
    ("goal remove", ("newsletter",)),
    ("target set", ("--cpa", "12.5", "--platform", "META")),
    ("target list", ()),
    ("target remove", ("--platform", "META")),
    ("platform add", ("PODCASTS",)),
    ("platform list", ()),
    ("platform remove", ("PODCASTS",)),
    ("model presets", ()),
    ("model add", ("W_SHAPED",)),
    ("model list", ()),
    ("model remove", ("W_SHAPED",)),
    ("settings set", ("lookback_days", "60")),
    ("settings list", ()),
    ("settings", ()),
    ("user add", ("bo",)),
    ("user password", ("bo",)),
    ("user set", ("bo", "--all-organizations")),
    ("user list", ()),
    ("user remove", ("bo",)),
    ("import events", ("$EVENTS", "--site", "$SITE")),
    ("import costs", ("$COSTS",)),
    ("import claims", ("$CLAIMS", "--site", "$SITE")),
    ("import rates", ("$RATES",)),
    ("import touches", ("$TOUCHES", "--site", "$SITE")),
    ("rejected", ("--site", "$SITE")),
    ("run", ()),
    ("run", ("--rebuild",)),
    ("runs", ("--limit", "1")),
    ("report accounts", ()),
    ("report attribution", ("--by", "campaign", "--model", "LINEAR")),
    ("report models", ()),
    ("report intervals", ("--by", "source")),
    ("report journeys", ()),
    ("report conversions", ("--limit", "3")),
    ("report completeness", ("--day", "2026-09-01")),
    ("report tree", ()),
    ("report funnel", ()),
    ("report performance", ()),
    ("report mix", ()),
    ("report countries", ()),
    ("report devices", ()),
    ("report tagging", ()),
    ("report html", ("$FOLDER/report.html",)),
    ("explain conversion", ("$CONVERSION",)),
    ("explain person", ("$VISITOR",)),
    ("query", ("select count(*) as n, sum(value_micros) as micros from conversions_all",)),
    ("waste", ()),
    ("finding set", ("w_0123456789abcdef", "accepted", "--note", "We test it.")),
    ("finding list", ()),
    ("lift add", ("--channel", "Email", "--factor", "0.5", "--source", "A holdout", "--start", "2026-02-01")),
    ("lift list", ()),
    ("lift remove", ("--channel", "Email", "--start", "2026-02-01")),
    ("finding remove", ("w_0123456789abcdef",)),
    ("site costs add", ("$SITE", "--platform", "$PLATFORM", "--campaign", "$CAMPAIGN")),
    ("site costs list", ()),
    ("site costs remove", ("--platform", "$PLATFORM", "--campaign", "$CAMPAIGN")),
    ("alias add", ("spring-sale", "--platform", "$PLATFORM", "--campaign", "$CAMPAIGN")),
    ("alias list", ()),
    ("alias remove", ("spring-sale", "--platform", "$PLATFORM")),
    ("health", ()),
    ("health chart", ("landings", "--svg", "$FOLDER/landings.svg")),
    ("health note add", ("2026-09-01", "A deploy")),
    ("health note list", ()),
    ("health note remove", ("1",)),
    ("health alarms", ()),
    ("health ack", ("a_0123456789abcdef", "--by", "ann")),
    ("health mute", ("a_0123456789abcdef", "--until", "2290-01-01")),
    ("alarm add email", ("ops@shop.example",)),
    ("alarm add webhook", ("http://hooks.example/",)),
    ("alarm list", ()),
    ("alarm test", ("nobody",)),
    ("alarm remove", ("email-1",)),
    ("assess", ()),
    ("sql", ("attribution",)),
    ("classify", ("$EVENTS", "--own-host", "shop.example")),
    ("export person", ("--visitor", "$VISITOR")),
    ("export tables", ("--to", "$FOLDER/tables", "--format", "csv")),
    ("export dbt", ("$FOLDER/project", "--with-sources")),
    ("export ledger", ("$FOLDER/tables",)),  # is refused, as what a server's river notes of itself would be in it
    ("move", ("--cancel",)),
    ("upgrade", ()),
    ("erase", ("--user", "nobody-knows")),
    ("erase", ("--visitor", "$VISITOR", "--dry-run")),
    ("erase", ("--visitor", "$VISITOR")),
    ("audit", ()),
    ("processing", ()),
    ("claims withdraw", ("$CLAIMS", "--site", "$SITE")),
    ("claims separate", ("$CLAIMS", "--site", "$SITE")),
    ("doctor", ()),  # before anything changes that the server's river brings through by itself, sooner or later
    ("fit make", ()),
    ("fit list", ()),
    ("fit show", ("$FIT",)),
    ("fit schedule set", ()),
    ("fit schedule list", ()),
    ("fit schedule remove", ("MARKOV",)),
    ("channels use", ("$RULES",)),
    ("channels show", ()),
    ("channels diff", ("defaults", "ga4")),
    ("channels reset", ()),
    ("backup", ("$FOLDER/backup.db",)),
    ("restore", ("$FOLDER/backup.db", "--home", "$FOLDER/restored")),
    ("demo", ("--keep", "--home", "$HOME")),
    ("organization list", ()),
    ("organization add", ("Other", "--domain", "third.example", "--currency", "EUR")),
)
"""Every command, in an order in which each finds what it needs."""

APART = {"serve", "service install", "service remove"}
"""What a server's own home cannot be told twice, and what opens no home; see test_serving and test_service."""

PASSING = frozenset(
    {
        "at", "key", "key_id", "changed_at", "created", "created_at", "made_at", "received_at", "revoked_at", "seconds",
        "started_at", "ended_at", "message", "file", "home", "report_file", "size_bytes",
    }
)  # fmt: skip
"""What differs from one time to the next: chance, clocks and folders."""


def names(of: cyclopts.App, before: str = "") -> Iterator[str]:
    """Every command's words."""
    for name in of:
        if name.startswith("-"):
            continue
        full = f"{before} {name}".strip()
        deeper = list(names(of[name], full))
        if not deeper or of[name].default_command is not None:
            yield full
        yield from deeper


def test_no_command_is_forgotten() -> None:
    assert set(names(app)) == {name for name, _ in STEPS} | APART


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same shop twice."""
    first = tmp_path_factory.mktemp("alone") / "home"
    second = tmp_path_factory.mktemp("served") / "home"
    assert main(["demo", "--visitors", "400", "--home", str(first)]) == 0
    with Workspace(Home(first)) as workspace:
        users.make_the_first(workspace, now=1_700_000_000_000_000)  # as a server's first start does
    shutil.copytree(first, second)
    return first, second


def test_every_command_says_the_same_while_a_server_runs(
    shops: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, served = shops
    expected = said(alone, capsys, monkeypatch)
    with whole(served):
        found = said(served, capsys, monkeypatch)
    for step, (wanted, came) in enumerate(zip(expected, found, strict=True)):
        assert came == wanted, STEPS[step]


def said(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> list[tuple[int, str]]:  # fmt: skip
    """What each command says, and its exit code."""
    fillings = {"$FOLDER": str(home.parent), "$HOME": str(home), **_known(home)}

    def run(words: Words) -> tuple[int, Any]:
        capsys.readouterr()
        monkeypatch.setenv("TOUCHLINE_HOME", str(home))
        monkeypatch.setattr("sys.stdin", io.StringIO("a password of some length\n"))
        return main([*words, "--json"]), capsys.readouterr().out

    return [_answer(run, name, words, fillings) for name, words in STEPS]


def _answer(
    run: Callable[[Words], tuple[int, str]], name: str, words: Words, fillings: dict[str, str]
) -> tuple[int, str]:
    filled = [_filled(word, fillings) for word in words]
    exit_code, out = run([*name.split(), *filled])
    document = json.loads(out)
    if name == "key create":
        fillings["$KEY"] = document["key_id"]
    if name == "fit make":
        fillings["$FIT"] = document["fit_id"]
    if name == "run" and not words:  # where a server runs, little is left to do
        return exit_code, str(sorted(document))
    lasting = re.sub(r"key_\w+", "key_…", json.dumps(_lasting(document)))
    return exit_code, lasting.replace(fillings["$FOLDER"], "…")


def _lasting(document: Any) -> Any:
    """What is the same each time; keys are listed in the order of their ids, which are chance."""
    if isinstance(document, dict):
        kept = {name: _lasting(value) for name, value in document.items() if name not in PASSING}
        return {**kept, "keys": sorted(kept["keys"], key=str)} if isinstance(kept.get("keys"), list) else kept
    return [_lasting(one) for one in document] if isinstance(document, list) else document


def _filled(word: str, fillings: dict[str, str]) -> str:
    for name, text in fillings.items():
        word = word.replace(name, text)
    return word


def _known(home: Path) -> dict[str, str]:
    """Names that are in the shop."""
    with Workspace(Home(home)) as workspace:
        site = workspace.ledger.rows(schema.SITES)[0]["site_id"]
        event = workspace.ledger.rows(schema.TRACKING_EVENTS, type="CONVERSION", limit=1)[0]
        cost = workspace.ledger.rows(schema.AD_COST_ROWS, limit=1)[0]
    files = home / "files"
    events = next(file for file in sorted(files.iterdir()) if "event" in file.name)
    costs = next(file for file in sorted(files.iterdir()) if "cost" in file.name)
    conversion = event["order_id"] or event["event_id"]
    claims = files / "claims.csv"
    claim = f"{event['visitor_id']},known-by-the-shop,2026-09-01T12:00:00Z"
    claims.write_text(f"visitor_id,user_id,claimed_at\n{claim}\n", encoding="utf-8")
    rates = files / "rates.csv"
    rates.write_text("date,from,to,rate\n2026-09-01,USD,EUR,0.9\n", encoding="utf-8")
    rules = files / "rules.toml"
    rules.write_text('[[rule]]\nid = "fairs"\nchannel = "Trade fairs"\nsource = ["booth-*"]\n', encoding="utf-8")
    return {
        "$SITE": site, "$EVENTS": str(events), "$COSTS": str(costs), "$RATES": str(rates), "$CONVERSION": conversion,
        "$VISITOR": event["visitor_id"], "$CLAIMS": str(claims), "$TOUCHES": str(_captured(files / "app.db")),
        "$RULES": str(rules), "$PLATFORM": cost["platform"], "$CAMPAIGN": cost["campaign_id"],
    }  # fmt: skip


def _captured(file: Path) -> Path:
    """An app's database with a touch in it."""
    engine = create_engine(f"sqlite:///{file}")
    recorder = SyncSQLAlchemyRecorder(engine)
    recorder.upgrade()
    at = datetime(2026, 9, 1, 12, tzinfo=UTC)
    recorder.record_touch(AttributionTouch(id="t1", visitor_id="captured", utm_source="news", created_at=at), {})
    engine.dispose()
    return file


def test_a_demo_is_not_built_under_a_server(
    shops: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOUCHLINE_HOME", raising=False)
    with owning(Home(shops[0]), "http://127.0.0.1:1"):
        assert main(["demo", "--home", str(shops[0])]) == 4
    assert "http://127.0.0.1:1" in capsys.readouterr().err
    assert (shops[0] / "ledger.db").exists()
