"""An action as a value: what a form of a screen does. One file of ``actions`` for each screen makes its routes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from touchline.characters import unstorable
from touchline.errors import UsageError
from touchline.jobs import auditing
from touchline.jobs.managing.manager import Manager
from touchline.jobs.roles import Role
from touchline.jobs.workspace import Workspace
from touchline.numerals import date_of
from touchline.server.api.asking import Person

LONGEST = 10_000
"""Characters of a field."""


class FieldError(UsageError):
    """One field of a form says what it cannot say.

    :param at: the field's name.
    """

    def __init__(self, at: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.at = at


@dataclass(frozen=True)
class Upload:
    """A file that a form brought."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Act:
    """Who does it, for which organization, and what the form says."""

    workspace: Workspace
    """To write to the ledger, and to read from the engine."""
    organization_id: str
    person: Person
    sent: Mapping[str, str]
    uploads: Mapping[str, Upload]
    now: int
    """Microseconds since 1970."""

    def text(self, name: str) -> str:
        """A field without the white space around it; ``""`` where it is empty.

        :raises FieldError: if it is too long, or cannot be stored.
        """
        said = self.sent.get(name, "").strip().replace("\r\n", "\n")
        if len(said) > LONGEST or unstorable(said):
            raise FieldError(name, f"This is a text of up to {LONGEST:,} characters.")
        return said

    @property
    def manager(self) -> Manager:
        """The person as one who manages the organization."""
        return Manager(
            self.workspace, self.organization_id, self.now, auditing.signed_in(self.person.name),
            sees_all=self.person.organization_id is None, user=self.person.name,
        )  # fmt: skip

    def note(self, action: auditing.Action, detail: str) -> None:
        """Put into the audit log that the person did this.

        :param detail: what was done, without anybody's id.
        """
        auditing.note(
            self.workspace.ledger, self.organization_id, action, detail, now=self.now,
            actor=auditing.signed_in(self.person.name),
        )  # fmt: skip

    def day(self, name: str) -> date | None:
        """A field that is a day; ``None`` where it is empty.

        :raises FieldError: if it is none.
        """
        said = self.text(name)
        found = date_of(said)
        if said and found is None:
            raise FieldError(name, f"This is a day, YYYY-MM-DD, not {said!r:.80}.")
        return found


@dataclass(frozen=True)
class Done:
    """It is done: the browser is sent to the screen, which says so once."""

    said: str
    secret: str = ""
    """What is shown this once, such as a new key."""


@dataclass(frozen=True)
class Shown:
    """What the screen shows in answer, instead of what it usually shows; nothing of it is in an address."""

    value: Any
    is_private: bool = False
    """Whether no copy of it is kept, not even by the browser, so that Back asks whether to send the form again."""


@dataclass(frozen=True)
class Saved:
    """A file to save."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Action:
    """What a form does.

    :param screen: the screen that has the form.
    :param name: in small letters; its route is ``/screen/name``.
    :param role: the least role that may do it.
    :param perform: does it, by the job that the command line calls.
    :param about: by field, a word that a job's complaint has where it is about this field; the first field gets others.
    :param most_bytes: of what is sent; 0: as many as of any form.
    :param has_file: whether the form brings a file.
    """

    screen: str
    name: str
    role: Role
    perform: Callable[[Act], Done | Shown | Saved]
    about: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = 0
    has_file: bool = False

    @property
    def path(self) -> str:
        """Its address."""
        return f"/{self.screen}/{self.name}"

    def field_of(self, error: UsageError | Exception) -> str:
        """The field that a complaint is about.

        >>> Action("sites", "add", "editor", lambda _: Done(""), {"domain": "domain", "zone": "zone"}).field_of(
        ...     UsageError("There is no time zone 'x'.")
        ... )
        'zone'
        """
        if isinstance(error, FieldError):
            return error.at
        said = str(error).casefold()
        return next((name for name, word in self.about.items() if word in said), next(iter(self.about), ""))


@cache
def actions() -> Mapping[str, Action]:
    """All actions by their paths."""
    package = import_module("touchline.server.pages.actions")
    modules = [import_module(f"{package.__name__}.{one.name}") for one in iter_modules(package.__path__)]
    return {action.path: action for module in modules for action in module.ACTIONS}
