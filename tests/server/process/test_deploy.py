"""The container file and the unit name only what there is; nothing here needs a container engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from hypothesis import settings

from scripts import bootstrap_uv
from touchline.cli import main
from touchline.server.http.options import ServerOptions, name_of, options_from
from touchline.server.process.connections import MOST_DESCRIPTORS, granian_settings
from touchline.server.process.installing.places import SERVICE as SERVICE_NAME
from touchline.server.process.installing.places import SOCKET as SOCKET_NAME
from touchline.server.process.installing.places import Program, places_of
from touchline.server.process.installing.units import environment_text, service_text, socket_text
from touchline.server.process.watchdog import LEAST_STILL_SECONDS
from touchline.settings import home_from

REPOSITORY = Path(__file__).resolve().parents[3]
CONTAINER = (REPOSITORY / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
IGNORED = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8")
UNIT = (REPOSITORY / "deploy" / "touchline.service").read_text(encoding="utf-8")
SOCKET = (REPOSITORY / "deploy" / "touchline.socket").read_text(encoding="utf-8")

INSTALLED = places_of(
    Program(Path("/opt/touchline/bin/touchline"), Path("/usr/bin/python3")), ServerOptions(), {}, "root", is_user=False
)


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


def installing() -> list[str]:
    """The words of the command that installs the locked packages and both of the repository's."""
    (install,) = [run for run in said("RUN") if run.startswith("uv ")]
    return shlex.split(install)


def test_it_copies_what_it_builds_from() -> None:
    assert said("COPY")[0] == ". ."
    assert is_taken("uv.lock")
    for root in (REPOSITORY, *(file.parent for file in REPOSITORY.glob("packages/*/pyproject.toml"))):
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


def test_it_installs_what_is_locked_on_a_base_that_has_a_digest() -> None:
    words = installing()
    assert words[:2] == ["uv", "sync"]
    assert {"--frozen", "--no-dev", "--no-editable", "--all-extras"} <= {*words}
    (uv,) = re.findall(r"^RUN pip install .*uv==(\d+)\.(\d+)\.\d+$", CONTAINER, re.MULTILINE)
    assert tuple(map(int, uv)) >= bootstrap_uv.MINIMUM
    assert said("ARG") == ["PYTHON", "PYTHON"]  # without a value of its own: nothing is built where none is given
    assert [base.split()[0] for base in said("FROM")] == ["${PYTHON}", "${PYTHON}"]
    (check,) = [run for run in said("RUN") if run.startswith("case ")]
    for base, exit_code in (("python:3.13-slim", 1), ("", 1), (f"python@sha256:{64 * 'a'}", 0)):
        ran = subprocess.run(["sh", "-c", check], env={"PYTHON": base}, capture_output=True, check=False)
        assert ran.returncode == exit_code
    named = re.findall(r"python:(\d+)\.(\d+)-slim", CONTAINER)
    assert {tuple(map(int, version)) for version in named} == {(3, 13)}
    assert "{{index .RepoDigests 0}}" in CONTAINER


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
    building, environment = said("ENV")
    assert "UV_PROJECT_ENVIRONMENT=/opt/touchline" in shlex.split(building)
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


def test_the_units_are_those_that_are_installed() -> None:
    """The package has the one source; what the folder shows is what `touchline service install` writes."""
    assert service_text(INSTALLED) == UNIT
    assert socket_text(INSTALLED) == SOCKET
    page = (REPOSITORY / "docs" / "howto" / "install.md").read_text(encoding="utf-8")
    assert f"```ini\n{SOCKET}```\n" in page


def test_the_unit_starts_the_same() -> None:
    lines = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#"))
    assert lines["ExecStart"] == "/opt/touchline/bin/touchline serve"
    assert lines["Environment"] == f"TOUCHLINE_HOME={lines['ReadWritePaths']}"
    assert [lines["Environment"].partition("=")[2]] == said("VOLUME")
    assert int(lines["LimitNOFILE"]) == MOST_DESCRIPTORS
    assert float(lines["TimeoutStopSec"]) > 2 * ServerOptions().stop_seconds  # the workers' end, and the river's
    assert lines["Type"] == "notify"
    assert (lines["Restart"], lines["StartLimitIntervalSec"]) == ("always", "0")  # a database may be long in coming
    assert float(lines["WatchdogSec"]) > 2 * LEAST_STILL_SECONDS


def test_the_socket_is_the_services_and_where_the_server_listens_without_it() -> None:
    lines = dict(line.split("=", 1) for line in SOCKET.splitlines() if "=" in line)
    assert lines["ListenStream"] == f"{ServerOptions().host}:{ServerOptions().port}"
    assert int(lines["Backlog"]) == granian_settings(1_024)["backlog"]
    assert (
        UNIT.count("touchline.socket") == 4
    )  # in a comment, and as what it requires, comes after, and is enabled with


