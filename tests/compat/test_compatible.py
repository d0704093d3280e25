"""An app of 0.1.0 runs on ours unchanged: both are asked the same, and all that differs is on a list, with a reason."""

import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.compat.cases import Case, all_cases
from tests.compat.differences import DIFFERENCES, Difference, mended, repaired
from tests.wheel.programs import REPOSITORY, run, uv_program

pytestmark = [pytest.mark.wheel, pytest.mark.slow, pytest.mark.timeout(900)]

PACKAGE = next(REPOSITORY.glob("packages/attribution-campaign-context"))
SCRIPT = Path(__file__).with_name("answers.py")
Ask = Callable[[Sequence[Case]], list[Any]]


def environment(folder: Path, requirement: str | Path) -> Ask:
    """A new environment that holds one version, and a function that asks it."""
    uv, python = uv_program(), folder / "venv" / "bin" / "python"
    run(uv, "venv", "--no-project", folder / "venv", folder=folder)
    pydantic = f"pydantic=={version('pydantic')}"
    run(uv, "pip", "install", "--python", python, requirement, pydantic, folder=folder)

    def ask(cases: Sequence[Case]) -> list[Any]:
        asked, answered = folder / "cases.json", folder / "answers.json"
        asked.write_text(json.dumps(cases), encoding="utf-8")
        run(python, SCRIPT, asked, answered, folder=folder)
        answers: list[Any] = json.loads(answered.read_text(encoding="utf-8"))
        return answers

    return ask


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    return environment(tmp_path_factory.mktemp("original"), "attribution-campaign-context==0.1.0")


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return all_cases()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, cases: list[Case]) -> list[Any]:
    return environment(tmp_path_factory.mktemp("ours"), PACKAGE)(cases)


def expected(original: Ask, cases: list[Case], differences: Sequence[Difference]) -> list[Any]:
    """What ours is to answer if these are all the differences there are."""
    answers = original([repaired(case, differences) for case in cases])
    return [mended(case, answer, differences) for case, answer in zip(cases, answers, strict=True)]


def test_cases_are_many_and_always_the_same(cases: list[Case]) -> None:
    assert cases == all_cases()
    assert len({json.dumps(case) for case in cases}) >= 500
    assert {case["kind"] for case in cases} == {
        "extract", "links", "record", "hooks", "middleware", "behind", "ids", "signature",
    }  # fmt: skip


def test_most_cases_are_answered_as_they_stand(original: Ask, ours: list[Any], cases: list[Case]) -> None:
    same = sum(old == new for old, new in zip(original(cases), ours, strict=True))
    assert same >= len(cases) // 2


def test_nothing_differs_that_is_not_listed(original: Ask, ours: list[Any], cases: list[Case]) -> None:
    wanted = expected(original, cases, DIFFERENCES)
    wrong = [triple for triple in zip(cases, wanted, ours, strict=True) if triple[1] != triple[2]]
    assert wrong == []


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_every_listed_difference_occurs(
    difference: Difference, original: Ask, ours: list[Any], cases: list[Case]
) -> None:
    others = [one for one in DIFFERENCES if one is not difference]
    assert expected(original, cases, others) != ours


def test_every_difference_is_argued() -> None:
    assert len({difference.name for difference in DIFFERENCES}) == len(DIFFERENCES)
    assert [difference.name for difference in DIFFERENCES if not difference.reason.endswith(".")] == []
