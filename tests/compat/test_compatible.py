"""An app of 0.1.0 runs on ours unchanged: both are asked the same, and all that differs is on a list, with a reason."""

import json
from collections.abc import Callable, Iterable, Sequence
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
Answered = Callable[[Case], Any]


def asked(folder: Path, requirement: str | Path, cases: Iterable[Case]) -> Answered:
    """What one version, in a new environment of its own, answers to these cases; each is asked once."""
    uv, python = uv_program(), folder / "venv" / "bin" / "python"
    run(uv, "venv", "--no-project", folder / "venv", folder=folder)
    pydantic = f"pydantic=={version('pydantic')}"
    run(uv, "pip", "install", "--python", python, requirement, pydantic, folder=folder)
    questions, answers = folder / "cases.json", folder / "answers.json"
    distinct = sorted({json.dumps(case) for case in cases})
    questions.write_text(f"[{','.join(distinct)}]", encoding="utf-8")
    run(python, SCRIPT, questions, answers, folder=folder)
    known = dict(zip(distinct, json.loads(answers.read_text(encoding="utf-8")), strict=True))
    return lambda case: known[json.dumps(case)]


def others(difference: Difference) -> list[Difference]:
    """All differences but this one."""
    return [one for one in DIFFERENCES if one is not difference]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return all_cases()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, cases: list[Case]) -> Answered:
    """What 0.1.0 answers to the cases as they stand, and as they are repaired for each of the tests."""
    listed = ((), DIFFERENCES, *(others(difference) for difference in DIFFERENCES))
    questions = (repaired(case, differences) for differences in listed for case in cases)
    return asked(tmp_path_factory.mktemp("original"), "attribution-campaign-context==0.1.0", questions)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, cases: list[Case]) -> list[Any]:
    return list(map(asked(tmp_path_factory.mktemp("ours"), PACKAGE, cases), cases))


def expected(original: Answered, cases: list[Case], differences: Sequence[Difference]) -> list[Any]:
    """What ours is to answer if these are all the differences there are."""
    return [mended(case, original(repaired(case, differences)), differences) for case in cases]


def test_cases_are_many_and_always_the_same(cases: list[Case]) -> None:
    assert cases == all_cases()
    assert len({json.dumps(case) for case in cases}) >= 500
    assert {case["kind"] for case in cases} == {
        "extract", "links", "record", "hooks", "middleware", "behind", "ids", "signature",
    }  # fmt: skip


def test_most_cases_are_answered_as_they_stand(original: Answered, ours: list[Any], cases: list[Case]) -> None:
    same = sum(old == new for old, new in zip(map(original, cases), ours, strict=True))
    assert same >= len(cases) // 2


def test_nothing_differs_that_is_not_listed(original: Answered, ours: list[Any], cases: list[Case]) -> None:
    wanted = expected(original, cases, DIFFERENCES)
    wrong = [triple for triple in zip(cases, wanted, ours, strict=True) if triple[1] != triple[2]]
    assert wrong == []


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_every_listed_difference_occurs(
    difference: Difference, original: Answered, ours: list[Any], cases: list[Case]
) -> None:
    assert expected(original, cases, others(difference)) != ours


def test_every_difference_is_argued() -> None:
    assert len({difference.name for difference in DIFFERENCES}) == len(DIFFERENCES)
    assert [difference.name for difference in DIFFERENCES if not difference.reason.endswith(".")] == []
