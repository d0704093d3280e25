"""The first start in a terminal shows a link with which the first administrator chooses a name and a password.

The link goes to the terminal alone: where there is none, whatever is written may end in a file, and the first password
is in a file that only the home's owner reads (:func:`touchline.jobs.users.make_the_first`).
"""

import sys
from typing import TextIO
from urllib.parse import urlencode

from touchline.jobs.first_links import PATH, make_link
from touchline.jobs.workspace import Workspace


def is_watched(terminal: TextIO | None = None) -> bool:
    """Whether somebody sees what this process writes, and no file keeps it."""
    return (terminal or sys.stderr).isatty()


def show_link(workspace: Workspace, url: str, *, now: int, terminal: TextIO | None = None) -> None:
    """Show a new link, where nobody may log in yet.

    :param url: where browsers reach the server.
    """
    token = make_link(workspace, now=now)
    if token is not None:
        address = f"{url.rstrip('/')}{PATH}?{urlencode({'link': token})}"
        print(
            f"\nChoose the first administrator's name and password here. The link is good once, for an hour:\n"
            f"\n    {address}\n",
            file=terminal or sys.stderr, flush=True,
        )  # fmt: skip
