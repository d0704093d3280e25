"""A server goes on collecting while its ledger is moved there and back, and refuses nothing for it."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledger.filled import held
from tests.server.conftest import Place
from tests.server.in_process import answered, collecting
from tests.server.refusals import batch_of
from touchline.errors import HomeError, UsageError
from touchline.jobs import moving
from touchline.ledger import Ledger, schema
from touchline.ledger.moving import MovedError
from touchline.settings import Home

NOW = 1_772_900_000_000_000


def test_a_ledger_moves_there_and_back_under_a_server_that_goes_on_collecting(place: Place, database_url: str) -> None:
    there, back = place.home, Home(place.home.path, database_url=database_url)
    answers: list[int] = []
    done, answered_more = asyncio.Event(), asyncio.Event()

    async def sent() -> None:
        async with collecting(place) as application:
            while not done.is_set():
                answered_more.set()
                request = batch_of(place.publishable, [{"type": "PAGE_VIEW", "anonId": "ada"}])
                answers.append((await answered(application, request)).status)
                await asyncio.sleep(0.01)

    async def several_more() -> None:
        until = len(answers) + 5
        while len(answers) < until:
            answered_more.clear()
            await answered_more.wait()

    async def moved_twice() -> None:
        sending = asyncio.create_task(sent())
        await several_more()
        await asyncio.to_thread(moving.move_home, there, database_url, now=NOW)
        await several_more()
        there.ledger_file.rename(place.home.path / "old.db")
        await asyncio.to_thread(moving.move_home, back, "file", now=NOW)
        await several_more()
        done.set()
        await sending

    asyncio.run(moved_twice())
    assert set(answers) == {200}
    with closing(Ledger(there.ledger)) as ledger:
        assert len(ledger.rows(schema.TRACKING_EVENTS)) == len(answers)
        assert ledger.damage() == ""
    assert len(held(database_url)["tracking_events"]) < len(answers)
    with pytest.raises(MovedError, match=r"ledger\.db"):
        Ledger(database_url)
    assert moving.moved_to(there) == there.ledger_file.absolute()
    assert (place.home.path / "ledger.moved").stat().st_mode & 0o777 == 0o600
    moving.forget_move(there)
    assert moving.moved_to(there) is None


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


def test_plans_and_places(place: Place, database_url: str) -> None:
    plan = moving.plan_of(place.home, database_url)
    assert (plan.problem, plan.held.rows["keys"], plan.source) == ("", 2, str(place.home.ledger_file))
    Ledger.create(database_url).close()
    assert "There is a ledger in" in moving.plan_of(place.home, database_url).problem
    for home, to, said in (
        (place.home, "file", "is in the home's file"),
        (place.home, "mysql://a", "postgresql:// URL"),
        (Home(place.home.path, database_url=database_url), database_url, "in a database already"),
    ):
        with pytest.raises((HomeError, UsageError), match=said):
            moving.move_home(home, to, now=NOW)
    assert not moving.cancel_move(place.home)
