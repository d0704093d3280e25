"""What is sent of alarms: a document for programs, and the same as text for people."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from touchline.reports.report import camel, document

if TYPE_CHECKING:  # it loads SciPy, which workers do without
    from touchline.jobs.alarming.alarm import Alarm

MOST_ALARMS = 50
"""Alarms that one delivery shows; of more, their number."""
_LONGEST_LINE = 2_000
_LONGEST_SUBJECT = 150
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_SENT = ("acknowledgedBy", "note", "mutedUntil")
"""What is not sent: people say it afterwards."""

Document = Mapping[str, Any]


def alarms_document(delivery_id: str, organization_id: str, alarms: "Sequence[Alarm]") -> str:
    """The JSON of a delivery; what is repeated after a failure is the same to the last byte."""
    shown = [
        {camel(one.name): document(getattr(alarm, one.name)) for one in fields(alarm)} for alarm in alarms[:MOST_ALARMS]
    ]
    found = {
        "deliveryId": delivery_id,
        "organizationId": organization_id,
        "test": not alarms,
        "count": len(alarms),
        "alarms": [{name: value for name, value in one.items() if name not in _SENT} for one in shown],
    }
    return json.dumps(found, default=str, ensure_ascii=True, separators=(",", ":"))


def subject_of(sent: Document) -> str:
    """The subject of a mail: one line, whatever a site or a goal is called."""
    alarms = sent["alarms"]
    if not alarms:
        return f"Touchline: test for {plain(sent['organizationId'])}"
    more = f" and {sent['count'] - 1:,} more" if sent["count"] > 1 else ""
    return f"Touchline: {plain(alarms[0]['sentence'])}"[: _LONGEST_SUBJECT - len(more)] + more


def text_of(sent: Document) -> str:
    """The body of a mail."""
    if not sent["alarms"]:
        return "This is a test: alarms of the health of your data arrive here.\n"
    said = [_in_words(alarm) for alarm in sent["alarms"]]
    if sent["count"] > len(said):
        said.append(f"{sent['count'] - len(said):,} more: touchline health alarms")
    return "\n\n".join(said) + "\n"


def _in_words(alarm: Mapping[str, Any]) -> str:
    lines = [f"{alarm['siteId']}: {alarm['sentence']}", alarm["firstCheck"]]
    if alarm["owner"]:
        lines.append(f"Who knows: {alarm['owner']}")
    lines.append(f"Acknowledge: touchline health ack {alarm['alarmId']} --note '…'")
    return "\n".join(plain(line)[:_LONGEST_LINE] for line in lines)


def plain(text: str) -> str:
    r"""Text on one line, without characters that end a line or turn its direction.

    >>> plain("a\r\nBcc: x@y.example")
    'a Bcc: x@y.example'
    """
    return _UNPRINTABLE.sub(" ", text).strip()
