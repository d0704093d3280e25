"""Turns a statement of the portable subset into an engine's own: table names, and what the subset cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel

from touchline.placeholders import REMOVED_PATTERN

Spelled = tuple[tuple[str, str], ...]

_MOST = 2**63 - 1


REMOVED = REMOVED_PATTERN.replace("{", "{{").replace("}", "}}")
"""What ``letters_of`` removes, as a part of a text that :meth:`str.format` fills."""


@dataclass(frozen=True)
class Words:
    """What an engine writes in its own way.

    Its dialect; its ``fragments``, by the name that the subset uses; the ``types`` that its dialect names otherwise.
    """

    dialect: str
    fragments: Mapping[str, str]
    types: Mapping[exp.DType, str] = field(default_factory=dict)
    are_names_first: bool = False
    """Whether a name that a select gives is meant before the column of that name in what it reads."""

    def __hash__(self) -> int:
        """By identity: each engine has one."""
        return id(self)


def bounded(narrowed: str) -> str:
    """The fragment that limits a wide integer to the range of a 64-bit one.

    :param narrowed: the engine's cast of ``{0}`` to 64 bits.
    """
    return f"case when {{0}} > {_MOST} then {_MOST} when {{0}} < -{_MOST} then -{_MOST} else {narrowed} end"


def rendered(
    select: str, words: Words, views: Mapping[str, str] | None = None, parameters: Mapping[str, str] | None = None
) -> str:
    """``select`` in the words of an engine, which reads ``views`` for tables and writes a ``$name`` as told.

    >>> rendered("select micros(a.seen) as m from t as a", Words("duckdb", {"micros": "epoch_us({0})"}), {"t": "u"})
    'SELECT EPOCH_US(a.seen) AS m FROM u AS a'
    """
    return rendered_with_relations(select, words, views, parameters)[0]


def rendered_with_relations(
    select: str, words: Words, views: Mapping[str, str] | None = None, parameters: Mapping[str, str] | None = None
) -> tuple[str, frozenset[str]]:
    """As :func:`rendered`, with the names of the tables and views that the statement reads.

    >>> select = "with c as (select 1 from t) select * from c join u as s on true"
    >>> sorted(rendered_with_relations(select, Words("duckdb", {}), {"t": "part_of_t"})[1])
    ['part_of_t', 'u']
    """
    return _rendered(select, words, tuple(sorted((views or {}).items())), tuple(sorted((parameters or {}).items())))


def rendered_in(schema: str, select: str, words: Words) -> str:
    """``select`` in the words of an engine, over tables that are named with their schema.

    >>> rendered_in("river", "with c as (select 1 from t) select * from c", Words("duckdb", {}))
    'WITH c AS (SELECT 1 FROM river.t AS t) SELECT * FROM c'
    """
    _, relations = rendered_with_relations(select, words)
    return rendered(select, words, {name: f"{schema}.{name}" for name in relations})


@lru_cache(maxsize=512)
def _rendered(select: str, words: Words, views: Spelled, parameters: Spelled) -> tuple[str, frozenset[str]]:
    tree = sqlglot.parse_one(select, read="duckdb")
    relations = _rename_tables(tree, dict(views))
    _spell_parameters(tree, dict(parameters))
    return _spell(tree, words).sql(dialect=words.dialect, comments=False, copy=False), relations


def _rename_tables(tree: exp.Expr, views: Mapping[str, str]) -> frozenset[str]:
    """Let the tree read ``views`` for tables; returns the names of all that it reads."""
    read = _read(tree)
    for table in read:
        if table.name in views:
            alias = table.alias or table.name
            database, _, name = views[table.name].rpartition(".")
            table.set("this", exp.to_identifier(name))
            table.set("db", exp.to_identifier(database) if database else None)
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    return frozenset(table.name for table in read)


def _read(tree: exp.Expr) -> list[exp.Table]:
    """The tables that are read, but for what the statement itself names, and what it names with a database."""
    own_names = {cte.alias for cte in tree.find_all(exp.CTE)}
    named = (table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier))  # and no function
    return [table for table in named if table.name not in own_names and not table.db]


def _spell_parameters(tree: exp.Expr, parameters: Mapping[str, str]) -> None:
    for node in list(tree.find_all(exp.Placeholder)):
        if node.name in parameters:
            node.replace(exp.var(parameters[node.name]))


def _spell(tree: exp.Expr, words: Words) -> exp.Expr:
    """The tree with the types, the order of NULLs and the fragments of an engine."""
    _order_nulls(tree, words)
    _rename_inner_ctes(tree, words)
    if words.are_names_first:
        _qualify_columns(tree)
    if words.types:
        for node in tree.find_all(exp.DataType):
            if node.this in words.types:
                node.set("kind", words.types[node.this])
                node.set("this", exp.DType.USERDEFINED)
    return _spell_fragments(tree, words)


def _order_nulls(tree: exp.Expr, words: Words) -> None:
    """Say where NULLs stand in a window's order by a key before each, where the dialect has no words for it."""
    if Dialect.get_or_raise(words.dialect).generator().NULL_ORDERING_SUPPORTED:
        return
    for window in tree.find_all(exp.Window):
        order = window.args.get("order")
        if order is not None:
            order.set("expressions", [key for one in order.expressions for key in _with_nulls(one)])


