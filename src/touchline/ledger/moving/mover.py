"""The move itself: copy, catch up, check, switch.

What is done is remembered in the target, in the transaction that does it, so a move that was killed goes on. Which of
both is the ledger is decided by one commit in the source: before it the source is, after it the target, which then
holds everything. Until that is said in the target, too, neither takes anything.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, select

from touchline.errors import HomeError, TouchlineError, UsageError
from touchline.ledger import migrate
from touchline.ledger import move_marks as marks
from touchline.ledger.moving.checking import Checked, checked, differs
from touchline.ledger.moving.ground import Ground, add, put, remove
from touchline.ledger.moving.rows import (
    PARENTS,
    TABLES,
    Key,
    changed_keys,
    count_of,
    key_of,
    read_key,
    rows_of,
    slices,
    written_key,
)
from touchline.progress import Progress

_SLICES_A_ROUND = 20
"""Slices that are copied from one view: SQLite's log cannot be emptied, nor PostgreSQL vacuum, past an old one."""
_FEW = 200
"""Changes that are left to copy while writers wait."""
_END = "end"


class Moved(NamedTuple):
    """A move that came to its end."""

    tables: Sequence[Checked]
    """What both ends held alike shortly before the switch; nothing where that was done by an earlier attempt."""
    later: int
    """Rows that changed between then and the switch; each was compared."""


class Told(NamedTuple):
    """What a move says of itself to people."""

    on: str
    """Today."""
    next: str
    """What to do with the new place."""


def move(source: Ground, target: Ground, told: Told, before_switch: Callable[[], object], progress: Progress) -> Moved:
    """Move the ledger, or go on with a move that was cut off.

    :param before_switch: called while writers wait, right before the old ledger ends.
    :raises HomeError: if the target holds something else, the source went elsewhere or is of a newer release, or the
        move is given up meanwhile.
    :raises UsageError: if another move of the source is going on.
    :raises StorageError: if what was copied differs.
    """
    with target.store.explained(), target.store.alone("a move of this ledger"), source.store.explained():
        with source.store.engine.connect() as connection:
            migrate.require_known(connection)
        token = _begin(source, target)
        if token is None:
            _open(target)
            return Moved((), 0)
        migrate.upgrade(target.store.engine, target.store.migration_guard)
        moving = _Moving(source, target, token, progress)
        moving.copy()
        tables = moving.check()
        later = moving.switch(told, before_switch)
        _open(target)
    return Moved(tables, later)


def cancel(source: Ground, before_end: Callable[[], object] = lambda: None) -> bool:
    """Give a move up that has not come to its end: changes are noted no more; returns whether there was one.

    :param before_end: called while writers wait, right before the move ends; not if there is none.
    :raises MovedError: if the ledger went already.
    """
    with source.stopped() as connection:
        said = marks.marks_of(connection)
        if marks.MOVED in said:
            marks.refuse(connection)
        if said:
            before_end()
        source.follow_no_more(connection)
        marks.MARKS.drop(connection, checkfirst=True)
    return bool(said)


def _begin(source: Ground, target: Ground) -> str | None:
    """Agree on a token; ``None``: all is copied, and the target is to be opened."""
    schema = migrate.revisions()[-1]
    with source.store.engine.connect() as connection:
        ours = marks.marks_of(connection)
    theirs = _marks_in(target)
    if marks.FILLING not in theirs:
        if marks.MOVED in ours:
            with source.store.engine.connect() as old:
                marks.refuse(old)
        if not target.is_empty():
            raise occupied(target)
        target.begin_filling(json.dumps({"from": source.name, "token": secrets.token_hex(8), "schema": schema}))
        theirs = _marks_in(target)
    filling = json.loads(theirs[marks.FILLING])
    token = str(filling["token"])
    if marks.MOVED in ours:
        if json.loads(ours[marks.MOVED])["token"] == token:
            return None
        with source.store.engine.connect() as connection:
            marks.refuse(connection)
    if filling["schema"] != schema:
        raise _stale(target, "was begun by another release")
    following = ours.get(marks.FOLLOWING)
    if following is None and any(part.startswith(marks.COPIED) for part in theirs):
        raise _stale(target, "was given up, or is another ledger's")
    if following not in {None, token}:
        raise _another()
    if following is None:
        _follow(source, token)
    return token


def refusal_of(target: Ground) -> TouchlineError | None:
    """Why a move to this place would end before it begins; ``None``: it is empty, or a move there would go on."""
    try:
        is_free = target.is_empty() or marks.FILLING in _marks_in(target)
    except TouchlineError as error:
        return error
    return None if is_free else occupied(target)


def occupied(target: Ground) -> HomeError:
    """Something else is where a ledger is to go."""
    return HomeError(
        f"There is a ledger in {target.name} already, or another program's tables.",
        "Name an empty database, or move the home's ledger.db away; nothing that stands there is overwritten.",
    )


def _follow(source: Ground, token: str) -> None:
    with source.stopped() as connection:
        if marks.FOLLOWING in marks.marks_of(connection):  # since it was looked for
            raise _another()
        marks.make_marks(connection)
        source.follow(connection)
        marks.put(connection, marks.FOLLOWING, token)


def _another() -> UsageError:
    return UsageError("Another move of this ledger has not come to its end.", "End it with `touchline move --cancel`.")


def _marks_in(target: Ground) -> Mapping[str, str]:
    if target.is_empty():
        return {}
    with target.store.engine.connect() as connection:
        return marks.marks_of(connection)


