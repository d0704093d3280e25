"""Touchline: self-hosted, first-party marketing attribution that people can trust and audit.

``import touchline as tl``: :func:`attribute` gives the credit of every touch, from any Arrow-compatible tables;
:func:`classify` says where a visit came from, and why, and :func:`classify_columns` says it of many;
:func:`sessionize` gives the session of every event; :func:`find_waste` says which spend buys too little.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from touchline.api import attribute, find_waste, sessionize
    from touchline.channels.classify import classify
    from touchline.channels.columns import classify_columns

__all__ = ["attribute", "classify", "classify_columns", "find_waste", "sessionize"]

_HOMES = {
    "attribute": "touchline.api",
    "find_waste": "touchline.api",
    "sessionize": "touchline.api",
    "classify": "touchline.channels.classify",
    "classify_columns": "touchline.channels.columns",
}


def __getattr__(name: str) -> object:
    """The public names, found when first asked for: the command line must not wait for the engine."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
