"""What each migration does, as its file says it, without running it."""

import ast
import re
from importlib.resources.abc import Traversable
from typing import NamedTuple

from touchline.ledger.schema import METADATA

_READS_ROWS = re.compile(
    r"\bop\.(execute|get_bind|batch_alter_table|create_index|create_unique_constraint|alter_column)\b"
)
_TABLE = re.compile(r"\b(" + "|".join(sorted(METADATA.tables)) + r")\b")
_CREATED = re.compile(r"create_table\(\s*\"(\w+)\"")


class Step(NamedTuple):
    """One migration."""

    revision: str
    says: str
    """What it does, in a sentence."""
    is_additive: bool
    """Whether programs of the schema before can go on working with the ledger."""
    tables: tuple[str, ...]
    """Tables that stood before and whose rows it reads or writes."""


def steps_in(folder: Traversable) -> list[Step]:
    """The migrations of a folder, in their order."""
    files = sorted((file for file in folder.iterdir() if file.name[:1].isdigit()), key=lambda file: file.name)
    return [_step(file.name.partition("_")[0], file.read_text(encoding="utf-8")) for file in files]


def _step(revision: str, source: str) -> Step:
    tree = ast.parse(source)
    says = (ast.get_docstring(tree) or "").partition("\n\n")[0].replace("\n", " ")
    is_additive = any(
        isinstance(one, ast.Assign)
        and [target.id for target in one.targets if isinstance(target, ast.Name)] == ["is_additive"]
        and isinstance(one.value, ast.Constant)
        and one.value.value is True
        for one in tree.body
    )
    return Step(revision, says, is_additive, _tables(source))


def _tables(source: str) -> tuple[str, ...]:
    """Those that the file names and does not make, where it does more than to add columns and tables."""
    if not _READS_ROWS.search(source):
        return ()
    return tuple(sorted(set(_TABLE.findall(source)) - set(_CREATED.findall(source))))
