"""One connection that stays open, for what a server asks again and again while nothing happens."""

import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, TextClause


class Lookout:
    """Asks short questions, one after another, each of which reads its own moment.

    There is no transaction to begin and to take back, and no question first whether the connection still stands: where
    it does not, the question fails, and the next one opens another.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._turn = threading.Lock()

    def ask(self, question: TextClause, parameters: Mapping[str, object] | None = None) -> tuple[Any, ...]:
        """The only row of the answer."""
        with self._turn:
            try:
                if self._connection is None:
                    self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                return tuple(self._connection.execute(question, parameters or {}).one())
            except BaseException:
                self._let_go()
                raise

    def close(self) -> None:
        """Let go of the connection."""
        with self._turn:
            self._let_go()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
