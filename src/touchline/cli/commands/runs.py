"""``runs``: what the last runs did, and why numbers moved."""

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import UNKNOWN
from touchline.cli.answer import COMMON, Answer, Options, Switch, Whole
from touchline.cli.terminal import number, stacked, table
from touchline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from touchline.changes import Change
    from touchline.jobs.run_history import Credited, MovedConversion, PastRun


def runs(
    *, limit: Whole = 20, conversions: Switch = False, csv: Switch = False, options: Options = COMMON
) -> Answer:  # fmt: skip
    """Show what the last runs did, which conversions have other links than before, why, and which credit moved.

    Credit is under the default model of each organization. Runs that had nothing to do are not listed. Single
    conversions are listed of the newest 20 runs that changed some, those first whose credit moved most; new
    conversions, and runs that computed everything again or only used a new fit, are not among them.

    :param limit: how many runs, or conversions, to show.
    :param conversions: list the single conversions that have other links than before.
    :param csv: print the conversions as CSV on standard output, a row for each channel, credit in conversions.
    """
    from touchline.jobs.run_history import moved_conversions, past_runs

    if csv and (options.json or not conversions):
        raise UsageError("CSV is of conversions, and alone.", "Give --csv with --conversions and without --json.")
    with options.opened() as workspace:
        if conversions:
            return _of_conversions(moved_conversions(workspace, limit), is_csv=csv)
        found = past_runs(workspace, limit)
    return Answer({"runs": found}, partial(_shown, found))


def _of_conversions(found: "Sequence[MovedConversion]", *, is_csv: bool) -> Answer:
    from touchline.magnitudes import CREDIT
    from touchline.reports.csv_text import csv_of_query

    columns = ("run", "organization_id", "conversion_id", "reason", "channel", "credit_before", "credit_after")
    rows = [
        [
            f"{one.started_at:%FT%TZ}", one.organization_id, one.conversion_id, one.reason, part.channel,
            part.credit_before / CREDIT, part.credit_after / CREDIT,
        ]
        for one in found
        for part in one.channels
    ]  # fmt: skip
    csv = csv_of_query(columns, rows) if is_csv else None
    return Answer({"conversions": found}, partial(_shown_conversions, found), csv=csv)


def _shown_conversions(found: "Sequence[MovedConversion]") -> "RenderableType":
    if not found:
        return Text("No run is recorded that gave single conversions other links.")
    from touchline.changes import REASONS

    rows = [
        [
            f"{one.started_at:%F %T}", one.organization_id, one.conversion_id, REASONS[one.reason],
            ", ".join(map(_moved, one.changed)) or "other touches of the same channels, or other models",
        ]
        for one in found
    ]  # fmt: skip
    titles = ("run (UTC)", "organization", "conversion", "because of", "credit that moved")
    note = Text("See why a conversion has its credit with `touchline explain conversion ID`.")
    return stacked(table("Conversions with other links", titles, rows), note)


def _shown(found: "Sequence[PastRun]") -> "RenderableType":
    if not found:
        return Text("No run is recorded yet.")
    rows = [
        [
            _at(run), number((run.ended_at - run.started_at).total_seconds(), 1), number(run.events),
            number(run.cost_rows), number(run.claims), number(run.erased + run.withdrawn), number(run.rows_written),
            *_why(run),
        ]
        for run in found
    ]  # fmt: skip
    columns = (
        "run (UTC)", ">seconds", ">new events", ">cost rows", ">claims", ">removed", ">rows written",
        "all again because of",
    )  # fmt: skip
    changed = [row for run in found for row in _changes(run)]
    titles = ("run (UTC)", "organization", "because of", ">conversions", "credit that moved")
    return stacked(table("Runs", columns, rows), *([table("What moved", titles, changed)] if changed else []))


def _at(run: "PastRun") -> str:
    return f"{run.started_at:%F %T}"


def _why(run: "PastRun") -> tuple[str]:
    from touchline.changes import REASONS

    return (REASONS[run.why] if run.why else UNKNOWN,)


def _changes(run: "PastRun") -> "Iterator[tuple[str, ...]]":
    """A row for each organization and reason, with the channels whose credit moved."""
    from touchline.changes import ALL_CHANNELS, REASONS

    for one in run.changes:
        if one.channel == ALL_CHANNELS:
            of = (change for change in run.changes if change.channel != ALL_CHANNELS)
            moved = [
                _moved(other)
                for other in of
                if (other.organization_id, other.reason) == (one.organization_id, one.reason)
            ]
            yield (
                _at(run),
                one.organization_id,
                REASONS[one.reason],
                number(one.conversions),
                ", ".join(moved) or UNKNOWN,
            )


def _moved(change: "Change | Credited") -> str:
    from touchline.magnitudes import CREDIT

    return f"{change.channel} {(change.credit_after - change.credit_before) / CREDIT:+,.2f}"


COMMAND = runs
