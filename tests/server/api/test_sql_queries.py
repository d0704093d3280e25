"""``POST /api/query`` says how many rows its answer may have, and when it has not all of them."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from litestar import Litestar, Request
from litestar.testing import TestClient

from tests.server.conftest import NOW
from touchline.jobs import running, setup
from touchline.jobs.workspace import Workspace
from touchline.reports.sql_answers import MOST_ROWS
from touchline.server.api import sql_queries
from touchline.server.api.asking import Asker, Door
from touchline.server.api.river_reads import RiverReads
from touchline.settings import Home

COUNTING = """
    with recursive r as (select 1 as n union all select n + 1 as n from r where n < {last}) select n from r order by n
"""


class OpenDoor:
    """Lets everybody in."""

    def asker(self, _request: Request[Any, Any, Any], _scope: str, *, is_changing: bool) -> Asker:
        assert is_changing
        return Asker("ada", None)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    home = Home(tmp_path_factory.mktemp("query") / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        running.run(workspace)
    handlers = sql_queries.routes(home, cast("Door", OpenDoor()), RiverReads(60))
    with TestClient(Litestar(handlers)) as made:
        yield made


def asked(client: TestClient[Litestar], last: int, **more: object) -> Any:
    return client.post("/api/query", json={"sql": COUNTING.format(last=last), **more})


@pytest.mark.parametrize("last", [MOST_ROWS, MOST_ROWS + 1])
def test_an_answer_says_whether_it_is_cut(client: TestClient[Litestar], last: int) -> None:
    for given in ({}, {"rows": 10_000}):
        answer = asked(client, last, **given).json()
        assert (len(answer["rows"]), answer["rows"][-1], answer["isCut"]) == (10_000, [10_000], last > 10_000)


def test_fewer_rows_are_as_many_as_were_asked_for(client: TestClient[Litestar]) -> None:
    answer = asked(client, 9, rows=3).json()
    assert answer == {"columns": ["n"], "rows": [[1], [2], [3]], "isCut": True}


@pytest.mark.parametrize(("rows", "said"), [(10_001, "<= 10000"), (0, ">= 1"), (-1, ">= 1")])
def test_more_rows_than_an_answer_has_are_refused(client: TestClient[Litestar], rows: int, said: str) -> None:
    answer = asked(client, 9, rows=rows)
    assert answer.status_code == 400
    assert said in answer.text
