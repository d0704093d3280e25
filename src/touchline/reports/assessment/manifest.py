"""A dbt project's manifest: its models and macros, with their code."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from touchline.amounts import counted
from touchline.errors import InputError
from touchline.reports.assessment.cases import Case, cases

MOST_BYTES = 200_000_000
"""The largest manifest that is read; those of projects with thousands of models have about a tenth."""
LONGEST_CODE = 200_000
"""Characters of a model's code that are looked at."""

_STAGING = re.compile(r"^(stg|staging|base|src|source|raw|seed)_|(^|/)(staging|sources?|raw|base)/")
_PACKAGES_OF_DBT = re.compile(
    r"dbt(_utils|_expectations|_date|_snowflake|_bigquery|_duckdb|_postgres|_redshift|_databricks|_spark)?"
)
_COMMENT = re.compile(r"\{#[\s\S]*?#\}|/\*[\s\S]*?\*/|--[^\n]*")


@dataclass(frozen=True)
class Model:
    """One model of a dbt project, or a macro that models use."""

    unique_id: str
    name: str
    file: str
    code: str
    """In lower case; what was a comment is blank, so that lines keep their numbers. After its last line, ``as`` and the
    name of each column that the project declares."""
    lines: int
    """How many lines of it are code."""
    upstream: tuple[str, ...]
    """Unique ids of what it reads."""

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The ``CASE`` expressions of its code; one without a column's name, as in a macro, has the model's."""
        return tuple(one if one.alias else replace(one, alias=self.name) for one in cases(self.code))

    @property
    def is_staging(self) -> bool:
        """Whether it only brings a source's rows in, which are of use only where another model reads them."""
        return bool(_STAGING.search(self.name) or _STAGING.search(self.file))


@dataclass(frozen=True)
class Project:
    """A dbt project."""

    name: str
    models: tuple[Model, ...]


def read_manifest(path: Path) -> Project:
    """The project of a ``manifest.json``, which ``dbt parse`` and ``dbt compile`` write to ``target/``.

    :raises InputError: if the file cannot be read or is no manifest.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} has {counted(path.stat().st_size, 'byte')}; at most {MOST_BYTES:,} are read.")
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_manifest(path, str(error)) from error
    nodes = document.get("nodes") if isinstance(document, dict) else None
    if not isinstance(nodes, dict):
        raise _no_manifest(path, "it has no object nodes")
    metadata = document.get("metadata")
    name = metadata.get("project_name") if isinstance(metadata, dict) else None
    found = [*_models(nodes), *_macros(nodes, document.get("macros"))]
    return Project(str(name or path.stem), tuple(sorted(found, key=lambda model: model.unique_id)))


def _no_manifest(path: Path, reason: str) -> InputError:
    return InputError(f"{path} is no dbt manifest: {reason}.", "Give the target/manifest.json that `dbt parse` writes.")


def _models(nodes: Mapping[str, Any]) -> Iterator[Model]:
    for unique_id, node in nodes.items():
        if isinstance(node, dict) and node.get("resource_type") in {"model", "snapshot"}:
            code = _text(node, "raw_code", "raw_sql", "compiled_code", "compiled_sql")
            yield _model(unique_id, node, code, _needs(node, "nodes"))


def _macros(nodes: Mapping[str, Any], macros: Any) -> Iterator[Model]:
    """The macros that models use, but for those that every project has: a ladder of channels often is one."""
    used = {name for node in nodes.values() if isinstance(node, dict) for name in _needs(node, "macros")}
    for unique_id in sorted(used.intersection(macros if isinstance(macros, dict) else ())):
        macro = macros[unique_id]
        if isinstance(macro, dict) and not _PACKAGES_OF_DBT.fullmatch(str(macro.get("package_name", ""))):
            yield _model(unique_id, macro, _text(macro, "macro_sql"), ())


def _needs(node: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    needs = node.get("depends_on")
    found = needs.get(kind) if isinstance(needs, dict) else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _model(unique_id: str, node: Mapping[str, Any], code: str, upstream: tuple[str, ...]) -> Model:
    cleaned = _COMMENT.sub(_blank, code[:LONGEST_CODE]).lower()
    declared = node.get("columns")
    columns = [f"as {name}".lower() for name in declared] if isinstance(declared, dict) else []
    return Model(
        unique_id=unique_id,
        name=str(node.get("name", unique_id)).lower(),
        file=_text(node, "original_file_path", "path"),
        code="\n".join([cleaned, *columns]),
        lines=cleaned.count("\n") + 1,
        upstream=upstream,
    )


def _text(node: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds text."""
    return next((node[name] for name in names if isinstance(node.get(name), str) and node[name]), "")


def _blank(comment: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", comment[0])
