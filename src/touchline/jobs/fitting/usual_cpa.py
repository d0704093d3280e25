"""The usual CPA: what a conversion cost in a closed window, over everything that cost money."""

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.jobs.fitting.counts import Window, counted
from touchline.jobs.fitting.fit import FitValue
from touchline.magnitudes import CREDIT

LEAST_CONVERSIONS = 10
"""Conversions without which a cost per conversion is mostly chance: of 10, the count itself is uncertain by a third."""


def usual_cpa(engine: Engine, window: Window) -> list[FitValue]:
    """The ``usual_cpa_micros`` of every model and currency with conversions enough, named ``<model>/<currency>``.

    :raises UsageError: if none has conversions enough.
    """
    found = [row for row in counted(engine, "spent_and_earned", window) if row["credit"] >= LEAST_CONVERSIONS * CREDIT]
    if not found:
        raise UsageError(
            f"Spend from {window.window_start} to {window.window_end} brought fewer than"
            f" {LEAST_CONVERSIONS} conversions under every model: too few to estimate a usual cost per conversion.",
            "Name a longer window with --days.",
        )
    return [
        FitValue(
            f"{row['model']}/{row['currency']}",
            "usual_cpa_micros",
            float(row["spend_micros"] * CREDIT // row["credit"]),
        )
        for row in found
    ]
