"""What the source says below a class's attributes, and in docstrings, as plain text."""

import ast
import inspect
import re
from itertools import pairwise


def attribute_docstrings(owner: type) -> dict[str, str]:
    """The strings that stand below a class's attributes.

    :raises OSError: if there is no source.
    """
    body = ast.parse(inspect.getsource(owner).lstrip()).body[0]
    found: dict[str, str] = {}
    attributes = body.body if isinstance(body, ast.ClassDef) else []
    for attribute, text in pairwise(attributes):
        if isinstance(attribute, ast.AnnAssign) and isinstance(attribute.target, ast.Name):
            match text:
                case ast.Expr(value=ast.Constant(value=str(words))):
                    found[attribute.target.id] = words
    return found


def plain(docstring: str) -> str:
    """A docstring's first paragraph on one line, with single backticks.

    >>> plain("A row of ``rejected_events``; see :class:`Reason`.")
    'A row of `rejected_events`; see `Reason`.'
    """
    paragraph = " ".join(docstring.partition("\n\n")[0].split())
    return re.sub(r":\w+:`([^`]+)`", r"`\1`", paragraph).replace("``", "`")
