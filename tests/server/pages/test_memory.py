"""What a worker remembers: answers of one state of the numbers, and no more than fit."""

import threading
from collections import Counter

from touchline.server.pages.memory import Memory


def test_the_answer_that_was_read_longest_ago_goes_first() -> None:
    memory, made = Memory(2), Counter[str]()

    def ask(question: str) -> None:
        memory.answer("run", question, lambda: made.update([question]))

    for question in ("a", "b", "a", "c", "a", "b"):
        ask(question)
    assert made == {"a": 1, "b": 2, "c": 1}


def test_a_new_state_forgets_everything() -> None:
    memory = Memory()
    made = iter("abcd")
    assert [memory.answer(run, "q", lambda: next(made)) for run in (1, 1, 2, 1)] == ["a", "a", "b", "c"]


def test_an_answer_of_an_earlier_state_is_not_kept_for_the_next() -> None:
    memory, is_asked, may_answer = Memory(), threading.Event(), threading.Event()

    def slow() -> str:
        is_asked.set()
        may_answer.wait(30)
        return "old"

    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(memory.answer(1, "q", slow)))
    thread.start()
    assert is_asked.wait(30)
    assert memory.answer(2, "other", lambda: "x") == "x"
    may_answer.set()
    thread.join(30)
    assert found == ["old"]
    assert memory.answer(2, "q", lambda: "new") == "new"


def test_an_error_is_not_remembered() -> None:
    memory = Memory()

    def fail() -> str:
        raise ValueError

    try:
        memory.answer(1, "q", fail)
    except ValueError:
        assert memory.answer(1, "q", lambda: "found") == "found"
