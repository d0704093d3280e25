"""Faults in Python: what a hurried change does to a condition, a call, a constant, an entry, a result.

Left alone is what no test should hold: types, docstrings, what is logged, and texts with a space, which people read.
"""

import ast
from collections.abc import Callable, Iterator

from tests.mutation.mutant import Edit

COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">="),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}
ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "//", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*",
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
LOGGERS = {"log", "_log", "logger", "_logger", "warnings"}


def faults(text: str) -> list[Edit]:
    """All the places where the operators apply in a module; :func:`is_fault` says of one whether it is a fault."""
    return sorted(set(_Finder(text).edits(ast.parse(text))))


def is_fault(sound: str, mutated: str) -> bool:
    """Whether the mutated text is a program, and another one."""
    try:
        return ast.dump(ast.parse(mutated)) != ast.dump(ast.parse(sound))
    except SyntaxError:
        return False


class _Finder:
    """Walks a module and finds where the operators apply."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [line.encode() for line in text.splitlines(keepends=True)]
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line.decode()))
        self.operators: dict[type[ast.AST], Callable[..., Iterator[Edit]]] = {
            ast.Compare: self._comparison,
            ast.BoolOp: self._boolean,
            ast.UnaryOp: self._not,
            ast.BinOp: self._arithmetic,
            ast.If: self._condition,
            ast.While: self._condition,
            ast.IfExp: self._condition,
            ast.comprehension: self._filter,
            ast.Expr: self._call,
            ast.Assign: self._kept_assignment,
            ast.AugAssign: self._removed,
            ast.Raise: self._removed,
            ast.Break: self._removed,
            ast.Continue: self._removed,
            ast.Delete: self._removed,
            ast.Return: self._result,
            ast.Constant: self._constant,
            ast.Set: self._entries,
            ast.List: self._entries,
            ast.Tuple: self._entries,
            ast.Dict: self._pairs,
            ast.Call: self._called,
        }

    def edits(self, tree: ast.AST) -> Iterator[Edit]:
        for node in self._nodes(tree):
            if operator := self.operators.get(type(node)):
                yield from operator(node)

    def _nodes(self, node: ast.AST) -> Iterator[ast.AST]:
        """A node and what is below it that can be wrong."""
        yield node
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "type_params", "decorator_list"} or _holds_types_or_error_text(
                node, name
            ):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_skipped(child):
                    yield from self._nodes(child)

    def _at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1][:column].decode())

    def _start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self._at(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self._at(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _said(self, node: ast.expr | ast.stmt) -> str:
        return self.text[self._start(node) : self._end(node)]

    def _swap(self, node: ast.expr | ast.stmt, replacement: str, operator: str) -> Edit:
        return Edit(self._start(node), self._end(node), replacement, operator)

    def _between(self, left: ast.expr, right: ast.expr, old: str, new: str, operator: str) -> Iterator[Edit]:
        """Replace a token that stands between two expressions; parentheses and line ends may stand there too."""
        start, end = self._end(left), self._start(right)
        gap = self.text[start:end]
        if gap.count(old) == 1 and "#" not in gap:
            at = start + gap.index(old)
            yield Edit(at, at + len(old), new, operator)

    def _comparison(self, node: ast.Compare) -> Iterator[Edit]:
        sides = [node.left, *node.comparators]
        for left, comparison, right in zip(sides, node.ops, sides[1:], strict=False):
            old = _spelled(comparison)
            for new in COMPARISONS[type(comparison)]:
                yield from self._between(left, right, old, new, "comparison")

    def _boolean(self, node: ast.BoolOp) -> Iterator[Edit]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from self._between(left, right, f"{old}", f"{new}", "and/or")
        for value in node.values:
            yield self._swap(value, str(isinstance(node.op, ast.And)), "condition dropped")

    def _not(self, node: ast.UnaryOp) -> Iterator[Edit]:
        if isinstance(node.op, ast.Not):
            yield self._swap(node, f"({self._said(node.operand)})", "condition negated")

    def _arithmetic(self, node: ast.BinOp) -> Iterator[Edit]:
        is_text = any(isinstance(side, ast.JoinedStr) or _is_text(side) for side in (node.left, node.right))
        if type(node.op) in ARITHMETIC and not is_text:
            old = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}
            yield from self._between(node.left, node.right, old[type(node.op)], ARITHMETIC[type(node.op)], "arithmetic")

    def _condition(self, node: ast.If | ast.While | ast.IfExp) -> Iterator[Edit]:
        yield self._swap(node.test, f"(not ({self._said(node.test)}))", "condition negated")
        if isinstance(node, ast.If) and not node.orelse:
            yield self._swap(node.test, "False", "branch removed")

    def _filter(self, node: ast.comprehension) -> Iterator[Edit]:
        for condition in node.ifs:
            yield self._swap(condition, "True", "condition dropped")
            yield self._swap(condition, f"(not ({self._said(condition)}))", "condition negated")

    def _call(self, node: ast.Expr) -> Iterator[Edit]:
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, (ast.Call, ast.Yield, ast.YieldFrom)):
            yield self._swap(node, "pass", "statement removed")

    def _kept_assignment(self, node: ast.Assign) -> Iterator[Edit]:
        """State that is not kept; a local name that is not bound would only be a crash."""
        if all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets):
            yield self._swap(node, "pass", "statement removed")

    def _removed(self, node: ast.stmt) -> Iterator[Edit]:
        yield self._swap(node, "pass", "statement removed")

    def _result(self, node: ast.Return) -> Iterator[Edit]:
        if node.value is None:
            return
        is_condition = isinstance(node.value, (ast.Compare, ast.BoolOp)) or _is_truth(node.value)
        if is_condition or (isinstance(node.value, ast.UnaryOp) and isinstance(node.value.op, ast.Not)):
            yield self._swap(node.value, f"(not ({self._said(node.value)}))", "result negated")
        elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield self._swap(node.value, "None", "result lost")

    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        value = node.value
        if isinstance(value, bool):
            yield self._swap(node, str(not value), "constant")
        elif isinstance(value, (int, float)):
            yield self._swap(node, repr(value + 1), "constant")
            yield self._swap(node, repr(value - 1), "constant")
        elif isinstance(value, str) and " " not in value:
            yield self._swap(node, repr(f"{value}~"), "text")

    def _entries(self, node: ast.Set | ast.List | ast.Tuple) -> Iterator[Edit]:
        """An entry left out, and two rules of a table swapped; a short tuple is a record, which has its fields."""
        if isinstance(node, (ast.List, ast.Tuple)) and not isinstance(node.ctx, ast.Load):
            return
        if len(node.elts) < (4 if isinstance(node, ast.Tuple) else 2):
            return
        for entry, after in zip(node.elts, [*node.elts[1:], None], strict=True):
            yield self._without(entry, after)
            if after is not None and isinstance(entry, ast.Call) and isinstance(after, ast.Call):
                between = self.text[self._end(entry) : self._start(after)]
                swapped = self._said(after) + between + self._said(entry)
                yield Edit(self._start(entry), self._end(after), swapped, "rules swapped")

    def _without(self, entry: ast.expr, after: ast.expr | None) -> Edit:
        end = self._end(entry)
        if after is not None and "#" not in self.text[end : self._start(after)]:
            end = self._start(after)
        elif self.text[end : end + 1] == ",":
            end += 1
        return Edit(self._start(entry), end, "", "entry dropped")

    def _pairs(self, node: ast.Dict) -> Iterator[Edit]:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                end = self._end(value)
                end += self.text[end : end + 1] == ","
                yield Edit(self._start(key), end, "", "entry dropped")

    def _called(self, node: ast.Call) -> Iterator[Edit]:
        if isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield self._swap(node.func, CALLS[node.func.id], "min/max/any/all")
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in {"message", "help", "key"}:
                end = self._end(keyword)
                end += self.text[end : end + 1] == ","
                yield Edit(self._start(keyword), end, "", "argument dropped")


def _spelled(comparison: ast.cmpop) -> str:
    spelled: dict[type[ast.cmpop], str] = {
        ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
        ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
    }  # fmt: skip
    return spelled[type(comparison)]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"any", "all", "bool"}


def _holds_types_or_error_text(node: ast.AST, field: str) -> bool:
    """Whether a field of a node holds types or the words of an error, e.g. the second argument of ``cast``."""
    if isinstance(node, ast.Raise):
        return True
    is_cast = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"cast", "TypeVar", "NewType"}
    )
    return is_cast and field == "args"


def _is_skipped(node: ast.AST) -> bool:
    if isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Assign) and any(
        isinstance(name, ast.Name) and name.id == "__all__" for name in node.targets
    ):
        return True
    if not isinstance(node, ast.Expr):
        return False
    return isinstance(node.value, ast.Constant) or _is_logged(node.value)


def _is_logged(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    while isinstance(called, ast.Attribute):
        called = called.value.func if isinstance(called.value, ast.Call) else called.value
    return isinstance(called, ast.Name) and called.id in LOGGERS
