"""A person gets everything that is kept of them, from the ledger and from the last run, and nothing of anybody else."""

import json
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.jobs.conftest import NOW, Tell
from tests.jobs.test_belonging import hearsay
from tests.keyed import keyed
from touchline.errors import StorageError, UnknownError, UsageError
from touchline.jobs import claiming, erasing, exporting, running
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.person_file import PersonFile, Section, counts, json_chunks, write_page

MAIL = sha256(b"ada").hexdigest()
ADA = (
    {"eventId": "a1", "anonId": "laptop", "url": "https://shop.example/?utm_source=letter&utm_medium=email"},
    {"eventId": "a2", "anonId": "laptop", "type": "IDENTIFY", "userId": "ada"},
    {"eventId": "a3", "anonId": "phone", "type": "IDENTIFY", "userId": "ada", "emailHash": MAIL},
    {"eventId": "a4", "anonId": "laptop", "type": "CONVERSION", "value": 80, "orderId": "1",
     "occurredAt": "2026-03-02T10:05:00Z"},
    {"eventId": "a5", "type": "REFUND", "value": 5, "orderId": "1", "occurredAt": "2026-03-03T10:00:00Z"},
    {"eventId": "a6", "userId": "ada", "occurredAt": "1999-01-01T00:00:00Z"},
)  # fmt: skip
BOB = ({"eventId": "b1", "anonId": "bob"}, {"eventId": "b2", "anonId": "bob", "type": "CONVERSION", "orderId": "2"})


def document(workspace: Workspace, **named: Any) -> dict[str, Any]:
    with exporting.exported(workspace, "shop", **named) as person:
        found: dict[str, Any] = json.loads("".join(json_chunks(person)))
    return found


def claim(workspace: Workspace, **ids: str) -> None:
    file = workspace.home.path / "claims.jsonl"
    file.write_text(json.dumps(ids) + "\n", encoding="utf-8")
    claiming.import_claims(workspace, [file], organization_id=None, site_id=None, source="crm", now=NOW)


@pytest.mark.parametrize("named", [{"visitor": "phone"}, {"user": "ada"}, {"email_hash": MAIL}])
def test_everything_is_there_whichever_id_names_the_person(
    workspace: Workspace, tell: Tell, named: dict[str, str]
) -> None:
    tell(*ADA, *BOB)
    claim(workspace, visitor_id="tablet", user_id="ada")
    running.run(workspace)
    found = document(workspace, **named)
    assert found["identifiers"] == [
        f"m:{keyed(MAIL)}", "u:ada", *(f"v:shop-example:{device}" for device in ("laptop", "phone", "tablet"))
    ]  # fmt: skip
    assert [row["event_id"] for row in found["events"]] == ["a1", "a2", "a3", "a4", "a5"]
    assert set(found["events"][0]) == {column.name for column in schema.TRACKING_EVENTS.columns}
    assert found["events"][0]["occurred_at"] == "2026-03-02T10:00:00Z"
    assert [(row["event_id"], row["source"]) for row in found["rejected_events"]] == [("a6", "events.jsonl:6")]
    assert [(row["linked_identifier"], row["source"]) for row in found["identity_claims"]] == [("u:ada", "crm")]
    assert found["is_derived"] is True
    derived = {name: len(found[name]) for name in ("sessions", "touches", "conversions", "corrections")}
    assert derived == {"sessions": 1, "touches": 1, "conversions": 1, "corrections": 1}
    assert {row["conversion_id"] for row in found["credit"]} == {"shop-example:a4"}
    assert "bob" not in json.dumps(found)


@pytest.mark.parametrize("kind", ["postgresql", "clickhouse"])
def test_every_engine_tells_the_same(workspace: Workspace, tell: Tell, database_url: str, kind: str) -> None:
    tell(*ADA, *BOB)
    running.run(workspace)
    expected = document(workspace, user="ada")
    url = database_url if kind == "postgresql" else "chdb://"
    with Workspace(replace(workspace.home, engine_url=url)) as other:
        running.run(other)
        assert document(other, user="ada") == expected


def test_what_it_lists_is_what_an_erasure_takes(workspace: Workspace, tell: Tell) -> None:
    tell(*ADA, *BOB)
    claim(workspace, visitor_id="tablet", user_id="ada")
    found = document(workspace, user="ada")
    assert found["is_derived"] is False
    assert "sessions" not in found  # no run, nothing derived
    report = erasing.erase(workspace, "shop", user="ada", now=NOW)
    assert tuple(found["identifiers"]) == report.identifiers
    listed = [len(found[name]) for name in ("events", "rejected_events", "identity_claims")]
    assert listed == [report.events, report.rejected, report.claims]
    with pytest.raises(UnknownError, match="Nothing is kept of u:ada"):
        document(workspace, user="ada")


def at_the_tablet(day: int, user: str | None = None, **said: Any) -> dict[str, Any]:
    """An event of the tablet that everybody uses; of its day, at noon or, to sign in, at eleven."""
    name = f"{'in' if user else said.get('type', 'view').lower()}-{day}"
    time = {"occurredAt": f"2026-03-0{day}T{11 if user else 12}:00:00Z"}
    kind = {"type": "IDENTIFY", "userId": user} if user else {}
    return {"eventId": name, "anonId": "tablet", **time, **kind, **said}


