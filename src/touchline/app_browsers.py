"""The apps whose own browsers open links, by what they write into the user agent. ``data/README.md`` says more."""

from functools import cache
from typing import NamedTuple

from touchline.data_rows import data_rows

READ_LENGTH = 512
"""Characters of a user agent that are looked at; no more of it is stored."""


class AppBrowser(NamedTuple):
    """What one app writes into the user agent of its browser."""

    priority: int
    """Where several rows match, the one with the lowest number tells: Messenger also says what Facebook says."""
    pattern: str
    """Text that the user agent contains, with the same case; never with ``%``, ``_`` or a backslash, for ``like``."""
    app: str
    source: str
    """The network, as a source in ``channels/data/sources.csv``."""


@cache
def app_browsers() -> tuple[AppBrowser, ...]:
    """All of them, those that decide first coming first.

    >>> app_browsers()[0].app
    'Messenger'
    """
    rows = data_rows("app_browsers.csv")
    return tuple(sorted(AppBrowser(int(row["priority"]), row["pattern"], row["app"], row["source"]) for row in rows))


def app_browser(user_agent: str | float | None) -> AppBrowser | None:
    """The app within which a page was opened; ``None`` for a browser of its own, and where nothing is known.

    >>> found = app_browser("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) [LinkedInApp]/9.30")
    >>> found.app, found.source
    ('LinkedIn', 'linkedin.com')
    """
    if not isinstance(user_agent, str):
        return None
    text = user_agent[:READ_LENGTH]
    return next((row for row in app_browsers() if row.pattern in text), None)
