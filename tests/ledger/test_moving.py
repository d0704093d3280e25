"""A ledger that is moved holds the same in every table, whatever is written and cut off meanwhile."""

import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.filled import ROWS, add_event, change, filled, held
from touchline.errors import HomeError, StorageError, UsageError
from touchline.ledger import Ledger, schema
from touchline.ledger.moving import Moved, MovedError, Told, cancel, contents, ground_at, move, mover, rows
from touchline.ledger.opening import store_at
from touchline.progress import Progress, ignore_progress

Place = Path | str


class CutOffError(Exception):
    """What stands for the end of the process."""


@pytest.fixture(params=["to PostgreSQL", "to a file"])
def places(request: pytest.FixtureRequest, file: Path, database_url: str) -> tuple[Place, Place]:
    """Where a ledger is, and where it goes."""
    found: tuple[Place, Place] = (file, database_url) if request.param == "to PostgreSQL" else (database_url, file)
    filled(found[0])
    return found


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SLICE", 4)
    monkeypatch.setattr(rows, "KEYS", 3)
    monkeypatch.setattr("touchline.ledger.moving.mover._SLICES_A_ROUND", 7)
    monkeypatch.setattr("touchline.ledger.moving.mover._FEW", 2)


def moved(places: tuple[Place, Place], progress: Progress = ignore_progress) -> Moved:
    with ground_at(places[0]) as source, ground_at(places[1]) as target:
        return move(source, target, Told("2026-03-01", "Set it."), lambda: None, progress)


def test_every_table_arrives_and_numbers_go_on(places: tuple[Place, Place]) -> None:
    source, target = places
    with closing(Ledger(source)) as ledger, ledger.transaction() as entry:
        entry.remove(schema.AUDIT_LOG, entry=ROWS)  # the newest number was given, and is not given again
    before = held(source)
    assert {len(found) for found in before.values()} == {ROWS, ROWS - 1}
    report = moved(places)
    assert {each.table: each.rows for each in report.tables} == {name: len(found) for name, found in before.items()}
    assert held(target) == before == held(source)
    with closing(Ledger(target)) as ledger:
        assert ledger.damage() == ""
        assert [add_event(ledger, number) for number in range(ROWS + 2)] == [0] * ROWS + [1, 1]
        newest = ledger.rows(schema.TRACKING_EVENTS, limit=2, is_newest_first=True)
        assert min(row["sequence"] for row in newest) > ROWS
        with ledger.transaction() as entry:
            row = {"at": 1, "actor": "", "action": "", "organization_id": "", "detail": ""}
            assert entry.add(schema.AUDIT_LOG, **row) == ROWS + 1


def test_what_changes_meanwhile_arrives_and_a_move_that_is_cut_off_goes_on(places: tuple[Place, Place]) -> None:
    source, target = places
    chance, numbers = random.Random(5), iter(range(ROWS, 10_000))
    store = store_at(source)
    with closing(Ledger(source)) as ledger:
        steps, limit, attempts = 0, 3, 0

        def report(_doing: str, _done: int, _total: int) -> None:
            nonlocal steps
            steps += 1
            if steps < 60:
                add_event(ledger, next(numbers))
                change(store.engine, chance)
                if steps % 7 == 0:
                    removed = ledger._store.remove_events
                    with ledger._store.engine.begin() as connection:
                        removed(connection, [chance.randrange(1, ROWS)])
            if steps % limit == 0:
                raise CutOffError

        while True:
            attempts += 1
            try:
                done = moved(places, report)
            except CutOffError:
                limit *= 2
            else:
                break
    assert attempts > 4
    assert done.tables
    assert held(source) == held(target)
    with closing(Ledger(target)) as ledger:
        assert ledger.damage() == ""
    store.engine.dispose()


def test_the_old_ledger_says_where_it_went_and_takes_nothing(places: tuple[Place, Place]) -> None:
    source, target = places
    with closing(Ledger(source)) as opened:
        moved(places)
        with pytest.raises(MovedError, match="was moved"):
            add_event(opened, 99)
        for table in schema.METADATA.sorted_tables:
            if table.name in {"users", "erasures", "settings"}:
                with pytest.raises(MovedError), opened.transaction() as entry:
                    entry.remove(table)
        with pytest.raises(MovedError, match="Set it"), opened.alone("a run"):
            pass
    with pytest.raises(MovedError, match="2026-03-01") as caught:
        Ledger(source)
    with ground_at(target) as new:
        assert new.name in str(caught.value)
    with pytest.raises(MovedError):
        moved(places)
    with pytest.raises(MovedError), ground_at(source) as old:
        cancel(old)


