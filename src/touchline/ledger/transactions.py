"""Transactions that are one: several functions, each with a transaction of its own, write all or nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Transactions(threading.local, Generic[T]):
    """Those of one ledger and one thread."""

    def __init__(self) -> None:
        self._held: ExitStack | None = None
        """Ends the one transaction of all; ``None``: each is its own."""
        self._open: T | None = None

    @contextmanager
    def one(self, begin: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
        """A transaction, or the one that others inside :meth:`together` have begun.

        :param begin: makes one, which is committed at its end unless an error ends it.
        """
        if self._held is None:
            with begin() as own:
                yield own
            return
        if self._open is None:
            self._open = self._held.enter_context(begin())
        yield self._open

    @contextmanager
    def together(self) -> Iterator[None]:
        """All transactions inside are one, which begins with the first of them and ends with the block."""
        if self._held is not None:
            yield
            return
        try:
            with ExitStack() as held:
                self._held = held
                yield
        finally:
            self._held = self._open = None
