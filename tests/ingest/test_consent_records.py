"""Records of consent: what is kept of each, and which are none."""

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from touchline.ingest import ConsentRow, Rejection, accept, consent_row
from touchline.ingest.bots import Noise
from touchline.ingest.context import Context
from touchline.ingest.event import Reason
from touchline.ingest.wire import Posted

NOW = 1_772_900_000_000_000
HASH = sha256(b"ann@mail.example").hexdigest()
RECORD = {"version": "v1", "purposes": ["ads", "statistics"], "source": "banner"}
EVENT = {"eventId": "e1", "type": "CUSTOM", "consent": "granted", "anonId": "ann", "consentRecord": RECORD}


def row(context: dict[str, Any] | None = None, **said: Any) -> ConsentRow | Rejection:
    posted = Posted.read(msgspec.json.encode({**EVENT, **said}))
    assert isinstance(posted, Posted)
    (event,) = posted.events
    return event if isinstance(event, Rejection) else consent_row(event, Context("s", NOW, "EUR", **(context or {})))


@pytest.mark.parametrize(
    ("context", "said", "expected"),
    [
        ({}, {}, ("granted", "ann", "v1", "ads,statistics", "banner")),
        ({}, {"consentRecord": {}}, ("granted", "ann", None, None, None)),
        ({}, {"consent": "denied", "consentRecord": {"anonId": "old"}}, ("denied", "old", None, None, None)),
        ({}, {"anonId": "ann@mail.example", "consentRecord": {"source": "of ann@mail.example"}},
         ("granted", HASH, None, None, "of [email]")),
        ({"visitor_ids": "anonymous", "is_verified": False}, {}, ("granted", None, "v1", "ads,statistics", "banner")),
        ({"is_consent_refused": True}, {"consent": "denied"}, ("denied", "ann", "v1", "ads,statistics", "banner")),
        ({"is_consent_refused": True}, {}, Reason.CONSENT_DENIED),
        ({"noise": Noise(Reason.BOT, "A bot.")}, {}, Reason.BOT),
        ({}, {"consent": None}, Reason.MISSING_FIELD),
        ({}, {"occurredAt": "1999-01-01T00:00:00Z"}, Reason.OUT_OF_RANGE),
        ({}, {"consentRecord": {"purposes": ["a\x00b"]}}, Reason.MALFORMED),
    ],
)  # fmt: skip
def test_what_is_kept_of_a_record(context: dict[str, Any], said: dict[str, Any], expected: object) -> None:
    found = row(context, **said)
    if isinstance(found, Rejection):
        assert found.reason == expected
    else:
        kept = (found.choice, found.visitor_id, found.text_version, found.purposes, found.source)
        assert kept == expected


def test_a_message_that_is_sent_again_is_one_record_and_any_other_another() -> None:
    found = [
        row(), row(), row(eventId="e2"), row(occurredAt="2026-03-01T00:00:00Z"), row(anonId="ben"),
        row(consent="denied"), row(consentRecord={**RECORD, "version": "v2"}),
        row(consentRecord={**RECORD, "source": "footer"}), row(anonId=None), row(anonId=None, eventId="e2"),
    ]  # fmt: skip
    ids = [one.consent_id for one in found if isinstance(one, ConsentRow)]
    assert (len(ids), ids[0] == ids[1], len(set(ids))) == (10, True, 9)
    visit = {"visitor_ids": "anonymous", "is_verified": False, "visit_id": "day"}
    said_again = [row(visit), row(visit, eventId="e2")]
    assert len({one.consent_id for one in said_again if isinstance(one, ConsentRow)}) == 1


def test_a_file_has_no_records() -> None:
    (batch,) = accept([("f:1", msgspec.json.encode(EVENT))], site_id="s", received_at=NOW, default_currency="EUR")
    assert [(one.reason, one.field) for one in batch.rejected] == [("unknown_value", "consentRecord")]
