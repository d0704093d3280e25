"""The programs beside Python: they are there, and where one is not, somebody is told what to do."""

import pytest

from scripts import install_system_packages as programs


def test_every_program_is_there() -> None:
    assert programs.missing(programs.PACKAGES) == []
    assert programs.main() == 0


def test_a_program_that_cannot_be_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(programs, "PACKAGES", {"no-such-program": "no-such-package", "sh": "dash"})
    monkeypatch.setattr("shutil.which", lambda name, **_: "/bin/sh" if name == "sh" else None)
    assert programs.main() == 1
    assert capsys.readouterr().err == (
        "The tests need no-such-program, and there is no apt-get on this machine.\n"
        "Install them: apt-get install -y no-such-package\n"
    )
