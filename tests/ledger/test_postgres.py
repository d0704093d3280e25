"""What only PostgreSQL can be: away, in somebody's way, full, or asked with a password that nobody may see."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import adbc_driver_manager
import psycopg
import pytest
from sqlalchemy import text

from tests.ledger.events import COLUMNS, event
from tests.ledger.servers import run
from touchline.errors import BusyError, HomeError, StorageError, TouchlineError
from touchline.ledger import Appended, ClashError, Ledger, schema
from touchline.ledger.postgres import Postgres
from touchline.ledger.schema import METADATA

URL = "postgresql://shop:s3cret@/shop?host=/nowhere"
ROWS = 300_000
_READ = """
import resource, sys
from touchline.ledger import Ledger
ledger = Ledger(sys.argv[1])
sum(1 for batch in ledger.events_after(int(sys.argv[2])) if batch.num_rows < 100)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = nbytes = largest = texts = 0
for batch in ledger.events_after(0):
    rows, nbytes, largest = rows + batch.num_rows, nbytes + batch.nbytes, max(largest, batch.num_rows)
    texts += batch.num_rows - batch["utm_source"].null_count
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(rows, texts, largest, nbytes, grown)
"""


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    with pytest.raises(HomeError) as caught:
        Ledger(URL)
    assert caught.value.message.startswith("The ledger at postgresql://shop:***@/shop?host=")
    assert "cannot be reached" in caught.value.message
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://shop:s3cret@/shop", "s3cret", "postgresql://shop:s3cret@db:port/shop"])
def test_what_is_no_url_of_postgresql_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(HomeError, match="DATABASE_URL is postgresql://") as caught:
        Ledger(url)
    assert "s3cret" not in str(caught.value)


def test_there_is_no_ledger_until_one_is_made(database_url: str) -> None:
    with pytest.raises(HomeError, match="There is no ledger in postgresql://"):
        Ledger(database_url)
    with closing(Ledger.create(database_url)) as made:
        assert made.rows(schema.SITES) == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.errors.DiskFull, StorageError), (psycopg.errors.IoError, StorageError),
        (psycopg.errors.ReadOnlySqlTransaction, StorageError), (psycopg.errors.DeadlockDetected, BusyError),
        (psycopg.errors.LockNotAvailable, BusyError), (psycopg.errors.TooManyConnections, BusyError),
        (psycopg.errors.AdminShutdown, HomeError), (psycopg.errors.InvalidPassword, HomeError),
        (psycopg.errors.InvalidCatalogName, HomeError), (psycopg.errors.InsufficientPrivilege, HomeError),
        (psycopg.OperationalError, HomeError), (psycopg.errors.UniqueViolation, ClashError),
        (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedColumn),
    ],
)  # fmt: skip
def test_each_error_is_in_words(error: type[psycopg.Error], kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught, Postgres(URL).explained():
        raise error("it said s3cret here")
    assert ("s3cret" in str(caught.value)) is (kind is error)
    assert not isinstance(caught.value, TouchlineError) or caught.value.hint


def test_the_bridge_explains_its_errors_too(postgresql: Ledger) -> None:
    with pytest.raises(HomeError, match="cannot be reached"), Postgres(URL).explained():
        raise adbc_driver_manager.OperationalError("no answer", status_code=adbc_driver_manager.AdbcStatusCode.IO)


def test_a_ledger_of_a_newer_release_is_refused(postgresql: Ledger, database_url: str) -> None:
    run(database_url, "update alembic_version set version_num = '9999', works_with = '9998'")
    with pytest.raises(HomeError, match=r"schema 9999.*newer version of touchline"):
        Ledger(database_url)


def test_a_commit_is_on_the_disk_even_where_the_database_would_not_wait(postgresql: Ledger, database_url: str) -> None:
    run(
        database_url, f"alter database {database_url.partition('?')[0].rpartition('/')[2]} set synchronous_commit = off"
    )
    with closing(Ledger(database_url)) as ledger, ledger.transaction() as entry:
        assert entry._connection.scalar(text("show synchronous_commit")) == "on"


def test_ids_come_from_sequences_and_text_is_sorted_by_its_bytes(postgresql: Ledger) -> None:
    with postgresql._store.engine.connect() as connection:
        columns = connection.execute(
            text("""
                select table_name, column_default, collation_name, data_type from information_schema.columns
                where table_schema = 'public' and table_name <> 'alembic_version'
            """)
        ).all()
    assert {row.collation_name for row in columns if row.data_type == "character varying"} == {"C"}
    counting = {table.name for table in METADATA.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]}
    counted = {row.table_name for row in columns if (row.column_default or "").startswith("nextval")}
    assert {name for name in counted if not name.startswith("tracking_events_")} == counting


@pytest.mark.slow
def test_the_bridge_reads_in_chunks_at_bounded_memory(postgresql: Ledger, database_url: str) -> None:
    """In a process of its own, so that its peak is its own; text is NULL for a long time and then set."""
    with postgresql.transaction() as entry:
        entry.add_events(COLUMNS, [event("first")])
    names = ", ".join(column for column in COLUMNS if column not in {"event_id", "url", "utm_source"})
    run(database_url, f"""
        insert into tracking_events ({names}, event_id, url, utm_source)
        select {names}, 'e' || n, repeat('x', 500), case when n > 100000 then 'newsletter' end
        from tracking_events, generate_series(1, {ROWS}) as n
    """)  # fmt: skip
    command = [sys.executable, "-c", _READ, database_url, str(ROWS)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows, texts, largest, nbytes, grown = map(int, answer.split())
    assert (rows, texts) == (ROWS + 1, ROWS - 100_000)
    assert largest <= 65_536
    assert nbytes > 160_000_000
    assert grown < nbytes / 3, f"{grown:,} of {nbytes:,} bytes"


def test_two_verified_reports_at_once_supersede_one_unverified(postgresql: Ledger, database_url: str) -> None:
    """Each writer finds the unverified report; the second waits for the first, and then finds a verified one."""
    with postgresql.transaction() as entry:
        entry.add_events(COLUMNS, [event("order-1", is_verified=False)])

    def report(words: str) -> Appended:
        with closing(Ledger(database_url)) as own, own.transaction() as entry:
            return entry.add_events(COLUMNS, [event("order-1", payload_hash=words), event(words)])

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(report, "abcdef"))
    assert Counter(answers) == {Appended(2, 0, 0, 1): 1, Appended(1, 1, 1): 5}
    assert [row["is_verified"] for row in postgresql.rows(schema.TRACKING_EVENTS, event_id="order-1")] == [True]
    assert postgresql.erased_after(0).read_all()["sequence"].to_pylist() == [1]
    assert postgresql.damage() == ""
