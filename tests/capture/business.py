"""A program with a business of its own: it takes one order and links it, and dies where it is told to."""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.orm import Session

from attribution_campaign_context.models import AttributionSubjectLink
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder

STATEMENTS = {
    "enqueued": "INSERT INTO attribution_outbox",
    "claimed": "DELETE FROM attribution_outbox",
    "linked": "INSERT INTO attribution_subject_links",
}
"""Points right after a statement; all of them lie within a transaction."""
POINTS = ("enqueued", "before_commit", "committed", "claimed", "linked", "before_last_commit", "never")
"""In the order in which the program comes by them."""


def main(url: str, point: str) -> None:
    """Take the order, commit, empty the outbox.

    :param url: of the database.
    :param point: at which the process kills itself; ``never`` is one, too.
    """
    engine = create_engine(url)
    if point in STATEMENTS:
        event.listen(engine, "after_cursor_execute", _dying_after(STATEMENTS[point]))
    recorder = SyncSQLAlchemyRecorder(engine)
    link = AttributionSubjectLink(id="l1", touch_id="t1", subject_resource="order", subject_id="1")
    with Session(engine) as session:
        session.execute(text("insert into orders (id) values (1)"))
        recorder.enqueue(session, [link])
        if point == "before_commit":
            event.listen(engine, "commit", _die)
        session.commit()
    if point == "committed":
        _die()
    if point == "before_last_commit":
        event.listen(engine, "commit", _die)
    recorder.drain()


def _dying_after(words: str) -> Callable[..., None]:
    def check(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if words in statement:
            _die()

    return check


def _die(*_anything: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
