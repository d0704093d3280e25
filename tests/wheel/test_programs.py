"""Where the tests that build environments take their packages from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import sync_from_mirror
from tests.wheel.programs import environment


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    environment.cache_clear()
    yield
    environment.cache_clear()


@pytest.mark.parametrize(("is_from_mirror", "index"), [(True, "https://mirror.example/simple"), (False, None)])
def test_packages_come_from_where_the_locked_ones_came(
    is_from_mirror: bool, index: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_from_mirror, "LOCKED", tmp_path / "locked.txt")
    if is_from_mirror:
        (tmp_path / "locked.txt").touch()
    assert environment().get("UV_DEFAULT_INDEX") == index


def test_somebodys_own_choice_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_from_mirror, "LOCKED", tmp_path)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    assert environment()["UV_DEFAULT_INDEX"] == "https://own.example/simple"
