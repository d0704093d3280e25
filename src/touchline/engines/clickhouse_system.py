"""What ClickHouse's own tables say of a database."""

from clickhouse_connect.driver.client import Client

from touchline.engines.clickhouse_errors import explained


def size_of(client: Client, database: str) -> int:
    """Bytes that its tables take on the server's disk."""
    own = f"select sum(total_bytes) from system.tables where database = '{database}'"
    with explained():
        return int(client.query(own).result_rows[0][0] or 0)


def tables_of(client: Client, database: str) -> list[str]:
    """The names of the tables that have rows of their own."""
    own = f"select name from system.tables where database = '{database}' and engine = 'MergeTree'"
    with explained():
        return [str(row[0]) for row in client.query(own).result_rows]
