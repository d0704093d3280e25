"""Lines of access logs: pages, parts of pages, and whatever else stands in such files."""

import gzip
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quantifiers import each
from touchline.errors import InputError
from touchline.ingest import Batch, Rejection, accept
from touchline.ingest.access_logs import AccessLog
from touchline.ingest.readers import read_log

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
NOW = 1_800_000_000_000_000


def line(
    request: str = "GET /a?utm_source=News HTTP/1.1", *, address: str = "192.0.2.7", user: str = "-",
    status: object = 200, at: str = "10/Oct/2026:13:55:36 +0200", size: object = 512,
    referrer: str = "https://www.google.com/", agent: str = AGENT,
) -> str:  # fmt: skip
    return f'{address} - {user} [{at}] "{request}" {status} {size} "{referrer}" "{agent}"'


def log() -> AccessLog:
    return AccessLog("https://shop.example", lambda text: sha256(f"key of a test {text}".encode()).hexdigest())


def read_lines(*lines: str | bytes) -> list[Any]:
    sourced = [(f"f:{n}", one if isinstance(one, bytes) else one.encode()) for n, one in enumerate(lines, 1)]
    return [payload for _, payload in log().payloads(sourced)]


def batch_of(*lines: str) -> Batch:
    payloads = [(f"f:{n}", payload) for n, payload in enumerate(read_lines(*lines), 1)]
    return next(accept(payloads, site_id="s", received_at=NOW, default_currency="EUR"))


def test_a_line_is_a_page_view() -> None:
    [event] = batch_of(line()).accepted
    assert (event.type, event.url) == ("PAGE_VIEW", "https://shop.example/a?utm_source=News")
    assert (event.utm_source, event.referrer_domain, event.user_agent) == ("news", "google.com", AGENT)
    assert event.occurred_at == 1_791_633_336_000_000  # 2026-10-10T11:55:36Z
    assert "192.0.2.7" not in repr(event)


VIEWS = [
    line(address="2001:db8::7"), line(address="host.example"), line(user="ann smith"), line(size="-"),
    line(referrer="-"), line(agent="-"), line(status=304), line("GET https://other.example/b HTTP/1.1"),
    line("GET /caf\\xC3\\xA9 HTTP/2.0"), line(agent='Mozilla \\"x\\" \\\\ y'), line() + ' "192.0.2.8" 0.004',
    line().rpartition(' "https')[0], line("GET /"), line("GET /page.html HTTP/1.0"),
    line(at="29/Feb/2024:23:59:60 +0000"),
]  # fmt: skip
OTHERS = [
    (line(status=404), "no_page"), (line(status=301), "no_page"), (line(status=500), "no_page"),
    (line("POST /order HTTP/1.1"), "no_page"), (line("HEAD / HTTP/1.1"), "no_page"),
    (line("GET /a/style.CSS?v=1 HTTP/1.1"), "asset"), (line("GET /favicon.ico HTTP/1.1"), "asset"),
    (line("\\x16\\x03\\x01"), "malformed"), (line("-"), "malformed"), (line(""), "malformed"),
    (line("GET * HTTP/1.1"), "malformed"), (line(at="31/Feb/2026:00:00:00 +0000"), "malformed"),
    (line(at="10/Okt/2026:13:55:36 +0200"), "malformed"), (line(status="20"), "malformed"), ("", "malformed"),
    ("a" * 100_000, "malformed"), ('"' * 50_000, "malformed"), (line()[:-30].rpartition('"')[0][:60], "malformed"),
    (line("GET /" + "\\" * 50_001 + " HTTP/1.1"), "too_long"),
]  # fmt: skip


@pytest.mark.parametrize("said", VIEWS, ids=range(len(VIEWS)))
def test_odd_lines_that_are_views(said: str) -> None:
    batch = batch_of(said)
    assert (len(batch.accepted), batch.rejected) == (1, [])


@pytest.mark.parametrize(("said", "reason"), OTHERS, ids=range(len(OTHERS)))
def test_lines_that_are_no_views(said: str, reason: str) -> None:
    batch = batch_of(said)
    assert (batch.accepted, [one.reason for one in batch.rejected]) == ([], [reason])
    assert "192.0.2.7" not in batch.rejected[0].payload


def test_bots_are_refused_by_the_steps_of_every_door() -> None:
    said = [line(agent="Mozilla/5.0 (compatible; Googlebot/2.1)"), line(agent="Pingdom.com_bot_version_1.4")]
    assert [one.reason for one in batch_of(*said).rejected] == ["bot", "monitoring"]
    assert each("192.0.2.7" not in one.payload for one in batch_of(*said).rejected)


def test_letters_that_are_not_ascii() -> None:
    [event] = batch_of(line("GET /caf\\xC3\\xA9 HTTP/1.1", agent='a \\"b\\" \\xff\\n')).accepted
    assert (event.path, event.user_agent) == ("/café", 'a "b" \N{REPLACEMENT CHARACTER}\n')


def test_visitors_are_addresses_with_agents_for_a_day() -> None:
    same, other, agent, tomorrow = batch_of(
        line("GET /1"), line("GET /2", address="192.0.2.8"), line("GET /3", agent="x"),
        line("GET /4", at="11/Oct/2026:13:55:36 +0200"),
    ).accepted  # fmt: skip
    again = batch_of(line("GET /5")).accepted[0]
    assert len({same.visitor_id, other.visitor_id, agent.visitor_id, tomorrow.visitor_id}) == 4
    assert again.visitor_id == same.visitor_id


def test_event_ids_do_not_tell_the_address_and_stay_when_the_log_grows() -> None:
    lines = [line(), line(address="192.0.2.8"), line(), line("GET /b")]
    ids = [event.event_id for event in batch_of(*lines).accepted]
    assert len(set(ids)) == 4
    assert [event.event_id for event in batch_of(*lines, line()).accepted][:4] == ids
    assert batch_of(line(address="192.0.2.99")).accepted[0].event_id == ids[0]


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_line_is_answered(said: bytes) -> None:
    [found] = read_lines(said)
    if isinstance(found, Rejection):
        assert found.message
    else:
        assert found["eventId"]
        assert found["occurredAt"]


@pytest.mark.parametrize("name", ["access.log", "access.log.1", "access.log.2.gz"])
def test_logs_of_any_name(tmp_path: Path, name: str) -> None:
    content = f"{line()}\n\n{line(status=404)}\n".encode()
    file = tmp_path / name
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    found = list(read_log(file, log()))
    assert [source for source, _ in found] == [f"{name}:1", f"{name}:3"]
    assert [isinstance(payload, dict) for _, payload in found] == [True, False]


def test_files_that_are_no_logs(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    file.write_bytes(b'{"eventId": "e1"}\n' * 30)
    with pytest.raises(InputError, match="no access log"):
        read_log(file, log())
    file.write_bytes(b"")
    assert list(read_log(file, log())) == []
