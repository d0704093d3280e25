"""A person who came by the server is gone from everything that the server keeps of them, and stays gone."""

import time

from tests.quantifiers import each
from tests.server.collect.test_track import counts, events_in, rejected_in, view
from tests.server.conftest import WIDE, Place
from tests.server.serving import Server, serving
from touchline.jobs import erasing, running
from touchline.jobs.workspace import Workspace

HINTS = {"sec_ch_ua_mobile": "?1", "x_city": "Bursa", "x_forwarded_for": "198.51.100.7"}


def told(server: Server, place: Place, who: str, user: str) -> None:
    """What one visitor sends: good, refused, noise and wrong, in one browser."""
    key = {"publicKey": place.publishable, "anonId": who}
    server.send({**key, **view(f"1{who}")}, **HINTS)  # type: ignore[arg-type]
    server.send({**key, **view(f"2{who}"), "userId": user, "type": "IDENTIFY"}, **HINTS)  # type: ignore[arg-type]
    server.send({**key, **view(f"3{who}")}, user_agent="Googlebot/2.1")
    server.send({**key, **view(f"4{who}")}, sec_purpose="prefetch")
    server.send({**key, **view(f"5{who}"), "value": user})
    server.send({"publicKey": place.publishable, **view(f"6{user}"), "userId": user, "type": "nonsense"})


def test_nothing_of_them_is_left(any_place: Place) -> None:
    who, user = "visitor-7f2c9e", "user-51aa03"
    options = {**WIDE, "trusted_proxies": "127.0.0.0/8"}
    with serving(any_place.home.path, options, any_place.environment) as server:
        told(server, any_place, who, user)
        told(server, any_place, "somebody", "else")
    with Workspace(any_place.home) as workspace:
        owner = workspace.organization()["organization_id"]
        report = erasing.erase(workspace, owner, visitor=who, now=time.time_ns() // 1000)
        assert (report.events, report.rejected, report.claims) == (2, 4, 0)
        assert report.identifiers == (f"u:{user}", f"v:shop-example:{who}")
        running.run(workspace)
    with serving(any_place.home.path, options, any_place.environment) as server:
        said = {"publicKey": any_place.publishable, "anonId": who, **view("late"), "occurredAt": "2026-01-01T00:00:00Z"}
        assert counts(server.send(said)) == (207, 0, 0, 1)
    any_place.home.engine_file.unlink()  # its free space is wiped by nobody: docs/decisions/erasure.md
    with Workspace(any_place.home) as workspace:
        running.run(workspace, is_rebuild=True)
    for word in (who, user):
        assert each(word not in repr(row) for row in (*events_in(any_place), *rejected_in(any_place)))
        for file in any_place.home.path.rglob("*"):
            assert file.is_dir() or word.encode() not in file.read_bytes(), file
    assert len(events_in(any_place)) == 2
    assert sorted(str(row["reason"]) for row in rejected_in(any_place)) == [
        "bot", "erased", "prefetch", "unknown_value", "wrong_type"
    ]  # fmt: skip