def test_the_environment_file_names_options_that_there_are_and_sets_none() -> None:
    text = environment_text(INSTALLED)
    named = dict(line[1:].split("=", 1) for line in text.splitlines() if re.match(r"#[A-Z_]+=", line))
    assert len(named) > 5
    known = {name_of(option.name) for option in fields(ServerOptions)}
    assert named.keys() <= known | {"DATABASE_URL", "TOUCHLINE_ENGINE", "TOUCHLINE_MEMORY"}
    assert options_from(named).workers == 2
    assert home_from(named).engine_url == named["TOUCHLINE_ENGINE"]
    assert [line for line in text.splitlines() if line and not line.startswith("#")] == []


COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KNOWN = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "ports", "restart",
    "security_opt", "stop_grace_period", "stop_signal", "ulimits", "volumes",
}  # fmt: skip
"""What the Compose specification has for a service, of which nothing else is used."""


def with_defaults(value: str) -> str:
    """A value with the password that is asked for, and the defaults of the rest."""
    value = re.sub(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", "secret", value)
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def test_compose_has_what_the_specification_has() -> None:
    assert COMPOSE.keys() == {"name", "services", "volumes"}
    assert SERVICES.keys() == {"touchline", "postgres", "redis"}
    for service in SERVICES.values():
        assert service.keys() <= KNOWN
        assert {"image", "healthcheck", "restart"} <= service.keys()
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert service["healthcheck"].keys() <= {"test", "interval", "timeout", "start_period", "retries"}
        for value in service.get("environment", {}).values():
            assert isinstance(value, str)  # YAML reads 2 as a number, and yes as a truth
    named = {mount.partition(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert named == COMPOSE["volumes"].keys()
    assert SERVICES["touchline"]["depends_on"] == {
        name: {"condition": "service_healthy"} for name in SERVICES.keys() - {"touchline"}
    }


def test_compose_runs_the_image_with_options_that_there_are() -> None:
    service = SERVICES["touchline"]
    variables = {name: with_defaults(value) for name, value in service["environment"].items()}
    assert variables.keys() <= {name_of(option.name) for option in fields(ServerOptions)} | {"DATABASE_URL"}
    options, home = options_from(variables), home_from(variables)
    assert options.workers > 1
    assert re.fullmatch(r"redis://(\w+):\d+/0", options.redis_url)[1] in SERVICES  # type: ignore[index] # it matches
    asked = SERVICES["postgres"]["environment"]
    user, database = asked["POSTGRES_USER"], asked["POSTGRES_DB"]
    assert home.database_url == f"postgresql://{user}:secret@postgres:5432/{database}"
    assert f"--username {user} --dbname {database}" in SERVICES["postgres"]["healthcheck"]["test"][1]
    assert (REPOSITORY / "deploy" / service["build"]["context"]).resolve() == REPOSITORY
    assert (REPOSITORY / service["build"]["dockerfile"]).is_file()
    assert [*service["build"]["args"]] == ["PYTHON"]


def test_compose_says_the_same_as_the_image_and_the_unit() -> None:
    service = SERVICES["touchline"]
    (check,) = said("HEALTHCHECK")
    assert service["healthcheck"]["test"] == ["CMD", *json.loads(check.partition("CMD")[2])]
    for name in ("interval", "timeout", "start_period"):
        assert f"--{name.replace('_', '-')}={service['healthcheck'][name]}" in check
    assert [service["stop_signal"]] == said("STOPSIGNAL")
    assert service["volumes"] == [f"home:{said('VOLUME')[0]}"]
    assert service["ports"] == [f"127.0.0.1:{ServerOptions().port}:{ServerOptions().port}"]
    assert int(service["stop_grace_period"].removesuffix("s")) > 2 * ServerOptions().stop_seconds
    assert service["ulimits"]["nofile"] == {"soft": MOST_DESCRIPTORS, "hard": MOST_DESCRIPTORS}


@pytest.mark.parametrize("is_user", [False, True])
def test_systemd_reads_the_units(tmp_path: Path, *, is_user: bool) -> None:
    if not shutil.which("systemd-analyze"):  # `make test-all` installs it
        assert settings().max_examples < 1_000
        return
    home = tmp_path / "a folder" / "100%" if is_user else None
    program = Program(Path(sys.executable), Path(sys.executable))
    places = places_of(program, ServerOptions(), {"HOME": str(tmp_path)}, "ada", home, is_user=is_user)
    files = [tmp_path / SERVICE_NAME, tmp_path / SOCKET_NAME]
    for file, text in zip(files, (service_text(places), socket_text(places)), strict=True):
        file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--user" if is_user else "--system", "verify", *files],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
