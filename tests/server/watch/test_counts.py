"""Several workers of one server, and one answer about all of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.conftest import placed
from tests.server.whole import wait_until, whole
from touchline.server.watch.counts import Board, Counts, Told, together


def test_sums_of_counts_and_durations() -> None:
    durations = [1] + [0] * 13
    one = Counts(1, 2, {"accepted": 2}, {"200": 1}, {"other": Told(durations, 0.5)})
    two = Counts(2, 3, {"accepted": 3, "rejected": 1}, {"413": 1}, {"other": Told(durations, 0.25)})
    found = together([one, two])
    assert (found.waiting, found.events, found.answers) == (5, {"accepted": 5, "rejected": 1}, {"200": 1, "413": 1})
    assert found.seconds == {"other": Told([2] + [0] * 13, 0.75)}
    assert together([one]).seconds == one.seconds


def test_a_worker_that_ended_has_counted_and_nothing_waits_in_it(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    one, other = Board(tmp_path), Board(tmp_path)
    one.tell(Counts(ended.pid, 7, {"accepted": 1}))
    one.tell(Counts(ended.pid, 7, {"accepted": 2}))
    (found,) = other.others()
    assert (found.events, found.waiting) == ({"accepted": 2}, 0)
    assert one.others() == []


def test_what_is_half_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "1-1.json").write_text('{"events"')
    assert Board(tmp_path).others() == []


@pytest.mark.slow
def test_a_scrape_tells_of_every_worker_whichever_it_meets(tmp_path: Path, database_url: str) -> None:
    place = placed(tmp_path / "home", database_url)
    view = {"publicKey": place.publishable, "type": "PAGE_VIEW", "url": "https://shop.example/"}
    with whole(place.home.path, {"DATABASE_URL": database_url}, "--workers", "2") as server:

        def accepted() -> set[str]:
            """What ten scrapes say."""
            bearer = f"Bearer {place.secret}"
            texts = [server.send(method="GET", path="/metrics", authorization=bearer).body for _ in range(10)]
            wanted = 'touchline_events_total{outcome="accepted"} '
            lines = [line for text in texts for line in text.decode().splitlines()]
            return {line.removeprefix(wanted) for line in lines if line.startswith(wanted)}

        (folder,) = place.home.path.glob("*.counts")
        wait_until(lambda: len(list(folder.glob("*.json"))) == 2, 60)  # ready is said by the worker that is first
        for number in range(30):
            assert server.send({**view, "eventId": f"e{number}"}).status == 200
        wait_until(lambda: accepted() == {"30.0"}, 30)
        assert server.stop() == 0
    assert list(place.home.path.glob("*.counts")) == []
