"""Deliveries arrive at real receivers, once or again under the same id, and no receiver does harm."""

import base64
import json
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from email import message_from_string
from email.policy import default
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.jobs.alarming.breaking import NOW, broken
from tests.jobs.alarming.receivers import CERTIFICATE, Receiver, mailing, receiving, status
from touchline.errors import UsageError
from touchline.jobs.alarming import destinations, mails, outbox, raising, states, webhooks
from touchline.jobs.alarming.alarm import Alarm, alarm_of
from touchline.jobs.alarming.delivery_settings import DeliverySettings, delivery_settings
from touchline.jobs.alarming.documents import MOST_ALARMS, alarms_document, plain, subject_of, text_of
from touchline.jobs.alarming.failures import DeliveryFailedError
from touchline.jobs.alarming.outbox import FIRST_SECONDS, LEASE_SECONDS, MOST_ATTEMPTS, Delivery, deliver_due, has_due
from touchline.jobs.alarming.states import mute, today_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.server.collect.signatures import Signatures
from touchline.server.http.cross_origin import Origins
from touchline.server.http.keys import Access

SECOND = 1_000_000
HERE = DeliverySettings(webhook_hosts=("127.0.0.1",))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with much to do answers late: no test may fail for that."""
    for module in (webhooks, mails):
        monkeypatch.setattr(module, "SECONDS", 300.0)


def alarm(**changed: Any) -> Alarm:
    found = alarm_of(broken(1, 2), None, today_of(NOW))
    return Alarm(**{**vars(found), **changed})


class Post:
    """A workspace with something to deliver, and a clock that is set by hand."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.now, self.lines = workspace, NOW, list[Any]()

    def add(self, url: str, name: str = "hook") -> str:
        return destinations.add_webhook(
            self.workspace, "shop", url, name=name, allowed=HERE.webhook_hosts, now=NOW
        ).secret  # fmt: skip

    def put(self, *alarms: Alarm) -> None:
        with self.workspace.ledger.transaction() as entry:
            raising._post(self.workspace, entry, "shop", alarms or (alarm(),), self.now)

    def deliver(self, settings: DeliverySettings = HERE) -> dict[str, str]:
        done: list[Delivery] = deliver_due(self.workspace, settings, lambda: self.now, self.lines.append)
        return {one.destination: one.outcome for one in done}

    def state(self, name: str = "hook") -> dict[str, Any]:
        return dict(self.workspace.ledger.rows(schema.ALARM_DELIVERIES, destination=name)[0])


@pytest.fixture
def post(workspace: Workspace) -> Post:
    return Post(workspace)


def test_a_webhook_is_signed_as_requests_to_touchline_are(post: Post) -> None:
    with receiving() as receiver:
        secret = post.add(receiver.url)
        post.put()
        assert post.deliver() == {"hook": "sent", "log": "sent"}
    (came,) = receiver.came
    row = post.workspace.ledger.rows(schema.ALARM_DESTINATIONS)[0]
    assert secret.startswith("whs_")
    assert secret not in str(row), "only its hash is kept"
    nowhere, may = Origins.all_of(()), frozenset({"track"})
    access = Access("hook", row["key_hash"], True, may, "shop-example", "shop", "EUR", True, nowhere, None)
    time = int(came.headers["x-touchline-signature"].split("time=")[1].split(",")[0])
    Signatures().check(came.headers["x-touchline-signature"], came.body, lambda _: access, time)
    sent = json.loads(came.body)
    assert came.headers["x-touchline-delivery"] == sent["deliveryId"] == post.state()["delivery_id"]
    assert (sent["test"], sent["count"], sent["alarms"][0]["sentence"]) == (False, 1, "Landings fell")
    assert [line["measure"] for line in post.lines] == ["landings"]
    post.now += DAY_MICROS
    assert post.deliver() == {}, "nothing is sent twice"


