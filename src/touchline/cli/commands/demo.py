"""``demo``: an invented shop, attributed before your eyes."""

import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from touchline.amounts import UNKNOWN
from touchline.cli import models_shown, shown
from touchline.cli.answer import Answer, Switch, Whole
from touchline.cli.reconciliation import document_of, reconciliation
from touchline.cli.run_shown import run_line
from touchline.cli.terminal import console, progress, stacked, table
from touchline.errors import BusyError, HomeError, StorageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.demo import DemoShop
    from touchline.jobs.importing import ImportReport
    from touchline.jobs.workspace import Workspace
    from touchline.pipeline import RunReport
    from touchline.reports.overview import Overview
    from touchline.settings import Home

MARKER = ".touchline-demo"
"""The file that says that a folder is a demo home, which the next demo may delete."""
_WASTE_WINDOW_DAYS = 90
_USER = "demo"


@dataclass(frozen=True)
class Planted:
    """Something that was hidden in the shop's past, and what the reports say of it."""

    what: str
    where: str
    found: str | None
    """``None``: nothing."""


@dataclass(frozen=True)
class DemoRun:
    """What happened on the way, and the numbers at the end."""

    home: Path
    report_file: Path
    overview: "Overview"
    planted: "Sequence[Planted]"
    events: "ImportReport | None" = None
    """``None`` where the shop was kept as it stood."""
    costs: "ImportReport | None" = None
    run: "RunReport | None" = None


def demo(
    *,
    home: Path = Path("demo-home"),
    visitors: Whole = 20_000,
    seed: Whole = 7,
    fresh: Annotated[bool, Parameter(negative="--keep")] = True,
    serve: Switch = False,
    json: Switch = False,
    debug: Switch = False,  # noqa: ARG001 — read where errors end up
) -> Answer:
    """Build a sample shop, attribute its conversions, and write its report.

    The same visitors and seed give the same numbers every time and on every machine. All of it is in the folder, also
    where TOUCHLINE_ENGINE or DATABASE_URL name a server for other commands.

    :param home: the folder for the demo; an older demo in it is deleted, any other content is never touched.
    :param visitors: about how many people visit the shop.
    :param seed: the seed of the random numbers.
    :param fresh: start over; with --keep, report on the existing shop again.
    :param serve: then serve the shop's pages, with a new password for the user demo, until SIGTERM or Ctrl-C.
    :param json: print one JSON document on standard output, and nothing else there.
    :param debug: show where an unexpected error came from.
    """
    from touchline.memory import VARIABLE
    from touchline.settings import Home, environment

    _check_charts()
    place = Home(home.expanduser().resolve(), memory_setting=environment().get(VARIABLE, "").strip())
    _say_what_is_not_used(place)
    if fresh or not place.exists:
        _check_owner(place)
        _clear(place.path)
        made = _built(place, visitors, seed, is_quiet=json)
    else:
        _check_marker(place.path)
        made = _reported(place)
    if serve:
        _serve(place)
    return Answer(_document(made), lambda: _shown(made), 0 if made.overview.is_conserved else 1)


def _servers() -> list[str]:
    """The variables that name servers for what other commands keep."""
    from touchline.settings import environment

    return [name for name in ("TOUCHLINE_ENGINE", "DATABASE_URL") if environment().get(name, "").strip()]


def _say_what_is_not_used(place: "Home") -> None:
    """The demo replaces what stands where it is built, so it takes no server that other commands may have filled."""
    for name in _servers():
        kept = "numbers" if name == "TOUCHLINE_ENGINE" else "events"
        said = f"{name} is not used: the demo keeps its {kept} in {place.path}, and leaves those on the server alone."
        if name == "TOUCHLINE_ENGINE":
            said += f" To have them on a server that holds no others: `touchline run --home {place.path}`."
        console(is_error=True).print(Text(said), soft_wrap=True)


