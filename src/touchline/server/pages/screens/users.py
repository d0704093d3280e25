"""Users: who may sign in, what they see, and what they may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchline.jobs.roles import ROLES
from touchline.jobs.users import users_of
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen
from touchline.server.pages.view import View

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Users:
    """What the screen shows."""

    users: tuple[Row, ...]
    """Of the organization, and of all of them; the page leaves out whom the person who looks does not manage."""
    roles: Sequence[str] = ROLES


def users(desk: Desk, _view: View) -> Users:
    """What the screen shows."""
    return Users(tuple(desk.now(users_of)))


SCREEN = Screen(name="users", place=11, title="Users", set_up=users, role="administrator")
