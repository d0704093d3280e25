"""Strangers do their worst with the key that every page shows: nobody notices, and no verified number moves.

Five seeds in ``make test``, a hundred in ``make test-all``. How fast honest requests are answered is printed and never
judged here, where other tests may run beside this one; ``python -m tests.benchmarks.adversary`` measures it.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from tests.adversary.battle import OPTIONS, Honest, attacked, send_honest
from tests.adversary.footprint import Footprint
from tests.ledger.servers import database
from tests.oracle.world import Row
from tests.server.conftest import Place, placed
from tests.server.whole import whole
from touchline.engines.answers import python_rows
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.memory import VARIABLE, Memory

SEEDS = 5 if settings().max_examples < 1_000 else 100
REQUESTS = 60 if settings().max_examples < 1_000 else 120
"""Honest ones for each seed."""
MEMORY = Memory(400_000_000)
"""What a run may hold: little, so that the engine has taken its share soon, and what grows after that is a leak."""


class Life(NamedTuple):
    """One shop's life."""

    place: Place
    honest: Honest
    footprint: Footprint
    attacks: int


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    """A quiet shop and one under attack, on each database."""
    if request.param == "sqlite":
        yield placed(tmp_path / "quiet" / "home"), placed(tmp_path / "attacked" / "home")
        return
    server = request.getfixturevalue("postgres")
    with database(server) as one, database(server) as other:
        yield placed(tmp_path / "quiet" / "home", one), placed(tmp_path / "attacked" / "home", other)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_strangers_change_no_verified_number_and_stop_nobody(places: tuple[Place, Place]) -> None:
    quiet, loud = (
        lived(place, is_attacked=is_attacked) for place, is_attacked in zip(places, (False, True), strict=True)
    )
    print(_said(quiet, loud))  # noqa: T201
    assert loud.honest.share_answered >= 0.999, loud.honest.statuses
    for life in (quiet, loud):
        life.footprint.check(MEMORY, is_long=SEEDS > 50)
    with Workspace(quiet.place.home) as one, Workspace(loud.place.home) as other:
        for workspace, life in ((one, quiet), (other, loud)):
            running.run(workspace)
            assert life.honest.acknowledged <= _column(workspace, "select event_id from tracking_events")
        for question in VERIFIED:
            assert _rows(other, question) == _rows(one, question), question


def lived(place: Place, *, is_attacked: bool) -> Life:
    """The same honest traffic in every life; every seed has strangers of its own."""
    honest = Honest()
    environment = {**place.environment, **OPTIONS, VARIABLE: str(MEMORY)}
    with whole(place.home.path, environment) as server, ExitStack() as held:
        footprint = Footprint(server)
        strangers = held.enter_context(attacked(server, place, 0, SEEDS * REQUESTS)) if is_attacked else None
        for seed in range(SEEDS):
            if strangers is not None:
                strangers.replace(seed)
            sent = strangers.sent if strangers is not None else 0
            with footprint.watched():
                send_honest(server, place, 0, seed * REQUESTS, REQUESTS, honest)
            assert strangers is None or strangers.sent > sent, "nobody attacked"
        return Life(place, honest, footprint, strangers.sent if strangers is not None else 0)


VERIFIED = (
    """
    select event_id, type, occurred_at, visitor_id, user_id, value_micros, currency, order_id
    from tracking_events where is_verified
    """,
    """
    select conversion_id, goal, order_id, occurred_at, currency, gross_value_micros, refunded_micros, value_micros,
      status, is_counted
    from conversions where is_verified
    """,
    """
    select c.conversion_id, l.model, t.landing_url, l.position, l.touchpoint_count, l.channel, l.credit, l.value_micros
    from attribution_links as l join conversions as c on c.conversion_id = l.conversion_id
    left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
    where c.is_verified
    """,
    """
    select i.identifier, j.identifier as other
    from identities as i join identities as j on j.person_id = i.person_id
    where i.identifier like 'u:customer-%' and j.identifier <> i.identifier
      and (j.identifier like 'u:%' or j.identifier like 'v:%:visitor-of-%')
    """,
)
"""What verified events say: the events, the orders, their credit, and who is who."""


def _rows(workspace: Workspace, question: str) -> list[Row]:
    return sorted(python_rows(workspace.engine.select(question)), key=repr)


def _column(workspace: Workspace, question: str) -> set[str]:
    return {value for row in _rows(workspace, question) for value in row.values()}


def _said(quiet: Life, loud: Life) -> str:
    p99 = [life.honest.percentile(0.99) for life in (quiet, loud)]
    return (
        f"\n{sum(loud.honest.statuses.values()):,} honest requests beside {loud.attacks:,} hostile ones,"
        f" {loud.honest.share_answered:.2%} answered with 200;"
        f" p99 {p99[1]:.1f} ms under attack, {p99[0]:.1f} ms in quiet: {p99[1] / p99[0]:.1f} times"
        f"\nquiet: {quiet.footprint.said()}\nattacked: {loud.footprint.said()}"
    )
