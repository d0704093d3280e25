"""The digest of what code decides: the same for the same release wherever it is installed, another for other rules."""

import ast
import compileall
import shutil
import subprocess
import sys
import zipfile
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest

from touchline.channels.ladder import RULE_VERSION
from touchline.pipeline import STAGES
from touchline.source_digest import OURS, modules_behind, source_digest

LADDER = "touchline.channels.ladder"
NEVER_IN_IT = {"channels.devices", "channels.classify", "channels.words", "pipeline", "reports", "server"}
APART = ("api", "cli", "demo", "engines", "ingest", "integrations", "jobs", "ledger", "recorders", "reports", "server")
"""Folders that channels import nothing of."""
COMPUTING = {"numpy", "pyarrow", "re2", "scipy"}
"""Packages whose functions the rules call; what those answer is the package's, and no rule of ours."""
WITH_DATA = {"publicsuffixlist": "touchline.domains.suffix_list_digest"}
"""Packages that bring facts by which the rules decide, and what has them in the river's digest."""


def copy_of_packages(folder: Path) -> Path:
    """Our packages as pip would lay them out, without compiled files and what has no part in this."""
    for name in OURS:
        shutil.copytree(str(files(name)), folder / name, ignore=shutil.ignore_patterns("__pycache__", *APART))
    return folder


def digest_in(path: Path, hash_seed: str = "0") -> str:
    """The ladder's digest in a process that imports our packages from ``path``."""
    program = f"from touchline import source_digest as s; print(s.source_digest({LADDER!r}), s.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(path), "PYTHONHASHSEED": hash_seed},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    digest, _, place = ran.stdout.strip().partition(" ")
    assert place.startswith(str(path))
    return digest


def without_source(folder: Path) -> Path:
    assert compileall.compile_dir(str(folder), quiet=1, legacy=True)
    for file in folder.rglob("*.py"):
        file.unlink()
    return folder


def change_ladder(folder: Path) -> None:
    file = folder / "touchline/channels/ladder.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"click_id": 0.95', '"click_id": 0.94'), encoding="utf-8")


def test_another_place_and_other_line_ends_change_nothing(tmp_path: Path) -> None:
    folder = copy_of_packages(tmp_path)
    for file in [*folder.rglob("*.py"), *folder.rglob("*.csv")]:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert digest_in(folder) == source_digest(LADDER)


def test_a_zip_file_changes_nothing(tmp_path: Path) -> None:
    folder, archive = copy_of_packages(tmp_path / "copy"), tmp_path / "touchline.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in folder.rglob("*"):
            packed.write(file, file.relative_to(folder))
    assert digest_in(archive) == source_digest(LADDER)


def test_without_source_the_compiled_rules_are_digested(tmp_path: Path) -> None:
    one, other, changed = (copy_of_packages(tmp_path / name) for name in ("one", "other", "changed"))
    change_ladder(changed)
    digests = [
        digest_in(without_source(folder), seed) for folder, seed in ((one, "1"), (other, "2"), (changed, "1"))
    ]  # fmt: skip
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_a_changed_rule_or_fact_changes_the_digest(tmp_path: Path) -> None:
    ladder, facts = copy_of_packages(tmp_path / "ladder"), copy_of_packages(tmp_path / "facts")
    change_ladder(ladder)
    with (facts / "touchline/channels/data/sources.csv").open("a", encoding="utf-8") as file:
        file.write("zzz.example,search,Zzz\n")
    assert len({digest_in(ladder), digest_in(facts), source_digest(LADDER)}) == 3


def test_the_version_that_users_see_is_that_of_the_ladder_alone() -> None:
    assert source_digest(LADDER).startswith(RULE_VERSION)
    assert len(RULE_VERSION) == 12
    behind = modules_behind(LADDER)
    assert {f"touchline.channels.{name}" for name in ("facts", "sources", "hosts", "evidence", "reference")} < {*behind}
    assert "attribution_campaign_context.registry" in behind
    assert [name for name in behind if name.removeprefix("touchline.") in NEVER_IN_IT] == []


@pytest.mark.parametrize("name", ["touchline.nope", "touchline.tables.nope"])
def test_a_module_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"touchline\.(nope|tables)"):
        modules_behind(name)


@pytest.mark.parametrize("package", [stage.run.__module__ for stage in STAGES])
def test_modules_behind_a_stage_are_those_that_its_source_imports(package: str) -> None:
    """By the syntax of the source, where the digest goes by the names in compiled code."""
    behind = set(modules_behind(package))
    named = {one for name in behind for one in imported_by(name) if one.partition(".")[0] in OURS}
    assert named - behind == set()
    assert behind - named == {package} - named


@pytest.mark.parametrize("package", [*(stage.run.__module__ for stage in STAGES), LADDER])
def test_other_packages_behind_the_rules_are_known(package: str) -> None:
    """A package that brings facts has to be in the digest: whoever adds one says here which kind it is."""
    others = {one.partition(".")[0] for name in modules_behind(package) for one in imported_by(name)}
    strangers = others - {*OURS} - {*sys.stdlib_module_names}
    assert strangers - COMPUTING - set(WITH_DATA) - MESSAGES == set()


MESSAGES = {"msgspec"}
"""Reading cost files, which is done before the ledger."""


def imported_by(name: str) -> set[str]:
    """The modules that the source of a module imports."""
    spec = find_spec(name)
    assert spec
    assert spec.origin
    found = set()
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *submodules(str(node.module), [one.name for one in node.names])}
    return found


def submodules(package: str, names: list[str]) -> set[str]:
    spec = find_spec(package)
    inner = spec is not None and spec.submodule_search_locations is not None and package.partition(".")[0] in OURS
    return {f"{package}.{name}" for name in names if inner and find_spec(f"{package}.{name}")}
