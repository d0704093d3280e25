"""A digest of what Python code decides: the source of modules, of all that they import of ours, and their data files.

Tables that were made with one digest are made again with the next, so nobody raises a version number by hand.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.abc import InspectLoader
from importlib.resources import files
from importlib.util import find_spec
from types import CodeType
from typing import cast

OURS = ("touchline", "attribution_campaign_context")
"""The packages that are followed; others bring no rules, and their data is named where it is read."""


@cache
def source_digest(*names: str) -> str:
    """The digest of these modules, of every module of ours that they import, and of the data next to all of those.

    It is the same on every machine for the same release. Without source files (``.pyc`` files only) it is made of the
    compiled code, and so differs from one version of Python to the next.

    :raises ModuleNotFoundError: if there is no module of such a name.

    >>> source_digest("touchline.channels.ladder") == source_digest("touchline.channels.devices")
    False
    """
    digest = hashlib.sha256()
    for name in modules_behind(*names):
        digest.update(f"{name}\n{_text_of(name)}\n".encode())
    for name, text in sorted(_data_of(*names).items()):
        digest.update(f"{name}\n{text}\n".encode())
    return digest.hexdigest()


@cache
def modules_behind(*names: str) -> tuple[str, ...]:
    """These modules and every module of ours that they import, directly or not, sorted by name.

    >>> modules_behind("touchline.health.natural_limits")
    ('touchline.health.natural_limits',)
    """
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _imports_of(name) - found
    return tuple(sorted(found))


@cache
def texts_of(name: str) -> frozenset[str]:
    """The texts that the code of a module has as constants.

    >>> "touchline" in texts_of("touchline.source_digest")
    True
    """
    code = _loader(name).get_code(name)
    parts = [] if code is None else list(_parts(code))
    constants = [one for part in parts for constant in part.co_consts for one in _flat(constant)]
    return frozenset(one for one in constants if isinstance(one, str))


def _flat(constant: object) -> Iterator[object]:
    if isinstance(constant, tuple | frozenset):
        for one in constant:
            yield from _flat(one)
    else:
        yield constant


def _imports_of(name: str) -> set[str]:
    """The modules of ours that a module imports: they stand among the names of its code.

    ``from a import b`` may mean the module ``a.b``. One module too many is found where code has that name for
    something else; that changes nothing in the answers.
    """
    code = _loader(name).get_code(name)
    parts = [] if code is None else list(_parts(code))
    found = {(one, part.co_names) for part in parts for one in part.co_names if one.partition(".")[0] in OURS}
    inner = {f"{module}.{one}" for module, names in found if _is_package(module) for one in names if one.isidentifier()}
    return {module for module, _ in found} | {one for one in inner if find_spec(one) is not None}


def _parts(code: CodeType) -> Iterator[CodeType]:
    """The code of a module and of every class and function in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)


def _is_package(name: str) -> bool:
    spec = find_spec(name)
    return spec is not None and spec.submodule_search_locations is not None


def _loader(name: str) -> InspectLoader:
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"There is no module {name!r}.", name=name)
    return cast("InspectLoader", spec.loader)


def _text_of(name: str) -> str:
    """The source of a module, with the same line ends everywhere; where there is none, what it was compiled to."""
    source = _loader(name).get_source(name)
    if source is not None:
        return "\n".join(source.splitlines())
    code = _loader(name).get_code(name)
    return "" if code is None else "\n".join(_compiled(part) for part in _parts(code))


def _compiled(code: CodeType) -> str:
    """What one part does, without the path and the lines of its file, and with sets in the order of their text."""
    constants = [
        repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)
        for constant in code.co_consts
        if not isinstance(constant, CodeType)
    ]
    return repr((code.co_qualname, code.co_code, code.co_names, code.co_varnames, constants))


def _data_of(*names: str) -> dict[str, str]:
    """The tables of facts in the folders ``data`` next to the modules behind these."""
    found = {}
    for package in {_package(name) for name in modules_behind(*names)}:
        folder = files(package) / "data"
        if folder.is_dir():
            tables = [file for file in folder.iterdir() if file.name.endswith((".csv", ".toml"))]
            found.update({f"{package}/{file.name}": file.read_text(encoding="utf-8") for file in tables})
    return found


def _package(name: str) -> str:
    spec = find_spec(name)
    return (spec.parent if spec else None) or name
