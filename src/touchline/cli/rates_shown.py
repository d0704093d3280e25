"""What became of files of exchange rates, for people."""

from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import counted
from touchline.cli.terminal import number, stacked, table, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.importing.rates import RatesReport

_SHOWN = 3


def rates_shown(report: "RatesReport") -> "RenderableType":
    """The numbers, then what is wrong."""
    counts = [("new or changed", report.accepted), ("known", report.unchanged), ("rejected", len(report.rejected))]
    rows = table("Exchange rates", ("", ">rates"), [(name, number(count)) for name, count in counts])
    said = [f"{counted(report.restated_days, 'day')} of an ad account converted again."] if report.restated_days else []
    said += [f"{one.source}: {one.message}" for one in report.rejected[:_SHOWN]]
    said += [
        f"missing_rate: {counted(count, 'row')} of costs in {code} have no rate."
        for code, count in sorted(report.without_rate.items())
    ]
    return stacked(rows, *(Text(visible(one)) for one in said))
