"""Whatever one organization can read says the same as in a home that holds it alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.organizations.doors import OF_AN_ORGANIZATION, OF_THE_HOME, READ, commands, filled
from tests.organizations.homes import ORGANIZATIONS, Homes, answered, command, opened
from tests.sharing import held_open
from touchline.reports.catalog import reports
from touchline.reports.report import document

SQL = Path(__file__).resolve().parents[2] / "src" / "touchline"
QUERIES = sorted(
    file
    for folder in ("reports/queries", "jobs", "jobs/doctor", "jobs/fitting")
    for file in (SQL / folder).glob("*.sql")
)


@pytest.fixture(scope="module", autouse=True)
def _held(homes: Homes) -> Iterator[None]:
    """These tests only read."""
    with held_open(homes.together, *homes.alone.values()):
        yield


def test_every_command_is_in_one_list() -> None:
    assert sorted([*OF_AN_ORGANIZATION, *OF_THE_HOME]) == commands()


@pytest.mark.slow
@pytest.mark.parametrize("name", [*READ])
def test_a_command_says_what_it_says_where_the_organization_is_alone(homes: Homes, name: str) -> None:
    for organization in ORGANIZATIONS:
        for words in READ[name]:
            asked = [*name.split(), *filled(words, organization)]
            together, alone = (answered(home, organization, asked) for home in homes.pair(organization))
            assert together == alone, asked


@pytest.mark.parametrize("name", sorted(reports()))
def test_a_report_says_what_it_says_where_the_organization_is_alone(homes: Homes, name: str) -> None:
    said = []
    for organization in ORGANIZATIONS:
        together, alone = homes.pair(organization)
        with opened(together) as one, opened(alone) as other:
            found = [document(reports()[name].function(home.engine, organization)) for home in (one, other)]
        assert found[0] == found[1], organization
        said.append(found[0])
    assert said[0] != said[1]


@pytest.mark.parametrize("name", sorted(reports()))
def test_a_report_of_a_site_is_of_its_organization(homes: Homes, name: str) -> None:
    words = [] if name in {"waste", "health"} else ["report"]
    for organization in ORGANIZATIONS:
        day = ["--day", "2026-02-10"] if name == "completeness" else []  # of yesterday it says what the clock shows
        asked = [*words, name, "--site", f"{organization}-example", *day]
        named = command(homes.together, *asked, "--organization", organization)
        assert command(homes.together, *asked) == named
        assert (named.exit_code, f'"{organization}"' in named.out) == (0, True)


@pytest.mark.parametrize("name", [*OF_AN_ORGANIZATION])
def test_a_command_refuses_an_organization_that_is_not_there(homes: Homes, name: str) -> None:
    words = OF_AN_ORGANIZATION[name][0]
    outcome = command(homes.together, *name.split(), *filled(words, "acme"), "--organization", "nobody")
    assert outcome.exit_code == 8
    assert "There is no organization 'nobody'." in outcome.out


@pytest.mark.parametrize("name", sorted({*OF_AN_ORGANIZATION} - {"doctor", "key create", "key rotate", "key revoke"}))
def test_a_command_wants_an_organization_named_and_lists_them(homes: Homes, name: str) -> None:
    words = OF_AN_ORGANIZATION[name][0]
    outcome = command(homes.together, *name.split(), *filled(words, "acme"))
    assert outcome.exit_code == 2
    assert re.search(r"There are 2 (organizations: acme, beta|sites: acme-example, beta-example)\.", outcome.out)


@pytest.mark.parametrize("name", ["import events", "key create", "rejected", "site snippet"])
def test_a_site_of_another_organization_is_none(homes: Homes, name: str) -> None:
    words = [*name.split(), *filled(OF_AN_ORGANIZATION[name][0], "acme")]
    words = [word for word in words if word not in {"--site", "acme-example"}]
    outcome = command(homes.together, *words, "--site", "beta-example", "--organization", "acme")
    assert outcome.exit_code == 8
    assert "There is no site 'beta-example'." in outcome.out
    assert "There are: acme-example." in outcome.out


@pytest.mark.parametrize("name", ["report attribution", "report journeys", "report models", "waste", "health"])
def test_a_report_of_another_organization_s_site_names_its_own_sites_only(homes: Homes, name: str) -> None:
    asked = [*name.split(), "--site", "beta-example"]
    found = [answered(home, "acme", asked) for home in homes.pair("acme")]
    assert found[0] == found[1]
    assert (found[0][0], found[0][1]["error"]["hint"]) == (8, "Sites are: acme-example.")


def test_the_doctor_looks_at_both_where_none_is_named(homes: Homes) -> None:
    checks = command(homes.together, "doctor").document["checks"]
    assert {check["organization_id"] for check in checks} == {"", *ORGANIZATIONS}
    for organization in ORGANIZATIONS:
        own = command(homes.together, "doctor", "--organization", organization).document["checks"]
        assert [one for one in checks if one["organization_id"] == organization] == [
            one for one in own if one["organization_id"]
        ]


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_query_names_its_organization(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    included = re.search("-- includes: (touches_of_owner|journey_steps|booked|booked_by_entity)\n", text)
    named = file.with_name(f"{included[1]}.sql").read_text(encoding="utf-8") if included else text
    assert "$organization_id" in named
