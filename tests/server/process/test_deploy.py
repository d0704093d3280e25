"""The container file and the unit name only what there is; nothing here needs a container engine."""

import json
import re
import shlex
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from touchline.cli import main
from touchline.server.http.options import ServerOptions, options_from
from touchline.server.process.connections import MOST_DESCRIPTORS, granian_settings

REPOSITORY = Path(__file__).resolve().parents[3]
CONTAINER = (REPOSITORY / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
IGNORED = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8")
UNIT = (REPOSITORY / "deploy" / "touchline.service").read_text(encoding="utf-8")
SOCKET = (REPOSITORY / "deploy" / "touchline.socket").read_text(encoding="utf-8")


def said(word: str) -> list[str]:
    """What follows an instruction of the container file, each time it stands there."""
    return re.findall(rf"^{word} (.*)$", CONTAINER, re.MULTILINE)


def is_taken(path: str) -> bool:
    """Whether ``COPY . .`` takes a file: of the patterns that match it or a folder above it, the last one says so."""
    file = PurePosixPath(path)
    within = [str(file), *map(str, file.parents[:-1])]
    verdict = True
    for line in IGNORED.splitlines():
        pattern = line.removeprefix("!")
        if pattern and not pattern.startswith("#") and any(pattern_of(pattern).fullmatch(one) for one in within):
            verdict = line.startswith("!")
    return verdict


def pattern_of(text: str) -> re.Pattern[str]:
    """``*`` is any part of one name, ``**/`` any folders or none."""
    return re.compile(re.escape(text).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*"))


def installed() -> list[str]:
    """The folders that are installed, with their extras."""
    (install,) = [run for run in said("RUN") if "pip install" in run]
    return [word for word in shlex.split(install) if word.startswith(("./", ".["))]


def test_it_copies_what_it_builds_from() -> None:
    assert said("COPY")[0] == ". ."
    for folder in installed():
        root = (REPOSITORY / folder.partition("[")[0]).resolve()
        document = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        needed = [root / "pyproject.toml", root / document["project"]["readme"], *root.glob("LICENSE")]
        for package in document["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
            files = [file for file in (root / package).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
            assert files
            needed += files
        left_out = [str(file) for file in needed if not is_taken(str(file.relative_to(REPOSITORY)))]
        assert not left_out


@pytest.mark.parametrize(
    "path",
    [
        ".venv/bin/python", ".git/config", ".env", "demo-home/ledger.db", "shop/ledger.db", "shop/daily_keys/20000",
        "first_password", "dist/touchline.whl", "tests/server/process/test_deploy.py", "src/.env",
        "src/touchline/__pycache__/a.cpython-311.pyc", "src/touchline/a.pyc",
        "packages/attribution-campaign-context/tests/conftest.py",
        "packages/attribution-campaign-context/.venv/bin/python",
    ],
)  # fmt: skip
def test_it_copies_nothing_else(path: str) -> None:
    assert not is_taken(path)


def test_what_it_installs_is_there() -> None:
    folders = installed()
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
    assert int(lines["LimitNOFILE"]) == MOST_DESCRIPTORS
    assert float(lines["TimeoutStopSec"]) > 2 * ServerOptions().stop_seconds  # the workers' end, and the river's
    assert lines["Type"] == "notify"


def test_the_socket_is_the_services_and_where_the_server_listens_by_itself() -> None:
    lines = dict(line.split("=", 1) for line in SOCKET.splitlines() if "=" in line)
    assert lines["ListenStream"] == f"{ServerOptions().host}:{ServerOptions().port}"
    assert int(lines["Backlog"]) == granian_settings(1_024)["backlog"]
    assert (
        UNIT.count("touchline.socket") == 4
    )  # in a comment, and as what it requires, comes after, and is enabled with