@pytest.mark.parametrize("step", ["sqlite_ground.put", "sqlite_ground.migrate.upgrade", "mover._marks_in"])
def test_a_move_that_is_cut_off_as_it_begins_begins_again(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """SQLite's driver commits each table of a migration."""
    filled(file, 2)

    def cut_off(*_given: object) -> None:
        raise CutOffError

    with monkeypatch.context() as patch:
        patch.setattr(f"touchline.ledger.moving.{step}", cut_off)
        with pytest.raises(CutOffError):
            moved((file, tmp_path / "new.db"))
    moved((file, tmp_path / "new.db"))
    assert held(file) == held(tmp_path / "new.db")


def test_between_the_two_commits_of_the_switch_neither_is_a_ledger(
    places: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_target: object) -> None:
        raise CutOffError

    source, target = places
    with monkeypatch.context() as patch:
        patch.setattr("touchline.ledger.moving.mover._open", cut_off)
        with pytest.raises(CutOffError):
            moved(places)
    with pytest.raises(MovedError):
        Ledger(source)
    with pytest.raises(HomeError, match="has not come to its end"):
        Ledger(target)
    with pytest.raises(HomeError, match="has not come to its end"):
        Ledger.create(target)
    assert moved(places) == Moved((), 0)
    Ledger(target).close()


def test_what_differs_is_found_before_the_switch(places: tuple[Place, Place]) -> None:
    source, target = places

    def spoil(doing: str, _done: int, _total: int) -> None:
        if doing == "checking erasures":
            store = store_at(target)
            with store.engine.begin() as connection:
                connection.execute(schema.USERS.update().where(schema.USERS.c.name.like("%1%")).values(role="viewer"))
            store.engine.dispose()

    with pytest.raises(CutOffError):
        moved(places, _cut_off_at("checking erasures"))
    moved_before = held(source)
    store = store_at(target)
    with store.engine.begin() as connection:
        connection.execute(schema.USERS.update().values(role="viewer"))
    store.engine.dispose()
    with pytest.raises(StorageError, match="The table users is not the same"):
        moved(places, spoil)
    with closing(Ledger(source)) as ledger:
        assert add_event(ledger, 77) == 1
    assert held(source)["users"] == moved_before["users"]


def _cut_off_at(step: str) -> Progress:
    def report(doing: str, _done: int, _total: int) -> None:
        if doing == step:
            raise CutOffError

    return report


def test_a_move_that_is_given_up_leaves_the_ledger_as_it_was(places: tuple[Place, Place]) -> None:
    source, target = places
    with pytest.raises(CutOffError):
        moved(places, _cut_off_at("checking erasures"))
    with ground_at(source) as old:
        assert cancel(old)
        assert not cancel(old)
    with closing(Ledger(source)) as ledger:
        assert add_event(ledger, 50) == 1
    with pytest.raises(HomeError, match="was given up"):
        moved(places)
    with pytest.raises(HomeError, match="has not come to its end"):
        Ledger(target)


def _given_up_for_another(source: Place, third: Path) -> None:
    """What is written before another move begins is noted for neither of them."""
    with ground_at(source) as old:
        assert cancel(old)
    with closing(Ledger(source)) as ledger:
        assert add_event(ledger, ROWS + 7) == 1
    with pytest.raises(CutOffError):
        moved((source, third), _cut_off_at("checking erasures"))
    with closing(Ledger(source)) as ledger:
        assert add_event(ledger, ROWS + 8) == 1


def _arrives_whole(source: Place, third: Path) -> None:
    moved((source, third))
    assert held(third) == held(source)
    assert len(held(third)["tracking_events"]) == ROWS + 2


def test_a_move_that_is_given_up_before_its_switch_switches_nothing(
    places: tuple[Place, Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, third = places[0], tmp_path / "third.db"
    switch = mover._Moving.switch

    def late(moving: mover._Moving, *given: Any) -> int:
        monkeypatch.undo()
        _given_up_for_another(source, third)
        return switch(moving, *given)

    monkeypatch.setattr(mover._Moving, "switch", late)
    with pytest.raises(HomeError, match="was given up by"):
        moved(places)
    _arrives_whole(source, third)


@pytest.mark.parametrize("step", ["copying", "checking erasures"])
def test_a_move_of_a_file_that_is_given_up_as_it_reads_takes_no_notes_of_the_next(
    file: Path, tmp_path: Path, step: str
) -> None:
    filled(file)
    given_up: list[str] = []

    def report(doing: str, _done: int, _total: int) -> None:
        if not given_up and doing.startswith(step):
            given_up.append(doing)
            _given_up_for_another(file, tmp_path / "third.db")

    with pytest.raises(HomeError, match="was given up by"):
        moved((file, tmp_path / "new.db"), report)
    _arrives_whole(file, tmp_path / "third.db")


def test_a_target_that_holds_something_is_refused(places: tuple[Place, Place], tmp_path: Path) -> None:
    source, target = places
    Ledger.create(target).close()
    with pytest.raises(HomeError, match="There is a ledger in"):
        moved(places)
    third = tmp_path / "third.db"
    with pytest.raises(CutOffError):
        moved((source, third), _cut_off_at("checking erasures"))
    with pytest.raises(UsageError, match="Another move"):
        moved((source, tmp_path / "fourth.db"))
    with ground_at(source) as old:
        plan = contents(old)
    assert plan.rows == {name: len(found) for name, found in held(source).items()}
    assert plan.seconds > 0
