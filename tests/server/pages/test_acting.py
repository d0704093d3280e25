"""Forms that change something: who may send them, what they do, what is said of what cannot be, and nothing twice."""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from datetime import date
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.pages.shop import HOSTILE
from tests.server.pages.stand import EVE, NOW, OTHER, OWN, PASSWORD, ROOT, SITE, Stand, Visitor, built, read, standing
from touchline.errors import InputError
from touchline.jobs import access_keys, importing, setup
from touchline.jobs.alarming import silence
from touchline.jobs.finding_states import STATES
from touchline.jobs.managing.numbers import OF_ADMINISTRATORS
from touchline.jobs.roles import ROLES, Role, may
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.breaks import Break
from touchline.server.api.asking import CSRF_HEADER, csrf_of
from touchline.server.pages import acting, once
from touchline.server.pages.action import LONGEST, actions
from touchline.server.pages.cost_form import COST_TEMPLATE, MOST_FILE, packed
from touchline.server.pages.screen import screens
from touchline.settings import OrganizationSettings
from touchline.spend import CostFile

CHANGES = [path for path, action in actions().items() if action.role != "administrator"]
COSTS = b"date,platform,account_id,campaign_id,cost\n2026-09-01,BING,b,1,2.5\n2026-09-02,BING,b,1,x\n"
ALARM = "a_0123456789abcdef"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with standing(built(tmp_path_factory.mktemp("stand"))) as found:
        yield found


@pytest.fixture
def editor(stand: Stand) -> Visitor:
    return stand.people["editor"]


@pytest.fixture
def administrator(stand: Stand) -> Visitor:
    return stand.people["administrator"]


def test_each_role_may_do_what_the_table_says(stand: Stand) -> None:
    """Every action and every screen, by every role; an empty form changes nothing where it is let in."""
    for role, (path, action) in product(ROLES, actions().items()):
        answer = stand.people[role].post(path)
        assert (answer.status_code == 403) != may(role, action.role), (role, path, answer.text)
        assert answer.status_code < 500
    for role, screen in product(ROLES, screens().values()):
        answer = stand.people[role].get(screen.path)
        assert answer.status_code == (200 if may(role, screen.role) else 403), (role, screen.name)
        rail = {one["href"] for one in read(answer).named("a")}
        assert role == "administrator" or not rail & {"/users", "/persons"}
    forms = {role: read(stand.people[role].get("/waste")).named("form") for role in ROLES}
    assert {one["action"] for one in forms["viewer"]} == {"/waste", "/sign-out", "/views"}
    assert "/waste/decide" in {one["action"] for one in forms["editor"]}


@pytest.mark.parametrize("role", ROLES)
def test_the_api_has_the_same_roles(stand: Stand, role: Role) -> None:
    visitor = stand.people[role]
    own = {"cookie": f"tl_session={visitor.token}", CSRF_HEADER: csrf_of(visitor.token)}
    csv = {**own, "content-type": "text/csv"}
    costs = stand.client.post("/api/costs", content=b"date,platform,cost\n", headers=csv).status_code
    query = stand.client.post("/api/query", json={"sql": "select 1 as one"}, headers=own).status_code
    assert (costs == 403, query == 403) == (role == "viewer", role != "administrator")
    assert visitor.get("/api/reports/performance").status_code == 200
    assert visitor.get("/api/session").json()["role"] == role


def test_a_form_is_of_this_session_this_organization_and_our_own_page(stand: Stand) -> None:
    before = {table: len(stand.rows(table)) for table in schema.METADATA.sorted_tables}
    for path, action in actions().items():
        who = stand.people["administrator"]
        assert who.post(path, org=OTHER).status_code == 404
        assert who.post(path, org="").status_code == 404
        assert who.post(path, view=f"org={OTHER}", org=OTHER).status_code == 404
        assert who.post(path, csrf=csrf_of("another")).status_code == 403
        assert who.post(path, view="colour=red").status_code == 400
        fields, cookie = who.form(), {"cookie": f"tl_session={who.token}"}
        files = {"nothing": ("", b"")} if action.has_file else None
        for said in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            answer = stand.client.post(path, data=fields, files=files, headers={**cookie, **said})
            assert answer.status_code == 403, path
        assert stand.client.post(path, json=fields, headers=cookie).status_code == 415
        anonymous = stand.client.post(path, data=fields, files=files)
        assert (anonymous.status_code, anonymous.headers["location"].split("?")[0]) == (303, "/sign-in")
        assert who.get(path).headers["location"] == f"/{action.screen}"
    assert {table: len(stand.rows(table)) for table in schema.METADATA.sorted_tables} == before