def _check_charts() -> None:
    """The report is written last: without charts, nothing is built first."""
    from touchline.extras import needing_charts

    with needing_charts("The report of the demo"):
        from touchline.reports.page import write_report  # noqa: F401 - whether it can be imported


def _serve(place: "Home") -> None:
    """Serve the pages; the address and the password are on standard error, where no program reads a document."""
    from touchline.server.http.options import options_from
    from touchline.server.process.serving import serve
    from touchline.settings import environment

    options = options_from(environment(), host=None, port=None, workers=None)
    said = f"Pages: http://{options.host}:{options.port}/\nName: {_USER}\nPassword: {_let_in(place)}\nCtrl-C stops it."
    console(is_error=True).print(Text(said), soft_wrap=True)
    serve(place, options)


def _let_in(place: "Home") -> str:
    """A new password of the demo's user."""
    from touchline.cli.clock import now_micros
    from touchline.jobs import users
    from touchline.jobs.workspace import Workspace
    from touchline.ledger import schema

    password = secrets.token_urlsafe(12)
    with Workspace(place) as workspace:
        if workspace.ledger.rows(schema.USERS, name=_USER):
            users.change_password(workspace, _USER, password)
        else:
            users.add_user(workspace, _USER, password, now=now_micros())
    return password


def _check_owner(place: "Home") -> None:
    """Whether a server works with the folder's files."""
    from touchline.jobs.ownership import serving_at

    if said := serving_at(place):
        raise BusyError(f"{place.path} is owned by the server at {said.url}.", "Stop it, or give another --home.")


def _clear(folder: Path) -> None:
    """An empty demo home."""
    try:
        if folder.exists():
            _check_marker(folder)
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
        (folder / MARKER).write_text("A demo of Touchline: `touchline demo` deletes this folder.\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}.", "Give another folder with --home.") from error


def _check_marker(folder: Path) -> None:
    """Whether the folder may be deleted: a demo's, or an empty one."""
    if not (folder / MARKER).is_file() and not (folder.is_dir() and not any(folder.iterdir())):
        raise HomeError(f"{folder} is not a demo home, so it was not deleted.", "Give another folder with --home.")


def _built(place: "Home", visitors: int, seed: int, *, is_quiet: bool) -> DemoRun:
    from touchline.demo import generate
    from touchline.jobs import importing, running
    from touchline.jobs.workspace import Workspace

    with progress("Inventing a shop", is_quiet=is_quiet) as told:
        shop = generate(place.path / "files", seed=seed, visitors=visitors, progress=told)
    now = _day_after(shop)
    _set_up(place, now)
    with Workspace(place) as workspace:
        with progress("Reading its events", is_quiet=is_quiet) as told:
            events = importing.import_events(
                workspace, shop.event_files, site_id=None, mapping=None, now=now, progress=told
            )
        costs = importing.import_costs(workspace, [shop.cost_file], organization_id=None, now=now)
        with progress("Attributing", is_quiet=is_quiet) as told:
            ran = running.run(workspace, progress=told)
        return _report(workspace, events, costs, ran)


def _day_after(shop: "DemoShop") -> int:
    """When the demo takes place, in microseconds since 1970: after its last event, whatever the clock says."""
    end = datetime.combine(shop.truth.last_date + timedelta(days=2), time(), UTC)
    return int(end.timestamp()) * 1_000_000


def _set_up(place: "Home", now: int) -> None:
    from touchline import demo as shop
    from touchline.jobs import setup
    from touchline.jobs.workspace import Workspace

    organization_id, _, _ = setup.init(
        place, name=shop.ORGANIZATION, domain=shop.SITE_DOMAIN, currency=shop.CURRENCY, time_zone=shop.TIME_ZONE,
        now=now, hash_key=shop.HASH_KEY,
    )  # fmt: skip
    with Workspace(place) as workspace:
        setup.remove_goal(workspace, organization_id, setup.DEFAULT_GOAL)
        for goal in shop.GOALS:
            setup.set_goal(workspace, organization_id, setup.Goal(**vars(goal)))
        setup.set_target(workspace, organization_id, target_cpa_micros=shop.TARGET_CPA_MICROS)
        setup.change_setting(workspace, organization_id, "primary_goal", shop.GOALS[0].goal, now=now)
        setup.change_setting(workspace, organization_id, "waste_window_days", str(_WASTE_WINDOW_DAYS), now=now)