def _with_nulls(key: exp.Ordered) -> list[exp.Ordered]:
    """A key of an order, after one that says whether it is NULL; then it no longer matters where NULLs stand."""
    comes_first = bool(key.args.get("nulls_first"))
    is_null = exp.Case().when(exp.Is(this=key.this.copy(), expression=exp.null()), "0" if comes_first else "1")
    key.set("nulls_first", not key.args.get("desc"))  # the dialects that lack the words take NULL for the least
    return [exp.Ordered(this=is_null.else_("1" if comes_first else "0"), nulls_first=True), key]


def _rename_inner_ctes(tree: exp.Expr, words: Words) -> None:
    """Give inner CTEs names of their own, where the dialect moves them next to the outer ones."""
    if not Dialect.get_or_raise(words.dialect).generator().EXPRESSIONS_WITHOUT_NESTED_CTES:
        return
    clauses = sorted(tree.find_all(exp.With), key=lambda clause: clause.depth, reverse=True)
    names = [cte.alias for clause in clauses for cte in clause.expressions]
    for clause in clauses[:-1]:  # the innermost first, so that a name that is left means the outermost
        for cte in clause.expressions:
            if names.count(cte.alias) > 1:
                free = (f"{cte.alias}_{number}" for number in range(2, len(names) + 2))
                names.append(next(name for name in free if name not in names))
                _rename_cte(clause.parent, cte, names[-1])


def _qualify_columns(tree: exp.Expr) -> None:
    """Put the table before a column whose name the select also gives to something else."""
    for select in tree.find_all(exp.Select):
        source = select.args.get("from_")
        if source is None or select.args.get("joins"):
            continue
        given = {one.alias for one in select.expressions if isinstance(one, exp.Alias) and not _is_the_same(one)}
        parts = [*select.expressions, select.args.get("where"), select.args.get("having")]
        for column in [column for part in parts if part is not None for column in part.find_all(exp.Column)]:
            if not column.table and column.name in given and column.find_ancestor(exp.Select) is select:
                column.set("table", exp.to_identifier(source.this.alias_or_name))


def _is_the_same(named: exp.Alias) -> bool:
    """Whether a column keeps its name."""
    return isinstance(named.this, exp.Column) and named.this.name == named.alias


def _rename_cte(statement: exp.Expr | None, cte: exp.CTE, name: str) -> None:
    """Rename a CTE in the statement that defines it, and wherever that reads it."""
    before = cte.alias
    for table in list(statement.find_all(exp.Table) if statement else ()):
        if table.name == before and not table.db:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.alias or before)))
            table.set("this", exp.to_identifier(name))
    cte.set("alias", exp.TableAlias(this=exp.to_identifier(name)))


def _spell_fragments(tree: exp.Expr, words: Words) -> exp.Expr:
    def spelled(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Anonymous) or node.name.lower() not in words.fragments:
            return node
        arguments = [_spell_fragments(a, words).sql(dialect=words.dialect) for a in node.expressions]
        body = sqlglot.parse_one(words.fragments[node.name.lower()].format(*arguments), read=words.dialect)
        # A call binds closer than any operator; the body in its place has to as well.
        return exp.paren(body, copy=False) if isinstance(body, exp.Binary) else body

    return tree.transform(spelled, copy=False)


def shown(select: str, words: Words, views: Mapping[str, str] | None = None) -> str:
    """``select`` in the words of an engine, which reads ``views`` for tables, set out for people to read."""
    tree = sqlglot.parse_one(select, read="duckdb")
    _rename_tables(tree, views or {})
    return _spell(tree, words).sql(
        dialect=words.dialect, comments=False, pretty=True, unsupported_level=ErrorLevel.RAISE
    )


def in_scope(by: tuple[str, ...], scope: str, rows: str) -> str:
    """The condition that the columns ``by`` of a row of ``rows`` stand in ``scope``, in the words of every engine.

    >>> in_scope(("person_id",), "scope_persons", "made")
    '(made.person_id) in (select person_id from scope_persons)'
    """
    columns = ", ".join(f"{rows}.{column}" for column in by)
    return f"({columns}) in (select {', '.join(by)} from {scope})"
