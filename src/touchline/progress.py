"""The callbacks by which long work reports how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is in total."""

Advance = Callable[[int], object]
"""Called with how much was done since the last call, e.g. the bytes that were read of a file."""


def ignore_progress(_doing: str, _done: int, _total: int) -> None:
    """A :data:`Progress` for work that nobody watches."""


def ignore_advance(_count: int) -> None:
    """An :data:`Advance` for work that nobody watches."""
