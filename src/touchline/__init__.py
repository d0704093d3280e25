"""Touchline: self-hosted, first-party marketing attribution that people can trust and audit.

``import touchline as tl``: :func:`attribute` gives the credit of every touch, from any Arrow-compatible tables;
:func:`credit_paths` gives the credit of channels from aggregated paths, :func:`markov` the Markov model of such paths,
:func:`shapley` the Shapley values of paths and of any game; :func:`compare` lays models side by side,
and :func:`bootstrap` says how much of a difference could be chance;
:func:`classify` says where a visit came from, and why, and :func:`classify_columns` says it of many;
:func:`sessionize` gives the session of every event.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from touchline.api import attribute, bootstrap, compare, credit_paths, markov, sessionize, shapley
    from touchline.channels.classify import classify
    from touchline.channels.columns import classify_columns

__all__ = [
    "attribute",
    "bootstrap",
    "classify",
    "classify_columns",
    "compare",
    "credit_paths",
    "markov",
    "sessionize",
    "shapley",
]

_HOMES = {
    "attribute": "touchline.api",
    "bootstrap": "touchline.api",
    "compare": "touchline.api",
    "credit_paths": "touchline.api",
    "markov": "touchline.api",
    "sessionize": "touchline.api",
    "shapley": "touchline.api",
    "classify": "touchline.channels.classify",
    "classify_columns": "touchline.channels.columns",
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
    return sorted({*globals(), *__all__, "__version__"})
