"""What goes to the log of a failure that nobody is shown: its kind and where it was, never the values it was about."""

import logging
import traceback


def log_failure(log: logging.Logger, what: str, problem: BaseException) -> None:
    """Log the type of a failure, and at ``DEBUG`` the lines of code that led to it.

    A message of its own may quote what a visitor has sent, as those of databases do, so it is left out.

    >>> log_failure(logging.getLogger("example"), "A touch was not recorded", ValueError("ann@example.org"))
    """
    log.error("%s: %s.", what, type(problem).__name__)
    log.debug("Where it was:\n%s", "".join(traceback.format_tb(problem.__traceback__)))
