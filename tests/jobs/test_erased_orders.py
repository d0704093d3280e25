"""What names an order of an erased person, and nobody, goes with the person, as a plain model says."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.jobs.conftest import NOW
from touchline.errors import UnknownError
from touchline.jobs import erasing, exporting, importing, setup
from touchline.jobs.importing import ImportReport
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

_NUMBERS = count()


@dataclass(frozen=True)
class Said:
    """One event: of whom, about which order, and whether a server said it."""

    who: str | None
    type: str
    order: str | None
    is_verified: bool
    is_refused: bool = False

    def line(self, event_id: str) -> dict[str, object]:
        """The event on the wire."""
        named = {"anonId": self.who, "orderId": self.order}
        when = "1999-01-01T00:00:00Z" if self.is_refused else "2026-03-02T10:00:00Z"
        known = {name: value for name, value in named.items() if value is not None}
        return {"eventId": event_id, "type": self.type, "occurredAt": when, **known}


_SAID = st.builds(
    Said,
    st.sampled_from(["ada", "bob", None, None]),
    st.sampled_from(["CONVERSION", "REFUND", "CUSTOM"]),
    st.sampled_from(["1", "2", None]),
    st.booleans(),
    st.sampled_from([False, False, True]),
).filter(lambda said: said.who is not None or said.order is not None)


def goes(said: Said, events: list[Said]) -> bool:
    """The plain definition of what goes with Ada."""
    if said.who is not None or said.order is None:
        return said.who == "ada"
    accepted = [one for one in events if one.order == said.order and not one.is_refused]
    hers = [one for one in accepted if one.who == "ada"]
    if not hers or any(one.who == "bob" for one in accepted):
        return False
    return said.is_refused or said.type == "REFUND" or not said.is_verified or any(one.is_verified for one in hers)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One home; each example has an organization of its own in it."""
    home = Home(tmp_path_factory.mktemp("orders") / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as opened:
        yield opened


def new_site(workspace: Workspace) -> tuple[str, str]:
    name = f"shop-{next(_NUMBERS)}"
    with workspace.ledger.transaction() as entry:
        entry.add(schema.ORGANIZATIONS, organization_id=name, name=name, currency="EUR", created_at=NOW)
    return name, setup.add_site(
        workspace, name, name=name, domain=f"{name}.example", time_zone="UTC", now=NOW
    )  # fmt: skip


def tell(workspace: Workspace, folder: Path, site_id: str, events: dict[str, Said]) -> ImportReport:
    file = folder / "events.jsonl"
    file.write_text("".join(json.dumps(said.line(name)) + "\n" for name, said in events.items()), encoding="utf-8")
    report = importing.import_events(workspace, [file], site_id=site_id, mapping=None, now=NOW)
    hearsay = [(site_id, name) for name, said in events.items() if not said.is_verified]
    with closing(sqlite3.connect(workspace.home.path / "ledger.db")) as ledger, ledger:
        ledger.executemany("update tracking_events set is_verified = 0 where site_id = ? and event_id = ?", hearsay)
    return report


def kept(workspace: Workspace, site_id: str) -> set[str]:
    tables = (schema.TRACKING_EVENTS, schema.REJECTED_EVENTS)
    return {str(row["event_id"]) for table in tables for row in workspace.ledger.rows(table, site_id=site_id)}


def rows_exported(workspace: Workspace, organization_id: str) -> set[str]:
    """The ids of the events that an export lists, accepted or not; each once."""
    with exporting.exported(workspace, organization_id, visitor="ada") as person:
        found = [row["event_id"] for section in person.sections for row in section.rows()]
    assert len(found) == len(set(found))
    return set(found)


@given(st.lists(_SAID, min_size=1, max_size=7))
def test_what_goes_is_as_the_plain_model_says(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, said: list[Said]
) -> None:
    folder, (organization_id, site_id), (_, other_site) = (
        tmp_path_factory.mktemp("said"), new_site(workspace), new_site(workspace),
    )  # fmt: skip
    events = {f"e{number}": one for number, one in enumerate(said)}
    for site in (site_id, other_site):
        tell(workspace, folder, site, events)
    before = kept(workspace, other_site)
    theirs = {name for name, one in events.items() if goes(one, said)}
    if not theirs:
        with pytest.raises(UnknownError):
            erasing.erase(workspace, organization_id, visitor="ada", now=NOW, is_dry_run=True)
        with pytest.raises(UnknownError):
            rows_exported(workspace, organization_id)
        return
    exported = rows_exported(workspace, organization_id)
    rehearsed = erasing.erase(workspace, organization_id, visitor="ada", now=NOW, is_dry_run=True)
    report = erasing.erase(workspace, organization_id, visitor="ada", now=NOW)
    refused = {name for name in theirs if events[name].is_refused}
    assert (report.events, report.rejected) == (len(theirs) - len(refused), len(refused))
    assert (rehearsed.events, rehearsed.rejected) == (report.events, report.rejected)
    assert exported == theirs  # an export lists what an erasure takes
    assert kept(workspace, site_id) == events.keys() - theirs
    assert kept(workspace, other_site) == before


def test_what_names_the_order_alone_and_comes_again_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    organization_id, site_id = new_site(workspace)
    proof = Said("ada", "CONVERSION", "1", is_verified=True)
    hint = Said("ada", "CONVERSION", "2", is_verified=False)
    shared = (Said("ada", "CONVERSION", "3", is_verified=True), Said("bob", "CONVERSION", "3", is_verified=False))
    told = {"p": proof, "h": hint, "s": shared[0], "t": shared[1]}
    tell(workspace, tmp_path, site_id, told)
    erasing.erase(workspace, organization_id, visitor="ada", now=NOW)
    again = {
        f"{kind}{order}": Said(None, kind, order, is_verified=True)
        for kind in ("REFUND", "CONVERSION")
        for order in ("1", "2", "3")
    }
    assert tell(workspace, tmp_path, site_id, again).rejected == {"erased": 3}
    assert kept(workspace, site_id) == {"t", "CONVERSION2", "REFUND3", "CONVERSION3", "None"}
