"""Whatever one organization changes answers and changes the same as in a home that holds it alone, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from tests.organizations.doors import CHANGE, READ, filled
from tests.organizations.homes import ORGANIZATIONS, Homes, answered, command
from tests.organizations.told import told

NUMBERS = (
    "report attribution",
    "report journeys",
    "explain conversion",
    "explain person",
    "doctor",
    "waste",
    "rejected",
)
"""The commands that tell most of what there is."""
OTHER_WORLD = 99


def read(home: Path, organization: str) -> list[Any]:
    """What an organization can read of its numbers and its choices."""
    names = [*NUMBERS, "goal list", "target list", "settings", "site list"]
    words = [[*name.split(), *filled(one, organization)] for name in names for one in READ[name]]
    return [answered(home, organization, each) for each in words]


def files_of(folder: Path, organization: str) -> Path:
    """What the organization is told later, as files in a folder."""
    later = told(organization, OTHER_WORLD)
    folder.mkdir()
    for name, content in (("events.jsonl", later.events), ("costs.csv", later.costs), ("claims.csv", later.claims)):
        (folder / name).write_text(content[0].replace('"e', '"late-e'), encoding="utf-8")
    (folder / "rates.csv").write_text("date,from,to,rate\n2026-02-01,USD,EUR,0.9\n", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_change_of_one_answers_as_alone_and_leaves_the_other_as_it_was(copies: Homes, tmp_path: Path) -> None:
    folder = files_of(tmp_path / "files", "acme")
    together, alone = copies.pair("acme")
    before = read(together, "beta")
    for name, tries in CHANGE.items():
        for words in tries:
            asked = [*name.split(), *filled(words, "acme", folder)]
            one, other = (answered(home, "acme", asked) for home in (together, alone))
            assert one == other, asked
    for home in (together, alone):
        assert command(home, "run").exit_code == 0
    assert read(together, "acme") == read(alone, "acme")
    assert read(together, "beta") == before


@pytest.mark.slow
def test_an_erasure_of_one_takes_nothing_of_the_other(copies: Homes) -> None:
    """Nor does it keep the other from sending what is like it."""
    before = read(copies.together, "beta")
    erased = command(copies.together, "erase", "--visitor", "ann", "--organization", "acme").document
    assert erased["events"] > 0
    assert {name for name in erased["identifiers"] if name.startswith("v:")} >= {"v:acme-example:ann"}
    assert [name for name in erased["identifiers"] if "beta" in name] == []
    assert read(copies.together, "beta") == before
    assert read(copies.together, "acme") != read(copies.alone["acme"], "acme")


def test_a_key_of_another_organization_is_neither_rotated_nor_revoked(copies: Homes) -> None:
    home = copies.together
    (key,) = command(home, "key", "list", "--organization", "beta").document["keys"]
    for verb in ("rotate", "revoke"):
        assert command(home, "key", verb, key["key_id"], "--organization", "acme").exit_code == 8
    assert command(home, "key", "list", "--organization", "beta").document["keys"] == [key]
    for organization in ORGANIZATIONS:
        keys = command(home, "key", "list", "--organization", organization).document["keys"]
        assert [one["site_id"] for one in keys] == [f"{organization}-example"]
    assert command(home, "key", "revoke", key["key_id"], "--organization", "beta").exit_code == 0
