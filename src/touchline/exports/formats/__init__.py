"""Formats of exports: each file of this package is one, its ``FORMAT``."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from touchline.exports.format import Format


@cache
def formats() -> "dict[str, Format]":
    """Every format by its name, in alphabetical order."""
    found = (import_module(f"{__name__}.{module.name}").FORMAT for module in iter_modules(__path__))
    return {one.name: one for one in sorted(found, key=lambda one: str(one.name))}
