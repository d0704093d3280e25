"""``GET /api/health/{part}``: the values of the command line, for whoever may read, of the own organization alone."""

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
from litestar.testing import TestClient

from tests.health.stopping import FIRST, STOPPED, write_stop
from tests.quantifiers import each
from tests.server.api.test_reports import Asking
from tests.server.conftest import NOW, placed
from touchline.jobs import access_keys, importing, running, setup
from touchline.jobs.alarming import notes
from touchline.jobs.alarming.states import acknowledge, alarms_of
from touchline.jobs.workspace import Workspace
from touchline.reports.health import health_report
from touchline.reports.report import document
from touchline.server.api.app import litestar
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions

LATER = 2 * NOW
PARTS = ("measures", "series", "funnel", "signals", "alarms")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("health")
    place = placed(folder / "home")
    with Workspace(place.home) as workspace:
        importing.import_events(
            workspace, [write_stop(folder / "a.jsonl")], site_id="shop-example", mapping=None, now=LATER
        )
        setup.add_organization(
            workspace, name="Other", domain="other.example", currency="EUR", time_zone="UTC", now=NOW
        )
        notes.add_note(workspace, "shop", STOPPED[0], "Deploy 4.2", now=NOW)
        notes.add_note(workspace, "other", STOPPED[0], "A secret of others", now=NOW)
        running.run(workspace)
    application = Application(place.home, ServerOptions())
    with TestClient(litestar(application, place.home, folder / "none.sock")) as client:
        yield Asking(client, place, application.keys)
    application.ledger.close()


def ask(asking: Asking, path: str, key: str | None = None) -> httpx.Response:
    bearer = {"authorization": f"Bearer {key or asking.place.secret}"}
    return asking.client.get(f"/api/health/{path}", headers=bearer)


def test_the_parts_have_the_values_of_the_report(asking: Asking) -> None:
    with Workspace(asking.place.home, is_read_only=True) as workspace:
        whole = document(health_report(workspace.engine, "shop"))
    assert ask(asking, "measures").json()["rates"] == whole["rates"]
    series = ask(asking, "series").json()
    assert [one["measure"] for one in series["series"]] == [one["measure"] for one in whole["series"]]
    (landings,) = (one for one in series["volumes"] if one["measure"] == "landings")
    marked = [point for point in landings["points"] if point["isSignal"]]
    assert [point["period"] for point in marked] == [str(STOPPED[0] + timedelta(days=n)) for n in range(3)]
    assert each(point["volume"] < point["lowerLimit"] < point["centre"] for point in marked)
    assert landings["points"][0]["lowerLimit"] is None
    assert [one["said"] for one in series["notes"]] == ["Deploy 4.2"]
    weekly = ask(asking, "series?per=week").json()["series"]
    assert {date.fromisoformat(point["period"]).weekday() for one in weekly for point in one["points"]} == {0}
    goal = next(one["goal"] for one in series["volumes"] if one["goal"])
    of_goal = ask(asking, f"measures?goal={goal}").json()["rates"]
    assert 0 < len(of_goal) < len(whole["rates"])
    assert ask(asking, "funnel").json()["steps"][0]["step"] == "ad_clicks"
    days = ask(asking, "series?weeks=1").json()["window"]
    assert days == {"start": str(FIRST + timedelta(days=29)), "end": str(FIRST + timedelta(days=35))}


def test_a_signal_says_what_broke_since_when_what_it_touches_and_what_to_check(asking: Asking) -> None:
    (one,) = (one for one in ask(asking, "signals").json()["signals"] if one["measure"] == "landings")
    assert (one["since"], one["until"], one["isOver"]) == (*map(str, STOPPED), True)
    assert (one["cases"], one["denominator"], one["conversionsInDoubt"]) == (3, 3, 3)
    assert one["valueInDoubtMicros"] == 60_000_000
    assert one["effect"] == pytest.approx(-33, abs=0.5)
    assert one["sentence"].startswith(
        "Landings fell to 1.0 a day instead of the usual 12.0 a day, from 4 February 2026"
    )
    assert "3 conversions of these days, worth 60.00 EUR" in one["sentence"]
    assert one["firstCheck"].startswith("Check first that the pages still load the tag")


def test_alarms_show_what_people_did_about_them(asking: Asking) -> None:
    with Workspace(asking.place.home) as workspace:
        (mine,) = (one for one in alarms_of(workspace, "shop", LATER) if one.measure == "landings")
        acknowledge(workspace, "shop", mine.alarm_id, by="ann", note="the tag", now=LATER)
    (one,) = (one for one in ask(asking, "alarms").json()["alarms"] if one["measure"] == "landings")
    assert (one["alarmId"], one["state"], one["acknowledgedBy"], one["note"]) == (
        mine.alarm_id, "closed", "ann", "the tag",
    )  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_another_organization_sees_nothing_of_this_one(asking: Asking, part: str) -> None:
    with Workspace(asking.place.home) as workspace:
        key = access_keys.create_key(workspace, "other-example", "secret", now=NOW, scopes=["read"]).key
    asking.keys.refresh()
    answer = ask(asking, part, key)
    assert answer.status_code == 200
    assert "shop-example" not in answer.text
    assert "Deploy" not in answer.text
    assert ask(asking, f"{part}?organization=shop", key).status_code in {403, 404}
    assert ask(asking, f"{part}?site=shop-example", key).status_code == 404
    assert asking.client.get(f"/api/health/{part}").status_code == 401
    assert ask(asking, f"{part}?nope=1").status_code == 400
