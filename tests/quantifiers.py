"""What ``all`` says of nothing is no test."""

from collections.abc import Iterable


def each(answers: Iterable[object]) -> bool:
    """Whether every answer is a yes, and there is one.

    >>> each([True, True]), each([True, False]), each([])
    (True, False, False)
    """
    found = list(answers)
    return bool(found) and all(found)
