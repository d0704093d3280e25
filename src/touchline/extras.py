"""What only some installations have: packages of an extra, and the error where one is needed that is not there."""

from collections.abc import Iterator
from contextlib import contextmanager

from touchline.errors import UsageError

_OF_CHARTS = ("altair", "vl_convert")


@contextmanager
def needing_charts(what: str) -> Iterator[None]:
    """Import in this block what draws charts.

    :param what: what needs them, as the subject of a sentence.
    :raises UsageError: if the extra ``charts`` is not installed.

    >>> with needing_charts("A page with charts"):
    ...     raise ModuleNotFoundError(name="altair")
    Traceback (most recent call last):
    touchline.errors.UsageError: A page with charts needs altair, which is not installed. Run `pip install
    "touchline[charts]"`.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_CHARTS:
            raise
        raise UsageError(
            f"{what} needs {error.name}, which is not installed.", 'Run `pip install "touchline[charts]"`.'
        ) from error
