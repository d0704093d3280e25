"""A screen as a value: one file of ``screens`` makes its route, its entry in the rail, and its tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from touchline.jobs.roles import Role
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.view import View

SHAREABLE = ("overview", "models", "channels", "journeys", "waste", "health")
"""The screens that a link may show to people without an account: those that name neither a person nor a conversion."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "goal": ("goal",), "model": ("model",), "compare": ("compare", "match"), "days": ("from", "to"),
}  # fmt: skip
"""By a choice above a screen, its parameters."""


@dataclass(frozen=True)
class Screen:
    """One page of the rail.

    :param name: in small letters; also that of its template and of its icon.
    :param place: where it stands in the rail, from the top.
    :param title: its heading.
    :param answer: what it shows, from a desk and what is asked; its template gets it as ``shown``.
    :param set_up: as ``answer``, of a screen that needs no numbers; each screen has one of the two.
    :param role: the least role that sees it.
    :param names_persons: whether one row of it is a person's, so that a look at one is noted.
    :param by: what rows can be, by their name in the address; the first is usual; empty where there is no choice.
    :param rows: how many rows its table shows first.
    :param uses: the choices above a screen that change what it shows: ``goal``, ``model``, ``compare`` and ``days``.
    """

    name: str
    place: int
    title: str
    answer: Callable[[Desk, Asked], Any] | None = None
    set_up: Callable[[Desk, View], Any] | None = None
    role: Role = "viewer"
    names_persons: bool = False
    by: Mapping[str, str] = field(default_factory=dict)
    rows: int = 50
    uses: tuple[str, ...] = ("goal", "model", "compare", "days")

    @property
    def path(self) -> str:
        """Its address without what is chosen."""
        return f"/{self.name}"

    @property
    def fields(self) -> tuple[str, ...]:
        """The parameters of the choices that it uses."""
        return tuple(name for one in self.uses for name in _FIELDS[one])


@cache
def screens() -> Mapping[str, Screen]:
    """All screens by name, in the order of the rail."""
    package = import_module("touchline.server.pages.screens")
    found = [import_module(f"{package.__name__}.{one.name}").SCREEN for one in iter_modules(package.__path__)]
    return {screen.name: screen for screen in sorted(found, key=lambda screen: screen.place)}
