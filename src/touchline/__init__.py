"""Touchline: self-hosted, first-party marketing attribution that people can trust and audit.

``import touchline as tl``, and give any Arrow-compatible tables:

* credit: :func:`attribute` of every touch, :func:`credit_paths` of channels from aggregated paths, with
  :func:`markov` and :func:`shapley`; :func:`compare` lays models side by side, :func:`bootstrap` says how much of a
  difference could be chance
* visits: :func:`classify` says where one came from, and why, :func:`classify_columns` says it of many,
  :func:`sessionize` gives the session of every event, :func:`resolve_identities` the person behind every id
* money and trust: :func:`find_waste` says which spend buys too little, :func:`xmr` tells ordinary variation in a series
  from a change
* a home of Touchline's: :func:`open` gives its reports as tables, :func:`import_costs` takes ad costs in,
  :func:`run_attribution` and :func:`run_daily_rollups` bring its numbers up to date and count what changed
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from touchline.api import (
        attribute,
        bootstrap,
        compare,
        credit_paths,
        find_waste,
        markov,
        resolve_identities,
        sessionize,
        shapley,
        xmr,
    )
    from touchline.channels.classify import classify
    from touchline.channels.columns import classify_columns
    from touchline.jobs.programs import (
        import_costs,
        open,  # noqa: A004 - as `tl.open` reads
        run_attribution,
        run_daily_rollups,
    )

__all__ = [
    "attribute",
    "bootstrap",
    "classify",
    "classify_columns",
    "compare",
    "credit_paths",
    "find_waste",
    "import_costs",
    "markov",
    "open",
    "resolve_identities",
    "run_attribution",
    "run_daily_rollups",
    "sessionize",
    "shapley",
    "xmr",
]

_HOMES = {
    **dict.fromkeys(__all__, "touchline.api"),
    "classify": "touchline.channels.classify",
    "classify_columns": "touchline.channels.columns",
    **dict.fromkeys(("import_costs", "open", "run_attribution", "run_daily_rollups"), "touchline.jobs.programs"),
}


def __getattr__(name: str) -> object:
    """The public names, found when first asked for: the command line must not wait for the engine."""
    if name == "__version__":
        return import_module("importlib.metadata").version("touchline")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """What ``help`` and completion show."""
    return [*__all__, "__version__"]
