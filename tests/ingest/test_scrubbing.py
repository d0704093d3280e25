"""Secrets and persons are taken out before anything is kept, of accepted events and of refused ones."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.test_wire import MINIMAL, accepted_batch, event_of, refusal_of
from touchline.ingest import scrubbing
from touchline.ingest.scrubbing import scrubbed_text, without_addresses

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def test_urls_are_scrubbed_before_they_are_read() -> None:
    event = event_of(
        url=f"https://ann:pw@shop.example/invite/3f9a7c1d5e2b8046?utm_source=News&utm_term=ann%40b.example&jwt={TOKEN}#t=1",
        referrer="https://mail.example/read?email=ann@b.example&q=shoes",
        path="/invite/3f9a7c1d5e2b8046",
    )
    kept = "https://shop.example/invite/redacted?utm_source=News&utm_term=redacted&jwt=redacted#t=1"
    assert (event.url, event.path) == (kept, "/invite/redacted")
    assert event.referrer == "https://mail.example/read?email=redacted&q=shoes"
    assert (event.utm_source, event.utm_term, event.referrer_domain) == ("news", "redacted", "mail.example")


def test_marks_that_older_tags_send_are_scrubbed_too() -> None:
    event = event_of(
        utm_term="x", utmTerm="to ann@b.example", metadata={"ref": "https://a.example/?token=1", "fp": "f"}
    )
    assert (event.utm_term, event.referrer) == ("redacted", "https://a.example/?token=redacted")


def test_the_ids_of_mailings_name_their_readers() -> None:
    event = event_of(url="https://shop.example/?mc_eid=a1b2c3&gclid=Cj0_x")
    assert event.click_id_names == "gclid,mc_eid"
    assert json.loads(event.click_ids or "") == {"gclid": "Cj0_x", "mc_eid": "redacted"}


def test_nothing_else_is_changed() -> None:
    url = "https://shop.example/a%20b/?q=caf%C3%A9&utm_source=x&code_color=red&gclid=EAIaIQobChMI_ey-J.x#top"
    assert event_of(url=url).url == url


def test_refused_events_are_kept_without_persons() -> None:
    refused = refusal_of(
        {**MINIMAL, "emailHash": "ann@b.example", "url": "https:\\/\\/u:p@a.example/?token=x&a=1", "x": "203.0.113.9"}
    )
    said = refused.payload + refused.message
    for secret in ("ann", "b.example", "u:p", "token=x", "203.0.113.9"):
        assert secret not in said
    assert "emailHash" in refused.message
    assert json.loads(refused.payload)["eventId"] == "e1"


TEXTS = [
    ("192.0.2.7 - - [10/Oct/2026:13:55:36 +0000]", "redacted - - [10/Oct/2026:13:55:36 +0000]"),
    ("[2001:DB8:0:0::7]:443, ::1, ::ffff:192.0.2.7", "[redacted]:443, redacted, redacted"),
    ("2026-03-02T09:10:00.5Z 09:10 std::list 1.2.3", "2026-03-02T09:10:00.5Z 09:10 std::list 1.2.3"),
    (f"Bearer {TOKEN}, ann.b+c@mail.example!", "Bearer redacted, redacted!"),
    ("/reset?token=abc&a=1 /plain/path", "/reset?token=redacted&a=1 /plain/path"),
]


@pytest.mark.parametrize(("text", "kept"), TEXTS, ids=range(len(TEXTS)))
def test_text_without_persons(text: str, kept: str) -> None:
    assert scrubbed_text(text) == kept
    assert scrubbed_text(kept) == kept


NAMES = ["ip", "IP", "clientIp", "client_ip", "ip_address", "ipAddress", "remote_addr", "X-Forwarded-For", "userIP"]


@given(
    st.dictionaries(
        st.sampled_from(NAMES) | st.text(max_size=8), st.text() | st.dictionaries(st.sampled_from(NAMES), st.text())
    )
)
def test_properties_lose_addresses_and_nothing_else(properties: dict[str, Any]) -> None:
    found = json.loads(without_addresses(json.dumps(properties).replace('": ', '":').encode()))
    assert found.keys() == properties.keys()
    for name, value in properties.items():
        if isinstance(value, dict):
            assert set(found[name].values()) <= {"redacted"}
        else:
            assert found[name] == ("redacted" if name in NAMES else value)


def test_addresses_in_properties_are_not_kept() -> None:
    event = event_of(properties={"ip": "203.0.113.9", "a": {"remote_addr": "2001:db8::7"}, "version": "10.0.1.2"})
    kept = {"ip": "redacted", "a": {"remote_addr": "redacted"}, "version": "10.0.1.2"}
    assert json.loads(event.properties or "") == kept


HOSTILE = ["a", "a@", "1.", "a:", "%40", "/?", "//", "ab::", "-eyJ", "a.a-", "a@b.", '"ip":"', "a?", "://", ":", ".@"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_cost_grows_with_the_text_and_with_nothing_else(piece: str) -> None:
    def cost(length: int) -> float:
        text = (piece * length)[:length]
        began = time.thread_time()
        scrubbed_text(text)
        without_addresses(text.encode())
        return time.thread_time() - began

    assert min(cost(65_536) for _ in range(3)) < 0.05


def test_bots_and_marked_visits_have_reasons() -> None:
    batch = accepted_batch(
        {**MINIMAL, "userAgent": "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"},
        {**MINIMAL, "url": "https://shop.example/?tl_internal=1"},
        {**MINIMAL, "url": "https://shop.example/?tl_internal=0"},
    )
    assert [refused.reason for refused in batch.rejected] == ["monitoring", "internal"]
    assert len(batch.accepted) == 1


pieces = st.sampled_from([
    "a", "ip", "IP", "client_", "X-Forwarded-For", "remote-addr", '"', '":"', ".", "192.0.2.7", "@", "%40", "b.example",
    TOKEN, "eyK", "eyI", "//", "https://", "?", "token=x", "&", " ", "/", "\\/", ":", "::1", "<", "7",
])  # fmt: skip


@given(said=st.lists(pieces, max_size=20).map("".join))
def test_a_pattern_that_is_left_out_would_not_have_matched(said: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scrubbing, "_ABSOLUTE_URL", scrubbing._URL)
        patch.setattr(scrubbing, "_IPV4_ADDRESS", scrubbing._PERSONAL)
        with_all_patterns = scrubbed_text(said)
    assert scrubbed_text(said) == with_all_patterns
    redacted = scrubbing._ADDRESS_PROPERTY.sub(scrubbing._REDACTED_PROPERTY, said.encode())
    assert without_addresses(said.encode()) == redacted
