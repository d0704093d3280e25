"""The names of the package: all there, loaded when asked for, and told truly."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import attribution_campaign_context as package
from attribution_campaign_context import INVENTORY, PUBLIC_SURFACES

OF_0_1_0 = """
AttributionContext AttributionMiddleware AttributionRuntimeState AttributionSubjectLink AttributionTouch CLICK_ID_KEYS
PUBLIC_SURFACES PublicSurface SubjectRef SubjectResolver SubjectValidationError UTM_KEYS attribution_post_commit
attribution_post_handler attribution_pre_handler extract_attribution plan_subject_touch_links subject_link subject_ref
touch_from_context validate_subject_ref
"""
MODULES_OF_0_1_0 = "associations constants extract hooks middleware models public_surfaces subjects"
SOURCE = Path(package.__file__)


def printed(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_every_name_of_0_1_0_is_there() -> None:
    assert len(OF_0_1_0.split()) == 21
    assert set(OF_0_1_0.split()) <= set(package.__all__)


@pytest.mark.parametrize("name", package.__all__)
def test_name_can_be_imported_and_is_listed(name: str) -> None:
    assert getattr(package, name) is not None
    assert name in dir(package)


def test_a_name_is_said_three_times_alike() -> None:
    """To readers of ``__all__``, to type checkers, and to who loads it."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    imported = {
        (alias.name, str(node.module).removeprefix(f"{package.__name__}."))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"{package.__name__}.")
        for alias in node.names
    }
    assert imported == {(surface.name, surface.module) for surface in INVENTORY}
    assert sorted(package.__all__) == sorted(surface.name for surface in INVENTORY)


@pytest.mark.parametrize("module", MODULES_OF_0_1_0.split())
def test_module_of_0_1_0_is_there_without_an_import_of_its_own(module: str) -> None:
    assert printed(f"import attribution_campaign_context as a; print(a.{module}.__name__)").endswith(f".{module}")
    assert printed(f"from attribution_campaign_context import {module} as m; print(m.__name__)").endswith(f".{module}")


def test_a_misspelt_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'extract_atribution'"):
        _ = package.extract_atribution  # type: ignore[attr-defined]  # it has to be unknown to type checkers, too


@pytest.mark.parametrize(
    "program",
    ["import attribution_campaign_context", "from attribution_campaign_context import parse_landing, CLICK_IDS"],
)
def test_urls_are_parsed_with_nothing_installed(program: str) -> None:
    only = "import sys; sys.path = [path for path in sys.path if 'site-packages' not in path]"
    where = f"sys.path.append({str(SOURCE.parents[1])!r})"
    foreign = "[name for name in sys.modules if name.startswith(('pydantic', 'typing_extensions'))]"
    assert printed(f"{only}; {where}; {program}; print({foreign})") == "[]"


def test_planned_surfaces_of_0_1_0_stay_so_and_the_inventory_tells_the_truth() -> None:
    planned = {surface.name for surface in PUBLIC_SURFACES if surface.stability == "planned"}
    assert planned == {"AttributionVisitor", "AttributionSession"}
    assert {surface.name for surface in PUBLIC_SURFACES} <= {surface.name for surface in INVENTORY}


@pytest.mark.parametrize("surface", INVENTORY, ids=lambda surface: surface.name)
def test_inventory_calls_things_what_they_are(surface: Any) -> None:
    found = getattr(package, surface.name)
    is_type = isinstance(found, type)
    assert is_type == (surface.kind in {"record", "protocol", "class", "error", "middleware"})
    assert (is_type and issubclass(found, Exception)) == (surface.kind == "error")
    assert bool(getattr(found, "_is_protocol", False)) == (surface.kind == "protocol")
    assert callable(found) == (surface.kind != "constant")
