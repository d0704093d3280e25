"""Persons, by an id that somebody has: looked at by administrators, and never in an address.

The id comes in the body of a form, and the answer is that form's: no link, bookmark, log or history has it.
"""

from dataclasses import dataclass

from touchline.reports.person import PersonExplanation
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen
from touchline.server.pages.view import View


@dataclass(frozen=True)
class Persons:
    """What the screen shows before it was asked: nothing but the form."""

    organization_id: str


@dataclass(frozen=True)
class Person:
    """One person, as asked for."""

    explanation: PersonExplanation
    kind: str
    """What the id is: ``visitor``, ``user``, ``email_hash`` or ``email``."""
    named: str
    """The id, for the form that exports the same."""


def persons(desk: Desk, _view: View) -> Persons:
    """What the screen shows."""
    return Persons(desk.organization_id)


SCREEN = Screen(name="persons", place=13, title="People", set_up=persons, role="administrator")
