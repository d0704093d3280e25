"""A new home: all of it or nothing, and never over one that is there."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.conftest import NOW
from touchline.errors import HomeError, UsageError
from touchline.jobs import setup
from touchline.ledger import Ledger, schema
from touchline.settings import Home


def begun(home: Home, name: str = "shop", domain: str = "shop.example") -> setup.Initial:
    return setup.init(home, name=name, domain=domain, currency="eur", time_zone="UTC", now=NOW)


def names_in(place: Path | str) -> list[str]:
    with closing(Ledger(place)) as ledger:
        return [row["organization_id"] for row in ledger.rows(schema.ORGANIZATIONS)]


@pytest.mark.parametrize("name", ["shop", "other"])
def test_a_database_that_holds_one_is_left_alone(tmp_path: Path, database_url: str, name: str) -> None:
    begun(Home(tmp_path / "one", database_url=database_url))
    with pytest.raises(HomeError, match="The database is already a Touchline home") as raised:
        begun(Home(tmp_path / "two", database_url=database_url), name=name, domain=f"{name}.example")
    assert "DATABASE_URL" in raised.value.hint
    assert names_in(database_url) == ["shop"]


def test_of_two_that_begin_at_once_the_second_is_told_and_writes_nothing(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw an empty database; the first one's rows are committed when the second's come."""
    closed: list[Ledger] = []
    close, rows = Ledger.close, Ledger.rows

    def overtaken(ledger: Ledger, table: Any, **where: Any) -> Any:
        found = rows(ledger, table, **where)
        monkeypatch.setattr(Ledger, "rows", rows)
        begun(Home(tmp_path / "one", database_url=database_url), domain="one.example")
        return found

    def noted(ledger: Ledger) -> None:
        closed.append(ledger)
        close(ledger)

    monkeypatch.setattr(Ledger, "rows", overtaken)
    monkeypatch.setattr(Ledger, "close", noted)
    with pytest.raises(HomeError, match="The database is already a Touchline home"):
        begun(Home(tmp_path / "two", database_url=database_url), domain="two.example")
    assert len(closed) == 2
    with closing(Ledger(database_url)) as ledger:
        kept = [[row["site_id"] for row in ledger.rows(table)] for table in (schema.SITES, schema.KEYS)]
    assert kept == [["one-example"], ["one-example"]]


def test_a_file_that_holds_one_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    begun(home)
    with pytest.raises(HomeError, match="is already a Touchline home") as raised:
        begun(home, name="other")
    assert "TOUCHLINE_HOME" in raised.value.hint
    assert names_in(home.ledger_file) == ["shop"]


@pytest.mark.parametrize("is_server", [False, True])
def test_a_new_home_has_what_it_needs(tmp_path: Path, request: pytest.FixtureRequest, is_server: bool) -> None:
    url = request.getfixturevalue("database_url") if is_server else ""
    home = Home(tmp_path / "home", database_url=url)
    made = begun(home, name="Fernwood Home", domain="www.fern.example")
    with closing(Ledger(home.ledger)) as ledger:
        (organization,) = ledger.rows(schema.ORGANIZATIONS)
        (site,) = ledger.rows(schema.SITES)
        (goal,) = ledger.rows(schema.GOALS)
        (key,) = ledger.rows(schema.KEYS)
    assert (made.organization_id, made.site_id) == ("fernwood-home", "www-fern-example")
    assert (organization["organization_id"], organization["currency"]) == ("fernwood-home", "EUR")
    assert (site["organization_id"], site["domain"], site["time_zone"]) == ("fernwood-home", "fern.example", "UTC")
    assert (goal["goal"], goal["event_type"], goal["event_name"], goal["unverified_handling"]) == (
        "conversion", "CONVERSION", "", "count",
    )  # fmt: skip
    assert (key["site_id"], key["kind"], made.key[:3]) == ("www-fern-example", "publishable", "pk_")
    assert {organization["created_at"], site["created_at"], key["created_at"]} == {NOW}


@pytest.mark.parametrize(
    "zone", ["Mars/Base", "Europe", "right/UTC", "posix/Europe/Berlin", "localtime", "posixrules", "x" * 5_000]
)
def test_a_zone_that_the_databases_do_not_know_is_refused(tmp_path: Path, zone: str) -> None:
    """A site of such a zone stopped the run of all sites."""
    home = Home(tmp_path / "home")
    with pytest.raises(UsageError, match="no time zone"):
        setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone=zone, now=NOW)