SHARED = (
    at_the_tablet(1, "ada"), at_the_tablet(1), at_the_tablet(2, "bob"), at_the_tablet(2),
    at_the_tablet(2, type="CONVERSION", orderId="B-1", value=9), at_the_tablet(3, "ada"),
    at_the_tablet(3, type="CONVERSION", orderId="A-1", value=7), at_the_tablet(4, "bob"), at_the_tablet(4),
    at_the_tablet(5, "ada"), at_the_tablet(5),
    {"eventId": "refund-a", "type": "REFUND", "orderId": "A-1", "value": 1, "occurredAt": "2026-03-06T10:00:00Z"},
    {"eventId": "refund-b", "type": "REFUND", "orderId": "B-1", "value": 1, "occurredAt": "2026-03-06T10:00:00Z"},
    {"eventId": "bad-tablet", "anonId": "tablet", "occurredAt": "1999-01-01T00:00:00Z"},
)  # fmt: skip
OF_ADA = ["in-1", "view-1", "in-3", "conversion-3", "in-5", "view-5", "refund-a"]
OF_BOB = ["in-2", "view-2", "conversion-2", "in-4", "view-4", "refund-b"]


@pytest.mark.parametrize("has_run", [True, False])
def test_of_a_shared_browser_everybody_gets_their_own_time(workspace: Workspace, tell: Tell, has_run: bool) -> None:
    tell(*SHARED)
    claim(workspace, visitor_id="tablet", user_id="bob")
    if has_run:
        running.run(workspace)
    for user, other, own in (("ada", "bob", OF_ADA), ("bob", "ada", OF_BOB)):
        found = document(workspace, user=user)
        assert [row["event_id"] for row in found["events"]] == own
        assert [len(found["identity_claims"]), found["rejected_events"]] == [int(user == "bob"), []]
        assert other not in json.dumps(found)
        if has_run:
            assert len(found["sessions"]) == len([name for name in own if name.startswith("view")])
            assert [row["order_id"] for row in found["conversions"]] == [f"{user[0].upper()}-1"]
    with pytest.raises(UsageError, match="Several people use v:shop-example:tablet") as refused:
        document(workspace, visitor="tablet")
    assert "--user" in refused.value.hint


def test_what_is_left_after_an_erasure_keeps_its_times(workspace: Workspace, tell: Tell) -> None:
    """Cem's browser goes with him; the tablet stays the others', each in their time, and what is apart stays so."""
    cem = {"eventId": "cem", "anonId": "c1", "userId": "cem"}
    tell(*SHARED, cem, {"eventId": "ada2", "anonId": "a2", "userId": "ada"})
    apart = workspace.home.path / "apart.jsonl"
    apart.write_text('{"visitor_id": "a2", "user_id": "ada"}\n', encoding="utf-8")
    claiming.separate(workspace, [apart], organization_id=None, site_id=None, now=NOW)
    running.run(workspace)
    before = {user: document(workspace, user=user) for user in ("ada", "bob")}
    erasing.erase(workspace, "shop", user="cem", now=NOW)
    for _ in range(2):  # by the ledger alone, as the last run still knew Cem; then by a run
        for user, found in before.items():
            now = document(workspace, user=user)
            assert (now["identifiers"], now["events"]) == (found["identifiers"], found["events"])
        running.run(workspace)
    assert before["ada"]["identifiers"] == ["u:ada", "v:shop-example:tablet"]


def test_a_strangers_word_exports_nobody(workspace: Workspace, tell: Tell) -> None:
    tell({"eventId": "c1", "type": "CONVERSION", "anonId": "c1", "userId": "1", "orderId": "A-1"})
    hearsay(workspace, tell, ("mallory", {"userId": "1"}))
    running.run(workspace)
    with pytest.raises(UsageError, match="Only a browser says") as refused:
        document(workspace, visitor="mallory")
    assert "export that id" in refused.value.hint
    found = document(workspace, visitor="mallory", is_proven_only=True)
    assert [row["event_id"] for row in found["events"]] == ["x-mallory-0"]
    assert found["is_derived"] is False  # the last run derived it of both together
    assert [found[name] for name in ("sessions", "touches", "conversions")] == [[], [], []]


def test_long_lists_come_in_parts(workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(exporting, "_NAMES_AT_ONCE", 2)
    devices = [{"eventId": f"e{n}", "anonId": f"d{n}", "userId": "ada"} for n in range(7)]
    refused = [{"anonId": f"d{n}", "occurredAt": "1999-01-01T00:00:00Z"} for n in range(7)]
    tell(*devices, *refused, *BOB)
    running.run(workspace)
    found = document(workspace, user="ada")
    assert [len(found[name]) for name in ("events", "rejected_events", "sessions")] == [7, 7, 7]


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(person: PersonFile, file: Path) -> Page:
    write_page(person, file)
    page = Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


@given(st.text(alphabet="<>&\"'/scriptabe=: ", max_size=40))
def test_a_page_has_all_of_it_as_text_and_no_script(tmp_path_factory: pytest.TempPathFactory, said: str) -> None:
    sections = (Section("events", "Events", "What was sent.", lambda: [{"name": said, "url": None, "n": 0}]),)
    file = tmp_path_factory.mktemp("page") / "person.html"
    page = page_of(PersonFile(said, (said,), sections, is_derived=True), file)
    assert page.elements <= {
        "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "h1", "h2", "p",
        "bdi", "ul", "li", "div", "table", "tr", "td", "b", "br",
    }  # fmt: skip
    assert page.text.count(said) >= 4
    assert "url" not in page.text.partition("What was sent.")[2]
    assert file.stat().st_mode & 0o077 == 0


def test_a_page_says_where_nothing_was_derived_or_kept(tmp_path: Path) -> None:
    sections = (Section("events", "Events", "", list),)
    person = PersonFile("shop", ("u:ada",), sections, is_derived=False)
    page = page_of(person, tmp_path / "person.html")
    assert "What was derived is not listed" in page.text
    assert "None." in page.text
    assert counts(person) == {"Events": 0}
    with pytest.raises(StorageError, match="cannot be written"):
        write_page(person, tmp_path / "nowhere" / "person.html")