def _reported(place: "Home") -> DemoRun:
    from touchline.jobs.workspace import Workspace

    with Workspace(place, is_read_only=True) as workspace:
        return _report(workspace)


def _report(
    workspace: "Workspace", events: "ImportReport | None" = None, costs: "ImportReport | None" = None,
    ran: "RunReport | None" = None,
) -> DemoRun:  # fmt: skip
    """The numbers, and the page that shows them."""
    from touchline.reports.overview import overview
    from touchline.reports.page import write_report

    found = overview(workspace.engine, workspace.organization()["organization_id"])
    file = workspace.home.path / "report.html"
    write_report(found, file)
    return DemoRun(workspace.home.path, file, found, _planted(workspace.home.path, found), events, costs, ran)


def _planted(home: Path, found: "Overview") -> list[Planted]:
    """What ``truth.json`` says is hidden, against the waste list and the signals."""
    from msgspec.json import decode

    from touchline.demo import Truth

    truth = decode((home / "files" / "truth.json").read_bytes(), type=Truth)
    waste = {one.name: f"{one.severity}, {one.reason}: {one.recommendations[0]}" for one in found.waste.findings}
    signals = " ".join(one.sentence for one in found.health.signals if one.period == truth.broken_day)
    return [
        Planted("a campaign that earns nothing", truth.loser.name, waste.get(truth.loser.name)),
        Planted("a campaign that only assists others", truth.assist.name, waste.get(truth.assist.name)),
        Planted("a campaign that costs too much", truth.dear.name, waste.get(truth.dear.name)),
        Planted("a day of broken tracking", str(truth.broken_day), signals or None),
    ]


def _document(made: DemoRun) -> Mapping[str, Any]:
    return {
        "home": str(made.home),
        "report_file": str(made.report_file),
        "events": made.events and document_of(made.events, ()),
        "costs": made.costs and document_of(made.costs, ()),
        "run": made.run,
        "is_conserved": made.overview.is_conserved,
        "planted": made.planted,
        "overview": made.overview,
    }


def _shown(made: DemoRun) -> "RenderableType":
    found = made.overview
    planted = [(one.what, one.where, one.found or UNKNOWN) for one in made.planted]
    parts: list[RenderableType] = []
    if made.events and made.costs and made.run:
        parts += [
            reconciliation("Events", made.events), reconciliation("Cost rows", made.costs), Text(run_line(made.run)),
        ]  # fmt: skip
    parts += [
        shown.attribution(found.channels), models_shown.comparison(found.models), shown.waste(found.waste),
        shown.health(found.health, is_brief=True),
        table("Problems planted in the data, and found", ("what", "where", "what the reports say"), planted),
        shown.checks(found.checks), _next_steps(made),
    ]  # fmt: skip
    return stacked(*parts)


def _next_steps(made: DemoRun) -> Text:
    named = _servers()
    command = " ".join(["env", *(f"-u {name}" for name in named), "touchline"]) if named else "touchline"
    return Text.assemble(
        ("The report: ", "bold"), f"{made.report_file}\n",
        ("Its pages: ", "bold"), f"touchline demo --keep --serve --home {made.home}\n",
        ("Try next:\n", "bold"),
        f"  {command} report journeys --home {made.home}\n",
        f"  {command} report attribution --by campaign --model LINEAR --home {made.home}\n",
        f"  {command} doctor --home {made.home}",
    )  # fmt: skip


COMMAND = demo