def _stale(target: Ground, why: str) -> HomeError:
    return HomeError(
        f"The move that {target.name} is being filled by {why}.",
        "Run `touchline move --cancel`, empty that place, and move again.",
    )


def _open(target: Ground) -> None:
    """From here on the target is the ledger."""
    with target.store.engine.begin() as connection:
        marks.CHANGES.drop(connection, checkfirst=True)
        marks.MARKS.drop(connection, checkfirst=True)


class _Moving:
    """A move between two ends that agree."""

    def __init__(self, source: Ground, target: Ground, token: str, progress: Progress) -> None:
        self._source, self._target, self._token, self._progress = source, target, token, progress
        with target.store.engine.connect() as connection:
            said = marks.marks_of(connection)
        self._done: dict[str, Key | None] = {}
        """How far each table is copied; ``None``: to its end."""
        for table in TABLES:
            text = said.get(marks.COPIED + table.name)
            if text is not None:
                self._done[table.name] = None if text == _END else read_key(table, json.loads(text))

    def copy(self) -> None:
        """Copy everything, and what changed meanwhile, until little is left."""
        is_whole, changed = False, 0
        while not is_whole or changed > _FEW:
            with self._source.view() as view:
                changed = self._catch_up(view)
                is_whole = self._copy_on(view)

    def check(self) -> list[Checked]:
        """Compare everything as of one moment; the old ledger goes on meanwhile."""
        with ExitStack() as views:
            with self._source.stopped() as stopped:
                self._catch_up(stopped, forgets=False)
                ours = views.enter_context(self._source.view())
                theirs = views.enter_context(self._target.view())
            found = checked(ours, theirs, self._progress)
        damage = self._target.store.damage()
        if damage:
            raise differs("tracking_events", damage)
        return found

    def switch(self, told: Told, before_switch: Callable[[], object]) -> int:
        """Copy the rest while writers wait, and end the old ledger; returns how many rows that were."""
        later, changed = 0, _FEW + 1
        while changed > _FEW:
            with self._source.view() as view:
                changed = self._catch_up(view)
                later += changed
        with self._source.stopped() as last:
            later += self._catch_up(last, forgets=False)
            with self._target.store.engine.begin() as connection:
                self._target.set_numbers(connection, self._source.numbers(last))
            before_switch()
            self._source.refuse_writing(last)
            detail = {"to": self._target.name, "on": told.on, "next": told.next, "token": self._token}
            marks.put(last, marks.MOVED, json.dumps(detail))
        return later

    def _copy_on(self, view: Connection) -> bool:
        """Copy the next slices; returns whether that was all."""
        left = _SLICES_A_ROUND
        for table in TABLES:
            if self._done.get(table.name, ()) is None:
                continue
            total = count_of(view, table) if table.name not in self._done else 0
            copied = 0
            for rows in slices(view, table, self._done.get(table.name)):
                self._keep(table, rows, key_of(table, rows[-1]))
                copied += len(rows)
                self._progress(f"copying {table.name}", copied, max(total, copied))
                left -= 1
                if not left:
                    return False
            self._keep(table, [], None)
        return True

    def _keep(self, table: Table, rows: Sequence[tuple[object, ...]], up_to: Key | None) -> None:
        with self._target.store.engine.begin() as connection:
            if rows:
                add(self._target, connection, table, rows)
            marks.put(connection, marks.COPIED + table.name, _END if up_to is None else written_key(up_to))
        self._done[table.name] = up_to

    def _catch_up(self, view: Connection, *, forgets: bool = True) -> int:
        """Bring what is copied to what ``view`` sees of the rows that changed; returns how many those were."""
        marks.check_followed(view, self._token)
        up_to = view.scalar(select(func.max(marks.CHANGES.c.number)))
        if up_to is None:
            return 0
        changed = 0
        with self._target.store.engine.begin() as connection:
            for table in reversed(TABLES):
                for keys in self._copied_of(view, table):
                    self._clear(view, connection, table, keys)
            for table in TABLES:
                for keys in self._copied_of(view, table):
                    changed += len(keys)
                    self._replace(view, connection, table, keys)
        if forgets:
            self._source.forget_changes(view, up_to, self._token)
        return changed

    def _copied_of(self, view: Connection, table: Table) -> Iterator[list[Key]]:
        """The changed keys of what is copied already; the others are copied as they are then."""
        if table.name not in self._done:
            return
        end = self._done[table.name]
        for keys in changed_keys(view, table):
            copied = [key for key in keys if end is None or key <= end]
            if copied:
                yield copied

    def _clear(self, view: Connection, connection: Connection, table: Table, keys: Sequence[Key]) -> None:
        """Remove changed rows; those that others may refer to only where they are gone."""
        gone = list(keys)
        if table.name in PARENTS:
            standing = {key_of(table, row) for row in rows_of(view, table, keys)}
            gone = [key for key in keys if key not in standing]
        if gone:
            remove(self._target, connection, table, gone)

    def _replace(self, view: Connection, connection: Connection, table: Table, keys: Sequence[Key]) -> None:
        rows = rows_of(view, table, keys)
        if rows:
            put(self._target, connection, table, rows, [key_of(table, row) for row in rows])
        if rows_of(connection, table, keys) != rows:
            raise differs(
                table.name, f"rows that changed were not stored as they are, among them {written_key(keys[0])}"
            )
