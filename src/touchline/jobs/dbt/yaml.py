"""YAML of what a project says of its nodes: mappings, lists, and texts between quotes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def yaml(value: Any, depth: int = 0) -> str:
    """A document, in the order of its mappings.

    >>> print(yaml({"version": 2, "models": [{"name": "paths", "tests": ["a", {"b": [1]}]}]}), end="")
    version: 2
    models:
      - name: "paths"
        tests:
          - "a"
          - b:
              - 1
    """
    if isinstance(value, Mapping):
        return "".join(f"{_indented(depth)}{name}:{_after(one, depth)}" for name, one in value.items())
    return "".join(f"{_indented(depth)}- {_item(one, depth)}" for one in value)


def _after(value: Any, depth: int) -> str:
    return f"\n{yaml(value, depth + 1)}" if _has_lines(value) else f" {_plain(value)}\n"


def _item(value: Any, depth: int) -> str:
    return yaml(value, depth + 1).lstrip() if _has_lines(value) else f"{_plain(value)}\n"


def _has_lines(value: Any) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and bool(value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _indented(depth: int) -> str:
    return "  " * depth
