"""The doctor's next steps can be run as they are printed, with several organizations, too."""

import ast
import re
import shlex
from collections.abc import Iterator

import pytest

from tests.conftest import REPOSITORY
from tests.organizations.doors import OF_AN_ORGANIZATION, OF_THE_HOME
from tests.organizations.homes import ORGANIZATIONS, Homes, command
from touchline.jobs.doctor.steps import named

WORDS = re.compile(r"\btouchline ([a-z]+(?: [a-z]+)?)\b")
VALUES = {"AMOUNT": "1", "NAME": "late"}


def commands_in_steps() -> Iterator[str]:
    """Every command that the doctor's source names in a text: it and the words after it, as far as they are one."""
    for file in sorted((REPOSITORY / "src" / "touchline" / "jobs" / "doctor").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from WORDS.findall(node.value)


def command_of(words: str) -> str:
    """The command at the beginning of these words."""
    known = {*OF_AN_ORGANIZATION, *OF_THE_HOME}
    return words if words in known else words.split(maxsplit=1)[0]


@pytest.mark.parametrize("words", sorted({*commands_in_steps()}))
def test_a_command_about_an_organization_names_it(words: str) -> None:
    name = command_of(words)
    assert name in {*OF_AN_ORGANIZATION, *OF_THE_HOME}
    rest = words.removeprefix(name)
    of = " --organization acme" if name in OF_AN_ORGANIZATION else ""
    assert named(f"Or: touchline {words}", "acme") == f"Or: touchline {name}{of}{rest}"


def test_the_steps_of_a_home_with_several_organizations_can_be_run(homes: Homes) -> None:
    ran: dict[str, list[str]] = {name: [] for name in ORGANIZATIONS}
    for check in command(homes.together, "doctor").document["checks"]:
        step = check["next_step"]
        if check["organization_id"] and step.startswith("touchline "):
            words = [VALUES.get(word, word) for word in shlex.split(step.partition(", or ")[0])[1:]]
            assert command(homes.together, *words).exit_code == 0, step
            ran[check["organization_id"]].append(words[0])
    assert ran["acme"] != [] != ran["beta"]


def test_the_steps_of_a_home_with_one_organization_name_none(homes: Homes) -> None:
    for name in ORGANIZATIONS:
        steps = [check["next_step"] for check in command(homes.alone[name], "doctor").document["checks"]]
        assert [step for step in steps if "--organization" in step] == []
        assert [step for step in steps if step.startswith("touchline")] != []
