"""A strong test notices a mutant, a weak one does not, and one that fails anyway is no witness."""

import subprocess
from pathlib import Path

import pytest

from tests.mutation.copies import Copy
from tests.mutation.mutant import Edit, Mutant
from tests.mutation.trials import Judges, UnsoundTestsError, Verdict

SOURCE = "src/limits.py"
TEXT = "def is_late(day, limit):\n    return day > limit\n"
FAULT = Mutant(SOURCE, TEXT, Edit(TEXT.index(">"), TEXT.index(">") + 1, ">=", "comparison"))
CRASH = Mutant(SOURCE, TEXT, Edit(0, 3, "raise SystemError", "comparison"))
FILES = {
    SOURCE: TEXT,
    "conftest.py": "from hypothesis import settings\nfor _ in ('ci', 'short'):\n    settings.register_profile(_)\n",
    "test_weak.py": "from limits import is_late\n\ndef test_late():\n    assert is_late(3, 1)\n",
    "test_strong.py": "from limits import is_late\n\ndef test_not_late():\n    assert not is_late(1, 1)\n",
    "test_wrong.py": "def test_wrong():\n    assert False\n",
    "pytest.ini": "[pytest]\naddopts = -p pytest_timeout -p _hypothesis_pytestplugin\n"
    "markers =\n    benchmark: b\n    wheel: w\n    local_data: l\n",
}


@pytest.fixture(autouse=True)
def _few_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of the small repository need few plugins, and loading all takes seconds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one function and three tests."""
    folder = tmp_path_factory.mktemp("repository")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def copy(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(shop, tmp_path_factory.mktemp("copy"))


def test_a_weak_test_lets_a_mutant_survive(copy: Copy) -> None:
    assert Judges().judge(copy, FAULT, ["test_weak.py"], []) is Verdict.SURVIVED


def test_the_laws_judge_what_the_mirror_lets_through(copy: Copy) -> None:
    assert Judges().judge(copy, FAULT, ["test_weak.py"], ["test_strong.py"]) is Verdict.LAWS


def test_a_module_that_cannot_be_read_is_noticed(copy: Copy) -> None:
    assert Judges().judge(copy, CRASH, ["test_weak.py"], []) is Verdict.MIRROR


def test_a_test_that_fails_without_the_fault_is_no_witness(copy: Copy) -> None:
    with pytest.raises(UnsoundTestsError, match=r"test_wrong.py::test_wrong fails without a fault"):
        Judges().judge(copy, FAULT, ["test_wrong.py"], [])


def test_a_fault_stands_in_the_copy_alone_and_goes_again(copy: Copy, shop: Path) -> None:
    with copy.having(FAULT):
        assert (copy.folder / SOURCE).read_text(encoding="utf-8") == FAULT.mutated
        assert (shop / SOURCE).read_text(encoding="utf-8") == TEXT
    assert (copy.folder / SOURCE).read_text(encoding="utf-8") == TEXT
