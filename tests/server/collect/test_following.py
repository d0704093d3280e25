"""A server goes on collecting while its ledger is moved there and back, and refuses nothing for it."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.ledger.filled import held
from tests.server.conftest import Place
from tests.server.in_process import answered, collecting
from tests.server.refusals import batch_of
from touchline.errors import HomeError, UsageError
from touchline.jobs import moving
from touchline.jobs.ownership import owning
from touchline.ledger import Ledger, schema
from touchline.ledger.moving import MovedError
from touchline.ledger.moving.sqlite_ground import SQLiteGround
from touchline.settings import Home

NOW = 1_772_900_000_000_000


async def answers_while_moving(place: Place, to: str) -> list[int]:
    """The statuses of events that are sent before, during and after the move."""
    answers: list[int] = []
    is_over, answered_more = asyncio.Event(), asyncio.Event()

    async def send() -> None:
        async with collecting(place) as application:
            while not is_over.is_set():
                request = batch_of(place.publishable, [{"type": "PAGE_VIEW", "anonId": "ada"}])
                answers.append((await answered(application, request)).status)
                answered_more.set()
                await asyncio.sleep(0.01)

    async def several_more() -> None:
        until = len(answers) + 5
        while len(answers) < until:
            answered_more.clear()
            await answered_more.wait()

    sending = asyncio.create_task(send())
    await several_more()
    await asyncio.to_thread(moving.move_home, place.home, to, now=NOW)
    await several_more()
    is_over.set()
    await sending
    return answers


def test_a_ledger_moves_there_and_back_under_servers_that_go_on_collecting(place: Place, database_url: str) -> None:
    there = place.home
    back = replace(place, home=Home(there.path, database_url=database_url))
    answers = asyncio.run(answers_while_moving(place, database_url))
    with owning(there, "http://127.0.0.1"), pytest.raises(UsageError, match="Start the server again"):
        moving.move_home(back.home, "file", now=NOW)
    moving.forget_move(there)  # as a server does that is started again
    there.ledger_file.rename(there.path / "old.db")
    answers += asyncio.run(answers_while_moving(back, "file"))
    assert set(answers) == {200}
    with closing(Ledger(there.ledger)) as ledger:
        assert len(ledger.rows(schema.TRACKING_EVENTS)) == len(answers)
        assert ledger.damage() == ""
    assert len(held(database_url)["tracking_events"]) < len(answers)
    with pytest.raises(MovedError, match=r"ledger\.db"):
        Ledger(database_url)
    assert moving.moved_to(there) == there.ledger_file.absolute()
    assert (there.path / "ledger.moved").stat().st_mode & 0o777 == 0o600
    moving.forget_move(there)
    assert moving.moved_to(there) is None


def test_the_log_of_another_ledger_is_not_carried_into_a_new_one(place: Place, database_url: str) -> None:
    moving.move_home(place.home, database_url, now=NOW)
    place.home.ledger_file.unlink()
    log = place.home.path / "ledger.db-wal"
    log.write_bytes(b"frames")
    with pytest.raises(HomeError, match="is left of another ledger"):
        moving.move_home(Home(place.home.path, database_url=database_url), "file", now=NOW)
    assert log.read_bytes() == b"frames"


def test_what_nobody_says_a_new_place_of_is_answered_503(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of another machine's server, whose home has no word of it."""
    monkeypatch.setattr(moving, "_point", lambda *_: None)
    monkeypatch.setattr(moving, "_target", lambda *_: tmp_path / "new.db")

    async def told() -> tuple[int, bytes, dict[str, str]]:
        async with collecting(place) as application:
            await asyncio.to_thread(moving.move_home, place.home, "", now=NOW)
            answer = await answered(application, batch_of(place.publishable, [{"type": "PAGE_VIEW", "anonId": "ada"}]))
            return answer.status, answer.body, answer.headers

    status, body, headers = asyncio.run(told())
    assert (status, b"The ledger cannot be written now." in body, "retry-after" in headers) == (503, True, True)


def test_a_new_place_that_cannot_be_read_is_answered_503_and_logged(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pointer = place.home.path / "ledger.moved"
    monkeypatch.setattr(moving, "_point", lambda *_: pointer.mkdir())  # no user can read a folder, nor root
    monkeypatch.setattr(moving, "_target", lambda *_: tmp_path / "new.db")

    async def answer() -> int:
        async with collecting(place) as application:
            await asyncio.to_thread(moving.move_home, place.home, "", now=NOW)
            sent = batch_of(place.publishable, [{"type": "PAGE_VIEW", "anonId": "ada"}])
            return (await answered(application, sent)).status

    with capture_logs() as logs:
        assert asyncio.run(answer()) == 503
    (logged,) = [line for line in logs if line["event"] == "ledger_not_followed"]
    assert f"{pointer} says where the ledger was moved to, and cannot be read" in logged["problem"]


def test_a_move_that_is_given_up_leaves_no_word_of_its_target(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process ended between the word of the new place and the commit that ends the old one."""
    pointer, draft = place.home.path / "ledger.moved", place.home.path / "ledger.moved.new"
    monkeypatch.setattr(moving, "_target", lambda *_: tmp_path / "new.db")
    monkeypatch.setattr(SQLiteGround, "refuse_writing", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moving.move_home(place.home, "", now=NOW)
    draft.write_text("{}")
    assert pointer.exists()
    assert moving.cancel_move(place.home)
    assert not pointer.exists()
    assert not draft.exists()
    pointer.write_text("{}")  # as of a move that came to its end: a server that runs needs it
    assert not moving.cancel_move(place.home)
    assert pointer.exists()


def test_plans_and_places(place: Place, database_url: str) -> None:
    plan = moving.plan_of(place.home, database_url)
    assert (plan.refusal, plan.held.rows["keys"], plan.source) == (None, 2, str(place.home.ledger_file))
    Ledger.create(database_url).close()
    assert "There is a ledger in" in str(moving.plan_of(place.home, database_url).refusal)
    for home, to, said in (
        (place.home, "file", "is in the home's file"),
        (place.home, "mysql://a", "postgresql:// URL"),
        (Home(place.home.path, database_url=database_url), database_url, "in a database already"),
    ):
        with pytest.raises((HomeError, UsageError), match=said):
            moving.move_home(home, to, now=NOW)
    assert not moving.cancel_move(place.home)
