"""Erasure against a plain model: what is kept of whom, whichever id names the person."""

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.jobs.conftest import NOW
from tests.keyed import keyed
from tests.oracle.who import Seen, who_is_who
from touchline.jobs import erasing, importing, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import person_search, schema
from touchline.settings import Home

Said = dict[str, Any]
MAILS = {name: sha256(name.encode()).hexdigest() for name in ("m1", "m2")}
MOMENT = datetime.fromisoformat("2026-03-02T10:00:00")
FOREIGN_TIME = "1999-01-01T00:00:00Z"
_NUMBERS = count()


def told(visitor: str | None, user: str | None, mail: str | None, is_refused: bool) -> Said:
    said: Said = {"anonId": visitor, "userId": user, "emailHash": MAILS.get(mail or "")}
    said = {name: value for name, value in said.items() if value is not None}
    return said | ({"occurredAt": FOREIGN_TIME} if is_refused else {})


_TOLD = st.builds(
    told,
    st.sampled_from([None, "ada-laptop", "ada-phone", "bob"]),
    st.sampled_from([None, None, "user-x", "user-y"]),
    st.sampled_from([None, None, "m1", "m2"]),
    st.booleans(),
).filter(lambda said: bool(said.keys() - {"occurredAt"}))


def names_of(said: Said, site_id: str) -> list[str]:
    """The identifiers on an event."""
    kinds = (("anonId", f"v:{site_id}:"), ("userId", "u:"), ("emailHash", "m:"))
    return [prefix + keyed(said[name]) for name, prefix in kinds if name in said]


