"""Who manages an organization, and through which door."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Literal, ParamSpec, TypeVar

from touchline.jobs import auditing
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

P = ParamSpec("P")
T = TypeVar("T")
Change = Literal["added", "changed", "same"]
"""What became of something that was to be as given: a tool that sets up a home asks for the same again and again."""


@dataclass(frozen=True)
class Manager:
    """Somebody, or a machine, who changes what an organization is made of."""

    workspace: Workspace
    organization_id: str | None
    """Whose things are changed; ``None``: of whichever organization a key or a site is, as commands may leave open."""
    now: int
    """Microseconds since 1970."""
    actor: str | None = None
    """As an entry of the audit log names them; ``None``: the system's user."""
    sees_all: bool = True
    """Whether they manage every organization of the home."""
    user: str = ""
    """The login name of a person who is signed in."""
    is_local: bool = False
    """Whether they work in the home itself, where nobody has to be kept from anything."""

    @property
    def organization(self) -> str:
        """The organization's id; the only one's where none is named.

        :raises UnknownError: if there is none of that name.
        :raises UsageError: if none is named, and there are several.
        """
        return str(self.workspace.organization(self.organization_id)["organization_id"])

    def note(self, detail: str, organizations: Iterable[str] | None = None) -> None:
        """Put into the audit log that they changed something.

        :param detail: what, without the id of a visitor or a customer.
        :param organizations: whose log it is in; by default the organization's.
        """
        auditing.note_in(
            self.workspace.ledger, [self.organization] if organizations is None else organizations, "changed", detail,
            now=self.now, actor=self.actor,
        )  # fmt: skip

    def note_for(self, organization_id: str | None, detail: str) -> None:
        """As :meth:`note`, for what is of one organization, or of all: ``None``."""
        if organization_id is not None:
            self.note(detail, [organization_id])
        else:
            self.note(detail, [row["organization_id"] for row in self.workspace.ledger.rows(schema.ORGANIZATIONS)])


def at_once(change: "Callable[Concatenate[Manager, P], T]") -> "Callable[Concatenate[Manager, P], T]":
    """A change and its entry in the audit log as one transaction: both are there, or neither."""

    @wraps(change)
    def changed(manager: Manager, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with manager.workspace.ledger.together():
            return change(manager, *args, **kwargs)

    return changed
