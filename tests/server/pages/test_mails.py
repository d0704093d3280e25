"""Saved views by mail: who may send one where, what it holds, when it comes, that it comes once, and how it ends."""

import csv
import io
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.jobs.alarming.receivers import Mail, mailing
from tests.server.pages.stand import CHEAP, NOW, OTHER, OWN, PASSWORD, Stand, built, read, standing
from touchline.errors import UsageError
from touchline.jobs import saved_views, users, view_mails
from touchline.jobs.alarming import mails
from touchline.jobs.doctor.view_mails import mail_checks
from touchline.jobs.roles import Role
from touchline.jobs.view_mails import MOST_ATTEMPTS, RHYTHMS, ViewMail, next_slot
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.pages.mail_body import body_of
from touchline.server.pages.screen import SHAREABLE
from touchline.server.process.mailing import JOB, Mailer

BOSS, PUBLIC = "boss@agency.example", "https://t.shop.example"
PERSON = "pat@shop.example"
"""A user whose name is an address."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    home = built(tmp_path_factory.mktemp("mails"))
    with pytest.MonkeyPatch.context() as patch, Workspace(home) as workspace:
        patch.setattr("touchline.jobs.users.PasswordHasher", CHEAP)
        users.add_user(workspace, PERSON, PASSWORD, organization_id=OWN, role="viewer", now=NOW)
    with standing(home) as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_left(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mails, "SECONDS", 300.0)  # a machine with much to do answers late
    yield
    with Workspace(stand.home) as workspace, workspace.ledger.transaction() as entry:
        for organization_id in (OWN, OTHER):
            entry.remove(schema.VIEW_MAILS, organization_id=organization_id)
            entry.remove(schema.SAVED_VIEWS, organization_id=organization_id)


def saved(stand: Stand, screen: str = "models", query: str = "", who: str = "administrator") -> str:
    """The id of a new view that all see."""
    fields = {"screen": screen, "query": query, "name": f"My {screen}", "shared": "yes"}
    before = {row["view_id"] for row in stand.rows(schema.SAVED_VIEWS)}
    assert stand.people[who].post("/views", org="", **fields).status_code == 303
    (new,) = {row["view_id"] for row in stand.rows(schema.SAVED_VIEWS)} - before
    return str(new)


def send(stand: Stand, view: str, addresses: str = BOSS, who: str = "administrator", **changed: str) -> int:
    fields = {"id": view, "addresses": addresses, "rhythm": "daily", "hour": "8", **changed}
    return stand.people[who].post("/views/mail", org=OWN, **fields).status_code


def made_due(stand: Stand) -> None:
    with Workspace(stand.home) as workspace, workspace.ledger.transaction() as entry:
        for row in workspace.ledger.rows(schema.VIEW_MAILS):
            entry.change(schema.VIEW_MAILS, {"mail_id": row["mail_id"]}, due_at=NOW, slot_at=NOW)


def delivered(stand: Stand, *, refuses: bool = False, servers: int = 1, public: str = PUBLIC) -> list[Mail]:
    """What arrives of what is due, while so many servers look at once."""
    with mailing(refuses=refuses) as receiver:
        environment = {
            "TOUCHLINE_SMTP_HOST": "127.0.0.1", "TOUCHLINE_SMTP_PORT": str(receiver.port),
            "TOUCHLINE_SMTP_SECURITY": "none", "TOUCHLINE_SMTP_FROM": "touchline@shop.example",
            "TOUCHLINE_PUBLIC_URL": public, "TOUCHLINE_REPORT_SECONDS": "300",
        }  # fmt: skip

        def deliver() -> None:
            with Workspace(stand.home, is_read_only=True) as workspace:
                Mailer(workspace, environment).send_due()

        threads = [threading.Thread(target=deliver) for _ in range(servers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return list(receiver.came)


def parsed(mail: Mail) -> EmailMessage:
    found = message_from_string(mail.text, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def state(stand: Stand) -> dict[str, Any]:
    (row,) = stand.rows(schema.VIEW_MAILS)
    return dict(row)


def test_every_screen_that_links_show_is_sent_whole_with_nobodys_id(stand: Stand) -> None:
    for screen in SHAREABLE:
        assert send(stand, saved(stand, screen, "goal=&period=all")) == 303
    made_due(stand)
    came = [parsed(one) for one in delivered(stand)]
    assert sorted(one["Subject"] for one in came) == sorted(f"My {screen}: {OWN}" for screen in SHAREABLE)
    visitors = re.compile(r"\bv\d+-\d\b|\bA-\d+\b|CONVERSION-\d")
    for one in came:
        html, text = (one.get_body((kind,)) for kind in ("html", "plain"))
        assert html
        assert text
        content = html.get_content()
        assert re.findall(r"<(?:script|link|form|iframe|input|svg)\b|\bon\w+=|src=\"(?!cid:)", content) == []
        assert {f"{PUBLIC}/"} >= {found[: len(PUBLIC) + 1] for found in re.findall(r'href="([^"]*)"', content)}
        shown = set(re.findall(r'src="cid:([^"]*)"', content))
        parts = {part["Content-ID"].strip("<>"): part for part in one.walk() if part["Content-ID"]}
        assert shown == {*parts}
        assert {part.get_content()[:4] for part in parts.values()} <= {b"\x89PNG"}
        files = {part.get_filename(): part.get_content() for part in one.iter_attachments()}
        assert [name for name in files if not str(name).endswith(".csv")] == []
        for part in (content, text.get_content(), *files.values()):
            assert visitors.findall(part) == [], one["Subject"]
    models = next(one for one in came if "My models" in one["Subject"])
    rows = list(csv.DictReader(io.StringIO(next(iter(models.iter_attachments())).get_content())))
    page = stand.people["administrator"].page("/models?goal=&period=all")
    assert [row["name"] for row in rows if row["key"] != "(unattributed)"][:3] == [
        row[0] for row in page.tables[0][1:4]
    ]
    said = models.get_body(("plain",))
    assert said
    assert [row["name"] for row in rows[:3] if row["name"] not in said.get_content()] == []
    assert (models["List-Unsubscribe-Post"], models["To"]) == ("List-Unsubscribe=One-Click", BOSS)


def test_a_mail_is_sent_once_however_many_servers_there_are_and_then_at_its_next_time(stand: Stand) -> None:
    send(stand, saved(stand), f"{BOSS}, second@agency.example")
    assert delivered(stand) == []  # it is not the time yet
    made_due(stand)
    came = delivered(stand, servers=3)
    assert sorted(one.recipients[0] for one in came) == [f"TO:<{BOSS}>", "TO:<second@agency.example>"]
    assert {len(one.recipients) for one in came} == {1}
    assert delivered(stand) == []
    for row in stand.rows(schema.VIEW_MAILS):
        assert (row["failure"], row["attempts"], row["due_at"]) == ("", 0, row["slot_at"])
        assert datetime.fromtimestamp(row["due_at"] / 1e6, UTC).hour == 8
    jobs = [row for row in stand.rows(schema.JOB_RUNS) if row["job"] == JOB]
    assert {row["status"] for row in jobs} >= {"done"}


def test_a_failure_is_said_on_the_page_by_the_doctor_and_in_the_record_and_is_tried_again(stand: Stand) -> None:
    send(stand, saved(stand))
    made_due(stand)
    assert delivered(stand, refuses=True) == []
    found = state(stand)
    assert (found["attempts"], found["slot_at"]) == (1, NOW)
    assert "did not take it" in found["failure"]
    assert "554" not in found["failure"].replace("SMTPDataError 554", "")
    assert found["due_at"] > NOW
    shown = stand.people["administrator"].get("/views")
    read(shown)
    assert "did not take it" in shown.text
    with Workspace(stand.home) as workspace:
        (check,) = mail_checks(workspace, OWN)
        assert (check.status, check.cause) == ("warning", "mails_fail")
        assert workspace.ledger.newest(schema.JOB_RUNS, job=JOB)["status"] == "failed"  # type: ignore[index] # there is one
    first = f"{found['mail_id']}.{NOW // 1_000_000}"
    with Workspace(stand.home) as workspace, workspace.ledger.transaction() as entry:
        entry.change(schema.VIEW_MAILS, {"mail_id": found["mail_id"]}, due_at=NOW)
    (came,) = delivered(stand)
    assert parsed(came)["Message-ID"] == f"<{first}@touchline.invalid>"  # that of the first attempt
    assert (state(stand)["failure"], state(stand)["attempts"]) == ("", 0)


def test_after_the_last_attempt_the_next_one_comes_at_its_own_time(stand: Stand) -> None:
    send(stand, saved(stand), rhythm="monthly")
    with Workspace(stand.home) as workspace:
        (mail,) = view_mails.mails_of(workspace.ledger, OWN)
        for attempt in range(MOST_ATTEMPTS):
            mail = view_mails.mails_of(workspace.ledger, OWN)[0]
            assert mail.attempts == attempt
            assert view_mails.claim(workspace.ledger, mail, mail.due_at)
            assert not view_mails.claim(workspace.ledger, mail, mail.due_at)
            view_mails.settle(workspace.ledger, mail, mail.due_at, "No.")
        last: ViewMail = view_mails.mails_of(workspace.ledger, OWN)[0]
        assert (last.attempts, last.failure, last.due_at) == (0, "No.", last.slot_at)
        assert last.slot_at == next_slot("monthly", 8, "UTC", mail.slot_at)
        ahead = last.due_at - 40 * 86_400_000_000
        assert last in view_mails.due_mails(workspace.ledger, ahead)  # a clock was ahead that set it
        assert view_mails.due_mails(workspace.ledger, last.due_at - 1) == []


def test_who_gets_a_mail_ends_it_by_a_form_and_mail_programs_at_once(stand: Stand) -> None:
    send(stand, saved(stand), f"{BOSS}, second@agency.example")
    made_due(stand)
    links = [parsed(one)["List-Unsubscribe"].strip("<>").removeprefix(PUBLIC) for one in delivered(stand)]
    assert len({*links}) == 2
    asked = stand.client.get(links[0])
    assert (asked.status_code, asked.headers["cache-control"]) == (200, "no-store")
    read(asked)
    assert len(stand.rows(schema.VIEW_MAILS)) == 2  # to look at the link ends nothing: scanners do
    for link in links:
        answer = stand.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "The mail is stopped" in answer.text) == (200, True)
        assert [stand.client.get(link).status_code, stand.client.post(link, data={"a": "b"}).status_code] == [404, 404]
    assert stand.rows(schema.VIEW_MAILS) == []
    assert stand.client.post(links[0], data={}, headers={"origin": "https://evil.example"}).status_code in {403, 415}
    noted = [row["detail"] for row in stand.rows(schema.AUDIT_LOG) if "stopped by who gets it" in row["detail"]]
    assert len(noted) >= 2


@pytest.mark.parametrize(
    ("who", "addresses", "status"),
    [
        ("administrator", f"{BOSS} second@agency.example", 303), ("root", BOSS, 303), ("editor", PERSON, 303),
        ("editor", BOSS, 400), ("viewer", PERSON, 400), ("viewer", "viewer", 400), ("administrator", "", 400),
        ("administrator", "no address", 400), ("administrator", "a@b.example\nBcc: c@d.example", 400),
        ("administrator", ",".join(f"a{n}@b.example" for n in range(21)), 400), ("eve", BOSS, 404),
    ],
)  # fmt: skip
def test_a_role_says_to_whom_views_are_sent(stand: Stand, who: str, addresses: str, status: int) -> None:
    view = saved(stand)
    assert send(stand, view, addresses, who) == status
    assert bool(stand.rows(schema.VIEW_MAILS)) == (status == 303)


def test_what_makes_no_mail_is_refused(stand: Stand) -> None:
    view, persons = saved(stand), saved(stand, "conversions")
    assert send(stand, persons) == 404
    for changed in ({"rhythm": "hourly"}, {"hour": "24"}, {"hour": ""}, {"rhythm": ""}):
        assert send(stand, view, **changed) == 400
    assert send(stand, view, csrf="another") == 403
    assert stand.rows(schema.VIEW_MAILS) == []
    with Workspace(stand.home) as workspace, pytest.MonkeyPatch.context() as patch:
        patch.setattr(view_mails, "MOST_MAILS", 1)
        found = saved_views.view_of(workspace.ledger, OWN, view)
        assert found
        with pytest.raises(UsageError, match="1 addresses at most"):
            view_mails.add_mails(workspace.ledger, found, [BOSS, PERSON], owner="ada", rhythm="daily", hour=8, now=NOW)


def test_a_mail_ends_with_its_view_its_owner_and_whose_address_it_is(stand: Stand) -> None:
    view = saved(stand)
    assert [send(stand, view), send(stand, view, PERSON, "editor"), send(stand, view)] == [303] * 3
    assert len(stand.rows(schema.VIEW_MAILS)) == 2
    own = next(row for row in stand.rows(schema.VIEW_MAILS) if row["address"] == BOSS)
    for who, status in (("viewer", 404), ("editor", 404), ("eve", 404), ("administrator", 303)):
        assert stand.people[who].post("/views/mail/remove", org="", id=own["mail_id"]).status_code == status
    assert [row["address"] for row in stand.rows(schema.VIEW_MAILS)] == [PERSON]
    with pytest.MonkeyPatch.context() as patch, Workspace(stand.home) as workspace:
        patch.setattr("touchline.jobs.users.PasswordHasher", CHEAP)
        users.remove_user(workspace, PERSON)
        assert workspace.ledger.rows(schema.VIEW_MAILS) == []
        users.add_user(workspace, PERSON, PASSWORD, organization_id=OWN, role="viewer", now=NOW)
    send(stand, view)
    assert stand.people["administrator"].post("/views/remove", org="", id=view).status_code == 303
    assert stand.rows(schema.VIEW_MAILS) == []


def test_without_an_address_of_the_server_a_mail_says_where_it_is_stopped(stand: Stand) -> None:
    send(stand, saved(stand))
    made_due(stand)
    (came,) = map(parsed, delivered(stand, public=""))
    text = came.get_body(("plain",))
    assert text
    assert "stopped on the page Saved views" in text.get_content()
    assert "List-Unsubscribe" not in came


@given(
    st.sampled_from(sorted(RHYTHMS)), st.integers(0, 23), st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - they get one
)  # fmt: skip
def test_the_next_time_is_the_first_after_a_moment_at_the_hour_of_the_zone(
    rhythm: str, hour: int, zone: str, after: datetime
) -> None:
    moment = int(after.timestamp()) * 1_000_000
    found = next_slot(rhythm, hour, zone, moment)
    local = datetime.fromtimestamp(found / 1e6, ZoneInfo(zone))
    assert found > moment
    assert local.hour == hour or local.hour == hour + 1 == 3  # the hour that a spring night lacks
    assert rhythm != "weekly" or local.weekday() == 0
    assert rhythm != "monthly" or local.day == 1
    assert found - moment <= {"daily": 26, "weekly": 7 * 24 + 2, "monthly": 31 * 24 + 2}[rhythm] * 3_600_000_000
    assert next_slot(rhythm, hour, zone, found - 1_000_000) == found


def test_nothing_of_a_page_acts_in_a_mail() -> None:
    hostile = '<main><p onclick="x" style="y">a &lt;b&gt;</p><script>1</script><a href="//evil">b</a><img src="//evil">'
    found = body_of(f'{hostile}<span class="unseen">c<br></span><form>d<input></form><table><td>e</table></main>')
    assert found.html == "<p>a &lt;b&gt;</p>b<table><td>e</table>"
    assert found.text == "a <b>\nb | e\n"


def test_who_sees_an_organization_no_more_gets_and_sends_no_mail_of_it(stand: Stand) -> None:
    view, name = saved(stand), "moved@agency.example"
    with Workspace(stand.home) as workspace:
        users.add_user(workspace, name, PASSWORD, organization_id=None, role="editor", now=NOW)
        (kept,) = (one for one in saved_views.saved_views(workspace.ledger, OWN, name) if one.view_id == view)
        for owner, address in (("administrator", name), (name, PERSON), ("administrator", BOSS)):
            view_mails.add_mails(workspace.ledger, kept, [address], owner=owner, rhythm="daily", hour=8, now=NOW)
        users.set_organization(workspace, name, OWN)
        assert len(view_mails.mails_of(workspace.ledger, OWN)) == 3
        users.set_organization(workspace, name, OTHER)
        assert [one.address for one in view_mails.mails_of(workspace.ledger, OWN)] == [BOSS]
        users.remove_user(workspace, name)


def test_a_mail_ends_when_its_owner_could_not_send_it_now(stand: Stand) -> None:
    view, name = saved(stand), "lowered@shop.example"
    with Workspace(stand.home) as workspace:
        users.add_user(workspace, name, PASSWORD, organization_id=OWN, role="administrator", now=NOW)
        (kept,) = (one for one in saved_views.saved_views(workspace.ledger, OWN, name) if one.view_id == view)
        addresses = [BOSS, PERSON, name]
        left: dict[Role, set[str]] = {"editor": {PERSON, name}, "viewer": {name}}
        view_mails.add_mails(workspace.ledger, kept, addresses, owner=name, rhythm="daily", hour=8, now=NOW)
        view_mails.add_mails(workspace.ledger, kept, ["a@b.example"], owner="administrator", rhythm="daily", hour=8,
                             now=NOW)  # fmt: skip
        for role, expected in left.items():
            users.set_role(workspace, name, role)
            assert {one.address for one in view_mails.mails_of(workspace.ledger, OWN)} == {*expected, "a@b.example"}
        with workspace.ledger.transaction() as entry:  # one that an earlier release let go on
            entry.change(schema.VIEW_MAILS, {"address": name}, address=BOSS)
    made_due(stand)
    assert [mail.recipients for mail in delivered(stand)] == [["TO:<a@b.example>"]]
    failures = {row["address"]: row["failure"] for row in stand.rows(schema.VIEW_MAILS)}
    assert failures == {BOSS: "Its owner may no longer send it to this address.", "a@b.example": ""}
    with Workspace(stand.home) as workspace:
        users.remove_user(workspace, name)


def test_a_mail_with_which_the_server_ends_each_time_is_given_up(stand: Stand) -> None:
    assert send(stand, saved(stand)) == 303
    for attempts in range(MOST_ATTEMPTS):
        made_due(stand)
        with Workspace(stand.home) as workspace:
            (mail,) = view_mails.due_mails(workspace.ledger, NOW)
            assert (mail.attempts, view_mails.claim(workspace.ledger, mail, NOW)) == (attempts, True)
    made_due(stand)
    assert delivered(stand) == []
    row = state(stand)
    assert (row["attempts"], row["sent_at"], row["due_at"] > NOW) == (0, None, True)
    assert "the server ended each time" in row["failure"]
    made_due(stand)
    assert len(delivered(stand)) == 1


def test_no_log_has_the_token_of_a_link(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(view_mails, "mail_of", broken)
    monkeypatch.setattr("touchline.server.pages.sharing.link_of", broken)
    with capture_logs() as logs:
        assert [stand.client.get(f"/{door}/secret-token").status_code for door in "ms"] == [500, 500]
    assert [one["path"] for one in logs if one["event"] == "failed"] == ["/m/{token}", "/s/{token}"]
    assert not any("secret-token" in f"{value}" for one in logs for value in one.values())
