"""A home gets a second organization: with what the first one got, and with names that meet none of its own."""

from pathlib import Path

import pytest

from tests.organizations.homes import command
from touchline.errors import UnknownError, UsageError
from touchline.jobs import setup, users
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

NOW = 1_700_000_000_000_000
SITE = ("--domain", "shop.example", "--currency", "eur")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one organization."""
    folder = tmp_path / "home"
    assert command(folder, "init", "--name", "Acme", *SITE).exit_code == 0
    return folder


def added(home: Path, name: str, domain: str = "shop.example") -> setup.Initial:
    with Workspace(Home(home)) as workspace:
        return setup.add_organization(
            workspace, name=name, domain=domain, currency="usd", time_zone="Europe/Berlin", now=NOW
        )


def test_it_has_a_site_a_key_and_a_goal_as_the_first_one_has(home: Path) -> None:
    made = command(home, "organization", "add", "Beta Shop", "--domain", "beta.example", "--currency", "usd").document
    assert made.pop("key").startswith("pk_")
    assert made == {"organization_id": "beta-shop", "site_id": "beta-example"}
    listed = command(home, "organization", "list").document["organizations"]
    assert listed == [
        {"organization_id": "acme", "name": "Acme", "currency": "EUR"},
        {"organization_id": "beta-shop", "name": "Beta Shop", "currency": "USD"},
    ]
    of = ("--organization", "beta-shop")
    assert [one["goal"] for one in command(home, "goal", "list", *of).document["goals"]] == ["conversion"]
    assert [one["kind"] for one in command(home, "key", "list", *of).document["keys"]] == ["publishable"]
    (site,) = command(home, "site", "list", *of).document["sites"]
    assert (site["site_id"], site["name"], site["time_zone"]) == ("beta-example", "Beta Shop", "UTC")


def test_one_domain_of_two_organizations_is_two_sites(home: Path) -> None:
    assert added(home, "Beta").site_id == "beta-shop-example"
    with Workspace(Home(home)) as workspace:
        sites = workspace.ledger.rows(schema.SITES)
        blog = setup.add_site(workspace, "beta", name="b", domain="blog.example", time_zone="UTC", now=NOW)
        other = setup.add_site(workspace, "acme", name="b", domain="blog.example", time_zone="UTC", now=NOW)
    assert [(site["site_id"], site["organization_id"], site["domain"]) for site in sites] == [
        ("beta-shop-example", "beta", "shop.example"), ("shop-example", "acme", "shop.example"),
    ]  # fmt: skip
    assert (blog, other) == ("blog-example", "acme-blog-example")


def test_a_name_that_is_taken_is_refused_and_nothing_is_written(home: Path) -> None:
    with pytest.raises(UsageError, match="There is an organization acme or a site other-example already") as raised:
        added(home, "ACME!", "other.example")
    assert "organization list" in raised.value.hint
    with Workspace(Home(home)) as workspace:
        assert len(workspace.ledger.rows(schema.SITES)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Beta", "--domain", "no domain", "--currency", "EUR"), "A domain is a host name"),
        (("Beta", "--domain", "b.example", "--currency", "euro"), "A currency is three letters"),
        (("Beta", "--domain", "b.example", "--currency", "EUR", "--time-zone", "Mars"), "no time zone"),
        (("…", "--domain", "b.example", "--currency", "EUR"), "no letter or digit"),
        (("x" * 201, "--domain", "b.example", "--currency", "EUR"), "at most 200 characters"),
    ],
)
def test_what_makes_no_organization_is_refused(home: Path, words: tuple[str, ...], said: str) -> None:
    outcome = command(home, "organization", "add", *words)
    assert (outcome.exit_code, said in outcome.out) == (2, True), outcome.out
    assert len(command(home, "organization", "list").document["organizations"]) == 1


def test_init_of_a_home_names_what_it_has_and_how_to_add_one(home: Path) -> None:
    added(home, "Beta", "beta.example")
    error = command(home, "init", *SITE).document["error"]
    assert error["message"] == f"{home} is already a Touchline home."
    assert error["hint"].startswith(
        "It has 2 organizations: acme, beta. Add one with `touchline organization add NAME`"
    )


def test_init_over_a_ledger_that_cannot_be_read_says_so_without_names(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no ledger" * 1_000)
    error = command(tmp_path, "init", *SITE).document["error"]
    assert error["message"] == f"{tmp_path} is already a Touchline home."
    assert error["hint"].startswith("Add one with")


def test_a_site_of_an_organization_that_is_not_there_is_refused_for_that_reason(home: Path) -> None:
    with Workspace(Home(home)) as workspace, pytest.raises(UnknownError, match="There is no organization 'nobody'"):
        setup.add_site(workspace, "nobody", name="b", domain="b.example", time_zone="UTC", now=NOW)


def test_a_domain_that_the_organization_has_is_named(home: Path) -> None:
    with (
        Workspace(Home(home)) as workspace,
        pytest.raises(UsageError, match=r"acme has a site for shop\.example already") as raised,
    ):
        setup.add_site(workspace, "acme", name="b", domain="www.shop.example", time_zone="UTC", now=NOW)
    assert "site list" in raised.value.hint


def test_a_user_sees_one_organization_or_all(home: Path) -> None:
    added(home, "Beta", "beta.example")
    with Workspace(Home(home)) as workspace:
        for name, owner in (("ada", None), ("bob", "beta")):
            users.add_user(workspace, name, "correct horse battery", organization_id=owner, now=NOW)
        with pytest.raises(UnknownError, match="There is no organization 'nobody'"):
            users.add_user(workspace, "cid", "correct horse battery", organization_id="nobody", now=NOW)
        with pytest.raises(UnknownError, match="There is no user 'dan'"):
            users.set_organization(workspace, "dan", "beta")
    seen = {"ada": None, "bob": "beta"}
    for words, change in (
        ((), {}),
        (("ada", "--organization", "acme"), {"ada": "acme"}),
        (("bob", "--all-organizations"), {"bob": None}),
    ):
        if words:
            assert command(home, "user", "set", *words).exit_code == 0
        seen |= change
        found = command(home, "user", "list").document["users"]
        assert {one["name"]: one["organization_id"] for one in found} == seen


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (("ada",), 2), (("ada", "--organization", "acme", "--all-organizations"), 2),
        (("ada", "--organization", "nobody"), 8), (("nobody", "--organization", "acme"), 8),
    ],
)  # fmt: skip
def test_a_user_is_set_to_one_organization_or_to_all_and_to_none_other(
    home: Path, words: tuple[str, ...], exit_code: int
) -> None:
    with Workspace(Home(home)) as workspace:
        users.add_user(workspace, "ada", "correct horse battery", organization_id="acme", now=NOW)
    assert command(home, "user", "set", *words).exit_code == exit_code
    ada = {"name": "ada", "organization_id": "acme", "role": "administrator"}
    assert command(home, "user", "list").document["users"] == [ada]


def test_a_user_is_set_to_a_role_and_keeps_the_organization(home: Path) -> None:
    with Workspace(Home(home)) as workspace:
        users.add_user(workspace, "ada", "correct horse battery", organization_id="acme", role="viewer", now=NOW)
    said = command(home, "user", "set", "ada", "--role", "editor").document
    assert said == {"name": "ada", "organization_id": "acme", "role": "editor"}
    both = command(home, "user", "set", "ada", "--all-organizations", "--role", "administrator").document
    assert both == {"name": "ada", "organization_id": None, "role": "administrator"}
    refused = [command(home, "user", "set", *words).exit_code for words in (("ada", "--role", "owner"), ("ada",))]
    assert refused == [2, 2]
    assert command(home, "user", "set", "eve", "--role", "viewer").exit_code == 8


def test_the_deployment_checklist_is_of_no_single_organization(home: Path) -> None:
    error = command(home, "doctor", "--deployment", "--organization", "acme").document["error"]
    assert error["hint"] == "Leave --organization out."


def test_the_checklist_wants_a_key_for_metrics_of_all_organizations(home: Path) -> None:
    def monitoring() -> tuple[str, str]:
        checks = command(home, "doctor", "--deployment").document["checks"]
        return next((one["status"], one["next_step"]) for one in checks if one["name"] == "monitoring")

    assert monitoring() == ("warning", "touchline key create --kind secret --scope read")
    command(home, "key", "create", "--kind", "secret")
    assert monitoring() == ("ok", "")
    added(home, "Beta", "beta.example")
    assert monitoring() == ("warning", "touchline key create --site SITE --kind secret --scope metrics")
    command(home, "key", "create", "--kind", "secret", "--scope", "metrics", "--organization", "beta")
    assert monitoring() == ("ok", "")


def test_the_doctor_looks_at_an_organization_that_no_run_has_seen(home: Path) -> None:
    assert command(home, "run").exit_code == 0
    added(home, "Beta", "beta.example")
    outcome = command(home, "doctor", "--organization", "beta")
    checks = {one["name"]: (one["status"], one["message"]) for one in outcome.document["checks"]}
    assert outcome.exit_code == 0
    assert checks["settings"] == ("warning", "Changed since the last run: sites, organizations, goals.")
    assert "acme" not in outcome.out.replace(str(home), "")


def test_numbers_of_an_organization_that_no_run_has_seen_name_no_other(home: Path) -> None:
    assert command(home, "run").exit_code == 0
    added(home, "Beta", "beta.example")
    error = command(home, "report", "attribution", "--organization", "beta").document["error"]
    assert error["message"] == "There are no numbers of an organization 'beta'."
    assert "acme" not in f"{error}"
    assert "touchline run" in error["hint"]
