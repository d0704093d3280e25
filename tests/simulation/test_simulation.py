"""Whatever happens in whatever order: no acknowledged event is lost, and the tables are those of a rebuild.

Twenty lives, of which ``make test`` draws six, and a thousand in ``make test-all``. A life that goes wrong says its
seed; ``pytest "tests/simulation/test_simulation.py::test_no_life_differs_from_a_rebuild[<seed>]"`` lives it again.
"""

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from tests.simulation.simulation import START, Simulation
from touchline.jobs import setup
from touchline.settings import Home

SEEDS = 1_000 if settings().max_examples >= 1_000 else 20


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of a shop to which nothing has happened yet."""
    home = Home(tmp_path_factory.mktemp("template") / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="Europe/Berlin", now=START)
    return home.ledger_file


@pytest.mark.slow
@pytest.mark.campaign(6)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_life_differs_from_a_rebuild(seed: int, template: Path, tmp_path: Path) -> None:
    with closing(Simulation(template, tmp_path, seed)) as simulation:
        try:
            simulation.live()
        except BaseException as error:
            error.add_note(f"seed {seed}: {', '.join(simulation.steps)}")
            raise


def test_a_lost_event_is_noticed(template: Path, tmp_path: Path) -> None:
    with closing(Simulation(template, tmp_path, 1)) as simulation:
        simulation.ingest()
        simulation._state.told.popitem()
        with pytest.raises(AssertionError):
            simulation._check_ledger()
