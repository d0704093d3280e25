"""``channels``: by which rules visits get their channels."""

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from touchline.amounts import counted
from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.clock import now_micros
from touchline.cli.listing import instant
from touchline.cli.reading import READING, Reading
from touchline.cli.terminal import number, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.channel_diff import ChannelDiff
    from touchline.jobs.channel_rules import RulesInUse

channels = App(name="channels", help="Manage the rules that name the channels of visits.")
_NEXT = "The next `touchline run` names all channels of the past again."


@channels.command(name="show")
def show_rules(*, options: Options = COMMON) -> Answer:
    """Show the rules in use, in the order in which they are asked."""
    from touchline.jobs.channel_rules import rules_in_use

    with options.opened() as workspace:
        found = rules_in_use(workspace)
    return Answer(found, lambda: _shown(found, ""))


@channels.command(name="use")
def use_rules(file: Path, /, *, options: Options = COMMON) -> Answer:
    """Have the rules of a file asked before Touchline's, for all organizations of the home.

    :param file: a TOML file of rules; its text is kept, and a later change of the file does nothing.
    """
    from touchline.jobs import channel_rules

    with options.opened() as workspace:
        found = channel_rules.use_rules(workspace, file, now=now_micros())
    return Answer(found, lambda: _shown(found, _NEXT))


@channels.command(name="reset")
def reset_rules(*, options: Options = COMMON) -> Answer:
    """Have no rules asked but Touchline's."""
    from touchline.jobs import channel_rules

    with options.opened() as workspace:
        found = channel_rules.reset_rules(workspace)
    return Answer(found, lambda: _shown(found, _NEXT))


@channels.command(name="diff")
def diff(old: str, new: str, /, *, reading: Reading = READING) -> Answer:
    """Judge the past by two sets of rules, and show what moves from channel to channel; nothing is changed.

    Conversions are the credit that the touches have now under the default model. Where touches move into or out of
    Direct, the next run may give credit to others.

    :param old: current (the rules in use), defaults (Touchline's alone), touchline, ga4, seed, or a file of rules.
    :param new: likewise.
    """
    from touchline.jobs.channel_diff import channel_diff
    from touchline.reports.csv_text import csv_of_query

    reading.require_one_format()
    with reading.opened(is_reading=True) as workspace:
        organization_id = workspace.organization(reading.organization)["organization_id"]
        found = channel_diff(workspace, organization_id, old, new)
    columns = ("old_channel", "new_channel", "touches", "sessions", "conversions", "examples")
    rows = [[*(getattr(one, name) for name in columns[:-1]), "; ".join(one.examples)] for one in found.moves]
    return Answer(found, lambda: _shown_diff(found), csv=csv_of_query(columns, rows) if reading.csv else None)


def _shown_diff(found: "ChannelDiff") -> "RenderableType":
    title = f"{counted(found.moved_touches, 'touch', 'touches')} of {found.touches:,} in another channel"
    title += f" under {found.new_version} than under {found.old_version}"
    rows = [
        [one.old_channel, one.new_channel, number(one.touches), number(one.sessions), number(one.conversions, 1),
         "; ".join(one.examples[:1])]
        for one in found.moves
    ]  # fmt: skip
    columns = ["from", "to", ">touches", ">sessions", f">conversions ({found.model})", "for example"]
    return table(title, columns, rows)


def _shown(found: "RulesInUse", note: str) -> "RenderableType":
    own = "no rules of your own"
    if found.own_file:
        own = f"{counted(found.own_rule_count, 'rule')} of {found.own_file}, in use since {instant(found.changed_at)}"
    title = f"{found.ruleset_version}: {own}" + (f". {note}" if note else "")
    return table(title, ["rule", "channel", "file"], [[one.rule, one.channel, one.file] for one in found.rules])


COMMAND = channels
