"""What a person who logs in may do: look, change what the numbers are made of, or decide who else may."""

from typing import Literal, get_args

from touchline.errors import UsageError

Role = Literal["viewer", "editor", "administrator"]
"""``viewer`` reads every number; ``editor`` also imports costs, sets goals and settings, and decides about findings;
``administrator`` also manages users and keys, asks in SQL, and looks at persons."""
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may, and more."""


def may(role: str, needed: Role) -> bool:
    """Whether somebody of a role may do what another role is enough for; what is no role may do nothing.

    >>> may("editor", "viewer"), may("editor", "administrator"), may("owner", "viewer")
    (True, False, False)
    """
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def checked_role(text: str) -> Role:
    """A role that a person names.

    :raises UsageError: if there is none of that name.
    """
    found = next((role for role in ROLES if role == text), None)
    if found is None:
        raise UsageError(f"A role is one of {', '.join(ROLES)}, not {text!r:.80}.")
    return found