def _one_part(head: str, content: bytes) -> dict[str, Any]:
    body = f'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: {head}\r\n\r\n'.encode()
    return {
        "content": body + content + b"\r\n--x--\r\n",
        "headers": {"content-type": "multipart/form-data; boundary=x"},
    }


def test_no_part_of_a_form_chooses_how_it_is_decoded_and_nothing_of_a_stranger_is_parsed(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = f"tl_session={stand.people['editor'].token}"
    for charset in ("punycode", "unicode_escape", '"PUNYCODE"', "utf-7", "utf-16"):
        sent = _one_part(f"text/plain; charset={charset}", b"\\ud800a-ba")
        sent["headers"]["cookie"] = cookie
        refused = stand.client.post("/imports/preview", **sent)
        assert (refused.status_code, "The form cannot be read." in refused.text) == (400, True), charset
    sent = _one_part("text/plain; charset=UTF-8", b"a")
    sent["headers"]["cookie"] = cookie
    assert "The form is of another session." in stand.client.post("/imports/preview", **sent).text
    monkeypatch.setattr(acting, "parts_of", lambda *_: pytest.fail("It was parsed."))
    strange = stand.client.post("/imports/preview", **_one_part("text/plain; charset=punycode", b"a-ba"))
    assert (strange.status_code, strange.headers["location"].split("?")[0]) == (303, "/sign-in")
    sent["headers"]["cookie"] = f"tl_session={stand.people['viewer'].token}"
    assert stand.client.post("/imports/preview", **sent).status_code == 403


def test_who_sees_all_organizations_changes_the_one_that_is_shown(stand: Stand) -> None:
    root = stand.people[ROOT]
    answer = root.post("/goals/set", org=OTHER, view=f"org={OTHER}", goal="lead", event_type="CUSTOM", event_name="x")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/goals?org={OTHER}")
    assert [row["goal"] for row in stand.rows(schema.GOALS, organization_id=OTHER)] == ["conversion", "lead"]
    assert 'name="org"' in root.get("/goals").text
    for path in ("/sites", "/users", "/imports", "/goals", "/settings"):
        assert stand.people[EVE].get(f"{path}?org={OWN}").status_code == 404
        assert stand.people[EVE].get(f"{path}?site={SITE}").status_code == 404
        assert SITE not in stand.people[EVE].get(path).text


def test_a_new_key_is_in_the_snippet_and_an_idle_site_is_not_well(stand: Stand, administrator: Visitor) -> None:
    before = administrator.get("/sites", host="t.shop.example:8484").text
    assert "http://t.shop.example:8484/t.js" in before.replace("&#34;", '"')
    assert "pk_…" in before
    assert 'class="verdict good">Events arrive' not in before
    assert re.search(r"The newest event came [0-9,]+ days ago", before)
    made = administrator.does("/sites/create-key", key=SITE, kind="publishable")
    (key,) = set(re.findall(r"<code>(pk_[^<…]+)</code>", made))
    assert f"data-key=&#34;{key}&#34;" in made
    for row in stand.rows(schema.KEYS, site_id=SITE):
        if row["revoked_at"] is None and row["scopes"] != "metrics":  # that one is for all organizations
            administrator.does("/sites/revoke-key", key=row["key_id"])
    assert "Nothing can arrive: no good key may send events" in administrator.get("/sites").text
    evil = administrator.get("/sites", host='x"><b>').text
    assert "x&#34;" not in evil


def finding_of(visitor: Visitor) -> str:
    """The id of the finding about the campaign that is waste."""
    fields = visitor.page("/waste").named("input")
    return next(one["value"] for one in fields if one.get("name") == "key")


def test_a_finding_is_accepted_snoozed_and_dismissed_and_is_no_need_any_more(stand: Stand, editor: Visitor) -> None:
    finding, need = finding_of(editor), 'Look at it<span class="unseen">: spring<'
    assert need in editor.get("/overview").text
    for state, until in (("accepted", ""), ("dismissed", "2030-01-01"), ("snoozed", "2999-01-01")):
        said = editor.does("/waste/decide", key=finding, state=state, until=until, note="<b>known</b>")
        assert f"finding is {state}" in said
        assert "&lt;b&gt;known&lt;/b&gt;" in said
        (row,) = stand.rows(schema.FINDING_STATES, organization_id=OWN)
        assert (row["finding_id"], row["state"], row["note"]) == (finding, state, "<b>known</b>")
        assert row["until_date"] == (date(2999, 1, 1) if state == "snoozed" else None)
        assert need not in editor.get("/overview").text
    editor.does("/waste/decide", key=finding, state="snoozed", until="2026-09-01")
    assert need in editor.get("/overview").text
    editor.does("/waste/decide", key=finding, state="open")
    assert stand.rows(schema.FINDING_STATES) == []


def fault_in(answer: httpx.Response) -> tuple[str, str]:
    """The name of the marked field, and what is said of it."""
    page = read(answer)
    marked = [one for tag in ("input", "select", "textarea") for one in page.named(tag) if "aria-invalid" in one]
    (fault,) = re.findall(r'class="fault"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return (marked[0]["name"] if marked else ""), " ".join(fault.split())


def test_findings_are_filtered_by_what_they_are(stand: Stand) -> None:
    viewer = stand.people["viewer"]
    found = viewer.get("/api/reports/waste?limit=10000").json()["findings"]
    kinds = {name: {one[name] for one in found} for name in ("platform", "severity", "reason")}
    for name, values in kinds.items():
        for value in [*values, "META", "low", "untagged"]:
            answer = viewer.get(f"/waste?{name}={value}&limit=1000")
            if answer.status_code == 200:
                shown = answer.text.count("<article") + len(re.findall(r"<li><div><h3><bdi>", answer.text))
                assert shown == sum(one[name] == value for one in found), (name, value)
                assert read(answer).named("h1")
                assert ("No finding is left" in answer.text) == (not shown)
    decided = len(re.findall(r"<article", viewer.get("/waste?state=accepted").text))
    assert decided == 0
    assert viewer.get("/waste?state=gone").status_code == 400
    assert viewer.get("/waste?severity=huge").status_code == 400


@pytest.mark.parametrize(
    ("path", "fields", "status", "field", "said"),
    [
        ("/waste/decide", {"key": "w_1", "state": "accepted"}, 400, None, "A finding&#39;s id is"),
        ("/sites/add", {"domain": "no domain", "zone": "UTC"}, 400, "domain", "A domain is a host name"),
        ("/sites/add", {"domain": "a.example", "zone": "Mars"}, 400, "zone", "no time zone &#39;Mars&#39;"),
        ("/sites/create-key", {"key": SITE, "kind": "secret", "scope": "metrics"}, 400, "scope", "all organizations"),
        ("/sites/create-key", {"key": "rival-example", "kind": "secret"}, 404, None, "There is no site"),
        ("/goals/set", {"goal": "x", "event_type": "MOON"}, 400, "event_type", "is reached by"),
        ("/goals/set", {"goal": "x", "event_type": "CUSTOM", "default_value": "a"}, 400, "default_value", "amount"),
        ("/goals/target", {}, 400, "cpa", "Give a CPA"),
        ("/goals/target", {"roas": "x"}, 400, "roas", "such as 3.5"),
        ("/goals/target", {"cpa": "5", "campaign": "1"}, 400, "campaign", "needs its platform"),
        ("/goals/target", {"cpa": "5", "platform": "NOPE"}, 400, "platform", "no ad platform"),
        ("/settings/change", {"key": "lookback_days", "value": "0"}, 400, "value", "from 1 to 3650"),
        ("/settings/change", {"key": "default_model", "value": "MARKOV"}, 400, "value", "no fit yet"),
        ("/settings/change", {"key": "titles", "value": "x" * (LONGEST + 1)}, 400, "value", "text of up to"),
        ("/users/add", {"name": "zoe", "password": "short", "role": "viewer"}, 400, "password", "12 to 1,024"),
        ("/users/add", {"name": "zoe", "password": PASSWORD, "role": "owner"}, 400, "role", "A role is one of"),
        ("/users/add", {"name": "zoe", "password": PASSWORD, "role": "viewer", "sees": "all"}, 400, None, "own org"),
        ("/users/add", {"name": "editor", "password": PASSWORD, "role": "viewer"}, 400, "name", "&#39;editor&#39;"),
        ("/users/role", {"key": "administrator", "role": "viewer"}, 400, None, "own role"),
        ("/users/role", {"key": EVE, "role": "viewer"}, 404, None, "no user"),
        ("/users/password", {"name": ROOT, "password": PASSWORD}, 404, "name", "no user"),
        ("/users/remove", {"key": "administrator"}, 400, None, "Nobody removes themselves"),
        ("/users/remove", {"key": EVE}, 404, None, "no user"),
        ("/health/add-note", {"said": "x"}, 400, "day", "Choose the day"),
        ("/health/add-note", {"day": "2026-09-01", "said": ""}, 400, "said", "A note says something"),
        ("/health/mute", {"key": ALARM}, 400, None, "Choose the day"),
        ("/health/alias", {"alias": "a", "platform": "META", "campaign": "no"}, 404, None, "No cost was reported"),
        ("/persons/look", {"kind": "user", "id": "nobody"}, 404, "id", "nobody known as"),
        ("/persons/export", {"kind": "user", "id": "nobody"}, 404, None, "Nothing is kept"),
        ("/imports/preview", {}, 400, "file", "Choose a file"),
        ("/imports/preview", {"packed": "%", "name": "x.csv"}, 400, "file", "did not come back"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field_and_the_form_stays_filled(
    stand: Stand, path: str, fields: dict[str, str], status: int, field: str | None, said: str
) -> None:
    answer = stand.people["administrator"].post(path, **fields)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store"), answer.text
    page = read(answer)
    assert said in answer.text
    if field is not None:
        assert fault_in(answer)[0] == field
        kept = {one.get("value") for one in page.named("input")}
        kept |= {one["value"] for one in page.named("option") if "selected" in one}
        written = {"domain", "zone", "goal", "default_value", "roas", "cpa", "campaign", "said", "id"}
        assert {value for name, value in fields.items() if name in written} <= kept | {"nobody"}
    assert PASSWORD not in answer.text


def test_sites_and_keys_are_made_and_a_key_is_shown_once(stand: Stand, administrator: Visitor) -> None:
    name = "<script>alert(1)</script>"
    said = administrator.does("/sites/add", domain="two.example", name=name, zone="Europe/Berlin")
    assert "Waiting for the first event" in said
    assert name not in said
    shown = administrator.does("/sites/create-key", key="two-example", kind="secret", scope="read")
    (key,) = re.findall(r"sk_[\w-]{43}", shown)
    (row,) = stand.rows(schema.KEYS, site_id="two-example")
    assert (row["key_hash"], row["scopes"]) == (access_keys.hash_of(key), "read")
    assert key not in administrator.get("/sites").text
    replaced = administrator.does("/sites/rotate-key", key=row["key_id"], hours="2")
    assert len(re.findall(r"sk_[\w-]{43}", replaced)) == 1
    administrator.does("/sites/revoke-key", key=row["key_id"])
    ends = {one["key_id"]: one["revoked_at"] for one in stand.rows(schema.KEYS, site_id="two-example")}
    assert [end is None for end in ends.values()].count(True) == 1
    foreign = stand.rows(schema.KEYS, site_id="rival-example")[0]["key_id"]
    for path in ("/sites/rotate-key", "/sites/revoke-key"):
        assert administrator.post(path, key=foreign, hours="1").status_code == 404


def test_who_changed_access_or_asked_in_sql_is_on_record(stand: Stand, administrator: Visitor) -> None:
    def noted() -> list[str]:
        rows = stand.rows(schema.AUDIT_LOG, organization_id=OWN)[before:]
        assert {row["actor"] for row in rows} == {"user: administrator"}
        return [row["detail"] for row in rows]

    before = len(stand.rows(schema.AUDIT_LOG, organization_id=OWN))
    administrator.does("/sites/add", domain="noted.example", name="Noted", zone="UTC")
    administrator.does("/sites/create-key", key="noted-example", kind="publishable", scope="")
    (first,) = [row["key_id"] for row in stand.rows(schema.KEYS, site_id="noted-example")]
    administrator.does("/sites/rotate-key", key=first, hours="1")
    (second,) = [row["key_id"] for row in stand.rows(schema.KEYS, site_id="noted-example") if row["key_id"] != first]
    administrator.does("/sites/revoke-key", key=second)
    administrator.does("/users/add", name="zoe", password=PASSWORD, role="viewer")
    administrator.does("/users/role", key="zoe", role="editor")
    administrator.does("/users/password", name="zoe", password=f"{PASSWORD} 2")
    administrator.does("/users/remove", key="zoe")
    own = {"cookie": f"tl_session={administrator.token}", CSRF_HEADER: csrf_of(administrator.token)}
    for sql in ("select 'v1-1' as one", "no statement"):
        stand.client.post("/api/query", json={"sql": sql}, headers=own)
    assert administrator.get("/conversions?path=nothing").status_code == 404
    expected = [
        "site noted-example: added", f"key {first} of site noted-example: made, publishable",
        f"key {second}: made in place of {first}", f"key {second}: revoked", "user zoe: added as viewer",
        "user zoe: editor", "user zoe: another password", "user zoe: removed", "at the rows of a statement in SQL",
    ]  # fmt: skip
    assert noted() == expected
    links = [one["href"] for one in administrator.page("/conversions?period=all").named("a")]
    assert administrator.get(next(one for one in links if "path=" in one)).status_code == 200
    assert noted() == [*expected, "at one conversion and its history"]


def test_words_that_another_session_was_told_are_not_shown(stand: Stand) -> None:
    told = once.told(stand.people["viewer"].token, once.Once("Pay here"), is_secure=False)
    own = stand.people["editor"].token
    for value in (told.value, f"{'0' * 64}.e30", "x", ""):
        answer = stand.people["editor"].get("/goals", cookie=f"tl_session={own}; {once.NAME}={value}")
        assert (answer.status_code, "Pay here" in answer.text) == (200, False)


def test_goals_are_suggested_by_volume_and_targets_are_set(stand: Stand, editor: Visitor) -> None:
    page = editor.page("/goals")
    suggested = {one["value"] for one in page.named("input") if one["name"] == "event_name" and "value" in one}
    assert "newsletter_signup" in suggested
    editor.does("/goals/set", goal="signup", event_type="CUSTOM", event_name="newsletter_signup", signal="signup")
    assert "newsletter_signup" not in {
        one["value"] for one in editor.page("/goals").named("input") if one["name"] == "event_name" and "value" in one
    }
    editor.does("/goals/primary", key="signup")
    assert editor.post("/goals/remove", key="signup").status_code == 400
    editor.does("/goals/primary", key="")
    editor.does("/goals/remove", key="signup")
    assert "signup" not in {row["goal"] for row in stand.rows(schema.GOALS, organization_id=OWN)}
    editor.does("/goals/target", cpa="12.50", roas="3", platform="META", campaign="222")
    editor.does("/goals/remove-target", key="META/222")
    editor.does("/settings/change", key="lookback_days", value="14")
    with Workspace(stand.home) as workspace:
        assert workspace.settings(OWN).lookback_days == 14
        setup.change_setting(workspace, OWN, "lookback_days", "30", now=NOW)
    said = editor.get("/settings").text
    assert set(vars(OrganizationSettings())) == set(re.findall(r'id="set-(\w+)"', said))


def test_only_administrators_say_what_is_kept_of_events(stand: Stand, editor: Visitor) -> None:
    for name in OF_ADMINISTRATORS:
        assert editor.post("/settings/change", key=name, value="1").status_code == 403
    assert 'id="settings-change' in editor.get("/settings").text
    assert "an administrator changes it" in editor.get("/settings").text
    stand.people["administrator"].does("/settings/change", key="retention_days", value="3650")
    with Workspace(stand.home) as workspace:
        assert workspace.settings(OWN).retention_days == 3650
        made = access_keys.create_key(workspace, SITE, "secret", scopes=["metrics"], now=NOW)
    refused = stand.people["administrator"].post("/sites/rotate-key", key=made.key_id, hours="1")
    assert (refused.status_code, "metrics of all organizations" in refused.text) == (400, True)


def test_users_are_added_changed_and_removed(stand: Stand, administrator: Visitor) -> None:
    administrator.does("/users/add", name="<b>zoe</b>", password=PASSWORD, role="viewer")
    administrator.does("/users/role", key="<b>zoe</b>", role="editor")
    administrator.does("/users/password", name="<b>zoe</b>", password=f"{PASSWORD}!")
    (row,) = stand.rows(schema.USERS, name="<b>zoe</b>")
    assert (row["organization_id"], row["role"]) == (OWN, "editor")
    administrator.does("/users/remove", key="<b>zoe</b>")
    shown = administrator.get("/users").text
    assert not any(f"{name}</bdi>" in shown for name in (EVE, ROOT, "zoe"))
    assert EVE in stand.people[ROOT].get(f"/users?org={OTHER}").text
    root = stand.people[ROOT]
    root.does("/users/add", name="amy", password=PASSWORD, role="viewer", sees="all", view="", org=OTHER)
    assert stand.rows(schema.USERS, name="amy")[0]["organization_id"] is None
    root.does("/users/remove", key="amy", org=OTHER)


def test_aliases_alarms_and_notes_are_kept_on_health(
    stand: Stand, editor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = Break(
        alarm_id=ALARM, site_id=SITE, measure="arrival", goal="", direction="below", since=date(2026, 9, 20),
        until=date(2026, 9, 20), is_over=False, value=0.0, centre=1.0, cases=0, denominator=1, effect=-1.0,
        conversions_in_doubt=0, value_in_doubt_micros=0, currency="EUR", findings_held_back=0, first_check="The tag.",
        owner="", sentence="Nothing arrives.",
    )  # fmt: skip
    for place in (silence, __import__("touchline.jobs.alarming.states", fromlist=["x"])):
        monkeypatch.setattr(place, "silent_sites", lambda *_given, **_named: [alarm])
    assert "Nothing arrives." in editor.get("/health").text
    said = editor.does("/health/acknowledge", key=ALARM, note="<i>tag</i>")
    assert "editor</bdi> looks at it: <bdi>&lt;i&gt;tag" in said
    assert "Nobody is notified of it before 1 Jan 2999" in editor.does("/health/mute", key=ALARM, until="2999-01-01")
    assert "New banner" in editor.does("/health/add-note", day="2026-09-20", said="New banner", site=SITE)
    (row,) = [row for row in stand.rows(schema.HEALTH_NOTES) if row["said"] == "New banner"]
    editor.does("/health/remove-note", key=str(row["note_id"]))
    fields = editor.page("/health").named("input")
    at = next(place for place, one in enumerate(fields) if one.get("name") == "alias")
    sent = {one["name"]: one["value"] for one in fields[at - 2 : at + 1]}
    assert sent == {"platform": "META", "campaign": "222", "alias": "spring-sale"}
    assert "alias added; the next run counts it" in editor.does("/health/alias", **sent)
    (kept,) = stand.rows(schema.CAMPAIGN_ALIASES)
    assert (kept["alias"], kept["campaign_id"]) == ("spring-sale", "222")


def upload(content: bytes, name: str = "costs.csv") -> dict[str, Any]:
    return {"file": (name, content)}


def carried(answer: httpx.Response) -> dict[str, str]:
    """The fields of the form that stores what is shown."""
    text = answer.text[answer.text.index('action="/imports/store"') :]
    found = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', text[: text.index("</form>")]))
    return {name: value for name, value in found.items() if name not in {"csrf", "org", "view"}}


def test_costs_are_shown_before_they_are_stored_as_the_importer_stores_them(
    stand: Stand, editor: Visitor, tmp_path: Path
) -> None:
    loads = len(stand.rows(schema.AD_COST_LOADS))
    shown = editor.post("/imports/preview", upload(COSTS))
    read(shown)
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "private, no-cache")
    assert "1 row can be stored, 1 row is refused" in " ".join(shown.text.split())
    assert "cost is a decimal number such as 12.34, not &#39;x&#39;" in shown.text
    assert len(stand.rows(schema.AD_COST_LOADS)) == loads
    said = editor.does("/imports/store", None, **carried(shown))
    assert "1 row of costs.csv stored. 1 row refused" in said
    assert "costs.csv:3" in said
    newest = max(stand.rows(schema.AD_COST_LOADS), key=lambda row: row["load_number"])
    file = tmp_path / "costs.csv"
    file.write_bytes(COSTS)
    with Workspace(stand.home) as workspace:
        importing.import_costs(workspace, [file], organization_id=OWN, now=NOW)
        again = workspace.ledger.newest(schema.AD_COST_LOADS, organization_id=OWN)
        assert again is not None
        rows = [workspace.ledger.rows_of_load(one["load_number"]) for one in (newest, again)]
    same = ("source", "file_name", "file_hash", "accepted", "rejected", "format", "level")
    assert [newest[name] for name in same] == [again[name] for name in same]
    assert [[one["spend_micros"] for one in part] for part in rows] == [[2_500_000]] * 2


def test_a_file_that_is_no_known_export_is_mapped_by_its_columns(stand: Stand, editor: Visitor) -> None:
    content = b"Tag;Wo;Ausgaben;Name <b>\n01.09.2026;Podcast A;12,50;x\n02.09.2026;Podcast A;7,25;x\n"
    shown = editor.post("/imports/preview", upload(content, "../../podcasts.csv"))
    page = read(shown)
    assert shown.status_code == 200
    assert 'role="alert"' in shown.text
    assert {"Tag", "Wo", "Ausgaben", "Name <b>"} <= {one.get("value") for one in page.named("option")}
    sent = {one["name"]: one["value"] for one in page.named("input") if one["name"] in {"packed", "name"}}
    assert sent["name"] == "podcasts.csv"
    chosen = {"column-date": "Tag", "column-cost": "Ausgaben", "column-campaign_name": "Wo", "platform": "PINTEREST"}
    again = editor.post("/imports/preview", **sent, **chosen)
    assert "2 rows can be stored" in " ".join(again.text.split()), again.text
    assert "19.75 EUR" in again.text
    editor.does("/imports/store", None, **carried(again))
    assert {row["platform"] for row in stand.rows(schema.AD_COST_ROWS) if row["campaign_name"] == "Podcast A"} == {
        "PINTEREST"
    }
    for fields, said in (
        ({"column-date": "Tag"}, "Choose the column of the cost, too."),
        ({**chosen, "platform": "SPOTIFY"}, "There is no ad platform"),
        ({**chosen, "spread": "May"}, "spread is two days such as"),
        ({**chosen, "source": "x" * 65}, "A source has"),
    ):
        partly = editor.post("/imports/preview", **sent, **fields)
        assert (partly.status_code, said in partly.text, sent["packed"] in partly.text) == (200, True, True), said
        assert read(editor.post("/imports/store", **sent, **fields)).faults == []


def test_files_in_the_browser_have_bounds_and_the_importers_own_complaints(stand: Stand, editor: Visitor) -> None:
    too_long = editor.post("/imports/preview", upload(b"x" * (MOST_FILE + 1)))
    assert (too_long.status_code, "touchline import costs FILE" in too_long.text) == (400, True)
    bomb = base64.b64encode(zlib.compress(b"0" * (MOST_FILE + 1))).decode()
    assert editor.post("/imports/preview", packed=bomb, name="x.csv").status_code == 400
    for name in ("x.csv.gz", "x.json.gz", "x.jsonl.GZ", "x.tsv.gz"):
        zipped = gzip.compress(b"[" + b"0," * 600_000 + b"0]")
        refused = editor.post("/imports/preview", upload(zipped, name))
        assert (refused.status_code, "unpacks to at most 2,500,000 bytes" in refused.text) == (400, True), name
    assert "1 row can be stored" in " ".join(
        editor.post("/imports/preview", upload(gzip.compress(COSTS), "x.csv.gz")).text.split()
    )
    for content, name in ((b"\x00\x01", "x.csv"), (b"[{", "x.json"), (b"a,b\n1,2\n", "x.csv"), (b"PAR1", "x.parquet")):
        shown = editor.post("/imports/preview", upload(content, name))
        file = CostFile(Path(name), content)
        with Workspace(stand.home) as workspace, pytest.raises(InputError) as complaint:
            importing.load_costs(workspace, [file], organization_id=OWN, source="csv", now=NOW)
        read(shown)
        words = complaint.value.message.split(":")[0]
        assert words.replace("'", "&#39;") in shown.text
        stored = editor.post("/imports/store", packed=packed(content), name=name)
        assert (stored.status_code, "Nothing is stored yet." in stored.text) == (200, False)
    twice = b"date,platform,account_id,campaign_id,cost\n2026-09-28,GOOGLE_ADS,g,111,90\n"
    shown = editor.post("/imports/preview", upload(twice), source="other")
    assert "the money would count twice" in shown.text
    assert "add, if it is other money" not in shown.text  # an option's dashes are not for a page
    added = editor.post("/imports/preview", upload(twice), source="other", overlap="add")
    assert "1 row can be stored" in " ".join(added.text.split())
    broken = {"cookie": f"tl_session={editor.token}", "content-type": "multipart/form-data; boundary=x"}
    assert stand.client.post("/imports/preview", content=b"--x\r\nbroken", headers=broken).status_code in {400, 403}


def test_hostile_names_stay_names_in_what_is_imported_and_set_up(stand: Stand, administrator: Visitor) -> None:
    rows = [
        {"date": "2026-09-03", "platform": "REDDIT", "campaign_id": f"r{number}", "campaign_name": name, "cost": number}
        for number, name in enumerate(HOSTILE)
    ]
    bad = [{**row, "cost": name} for row, name in zip(rows, HOSTILE, strict=True)]
    content = json.dumps([*rows, *bad]).encode()
    shown = administrator.post("/imports/preview", upload(content, '"><img src=x>.json'))
    read(shown)
    administrator.does("/imports/store", None, **{key: unescape(value) for key, value in carried(shown).items()})
    for name in HOSTILE[:40:4]:
        said = administrator.post("/goals/set", goal=name, event_type="CUSTOM", event_name=name)
        assert said.status_code in {303, 400}
        administrator.post("/settings/change", key="ignored_referrers", value=name)
        administrator.post("/health/add-note", day="2026-09-02", said=name)
    for screen in screens().values():
        read(administrator.get(screen.path))


def test_a_person_is_looked_at_by_a_form_alone(stand: Stand, administrator: Visitor) -> None:
    shown = administrator.post("/persons/look", kind="visitor", id="v3-3")
    read(shown)
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert f"v:{SITE}:v3-3" in shown.text
    assert not [one for one in links_in(shown) if "v3-3" in one]
    saved = administrator.post("/persons/export", kind="visitor", id="v3-3")
    assert "attachment" in saved.headers["content-disposition"]
    assert [event["visitor_id"] for event in saved.json()["events"]] == ["v3-3"] * 3
    assert "location" not in shown.headers
    assert "v3-3" not in administrator.get("/persons").text


def links_in(answer: httpx.Response) -> list[str]:
    """The addresses in a page."""
    page = read(answer)
    return [one[name] for _, one in page.tags for name in ("href", "action", "src") if name in one]


def test_empty_pages_teach_what_to_do(stand: Stand, editor: Visitor) -> None:
    template = editor.get("/imports/template.csv")
    assert (template.content, template.headers["content-type"]) == (COST_TEMPLATE, "text/csv; charset=utf-8")
    assert "1 row can be stored" in " ".join(editor.post("/imports/preview", upload(COST_TEMPLATE)).text.split())
    nothing = stand.people[EVE].page("/overview")
    assert {"/sites", "/imports"} <= {one["href"] for one in nothing.named("a")}
    waiting = stand.people[EVE].get("/sites").text
    assert "Waiting for the first event" in waiting
    empty = editor.page("/models?goal=conversion&from=2025-01-01&to=2025-01-07")
    assert "/models?goal=conversion&from=2026-09-01&to=2026-09-28" in [one["href"] for one in empty.named("a")]
    assert STATES == ("accepted", "dismissed", "snoozed")  # the form of a finding offers these
