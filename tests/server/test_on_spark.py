"""A whole server whose engine is a Spark Connect server: it ticks, answers, and outlives that server's death."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engines.spark_server import SailCluster
from tests.server.conftest import placed
from tests.server.process.test_serving import sale
from tests.server.whole import wait_until, whole
from touchline.errors import HomeError
from touchline.jobs.doctor.examining import examine
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_SECONDS = 300.0


@pytest.fixture
def cluster() -> Iterator[SailCluster]:
    own = SailCluster().start()
    yield own
    own.close()


def _conversions(home: Home) -> int:
    try:
        with Workspace(home, is_read_only=True) as workspace:
            return int(workspace.engine.select("select count(*) as many from conversions")["many"][0].as_py())
    except HomeError:
        return -1


def test_a_server_on_spark_follows_what_it_collects_and_outlives_the_death_of_spark(
    cluster: SailCluster, tmp_path: Path
) -> None:
    place = placed(tmp_path / "home")
    url = cluster.url("served")
    home = replace(place.home, engine_url=url)
    key = f"Bearer {place.secret}"
    with whole(home.path, {"TOUCHLINE_ENGINE": url}, ready_seconds=_SECONDS) as server:
        for number in range(3):
            events = {"publicKey": place.publishable, "events": sale(place.publishable, number)}
            assert server.send(events).status == 200
        wait_until(lambda: _conversions(home) == 3, _SECONDS)
        report = server.send(method="GET", path="/api/reports/attribution", authorization=key)
        assert report.status == 200
        checks = {check.name: check for check in examine(home)}
        assert checks["promises"].message.startswith("Every run computes everything again. A run is all or nothing")
        cluster.kill()
        assert server.send({"publicKey": place.publishable, "events": sale(place.publishable, 3)}).status == 200
        assert server.send(method="GET", path="/api/reports/attribution", authorization=key).status == 503
        assert _conversions(home) == -1
        cluster.start()
        wait_until(lambda: _conversions(home) == 4, _SECONDS)
        assert server.send(method="GET", path="/api/reports/attribution", authorization=key).status == 200
        assert server.stop() == 0
