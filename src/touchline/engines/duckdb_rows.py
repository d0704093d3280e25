"""How DuckDB keeps the rows of a table that is sought, and finds a few of many by numbers."""

from touchline.engines.dialect import in_scope
from touchline.table import Column, Table

SCHEMA = "river"
"""The schema of the tables. One that is sought has, in addition to the declared columns, a number for each set of them.

The number is the MD5 of the columns' text, so that rows are found by comparing numbers. It has to be as good a name as
the text: DuckDB's own ``hash`` has too few bits for that, and gives other numbers after an upgrade. Connections of this
module see such a table by its bare name without the numbers.
"""

OWN_ROWS = 36_028_797_018_960_000
"""The first row number that DuckDB gives to what the open transaction has added.

Together with the numbers of existing rows, it makes their range so wide that the filter which DuckDB makes of them lets
twenty strangers through for every row.
"""

LARGE_SCOPE = 3_000
"""From how many sought units on whole numbers alone are compared.

CPU milliseconds to find them among 3.9M identities and 2.8M pairs (:func:`selection` in both ways): 1,000 of them 46,
44 and 143, 148; 3,000 of them 64, 47 and 156, 147; 100,000 of them 208, 120 and 310, 216.
"""


def stored(table: Table) -> str:
    """Where the rows of ``table`` lie; by its bare name one sees the declared columns alone.

    >>> from touchline.table import table
    >>> stored(table("visits", "text: id", key="id"))
    'river.visits'
    """
    return f"{SCHEMA}.{table.name}"


def declared(table: Table) -> str:
    """The columns of a stored table: those that are declared, and the numbers."""
    keys = [f"{_key(by)} UHUGEINT" for by in table.sought]
    prefixes = [f"{_prefix(by)} UINTEGER" for by in table.sought]
    return ", ".join([*map(_declared, table.columns), *keys, *prefixes])


def listed(table: Table) -> str:
    """The declared columns."""
    return ", ".join(table.column_names)


def _declared(column: Column) -> str:
    packed = " using compression uncompressed" if column.is_loose else ""
    return f"{column.name} {column.kind}{packed}{'' if column.is_nullable else ' not null'}"


def _key(by: tuple[str, ...]) -> str:
    """The column of the numbers.

    >>> _key(("site_id", "order_id"))
    'site_id_order_id_key'
    """
    return f"{'_'.join(by)}_key"


def _number(by: tuple[str, ...]) -> str:
    """The number of the columns ``by``, which are text; ``NULL`` where one is.

    Lengths keep ``a`` and ``bc`` apart from ``ab`` and ``c``.

    >>> _number(("site_id", "order_id"))
    "md5_number(length(site_id) || ':' || site_id || order_id)"
    """
    said = [*(f"length({column}) || ':' || {column}" for column in by[:-1]), by[-1]]
    return f"md5_number({' || '.join(said)})"


def _prefix(by: tuple[str, ...]) -> str:
    """The column of the numbers' first 24 bits.

    >>> _prefix(("site_id", "order_id"))
    'site_id_order_id_prefix'
    """
    return f"{'_'.join(by)}_prefix"


def _first_bits(number: str) -> str:
    return f"cast({number} >> 104 as uinteger)"


def found(table: Table, by: tuple[str, ...], scope: str, *, among: str = "true", is_large: bool = False) -> str:
    """The condition that the columns ``by`` of a row ``t`` stand in ``scope``; ``among`` says which rows to look at.

    First come the rows whose numbers begin alike: of a few bits DuckDB makes a filter that lets no stranger through, of
    whole numbers one that lets a hundredth of all rows through, whose text would be unpacked. Rows that begin alike lie
    side by side, so the few that are no more than alike cost nothing. Where much is sought (``is_large``), its own rows
    lie everywhere, and looking twice costs more than it saves.
    """
    seeking = next((columns for columns in table.sought if {*columns} <= {*by}), None)
    if seeking is None:
        return in_scope(by, scope, "t")
    numbers = f"select {_number(seeking)} as number from {scope}"
    equal = f"t.{_key(seeking)} in ({numbers})"
    if not is_large:
        alike = f"t.{_prefix(seeking)} in (select {_first_bits('number')} from ({numbers}) as numbers)"
        equal = f"t.rowid in (select t.rowid from {stored(table)} as t where {among} and {alike}) and {equal}"
    return equal if seeking == by else f"{equal} and {in_scope(by, scope, 't')}"


def selection(table: Table, by: tuple[str, ...], scope: str, *, is_large: bool = False) -> str:
    """A query for the rows of ``table`` whose columns ``by`` stand in ``scope``."""
    rows = f"select {listed(table)} from {stored(table)} as t where"
    if by not in table.sought:
        return f"{rows} {in_scope(by, scope, 't')}"
    if is_large:
        return f"{rows} {found(table, by, scope, is_large=True)}"
    own = f"t.rowid >= {OWN_ROWS} and t.{_key(by)} in (select {_number(by)} from {scope})"
    return f"{rows} {found(table, by, scope, among=f't.rowid < {OWN_ROWS}')} union all {rows} {own}"


def insertion(table: Table, rows: str) -> str:
    """Insert ``rows`` in the order of what is sought first: what is sought together then lies together."""
    names = [*table.column_names, *map(_key, table.sought), *map(_prefix, table.sought)]
    numbers = [_number(by) for by in table.sought]
    values = [*table.column_names, *numbers, *map(_first_bits, numbers)]
    order = f" order by {len(table.columns) + 1}" if table.sought else ""
    return f"insert into {stored(table)} ({', '.join(names)}) select {', '.join(values)} from {rows}{order}"