def person_of(named: str, events: list[Said], site_id: str) -> set[str]:
    """The plain definition: who is who on the accepted events, which all happened at one moment."""
    shown = [names_of(said, site_id) for said in events if "occurredAt" not in said]
    seen = [
        Seen((own[0], own), (other[0], other), MOMENT, "strong_id" if other[0] == "u" else "email_unvalidated")
        for own, *others in shown
        for other in others
    ]
    answer, _ = who_is_who(seen, (), ("u",), ("m",), {})
    persons = {person for _, one, person, _, _ in answer if one == named}
    return {named, *(one for _, one, person, _, _ in answer if person in persons)}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One home; each example has an organization of its own in it."""
    home = Home(tmp_path_factory.mktemp("erased") / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as opened:
        yield opened


def new_site(workspace: Workspace) -> tuple[str, str]:
    organization_id = f"o{next(_NUMBERS)}"
    with workspace.ledger.transaction() as entry:
        entry.add(
            schema.ORGANIZATIONS, organization_id=organization_id, name=organization_id, currency="EUR", created_at=NOW
        )
    domain = f"{organization_id}.example"
    setup.add_site(workspace, organization_id, name=domain, domain=domain, time_zone="UTC", now=NOW)
    return organization_id, domain.replace(".", "-")


def import_all(workspace: Workspace, folder: Path, events: list[Said], site_id: str) -> importing.ImportReport:
    file = folder / f"{next(_NUMBERS)}.jsonl"
    numbered = [{"eventId": f"e{number}", **said} for number, said in enumerate(events)]
    return send_to(workspace, file, numbered, site_id)


def send_to(workspace: Workspace, file: Path, events: list[Said], site_id: str) -> importing.ImportReport:
    lines = ({"type": "IDENTIFY", "occurredAt": "2026-03-02T10:00:00Z"} | event for event in events)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return importing.import_events(workspace, [file], site_id=site_id, mapping=None, now=NOW)


def kept(workspace: Workspace, site_id: str) -> tuple[list[str], int]:
    """The events that are kept, and how many refused ones."""
    events = [row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS, site_id=site_id)]
    return sorted(events), len(workspace.ledger.rows(schema.REJECTED_EVENTS, site_id=site_id))


@settings(max_examples=12)
@given(st.lists(_TOLD, min_size=1, max_size=7), st.data())
def test_what_is_kept_of_whom_is_as_the_plain_model_says(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, events: list[Said], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("told")
    organization_id, site_id = new_site(workspace)
    _, other_site = new_site(workspace)
    for site in (site_id, other_site):
        import_all(workspace, folder, events, site)
    before = kept(workspace, other_site)
    named = data.draw(st.sampled_from(sorted({name for said in events for name in names_of(said, site_id)})))
    person = person_of(named, events, site_id)
    is_refused = ["occurredAt" in said for said in events]
    shown = [names_of(said, site_id) for said in events]
    is_theirs = [
        bool(person & set(names if refused else names[:1])) for names, refused in zip(shown, is_refused, strict=True)
    ]
    stay = [number for number in range(len(events)) if not is_theirs[number]]

    kind, value = {"v": "visitor", "u": "user", "m": "email_hash"}[named[0]], named.rpartition(":")[2]
    report = erasing.erase(workspace, organization_id, now=NOW, **{kind: value})  # type: ignore[arg-type] # text
    assert set(report.identifiers) == person
    assert report.rejected == sum(theirs and refused for theirs, refused in zip(is_theirs, is_refused, strict=True))
    expected = [f"e{number}" for number in stay if not is_refused[number]], sum(is_refused[number] for number in stay)
    assert kept(workspace, site_id) == expected
    assert kept(workspace, other_site) == before

    again = import_all(workspace, folder, [said for said in events if "occurredAt" not in said], site_id)
    gone = sum(theirs and not refused for theirs, refused in zip(is_theirs, is_refused, strict=True))
    assert again.rejected["erased"] == gone


def test_a_refused_event_with_the_hash_alone_goes(workspace: Workspace, tmp_path: Path) -> None:
    organization_id, site_id = new_site(workspace)
    hash_alone = {"emailHash": MAILS["m1"], "occurredAt": FOREIGN_TIME}
    import_all(workspace, tmp_path, [hash_alone, {**hash_alone, "emailHash": MAILS["m2"]}], site_id)
    assert erasing.erase(workspace, organization_id, email_hash=MAILS["m1"], now=NOW).rejected == 1
    (left,) = workspace.ledger.rows(schema.REJECTED_EVENTS, site_id=site_id)
    assert keyed(MAILS["m2"]) in left["payload"]


def refused_of(*visitors: str) -> list[Said]:
    return [{"anonId": visitor, "occurredAt": FOREIGN_TIME} for visitor in visitors]


@pytest.mark.parametrize("visitor", ['the "great" ada', "ad\u00e9l", "ada\\laptop", "a.a"])
def test_a_refused_event_goes_however_its_text_spells_the_id(
    workspace: Workspace, tmp_path: Path, visitor: str
) -> None:
    """JSON escapes quotes, backslashes and what is no ASCII; a dot is a dot."""
    organization_id, site_id = new_site(workspace)
    import_all(workspace, tmp_path, refused_of(visitor, "ada"), site_id)
    assert erasing.erase(workspace, organization_id, visitor=visitor, now=NOW).rejected == 1
    (left,) = workspace.ledger.rows(schema.REJECTED_EVENTS, site_id=site_id)
    assert '"ada"' in left["payload"]


def test_an_id_is_a_word_of_its_own_at_both_ends(workspace: Workspace, tmp_path: Path) -> None:
    organization_id, site_id = new_site(workspace)
    import_all(workspace, tmp_path, refused_of("bob", "bobby", "jacob-of-bobs", "abob"), site_id)
    assert erasing.erase(workspace, organization_id, visitor="bob", now=NOW).rejected == 1
    assert len(workspace.ledger.rows(schema.REJECTED_EVENTS, site_id=site_id)) == 3


def test_refused_events_of_many_ids_go_part_by_part(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_search, "_REJECTIONS_AT_ONCE", 2)
    organization_id, site_id = new_site(workspace)
    visitors = [f"ada-{number}" for number in range(5)]
    known = [{"anonId": visitor, "userId": "user-x"} for visitor in visitors]
    import_all(workspace, tmp_path, [*known, *refused_of(*visitors, "bob")], site_id)
    assert erasing.erase(workspace, organization_id, user="user-x", now=NOW).rejected == 5
