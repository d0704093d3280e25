"""What is installed works without the repository: both wheels, in an empty environment, from another folder."""

import zipfile
from pathlib import Path

import pytest

from tests.quantifiers import each
from tests.wheel.programs import REPOSITORY, run, uv_program

pytestmark = [pytest.mark.wheel, pytest.mark.slow, pytest.mark.timeout(900)]

SOURCES = {
    "touchline": REPOSITORY / "src" / "touchline",
    "attribution_campaign_context": next(REPOSITORY.glob("packages/*/src/attribution_campaign_context")),
}


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
def installed(uv: str, wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheels and what they need, at the locked versions."""
    folder = tmp_path_factory.mktemp("elsewhere")
    locked = folder / "locked.txt"
    locked.write_text(
        run(uv, "export", "--frozen", "--no-dev", "--no-emit-workspace", "--no-hashes", folder=REPOSITORY)
    )
    run(uv, "venv", "--no-project", folder / "venv", folder=folder)
    programs = folder / "venv" / "bin"
    run(uv, "pip", "install", "--python", programs / "python", "--constraint", locked, *wheels.values(), folder=folder)
    return programs


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


def test_demo_runs_far_from_the_repository(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(installed / "touchline", "demo", "--visitors", "400", "--home", home, folder=Path("/"))
    reports = [file for file in home.rglob("*.html") if "<svg" in file.read_text(encoding="utf-8")]
    assert reports
    assert each(str(REPOSITORY) not in file.read_text(encoding="utf-8") for file in reports)


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
