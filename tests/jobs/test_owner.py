"""The local API from the asker's side, against a plain other side that the test plays; and who owns a home's files."""

import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from touchline import errors
from touchline.errors import BusyError, StorageError, TouchlineError, UsageError
from touchline.jobs import owner, ownership
from touchline.jobs.owner import BEAT, FAILED, PROGRESS, ROWS, TOLD, Borrowed, Line, Owner, Question, owner_of, told_of
from touchline.jobs.ownership import listening, owning, servers_of, serving_at, sharing, socket_of
from touchline.settings import Home
from touchline.tables import IDENTITIES
from touchline.view import View

Answer = Callable[[Line, Question], None]
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TouchlineError)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


class Played:
    """The other side: each question that comes is noted, and answered as the test says."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.questions: list[Question] = []
        self.answer: Answer = lambda line, _: line.send(TOLD, b"{}")
        self.listener = listening(socket_of(home))
        self.owners: list[Owner] = []

    def serve(self) -> None:
        """Answer one connection after another until the listener closes."""
        with suppress(OSError):
            while True:
                self._talk(Line(self.listener.accept()[0]))

    def _talk(self, line: Line) -> None:
        with suppress(EOFError, OSError):
            while True:
                kind, content = line.receive()
                assert kind == owner.ASK
                self.questions.append(msgspec.json.decode(content, type=Question))
                self.answer(line, self.questions[-1])
        line.close()

    def owner(self, seconds: float | None = None) -> Owner:
        """A connection to it, as commands make one."""
        self.owners.append(Owner(socket_of(self.home), seconds=seconds))
        return self.owners[-1]


@pytest.fixture
def played(home: Home) -> Iterator[Played]:
    made = Played(home)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    for each in made.owners:
        each.close()
    made.listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    made.listener.close()


def rows(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def test_a_question_carries_its_parameters_as_they_were(played: Played) -> None:
    expected = pa.table({"a": [1, 2]})
    played.answer = lambda line, _: line.send(ROWS, rows(expected))
    given = {"day": date(2026, 1, 31), "text": "x", "count": 2**53, "share": 0.1, "is_on": True, "none": None}
    found = Borrowed(played.owner()).select("select 1", {"v": "select 2"}, given)
    assert found == expected
    assert (played.questions[0].sql, played.questions[0].views) == ("select 1", {"v": "select 2"})
    came = {name: owner.value_of(value) for name, value in played.questions[0].parameters.items()}
    assert came == given
    assert [type(value) for value in came.values()] == [type(value) for value in given.values()]


def test_what_cannot_be_spelled_is_no_parameter(played: Played) -> None:
    played.answer = lambda line, _: line.send(ROWS, b"")
    with pytest.raises(TypeError, match="is not a valid statement parameter"):
        played.owner().select("select 1", parameters={"list": [1]})
    assert played.questions == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_arrives_as_what_it_was(played: Played, kind: type[TouchlineError]) -> None:
    error = kind.__new__(kind)
    error.message, error.hint = "What is wrong.", "What to do."
    played.answer = lambda line, _: line.send(FAILED, told_of(error))
    with pytest.raises(kind) as found:
        played.owner().status()
    assert (type(found.value), found.value.message, found.value.hint) == (kind, "What is wrong.", "What to do.")


def test_an_error_of_another_release_arrives_as_the_kind_that_is_known(played: Played) -> None:
    class NewerError(BusyError):
        """One that the asker does not know."""

    played.answer = lambda line, _: line.send(FAILED, told_of(NewerError("Busy.", "Wait.")))
    asker = played.owner()
    with pytest.raises(BusyError, match="Busy"):
        asker.job("erase")
    unknown = msgspec.json.encode({"kind": "NobodysError", "message": "Lost.", "hint": ""})
    played.answer = lambda line, _: line.send(FAILED, unknown)
    with pytest.raises(TouchlineError, match="Lost"):
        asker.status()


def test_progress_is_passed_on_and_signs_of_life_are_not_answers(played: Played) -> None:
    def answer(line: Line, question: Question) -> None:
        for step in range(3):
            line.send(BEAT, b"")
            line.send(PROGRESS, msgspec.json.encode(("paths", step, 3)))
        line.send(TOLD, msgspec.json.encode({"rebuild": question.is_rebuild}))

    told: list[tuple[str, int, int]] = []
    played.answer = answer
    report = played.owner().run(is_rebuild=True, progress=lambda *step: told.append(step))
    assert msgspec.json.decode(report) == {"rebuild": True}
    assert told == [("paths", 0, 3), ("paths", 1, 3), ("paths", 2, 3)]
    assert (played.questions[0].ask, played.questions[0].seconds) == ("run", 0.0)


def test_an_owner_that_says_nothing_is_stuck_and_is_not_asked_again(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "SILENCE_SECONDS", 0.1)
    played.answer = lambda _line, _question: None
    silent = played.owner()
    with pytest.raises(BusyError, match="does not answer"):
        silent.status()
    with pytest.raises(BusyError, match="closed the connection"):
        silent.status()  # on a closed line: a late answer would be the answer to another question


def test_signs_of_life_keep_an_asker_waiting_only_for_its_own_time(played: Played) -> None:
    def beat(line: Line, _question: Question) -> None:
        while True:
            line.send(BEAT, b"")
            time.sleep(0.01)

    played.answer = beat
    impatient = played.owner(0.3)
    started = time.monotonic()
    with pytest.raises(BusyError, match="does not answer"):
        impatient.status()
    assert 0.2 < time.monotonic() - started < 60
    assert 0 < played.questions[0].seconds <= 0.3


def test_an_owner_that_hangs_up_is_said_to_have(played: Played) -> None:
    played.answer = lambda line, _: line.close()
    with pytest.raises(BusyError, match="closed the connection"):
        played.owner().status()


def test_a_message_longer_than_any_is_not_read() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(struct.pack("!cQ", ROWS, 2**33 + 1))
    with pytest.raises(EOFError):
        Line(theirs).receive(5)
    ours.close()
    theirs.close()


def test_messages_of_several_threads_stay_whole() -> None:
    ours, theirs = socket.socketpair()
    sender, receiver, size = Line(ours), Line(theirs), 300_000
    threads = [threading.Thread(target=sender.send, args=(TOLD, bytes([n]) * size)) for n in range(8)]
    for thread in threads:
        thread.start()
    came = [receiver.receive(30) for _ in threads]
    assert sorted(content[0] for _, content in came) == list(range(8))
    assert [content for _, content in came] == [content[:1] * size for _, content in came]
    sender.close()
    receiver.close()


WRITES: list[Callable[[Borrowed], object]] = [
    lambda engine: engine.create(IDENTITIES),
    lambda engine: engine.reshape([IDENTITIES], ()),
    lambda engine: engine.describe(IDENTITIES, "", {}),
    lambda engine: engine.append(IDENTITIES, []),
    lambda engine: engine.replace(IDENTITIES, "select 1", {}),
    lambda engine: engine.remove(IDENTITIES),
    lambda engine: engine.define(View("name", "select 1")),
    lambda engine: engine.transaction().__enter__(),
]


@pytest.mark.parametrize("write", range(len(WRITES)))
def test_what_is_borrowed_is_read_only(played: Played, write: int) -> None:
    played.answer = lambda line, _: line.send(TOLD, b"{}")
    with pytest.raises(UsageError, match="itself"):
        WRITES[write](Borrowed(played.owner()))
    assert played.questions == []


def test_a_home_has_one_owner_who_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "_PATIENCE", 0.1)
    assert (serving_at(home), owner_of(home)) == (None, None)
    with owning(home, "http://127.0.0.1:7"):
        found = serving_at(home)
        assert found is not None
        assert tuple(found) == (os.getpid(), "http://127.0.0.1:7", {})
        named = rf"owned by the server at http://127\.0\.0\.1:7 \(process {os.getpid()}\)"
        with pytest.raises(BusyError, match=named), owning(home, "http://127.0.0.1:8"):
            pytest.fail("two own the home")
        assert serving_at(home) == found  # the second left the first's words alone
    assert serving_at(home) is None
    assert stat.S_IMODE((home.path / "serve.lock").stat().st_mode) == 0o600
    with owning(home, "http://127.0.0.1:8"):
        assert (now := serving_at(home)) is not None
        assert now.url == "http://127.0.0.1:8"


def test_servers_that_own_no_file_are_known_and_clear_away_what_killed_ones_left(home: Home) -> None:
    def left(name: str) -> list[Path]:
        return sorted(file for file in home.path.iterdir() if file.name.startswith(name))

    for suffix in ("lock", "sock", "river"):
        (home.path / f"serve-7-dead.{suffix}").write_text("[7, 'http://t.example', {}]")
    (home.path / "serve-7-dead.counts").mkdir()
    assert servers_of(home) == []
    with sharing(home, "serve-8-a", "http://127.0.0.1:8", {"workers": 2}):
        (home.path / "serve-8-a.sock").touch()
        with sharing(home, "serve-8-b", "http://127.0.0.1:9"):
            found = [(one.pid, one.url, dict(one.options)) for one in servers_of(home)]
            assert found == [
                (os.getpid(), "http://127.0.0.1:8", {"workers": 2}), (os.getpid(), "http://127.0.0.1:9", {}),
            ]  # fmt: skip
            assert (serving_at(home), owner_of(home)) == (None, None)  # nobody owns the files
            assert left("serve-7") == []
            assert left("serve-8-a") == [home.path / "serve-8-a.lock", home.path / "serve-8-a.sock"]
        assert left("serve-8-b") == []


def test_an_owner_that_owns_and_does_not_listen_is_busy(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "PATIENCE_SECONDS", 0.2)
    with owning(home, "http://127.0.0.1:7"), pytest.raises(BusyError, match="does not answer"):
        owner_of(home, seconds=0.2)


def test_a_folder_that_takes_no_file_is_said_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be written: Not a directory"), owning(Home(tmp_path / "file"), ""):
        pytest.fail("a file is owned like a folder")


def test_a_socket_that_a_killed_process_left_is_replaced_and_only_its_user_reaches_it(home: Home) -> None:
    left = listening(socket_of(home))
    left.close()
    with pytest.raises(OSError):  # noqa: PT011 - of whichever kind
        ownership.connected(socket_of(home), 0.1)
    listener = listening(socket_of(home))
    assert stat.S_IMODE(socket_of(home).stat().st_mode) == 0o600
    ownership.connected(socket_of(home), 1).close()
    listener.close()


def test_a_folder_however_deep_has_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    listener = listening(socket_of(Home(deep)))
    ownership.connected(socket_of(Home(deep)), 1).close()
    assert socket_of(Home(deep)).is_socket()
    listener.close()