def slowly(handler: BaseHTTPRequestHandler) -> None:
    """A byte of a header now and then: each of them is in time, all together are not."""
    try:
        for _ in range(2_000):
            handler.wfile.write(b"h")
            if handler.connection.recv(1, socket.MSG_DONTWAIT) == b"":
                return
    except BlockingIOError:
        handler.connection.settimeout(30)
        handler.connection.recv(1)  # until the other side has enough of it
    except OSError:
        return


def endlessly(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(10_000):
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        return


FAILURES: dict[str, tuple[Callable[..., None], str]] = {
    "broken": (status(500), "500"),
    "unknown": (status(404), "404"),
    "redirect": (status(302, location="http://127.0.0.1:9/"), "redirects"),
    "redirect to metadata": (status(307, location="http://169.254.169.254/"), "redirects"),
    "hangs up": (lambda handler: handler.connection.close(), "did not answer"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_fails_is_sent_again_under_the_same_id(post: Post, case: str) -> None:
    answer, why = FAILURES[case]
    with receiving([answer, status(200)]) as receiver:
        post.add(receiver.url)
        post.put()
        assert post.deliver()["hook"] == "waiting"
        assert why in post.state()["failure"]
        assert post.deliver() == {}
        post.now += int(FIRST_SECONDS * SECOND)
        assert post.deliver() == {"hook": "sent"}
    first, second = receiver.came
    assert first.body == second.body
    assert first.headers["x-touchline-delivery"] == second.headers["x-touchline-delivery"]
    assert first.headers["x-touchline-signature"] != second.headers["x-touchline-signature"]


def test_a_receiver_that_answers_slowly_is_cut_off_and_one_that_never_ends_is_not_read(post: Post) -> None:
    with receiving([slowly]) as receiver, pytest.raises(DeliveryFailedError, match="did not answer"):
        webhooks.send(receiver.url, "hook", "00", "d", b"{}", HERE, seconds=0.3)
    with receiving([endlessly]) as receiver:
        webhooks.send(receiver.url, "hook", "00", "d", b"{}", HERE)


def test_a_dead_receiver_waits_longer_each_time_and_fails_in_the_end_while_others_get_theirs(post: Post) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/"
    post.add(dead, "dead")
    with receiving() as receiver:
        post.add(receiver.url)
        post.put()
        assert post.deliver() == {"dead": "waiting", "hook": "sent", "log": "sent"}
    waits = []
    while post.state("dead")["state"] == "waiting":
        waits.append((post.state("dead")["due_at"] - post.now) / SECOND)
        post.now = post.state("dead")["due_at"]
        assert has_due(post.workspace, post.now)
        post.deliver()
    assert waits == [min(30.0 * 2**number, 21_600.0) for number in range(MOST_ATTEMPTS - 1)]
    assert (post.state("dead")["state"], post.state("dead")["attempts"]) == ("failed", MOST_ATTEMPTS)
    assert not has_due(post.workspace, post.now + DAY_MICROS)


def test_a_process_that_is_killed_while_it_sends_leaves_the_delivery_to_another(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_sent: object) -> None:
        raise KeyboardInterrupt

    with receiving() as receiver:
        post.add(receiver.url)
        post.put()
        with monkeypatch.context() as patch:
            patch.setattr(outbox, "_send", killed)
            with pytest.raises(KeyboardInterrupt):
                post.deliver()
        assert "hook" not in post.deliver(), "it is still the other process's"
        post.now += int(LEASE_SECONDS * SECOND)
        assert post.deliver()["hook"] == "sent"
    assert len(receiver.came) == 1


def test_what_another_process_took_is_not_sent(post: Post) -> None:
    with receiving() as receiver:
        post.add(receiver.url)
        post.put()
        row = post.state()
        with post.workspace.ledger.transaction() as entry:
            entry.change(schema.ALARM_DELIVERIES, {"delivery_id": row["delivery_id"]}, due_at=row["due_at"] + 1)
        assert outbox._attempted(post.workspace, row, HERE, lambda: NOW, print) is None
    assert receiver.came == []


def test_what_is_removed_or_muted_meanwhile_is_dropped(post: Post) -> None:
    with receiving() as receiver:
        post.add(receiver.url)
        post.add(receiver.url, "gone")
        loud, quiet = alarm(alarm_id="a_" + "1" * 16), alarm(alarm_id="a_" + "2" * 16)
        with post.workspace.ledger.transaction() as entry:
            for one in (loud, quiet):
                row = states.row_for(one, "shop", NOW)
                entry.add_new(schema.HEALTH_ALARMS, [row])
        mute(post.workspace, "shop", quiet.alarm_id, until=today_of(NOW + 2 * DAY_MICROS), now=NOW)
        destinations.remove(post.workspace, "shop", "gone")
        post.put(loud, quiet)
        post.now += 1
        post.put(quiet)
        assert sorted(post.workspace.ledger.counts(schema.ALARM_DELIVERIES, "state")) == ["waiting"]
        post.deliver()
    assert [[one["alarmId"] for one in json.loads(came.body)["alarms"]] for came in receiver.came] == [[loud.alarm_id]]
    assert post.workspace.ledger.counts(schema.ALARM_DELIVERIES, "state") == {"dropped": 2, "sent": 2}


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "https://localhost:{port}/"])
def test_what_became_private_is_not_reached_when_it_is_delivered(post: Post, url: str) -> None:
    """The URL was public when somebody added it, or the operator allowed it."""
    with receiving() as receiver:
        post.workspace.ledger.rows(schema.ALARM_DESTINATIONS)
        with pytest.raises(DeliveryFailedError, match=r"https|not public"):
            webhooks.send(url.format(port=receiver.port), "hook", "00", "d", b"{}", DeliverySettings())
    assert receiver.came == []


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate of the test servers is one that this machine trusts."""
    whole = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: whole(cafile=str(CERTIFICATE)))


@pytest.mark.usefixtures("trusted")
def test_https_shows_the_certificate_of_the_host_at_the_address_that_was_checked() -> None:
    with receiving(is_secure=True) as receiver:
        allowed = DeliverySettings(webhook_hosts=("localhost", "127.0.0.2"))
        webhooks.send(f"https://localhost:{receiver.port}/", "hook", "00", "d", b"{}", allowed)
    assert len(receiver.came) == 1


def test_a_certificate_that_nobody_trusts_is_refused() -> None:
    allowed = DeliverySettings(webhook_hosts=("localhost",))
    with receiving(is_secure=True) as receiver, pytest.raises(DeliveryFailedError, match="SSLCertVerificationError"):
        webhooks.send(f"https://localhost:{receiver.port}/", "hook", "00", "d", b"{}", allowed)
    assert receiver.came == []


def mail_settings(receiver: Receiver, **more: str) -> DeliverySettings:
    told = {"HOST": "localhost", "PORT": str(receiver.port), "FROM": "touchline@shop.example"} | more
    return delivery_settings({f"TOUCHLINE_SMTP_{name}": value for name, value in told.items()})


def test_mail_arrives_with_an_id_that_stays(post: Post) -> None:
    destinations.add_email(post.workspace, "shop", "ops@shop.example", now=NOW)
    post.put()
    with mailing(refuses=True) as refusing:
        assert post.deliver(mail_settings(refusing, SECURITY="none"))["email-1"] == "waiting"
    assert "SMTPDataError 554" in post.state("email-1")["failure"]
    post.now += int(FIRST_SECONDS * SECOND)
    with mailing() as receiver:
        assert post.deliver(mail_settings(receiver, SECURITY="none")) == {"email-1": "sent"}
    (came,) = receiver.came
    message = message_from_string(came.text, policy=default)
    assert came.recipients == ["TO:<ops@shop.example>"]
    assert message["subject"] == "Touchline: Landings fell"
    assert post.state("email-1")["delivery_id"] in message["message-id"]
    assert "touchline health ack a_" in message.get_content()


@pytest.mark.usefixtures("trusted")
def test_who_logs_in_does_so_over_tls_and_the_password_is_shown_nowhere(post: Post) -> None:
    with mailing() as receiver:
        settings = mail_settings(receiver, USER="touchline", PASSWORD="hunter2")
        mails.send("ops@shop.example", "d_1", json.loads(alarms_document("d_1", "shop", [])), settings)
    (came,) = receiver.came
    assert came.is_secure
    assert base64.b64decode(came.login) == b"\0touchline\0hunter2"
    assert "hunter2" not in repr(settings)
    assert "This is a test" in came.text


def test_a_mail_server_without_tls_gets_nothing_unless_the_operator_says_so() -> None:
    with mailing() as receiver, pytest.raises(DeliveryFailedError, match="SSLCertVerificationError"):
        mails.send("ops@shop.example", "d_1", json.loads(alarms_document("d", "s", [])), mail_settings(receiver))
    assert receiver.came == []
    with pytest.raises(DeliveryFailedError, match="TOUCHLINE_SMTP_HOST"):
        mails.send("ops@shop.example", "d_1", {"alarms": [], "organizationId": "shop"}, DeliverySettings())


HOSTILE = (
    "a\r\nBcc: all@victim.example", "a\nSubject: other", "x\u2028y", "a\x00b", "\u202eevil", "\r\n\r\nbody", "é" * 500,
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_of_a_site_or_goal_adds_a_header_or_a_line(name: str) -> None:
    told = json.loads(alarms_document("d_1", name, [alarm(sentence=f"{name} fell", site_id=name, goal=name)]))
    message = mails.message_of("ops@shop.example", "d_1", told, DeliverySettings(smtp_from="t@shop.example"))
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
         "MIME-Version"]
    )  # fmt: skip
    again = message_from_string(message.as_string(), policy=default)
    assert (again["bcc"], again["to"]) == (None, "ops@shop.example")
    assert len(subject_of(told)) <= 150
    assert len(text_of(told).splitlines()) == 3
    assert plain(name).isprintable()


def test_many_alarms_are_counted_and_some_are_shown() -> None:
    told = json.loads(alarms_document("d", "shop", [alarm()] * (MOST_ALARMS + 7)))
    assert (told["count"], len(told["alarms"])) == (57, 50)
    assert subject_of(told).endswith(" and 56 more")
    assert text_of(told).endswith("7 more: touchline health alarms\n")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"SMTP_SECURITY": "ssl"}, "one of"), ({"SMTP_PORT": "0"}, "1 to 65535"), ({"SMTP_PORT": "x"}, "1 to 65535"),
        ({"SMTP_SECURITY": "none", "SMTP_USER": "a"}, "without TLS"), ({"SMTP_HOST": "mail.example"}, "sender"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(said: dict[str, str], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        delivery_settings({f"TOUCHLINE_{name}": value for name, value in said.items()})


@pytest.mark.parametrize(("security", "port"), [("", 587), ("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_kind_of_security_has_its_port(security: str, port: int) -> None:
    assert delivery_settings({"TOUCHLINE_SMTP_SECURITY": security}).smtp_port == port


ADDRESSES = (
    "", "ops", "ops@", "@shop.example", "ops@shop", "a b@shop.example", "ops@shop.example\nBcc: b@c.example",
    "ops@shop.example, b@c.example", "Ops <ops@shop.example>", "ö@shop.example", "a@" + "b." * 130 + "example",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_address_is_refused(workspace: Workspace, address: str) -> None:
    with pytest.raises(UsageError, match="no e-mail address"):
        destinations.add_email(workspace, "shop", address, now=NOW)


def test_names_of_destinations_are_their_own_and_there_are_20(workspace: Workspace) -> None:
    for number in range(1, 21):
        assert destinations.add_email(workspace, "shop", "o@shop.example", now=NOW).name == f"email-{number}"
    with pytest.raises(UsageError, match="20 destinations"):
        destinations.add_email(workspace, "shop", "o@shop.example", now=NOW)
    for name, why in (("email-1", "already"), ("log", "already"), ("a b", "letters"), ("x" * 65, "letters")):
        with pytest.raises(UsageError, match=why):
            destinations.add_email(workspace, "shop", "o@shop.example", name=name, now=NOW)
