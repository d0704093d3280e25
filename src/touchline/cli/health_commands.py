"""``health``: whether the numbers can be trusted, what broke, and what people did about it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App
from rich.text import Text

from touchline.cli import report_commands
from touchline.cli.answer import SCOPE, Answer, Day, Scope, Whole
from touchline.cli.clock import now_micros
from touchline.cli.listing import listed, said
from touchline.cli.terminal import table, visible
from touchline.reports.catalog import report_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from touchline.jobs.alarming.alarm import Alarm

health = App(name="health", help=report_named("health").question)
health.default(report_commands.health)
note = App(name="note", help="Note on days what happened: a deploy, the start of a campaign.")
health.command(note)


@health.command(name="alarms")
def list_alarms(*, site: str | None = None, scope: Scope = SCOPE) -> Answer:
    """List what broke, since when, what it touches, what to check first, and what people did about it.

    :param site: Only this site. Default: all sites.
    """
    from touchline.jobs.alarming.states import alarms_of

    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization_asked(scope.organization, site)
        found = alarms_of(workspace, organization_id, now_micros(), site=site)
    return Answer({"alarms": found}, partial(_alarms, found))


def _alarms(found: "Sequence[Alarm]") -> "RenderableType":
    if not found:
        return Text("Nothing is broken.")
    rows = [[one.alarm_id, one.state, str(one.since), str(one.until), one.site_id, _what(one)] for one in found]
    return table("Alarms", ("id", "state", "since", "until", "site", "what happened"), rows)


def _what(alarm: "Alarm") -> str:
    parts = [alarm.sentence, alarm.first_check]
    parts += [f"Who knows: {alarm.owner}."] if alarm.owner else []
    if alarm.acknowledged_by:
        parts.append(f"{alarm.acknowledged_by} looks at it: {alarm.note}" if alarm.note else f"{alarm.acknowledged_by}")
    parts += [f"Muted until {alarm.muted_until}."] if alarm.state == "muted" else []
    return visible(" ".join(parts))


@health.command(name="ack")
def acknowledge(alarm_id: str, /, *, note: str = "", by: str | None = None, scope: Scope = SCOPE) -> Answer:
    """Acknowledge an alarm: somebody looks at it.

    :param alarm_id: the alarm's id, from `touchline health alarms`.
    :param note: what is known.
    :param by: who looks at it; by default the user of this machine.
    """
    from getpass import getuser

    from touchline.jobs.alarming import states

    who = getuser() if by is None else by
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        states.acknowledge(workspace, organization_id, alarm_id, by=who, note=note, now=now_micros())
    return said({"alarm_id": alarm_id, "by": who, "note": note}, f"Alarm {alarm_id} is acknowledged by {who}.")


@health.command(name="mute")
def mute_alarm(alarm_id: str, /, *, until: Day, scope: Scope = SCOPE) -> Answer:
    """Send nothing about an alarm, and about others of its measure at its site, before a day.

    :param alarm_id: the alarm's id, from `touchline health alarms`.
    :param until: the day (UTC) from which alarms are sent again.
    """
    from touchline.jobs.alarming import states

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        states.mute(workspace, organization_id, alarm_id, until=until, now=now_micros())
    return said({"alarm_id": alarm_id, "until": until.isoformat()}, f"Alarm {alarm_id} is muted until {until}.")


@health.command(name="chart")
def chart(
    measure: str, /, *, svg: Path, site: str | None = None, goal: str = "", weeks: Whole | None = None,
    scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Draw a measure or a volume from day to day, with its limits, its signals and the notes, as an SVG file.

    :param measure: such as behavioural_coverage, landings or conversions.
    :param svg: the file to write; an existing one is replaced.
    :param site: the site; needed where there are several.
    :param goal: of conversions, the goal.
    :param weeks: How many of the last weeks to draw. Default: all.
    """
    from touchline.extras import needing_charts
    from touchline.reports.health import health_report

    with needing_charts("A chart"):
        from touchline.reports.measure_chart import write_chart
    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization_asked(scope.organization, site)
        found = health_report(workspace.engine, organization_id, weeks=weeks, site=site)
    write_chart(found, measure, goal, svg)
    return said({"file": str(svg.resolve()), "measure": measure}, f"The chart is in {svg.resolve()}.")


@note.command(name="add")
def add_note(day: Day, text: str, /, *, site: str | None = None, scope: Scope = SCOPE) -> Answer:
    """Note something about a day; the next `touchline run` shows it in charts and reports.

    :param day: the day.
    :param text: what happened.
    :param site: the site that it is about. Default: every site.
    """
    from touchline.jobs.alarming import notes

    with scope.opened() as workspace:
        organization_id = workspace.organization_asked(scope.organization, site)
        number = notes.add_note(workspace, organization_id, day, text, site_id=site or "", now=now_micros())
    document = {"note_id": number, "period": day.isoformat(), "site_id": site or "", "said": text}
    return said(document, f"Note {number} is kept. The next `touchline run` shows it.")


@note.command(name="list")
def list_notes(*, scope: Scope = SCOPE) -> Answer:
    """List the notes on days."""
    from touchline.jobs.alarming import notes

    with scope.opened() as workspace:
        found = notes.notes(workspace, workspace.organization(scope.organization)["organization_id"])
    return listed("notes", found, ("note_id", "period", "site_id", "said"))


@note.command(name="remove")
def remove_note(note_id: Whole, /, *, scope: Scope = SCOPE) -> Answer:
    """Remove a note.

    :param note_id: its number, from `touchline health note list`.
    """
    from touchline.jobs.alarming import notes

    with scope.opened() as workspace:
        notes.remove_note(workspace, workspace.organization(scope.organization)["organization_id"], note_id)
    return said({"note_id": note_id}, f"Note {note_id} is removed.")
