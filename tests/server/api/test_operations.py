"""What stands beside collection: health, metrics, jobs, waste, logging in; against the whole server."""

import json
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.quantifiers import each
from tests.server.conftest import NOW, Place, placed
from tests.server.serving import Answer, Server, serving
from tests.server.whole import wait_until, whole
from touchline.jobs import access_keys, users
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
BEARER = {"authorization": "Bearer a-secret-of-cron"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = placed(tmp_path_factory.mktemp("kept") / "home")
    with Workspace(place.home) as workspace:
        users.add_user(workspace, "ada", PASSWORD, now=NOW)
        users.add_user(workspace, "eve", PASSWORD, now=NOW)
    return place


@pytest.fixture(scope="module")
def running(kept: Place) -> Iterator[Server]:
    with whole(kept.home.path, {"CRON_SECRET": "a-secret-of-cron"}) as server:
        yield server


def get(server: Server, path: str, **fields: str) -> Answer:
    return server.send(method="GET", path=path, **fields)  # type: ignore[arg-type]


def logged_in(server: Server, name: str = "ada") -> tuple[str, str]:
    """The session's cookie, and its CSRF token."""
    answer = server.send({"name": name, "password": PASSWORD}, path="/api/login")
    assert answer.status == 200
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "lax"
    return f"{cookie.key}={cookie.value}", answer.document["csrfToken"]


def test_health_tells_of_every_part(running: Server) -> None:
    assert get(running, "/healthz").document == {"status": "ok"}
    ready = get(running, "/readyz")
    assert (ready.status, ready.document["ledger"], ready.document["river"]) == (200, "ok", "ticking")


def test_metrics_are_for_those_who_may_read(running: Server, kept: Place) -> None:
    assert get(running, "/metrics").status == 401
    assert get(running, "/metrics", authorization=f"Bearer {kept.publishable}").status == 401
    view = {"publicKey": kept.publishable, "eventId": "m-1", "type": "PAGE_VIEW", "url": "https://shop.example/"}
    assert running.send(view).status == 200
    assert running.send(view).document["deduped"] == 1
    assert running.send({**view, "type": "NONE"}).status == 400
    assert running.send({**view, "eventId": "m-2", "sku": 1}).status == 200
    text = get(running, "/metrics", authorization=f"Bearer {kept.secret}").body.decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(values['touchline_events_total{outcome="accepted"}']) >= 1
    assert float(values['touchline_events_total{outcome="duplicate"}']) >= 1
    assert float(values['touchline_rejected_events_total{reason="unknown_value"}']) >= 1
    assert float(values['touchline_unread_fields_total{field="sku"}']) == 1
    assert float(values['touchline_track_answers_total{status="200"}']) >= 2
    assert float(values['touchline_request_seconds_count{path="/api/track"}']) >= 3
    assert float(values['touchline_http_requests_total{path="/api/track",status="200"}']) >= 2
    assert float(values["touchline_river_up"]) == 1
    for name in (
        "touchline_river_fresh_at_seconds", "touchline_attribution_links_written_total", "touchline_waiting_events",
        "touchline_river_run_seconds_count", 'touchline_commits_total{outcome="done"}',
    ):  # fmt: skip
        assert name in values


def test_answers_are_counted_by_route_and_status(running: Server, kept: Place) -> None:
    """Paths that no route serves are anybody's choice, and count together."""
    key = f"Bearer {kept.secret}"
    before = requests_of(running, key)
    for path in ("/healthz", "/healthz", "/t.js", "/api/cron/one", "/api/cron/two", "/nobody", "/nobody/else"):
        get(running, path)
    running.send(method="POST", path="/t.js")
    counted = requests_of(running, key) - before
    assert {name: count for name, count in counted.items() if name[0] not in {"/metrics", "/readyz"}} == {
        ("/healthz", "200"): 2, ("/t.js", "200"): 1, ("/t.js", "405"): 1, ("/api/cron/{job}", "400"): 2,
        ("(none)", "404"): 2,
    }  # fmt: skip


def requests_of(server: Server, key: str) -> Counter[tuple[str, str]]:
    text = get(server, "/metrics", authorization=key).body.decode()
    found = re.findall(r'^touchline_http_requests_total\{path="([^"]*)",status="(\d+)"\} (\S+)$', text, re.MULTILINE)
    return Counter({(path, status): int(float(count)) for path, status, count in found})


def begun(server: Server, job: str, method: str = "GET") -> Answer:
    """The answer of a job that was begun; while the server's own schedule does it, asking for it is skipped."""
    for _ in range(300):
        answer = server.send(method=method, path=f"/api/cron/{job}", **BEARER)  # type: ignore[arg-type]
        assert answer.status == 200
        if not answer.document["skipped"]:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{job} is always being done: {answer.document}")


def test_jobs_want_their_secret_and_are_remembered(running: Server, kept: Place) -> None:
    path = "/api/cron/daily-rollups"
    assert get(running, path).status == 401
    assert get(running, path, authorization="Bearer a-secret-of-crom").status == 401
    for method in ("GET", "POST"):
        assert begun(running, "daily-rollups", method).document["success"]
    assert get(running, "/api/cron/nothing", **BEARER).status == 400
    with Workspace(kept.home) as workspace:
        runs = workspace.ledger.rows(schema.JOB_RUNS, job="daily-rollups")
    assert [run["status"] for run in runs][-2:] == ["done", "done"]


@pytest.mark.parametrize("query", ["from=2026-01-01&to=2026-01-31", "model=LINEAR", "organization=shop"])
def test_jobs_refuse_arguments(running: Server, query: str) -> None:
    name = query.partition("=")[0]
    path = "/api/cron/daily-rollups"
    answer = get(running, f"{path}?{query}", **BEARER)
    assert (answer.status, answer.document["code"]) == (400, "unknown_parameter")
    assert answer.document["detail"] == f"There is no parameter '{name}' here."
    assert "There are none" in answer.document["hint"]
    answer = running.send({"from": "2026-01-01"}, path=path, **BEARER)  # type: ignore[arg-type]
    assert (answer.status, answer.document["code"]) == (400, "no_arguments")


def test_a_parameter_that_nothing_reads_is_refused_with_those_that_there_are(running: Server, kept: Place) -> None:
    key = {"authorization": f"Bearer {kept.secret}"}
    for path in ("/api/waste", "/api/reports/attribution", "/api/session"):
        answer = get(running, f"{path}?attributionmodel=LINEAR", **key)
        assert answer.status == 400
        assert "attributionmodel" in answer.document["detail"]
    assert "attributionModel" in get(running, "/api/waste?limits=3", **key).document["hint"]
    assert get(running, "/healthz?now=1").status == 200


def test_retention_is_a_job(running: Server) -> None:
    answer = begun(running, "retention").document
    assert (answer["job"], answer["counts"]) == ("retention", {"eventsErased": 0})


@pytest.mark.parametrize(
    ("job", "counted"),
    [
        ("touchpoint-derivation", {"events", "touchpoints"}),
        ("attribution-weights", {"events", "conversionsProcessed", "linksUpdated"}),
        ("daily-rollups", {"events", "rollupsUpdated", "wasteFindings"}),
    ],
)
def test_a_job_answers_and_is_remembered_by_its_own_name_and_part(
    running: Server, kept: Place, job: str, counted: set[str]
) -> None:
    answer = begun(running, job).document
    assert answer["job"] == job
    assert answer["counts"].keys() == counted
    with Workspace(kept.home) as workspace:
        found = {row["started_at"]: row for row in workspace.ledger.rows(schema.JOB_RUNS, job=job)}
    assert found[answer["startedAt"]]["detail"] == answer["message"]
    assert re.search(r"\d new events?\b", answer["message"])


def test_the_schedule_does_its_jobs_by_itself(running: Server, kept: Place) -> None:
    jobs = {"touchpoint-derivation", "attribution-weights", "daily-rollups", "retention"}
    with Workspace(kept.home) as workspace:
        wait_until(lambda: jobs <= {r["job"] for r in workspace.ledger.rows(schema.JOB_RUNS, status="done")}, 60)


def test_without_a_secret_there_are_no_jobs(place: Place) -> None:
    with serving(place.home.path, application="served:whole") as server:
        assert get(server, "/api/cron/daily-rollups", **BEARER).status == 503
        assert get(server, "/api/cron/daily-rollups").status == 503


def test_waste_is_for_a_session_or_a_key_that_may_read(running: Server, kept: Place) -> None:
    assert get(running, "/api/waste").status == 401
    with Workspace(kept.home) as workspace:
        sending = access_keys.create_key(workspace, "shop-example", "secret", scopes=["track"], now=NOW)
    wait_until(lambda: get(running, "/api/waste", authorization=f"Bearer {sending.key}").status == 403, 30)
    query = "?dateRange=2024-01-01,2024-01-31&severity=high&grain=CAMPAIGN&minWasteSpend=100&attributionModel=LINEAR"
    answer = get(running, f"/api/waste{query}&limit=5", authorization=f"Bearer {kept.secret}")
    assert (answer.status, answer.document["success"], answer.document["attributionModel"]) == (200, True, "LINEAR")
    cookie, _ = logged_in(running)
    empty = get(running, "/api/waste", cookie=cookie).document
    assert (empty["entities"], empty["coverage"]) == ([], "none")
    assert "neither costs nor conversions" in empty["message"]
    for wrong in (
        "limit=0",
        "grain=NONE",
        "attributionModel=NONE",
        "attributionModel=MARKOV",
        "dateRange=yesterday",
        "minWasteSpend=NaN",
        "minWasteSpend=-1",
    ):
        assert get(running, f"/api/waste?{wrong}", cookie=cookie).status == 400
    answer = get(running, "/api/waste?organization=other", authorization=f"Bearer {kept.secret}")
    assert answer.status == 403


def test_a_session_begins_changes_by_its_token_and_ends(running: Server) -> None:
    cookie, token = logged_in(running)
    assert get(running, "/api/session", cookie=cookie).document == {
        "name": "ada",
        "csrfToken": token,
        "organizationId": None,
        "role": "administrator",
    }
    assert running.send(b"", path="/api/logout", cookie=cookie).status == 403
    assert running.send(b"", path="/api/logout", cookie=cookie, x_csrf_token="0" * 64).status == 403
    assert running.send(b"", path="/api/logout", cookie=cookie, x_csrf_token=token).status == 204
    assert get(running, "/api/session", cookie=cookie).status == 401
    assert get(running, "/api/waste", cookie=cookie).status == 401


def test_another_password_ends_the_sessions(running: Server, kept: Place) -> None:
    cookie, _ = logged_in(running, "eve")
    with Workspace(kept.home) as workspace:
        users.change_password(workspace, "eve", PASSWORD + "!")
    assert get(running, "/api/session", cookie=cookie).status == 401
    assert running.send({"name": "eve", "password": PASSWORD}, path="/api/login").status == 401


def test_passwords_cannot_be_tried_without_end(place: Place) -> None:
    with serving(place.home.path, application="served:whole") as server:
        statuses = [server.send({"name": "ada", "password": "?"}, path="/api/login").status for _ in range(25)]
    assert statuses[:2] == [401, 401]
    assert statuses.count(401) <= 20  # ten a minute, and a minute may turn
    assert statuses[-1] == 429 or 429 in statuses


def test_the_login_takes_json_of_its_own_pages_alone(running: Server) -> None:
    said = {"name": "ada", "password": PASSWORD}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert running.send(said, path="/api/login", content_type=kind).status == 415
    own = f"http://127.0.0.1:{running.port}"
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", f"{own}.evil.example", f"{own}/"):
        assert running.send(said, path="/api/login", origin=origin).status == 403
    assert running.send(said, path="/api/login", sec_fetch_site="cross-site").status == 403
    assert running.send(said, path="/api/login", origin=own).status == 200


def test_a_login_ends_the_session_that_the_browser_had(running: Server) -> None:
    cookie, _ = logged_in(running)
    assert running.send({"name": "ada", "password": PASSWORD}, path="/api/login", cookie=cookie).status == 200
    assert get(running, "/api/session", cookie=cookie).status == 401


def test_guesses_elsewhere_lock_nobody_out_and_one_address_tries_few_names(place: Place) -> None:
    with Workspace(place.home) as workspace:
        users.add_user(workspace, "ada", PASSWORD, now=NOW)
    with serving(place.home.path, {"trusted_proxies": "1"}, application="served:whole") as server:

        def tried(name: str, password: str, address: str) -> Answer:
            said = {"name": name, "password": password}
            return server.send(said, path="/api/login", x_forwarded_for=address)

        guesses = [tried("ada", "?", "198.51.100.1") for _ in range(25)]
        assert {answer.status for answer in guesses} == {401, 429}
        refused = next(answer for answer in guesses if answer.status == 429)
        assert f"{refused.headers['retry-after']} seconds" in refused.document["hint"]
        assert tried("ada", PASSWORD, "198.51.100.2").status == 200
        names = [tried(f"name-{number}", "?", "198.51.100.3").status for number in range(65)]
        assert names.count(401) <= 60  # thirty a minute, and a minute may turn
        assert names[-1] == 429 or 429 in names


def test_passwords_are_kept_as_argon2id_alone(kept: Place, running: Server) -> None:
    logged_in(running)
    with Workspace(kept.home) as workspace:
        assert each(row["password_hash"].startswith("$argon2id$") for row in workspace.ledger.rows(schema.USERS))
    for file in kept.home.path.glob("ledger.db*"):
        assert PASSWORD.encode() not in file.read_bytes()


def test_every_answer_is_guarded(running: Server) -> None:
    for path in ("/healthz", "/nothing", "/api/openapi.json", "/api/waste"):
        headers = get(running, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_document_names_every_path_and_no_other_host(running: Server) -> None:
    document = get(running, "/api/openapi.json").document
    assert {"/api/track", "/api/waste", "/api/cron/{job}", "/api/login", "/healthz", "/readyz", "/metrics"} <= set(
        document["paths"]
    )
    assert document["openapi"].startswith("3.1")
    examples = document["paths"]["/api/track"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert {"one", "batch"} == set(examples)
    assert "//cdn" not in json.dumps(document)


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_cookies_are_for_https_alone_where_the_server_is(place: Place, scheme: str) -> None:
    with Workspace(place.home) as workspace:
        users.add_user(workspace, "ada", PASSWORD, now=NOW)
    options = {"public_url": f"{scheme}://data.shop.example"}
    with serving(place.home.path, options, application="served:whole") as server:
        answer = server.send({"name": "ada", "password": PASSWORD}, path="/api/login")
    assert ("; secure" in answer.headers["set-cookie"].lower()) == (scheme == "https")
    assert answer.headers.get("strict-transport-security") == ("max-age=31536000" if scheme == "https" else None)


def test_clients_that_leave_amid_their_bodies_are_counted_and_fill_no_log(running: Server, kept: Place) -> None:
    before = _cut_off(running, kept)
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", running.port), 10) as leaving:
            head = b"POST /api/track HTTP/1.1\r\nhost: shop\r\ncontent-type: text/plain\r\ncontent-length: 9"
            leaving.sendall(head + b"\r\n\r\n{")
    wait_until(lambda: _cut_off(running, kept) == before + 5, 60)
    assert "Traceback" not in running.log.read_text()


def _cut_off(server: Server, place: Place) -> int:
    text = get(server, "/metrics", authorization=f"Bearer {place.secret}").body.decode()
    found = re.search(r'touchline_track_problems_total\{code="cut_off"\} (\d+)', text)
    return int(found[1]) if found else 0


def test_the_log_is_json_and_knows_nobody(running: Server, kept: Place, tmp_path: Path) -> None:
    person = "someone@mail.example"
    running.send({"name": f"x\r\n{person}", "password": "?"}, path="/api/login")
    get(running, f"/api/nothing?email={person}")
    running.send({"publicKey": f"pk_{person}", "eventId": "x", "type": "PAGE_VIEW"}, user_agent=person)
    log = (kept.home.path.parent / "log").read_text()
    assert each(isinstance(json.loads(line), dict) for line in log.splitlines())
    assert person not in log
    assert kept.secret not in log
    assert "127.0.0.1" not in "".join(
        line for line in log.splitlines() if "Listening" not in line and "serving" not in line
    )
