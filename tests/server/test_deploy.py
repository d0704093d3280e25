"""The container file and the unit name only what there is; nothing here needs a container engine."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from touchline.cli import main
from touchline.server.options import ServerOptions, options_from

REPOSITORY = Path(__file__).resolve().parents[2]
CONTAINER = (REPOSITORY / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
UNIT = (REPOSITORY / "deploy" / "touchline.service").read_text(encoding="utf-8")


def said(word: str) -> list[str]:
    """What follows an instruction of the container file, each time it stands there."""
    return re.findall(rf"^{word} (.*)$", CONTAINER, re.MULTILINE)


def test_what_it_installs_is_there() -> None:
    (install,) = [run for run in said("RUN") if "pip install" in run]
    folders = [word for word in shlex.split(install) if word.startswith(("./", ".["))]
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(folders) == 2
    for folder in folders:
        path, _, extras = folder.partition("[")
        assert (REPOSITORY / path / "pyproject.toml").is_file()
        assert set(filter(None, extras.rstrip("]").split(","))) <= project["optional-dependencies"].keys()
    (image,) = said("ARG")
    assert tuple(map(int, re.findall(r"python:(\d+)\.(\d+)", image)[0])) >= (3, 11)


def test_it_starts_a_command_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    (entry,), (command,) = said("ENTRYPOINT"), said("CMD")
    assert json.loads(entry) == ["touchline"]
    assert main([*json.loads(command), "--help"]) == 0
    assert "--port" in capsys.readouterr().out


def test_it_is_nobody_in_particular_and_owns_its_volume() -> None:
    (user,), (volume,) = said("USER"), said("VOLUME")
    (added,) = [run for run in said("RUN") if run.startswith("useradd")]
    assert user not in {"root", "0"}
    assert added.endswith(f" {user}")
    assert f"--home-dir {volume} --create-home" in added
    assert CONTAINER.index("useradd") < CONTAINER.index("\nUSER ") < CONTAINER.index("\nVOLUME ")


def test_its_environment_is_understood_and_its_port_the_servers() -> None:
    (environment,) = said("ENV")
    variables = dict(pair.split("=", 1) for pair in shlex.split(environment))
    assert [variables["TOUCHLINE_HOME"]] == said("VOLUME")
    assert variables["PATH"].startswith("/opt/touchline/bin:")
    options = options_from(variables)
    assert options.host == "0.0.0.0"
    assert said("EXPOSE") == [str(options.port)] == [str(ServerOptions().port)]


def test_its_health_check_asks_a_path_that_answers() -> None:
    (check,) = said("HEALTHCHECK")
    program = json.loads(check.partition("CMD")[2])[2]
    compile(program, "HEALTHCHECK", "exec")
    ((port, path),) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", program)
    assert int(port) == ServerOptions().port
    assert f"## GET {path}\n" in (REPOSITORY / "docs" / "reference" / "http.md").read_text(encoding="utf-8")


def test_the_unit_starts_the_same() -> None:
    lines = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#"))
    assert lines["ExecStart"] == "/opt/touchline/bin/touchline serve"
    assert lines["Environment"] == f"TOUCHLINE_HOME=/var/lib/{lines['StateDirectory']}"
    assert [lines["Environment"].partition("=")[2]] == said("VOLUME")
    assert float(lines["TimeoutStopSec"]) > ServerOptions().stop_seconds
