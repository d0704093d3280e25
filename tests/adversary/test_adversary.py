"""Strangers do their worst with the key that every page shows: nobody notices, and no verified number moves.

Three seeds in ``make test``, a hundred in ``make test-all``. How fast honest requests are answered is printed and never
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

IS_LONG = settings().max_examples >= 1_000
SEEDS = 100 if IS_LONG else 3
LATER_SEEDS = 8 if IS_LONG else 0
"""With which a server that begins late is attacked."""
REQUESTS = 120 if IS_LONG else 60
"""Honest ones for each seed."""
MEMORY = Memory(1_000_000_000 if IS_LONG else 400_000_000)
"""What a run may hold: little, so that the engine has taken its share soon; a long life has half a million events."""
READY_SECONDS = 900 if IS_LONG else 120
"""Within which a server that takes over has run: over all that came of the attack, where a run was cut off."""


class Life(NamedTuple):
    """One shop's life."""

    place: Place
    honest: Honest
    footprints: list[Footprint]
    """Of the first server; in a long life also of the second, which began late."""
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
        for footprint in life.footprints:
            footprint.check(MEMORY)
        if IS_LONG:
            life.footprints[0].check_growth(life.footprints[1])
    with Workspace(quiet.place.home) as one, Workspace(loud.place.home) as other:
        for workspace, life in ((one, quiet), (other, loud)):
            running.run(workspace)
            assert life.honest.acknowledged <= _column(workspace, "select event_id from tracking_events")
        for question in VERIFIED:
            assert _rows(other, question) == _rows(one, question), question


def lived(place: Place, *, is_attacked: bool) -> Life:
    """The same honest traffic in every life; every seed has strangers of its own."""
    life = Life(place, Honest(), [], 0)
    for seeds in filter(None, (range(SEEDS), range(SEEDS, SEEDS + LATER_SEEDS))):
        life = _lived_on(life, seeds, is_attacked=is_attacked)
    return life


def _lived_on(life: Life, seeds: range, *, is_attacked: bool) -> Life:
    """A new server takes over for these seeds."""
    environment = {**life.place.environment, **OPTIONS, VARIABLE: str(MEMORY)}
    with whole(life.place.home.path, environment, ready_seconds=READY_SECONDS) as server, ExitStack() as held:
        footprint = Footprint(server)
        orders = (SEEDS + LATER_SEEDS) * REQUESTS
        strangers = held.enter_context(attacked(server, life.place, seeds[0], orders)) if is_attacked else None
        for seed in seeds:
            if strangers is not None:
                strangers.replace(seed)
            sent = strangers.sent if strangers is not None else 0
            with footprint.watched():
                send_honest(server, life.place, 0, seed * REQUESTS, REQUESTS, life.honest)
            assert strangers is None or strangers.sent > sent, "nobody attacked"
        attacks = life.attacks + (strangers.sent if strangers is not None else 0)
    return life._replace(footprints=[*life.footprints, footprint], attacks=attacks)


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
        f"\nquiet: {_held(quiet)}\nattacked: {_held(loud)}"
    )


def _held(life: Life) -> str:
    return "; then a new server: ".join(footprint.said() for footprint in life.footprints)
