"""What is installed works without the repository: both wheels, in an empty environment, from another folder."""

import fnmatch
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from hypothesis import settings

from tests.capture.test_sending import Collector, collector
from tests.quantifiers import each
from tests.server.serving import free_port
from tests.wheel.killed_workers import POINTS, Point, served, until
from tests.wheel.programs import REPOSITORY, environment, run, uv_program
from tests.wheel.quick_starts import EXTRAS, ORDERS, OTHERS, TARGETS, UNTYPED, files_of, ids_of, set_up

__all__ = ["collector"]

pytestmark = [pytest.mark.wheel, pytest.mark.slow, pytest.mark.timeout(900)]

SOURCES = {
    "touchline": REPOSITORY / "src" / "touchline",
    "attribution_campaign_context": next(REPOSITORY.glob("packages/*/src/attribution_campaign_context")),
}

SYSTEMCTL = Path(__file__).with_name("systemctl.py")


@pytest.fixture(scope="module")
def uv() -> str:
    return uv_program()


@pytest.fixture(scope="module")
def wheels(uv: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels, freshly built, by the name of their package."""
    folder = tmp_path_factory.mktemp("wheels")
    run(uv, "build", "--all-packages", "--wheel", "--out-dir", folder, folder=REPOSITORY)
    return {file.name.partition("-")[0]: file for file in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def locked(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locked versions, as constraints."""
    file = tmp_path_factory.mktemp("locked") / "locked.txt"
    words = ("--frozen", "--no-dev", "--extra", "charts", "--no-emit-workspace", "--no-hashes")
    file.write_text(run(uv, "export", *words, folder=REPOSITORY))
    return file


def environment_with(uv: str, locked: Path, folder: Path, *packages: Path | str) -> Path:
    """The programs of a new environment that holds packages and what they need, at the locked versions."""
    run(uv, "venv", "--no-project", folder / "venv", folder=folder)
    programs = folder / "venv" / "bin"
    run(uv, "pip", "install", "--python", programs / "python", "--constraint", locked, *packages, folder=folder)
    return programs


@pytest.fixture(scope="module")
def installed(uv: str, locked: Path, wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheels and what they need, without any extra."""
    return environment_with(uv, locked, tmp_path_factory.mktemp("elsewhere"), *wheels.values())


@pytest.fixture(scope="module")
def with_charts(uv: str, locked: Path, wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As ``installed``, with the extra for charts."""
    packages = (f"{wheels['touchline']}[charts]", wheels["attribution_campaign_context"])
    return environment_with(uv, locked, tmp_path_factory.mktemp("charts"), *packages)


@pytest.mark.parametrize("package", SOURCES)
def test_wheel_holds_every_file_of_the_package(package: str, wheels: dict[str, Path]) -> None:
    source = SOURCES[package]
    wanted = {str(file.relative_to(source.parent)) for file in source.rglob("*") if file.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name}
    with zipfile.ZipFile(wheels[package]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == wanted


@pytest.mark.parametrize("package", SOURCES)
def test_wheel_carries_the_licence(package: str, wheels: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheels[package]) as wheel:
        assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_demo_runs_far_from_the_repository(with_charts: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(with_charts / "touchline", "demo", "--visitors", "400", "--home", home, folder=Path("/"))
    reports = [file for file in home.rglob("*.html") if "<svg" in file.read_text(encoding="utf-8")]
    assert reports
    assert each(str(REPOSITORY) not in file.read_text(encoding="utf-8") for file in reports)


PAGE = (REPOSITORY / "docs" / "howto" / "install.md").read_text(encoding="utf-8")


def commands_of(heading: str) -> list[str]:
    """The commands below a heading of the page."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("```sh\n")[2].partition("```")[0].splitlines()


def test_the_page_leads_from_the_wheels_to_a_server_that_runs(
    installed: Path, wheels: dict[str, Path], tmp_path: Path
) -> None:
    """All commands of a normal user; root's are the same, but for folders and the user (tests/cli/test_service.py)."""
    user, root = commands_of("As a normal user"), commands_of("As root")
    assert (len(user), len(root)) == (5, 5)
    for made, installs in (user[:2], root[:2]):
        folder = made.removeprefix("python3 -m venv ")
        patterns = installs.removeprefix(f"{folder}/bin/pip install ").split()
        assert sorted(name for pattern in patterns for name in fnmatch.filter(wheel_names(wheels), pattern)) == sorted(
            wheel_names(wheels)
        )
    home, state, programs = tmp_path / "home", tmp_path / "state", tmp_path / "programs"
    for folder_made in (home, state, programs):
        folder_made.mkdir()
    (home / "touchline").symlink_to(installed.parent)
    for name, text in {
        "systemctl": f'exec "{sys.executable}" "{SYSTEMCTL}" "$@"',
        "loginctl": "echo Linger=yes",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    port = free_port()
    kept = {name: value for name, value in environment().items() if not name.startswith(("TOUCHLINE", "XDG", "SUDO"))}
    variables = {
        **kept, "HOME": str(home), "PATH": f"{programs}:{kept['PATH']}", "SYSTEMCTL": str(state),
        "TOUCHLINE_PORT": str(port),
    }  # fmt: skip
    try:
        said = [shell(command, variables, tmp_path) for command in user[2:]]
        assert "Next: systemctl --user start touchline.service" in said[0]
        assert shell(user[2], variables, tmp_path) == "It is installed already; nothing was changed.\n"
        with urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
        shell(f"{installed}/touchline service remove --user", variables, tmp_path)
        with pytest.raises(URLError, match="refused"):
            urlopen(f"http://127.0.0.1:{port}/readyz")
        assert (home / ".local/share/touchline/ledger.db").is_file()
    finally:
        shell(f'"{sys.executable}" "{SYSTEMCTL}" --user disable --now', variables, tmp_path)


def wheel_names(wheels: dict[str, Path]) -> list[str]:
    return [file.name for file in wheels.values()]


def shell(command: str, variables: dict[str, str], folder: Path) -> str:
    """What a command prints that somebody types."""
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_capture_wheel_stands_alone(uv: str, wheels: dict[str, Path], tmp_path: Path) -> None:
    run(uv, "venv", "--no-project", tmp_path / "venv", folder=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    run(uv, "pip", "install", "--python", python, wheels["attribution_campaign_context"], folder=tmp_path)
    program = (
        "import attribution_campaign_context as a; print(*[name for name in a.__all__ if getattr(a, name) is None])"
    )
    assert run(python, "-c", program, folder=Path("/")).strip() == ""


def test_capture_wheel_parses_urls_with_nothing_else_installed(
    uv: str, wheels: dict[str, Path], tmp_path: Path
) -> None:
    run(uv, "venv", "--no-project", tmp_path / "venv", folder=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    run(
        uv, "pip", "install", "--no-deps", "--python", python, wheels["attribution_campaign_context"], folder=tmp_path
    )  # fmt: skip
    program = (
        "from attribution_campaign_context import parse_landing as p; print(p('https://a.example/?gclid=x').click_ids)"
    )
    assert run(python, "-c", program, folder=Path("/")).strip() == "{'gclid': 'x'}"


class Installed(NamedTuple):
    """A Python that has the capture library's wheel, and what the quick starts need."""

    python: Path
    path: str
    """Of modules that go first; empty where the wheel is installed."""


def is_thorough() -> bool:
    return settings().max_examples >= 1_000


@pytest.fixture(scope="module")
def quick(uv: str, wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A new environment where tests are thorough; else the wheel's content in front of this environment's packages."""
    wheel, folder = wheels["attribution_campaign_context"], tmp_path_factory.mktemp("quick")
    if not is_thorough():
        with zipfile.ZipFile(wheel) as held:
            held.extractall(folder)
        return Installed(Path(sys.executable), str(folder))
    locked = folder / "locked.txt"
    locked.write_text(run(uv, "export", "--frozen", "--no-emit-workspace", "--no-hashes", folder=REPOSITORY))
    run(uv, "venv", "--no-project", "--python", sys.executable, folder / "venv", folder=folder)
    python = folder / "venv" / "bin" / "python"
    wanted = (f"attribution-campaign-context[{EXTRAS}] @ {wheel.as_uri()}", *OTHERS)
    run(uv, "pip", "install", "--python", python, "--constraint", locked, *wanted, folder=folder)
    return Installed(python, "")


def wanted_of(framework: str) -> tuple[int, tuple[Point, ...]]:
    """How many workers a quick start has, and where they die: usually those of Django alone, and once."""
    if is_thorough():
        return 4, POINTS
    return (2, POINTS[4:5]) if framework == "django" else (1, ())


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("framework", TARGETS)
def test_quick_start_keeps_and_sends_every_order_whatever_is_killed(
    framework: str, quick: Installed, collector: Collector, tmp_path: Path
) -> None:
    database = set_up(framework, tmp_path)
    workers, points = wanted_of(framework)
    with served(
        quick.python, TARGETS[framework], ORDERS.get(framework, "/orders"), tmp_path, workers,
        PYTHONPATH=quick.path, TOUCHLINE_URL=collector.url, TOUCHLINE_KEY="sk_1",
    ) as shop:  # fmt: skip
        for number, point in enumerate(points):
            shop.arm(point)
            shop.sell(f"killed-{number}")
            until(shop.has_killed)
        shop.sell("last")
        _lend_again(database)
        until(lambda: not ids_of(database, "select id from attribution_outbox"))
        until(lambda: not ids_of(database, "select id from attribution_sendings"))
    orders = ids_of(database, "select id from orders")
    assert len(orders) >= len(points) + 1
    linked = "select subject_id from attribution_subject_links where relation = "
    for relation in ("conversion", "first_touch"):
        assert ids_of(database, f"{linked}'{relation}'") == orders
    sent = [event.order_id or "" for event in collector.events.values() if event.type == "CONVERSION"]
    assert sorted(order.replace("-", "") for order in sent) == orders
    visitors = {event.visitor_id for event in collector.events.values()}
    assert len(visitors) == len(points) + 1
    assert collector.keys == {"sk_1"}


def _lend_again(database: Path) -> None:
    """As if the time were over for which a killed worker had borrowed what it was sending."""
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute("update attribution_sendings set next_attempt_at = enqueued_at")


def test_every_framework_has_a_quick_start() -> None:
    assert each(files_of(framework) for framework in TARGETS)


@pytest.mark.timeout(3_600)
def test_quick_starts_are_typed(quick: Installed, tmp_path: Path) -> None:
    """Each under mypy, as strict as it is, and pyright; usually FastAPI's under mypy."""
    checkers = {
        "mypy": ("--strict", "--python-executable", str(quick.python)),
        "pyright": ("--pythonpath", str(quick.python)),
    }
    for framework in TARGETS if is_thorough() else ("fastapi",):
        folder = tmp_path / framework
        folder.mkdir()
        set_up(framework, folder)
        for name in checkers if is_thorough() and framework != UNTYPED else ("mypy",):
            options = ("--ignore-missing-imports",) if framework == UNTYPED else ()
            command = [sys.executable, "-m", name, *checkers[name], *options, *sorted(files_of(framework))]
            known = {**environment(), "MYPYPATH": quick.path}
            answer = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
            assert answer.returncode == 0, f"{framework}\n{answer.stdout}\n{answer.stderr}"
