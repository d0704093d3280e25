"""What was worked out since the last run: a page asks for nothing twice, and no more is kept than fits."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

MOST_ANSWERS = 256
"""Answers that a worker keeps, those that were read last."""


class Memory:
    """Answers of one state of the numbers, for the threads of one process.

    >>> memory = Memory()
    >>> memory.answer("run 1", "spend", lambda: 12), memory.answer("run 1", "spend", lambda: 99)
    (12, 12)
    >>> memory.answer("run 2", "spend", lambda: 99)
    99
    """

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._lock = Lock()
        self._state: Hashable = None
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def answer(self, state: Hashable, question: Hashable, make: Callable[[], Any]) -> Any:
        """What ``make`` returns, or returned for the same question in the same state.

        :param state: of the numbers; with another one, all that is kept is forgotten.
        """
        with self._lock:
            if state != self._state:
                self._state, self._answers = state, OrderedDict()
            if question in self._answers:
                self._answers.move_to_end(question)
                return self._answers[question]
        made = make()
        with self._lock:
            if state == self._state:
                self._answers[question] = made
                while len(self._answers) > self._most:
                    self._answers.popitem(last=False)
        return made
