"""``runs``: what the last runs did, and why numbers moved."""

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import UNKNOWN
from touchline.cli.answer import COMMON, Answer, Options, Whole
from touchline.cli.terminal import number, stacked, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from touchline.changes import Change
    from touchline.jobs.run_history import PastRun


def runs(*, limit: Whole = 20, options: Options = COMMON) -> Answer:
    """Show what the last runs did, which conversions have other links than before, why, and which credit moved.

    Credit is under the default model of each organization. Runs that had nothing to do are not listed.

    :param limit: how many runs to show.
    """
    from touchline.jobs.run_history import past_runs

    with options.opened() as workspace:
        found = past_runs(workspace, limit)
    return Answer({"runs": found}, partial(_shown, found))


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


def _moved(change: "Change") -> str:
    from touchline.magnitudes import CREDIT

    return f"{change.channel} {(change.credit_after - change.credit_before) / CREDIT:+,.2f}"


COMMAND = runs
