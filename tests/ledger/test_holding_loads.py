"""Whoever states costs again keeps others from loading costs until it is done, in each database."""

import threading

from tests.server.conftest import Place, any_place
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

__all__ = ["any_place"]


def load(workspace: Workspace) -> None:
    with workspace.ledger.transaction() as entry:
        entry.add(
            schema.AD_COST_LOADS, organization_id="shop", source="csv", file_name="a.csv", file_hash="", loaded_at=1,
            accepted=0, rejected=0,
        )  # fmt: skip


def test_a_load_waits_until_the_costs_are_stated_again(any_place: Place) -> None:
    with Workspace(any_place.home) as ours, Workspace(any_place.home) as theirs:
        other = threading.Thread(target=load, args=(theirs,))
        with ours.ledger.transaction() as entry:
            entry.hold_loads()
            other.start()
            other.join(0.3)
            assert other.is_alive()
            assert ours.ledger.rows(schema.AD_COST_LOADS) == []
        other.join(30)
        assert len(ours.ledger.rows(schema.AD_COST_LOADS)) == 1
