"""Import every file of costs in a folder, and compare each total with a sum that shares no code with the reader.

``python -m tests.benchmarks.cost_files FOLDER [--options FILE]``: the file has one line for each cost file that needs
options, its name and the options, such as ``march.csv --spread 2026-03-01..2026-03-31``. Each file goes into a home of
its own. The sum is that of the column whose name says the cost, of all rows but totals.
"""

import csv
import io
import re
import shlex
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.jobs import importing, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home
from touchline.spend.options import options_of

NOW = 1_796_000_000_000_000
_COST = re.compile(r"cost|spend|spent|local_spend_amount|billed_charge_local_micro|cost_micros|spend_in_micro_dollar"
                   r"|cost_in_local_currency|kosten|amount spent( \(\w+\))?|total spent", re.IGNORECASE)  # fmt: skip
_MICROS = re.compile(r"micro", re.IGNORECASE)
_MICROS_BY_NEIGHBORS = ({"swipes"}, {"ecpm", "viewer_comments"})
"""Columns next to which a plain ``spend`` is in micros."""
_OPTIONS = {"--date": "date", "--spread": "spread", "--currency": "currency", "--time-zone": "time_zone",
            "--platform": "platform", "--account": "account", "--mapping": "mapping", "--date-order": "order",
            "--decimal": "decimal"}  # fmt: skip


def independent_sum(path: Path) -> Decimal | None:
    """The sum of a file's column of costs; ``None``: it has none."""
    content = path.read_bytes()
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    head = next((n for n, row in enumerate(rows) if any(_COST.fullmatch(cell.strip()) for cell in row)), None)
    if head is None:
        return None
    names = [cell.strip() for cell in rows[head]]
    place = next(number for number, name in enumerate(names) if _COST.fullmatch(name))
    beside = {name.lower() for name in names}
    in_micros = bool(_MICROS.search(names[place])) or any(marks <= beside for marks in _MICROS_BY_NEIGHBORS)
    amounts = (row[place] for row in rows[head + 1 :] if len(row) > place and not row[0].startswith("Total"))
    total = sum((Decimal(cell.strip().replace(",", "") or 0) for cell in amounts if cell.strip() != "--"), Decimal(0))
    return total.scaleb(-6) if in_micros else total


def imported(path: Path, words: list[str]) -> tuple[Decimal, int, int]:
    """The sum of what was imported, the rows, and the rejected rows."""
    said = {_OPTIONS[name]: value for name, value in zip(words[::2], words[1::2], strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
        with Workspace(home) as workspace:
            options = options_of((), **said)  # type: ignore[arg-type]
            report = importing.import_costs(workspace, [path], organization_id=None, now=NOW, options=options)
            rows = workspace.ledger.rows(schema.AD_COST_ROWS)
    return Decimal(sum(row["spend_micros"] for row in rows)).scaleb(-6), len(rows), report.rejected.total()


def judged(path: Path, words: list[str]) -> Iterator[str]:
    """What became of a file, in cells."""
    yield " ".join([path.name, *words])
    expected = independent_sum(path)
    try:
        total, rows, rejected = imported(path, words)
    except TouchlineError as error:
        yield f"refused: {error.message} {error.hint}"
        return
    yield f"{rows:,} rows"
    yield f"{rejected:,} rejected"
    yield f"{total:,.6f}"
    is_equal = expected is not None and abs(total - expected) <= Decimal("0.000001") * rows
    yield "equal" if is_equal else f"DIFFERS from {expected}"


def main() -> None:
    """Judge the files of the folder that the command names."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--options", type=Path)
    chosen = parser.parse_args()
    listed = chosen.options.read_text(encoding="utf-8").splitlines() if chosen.options else []
    words = {name: said for name, *said in map(shlex.split, filter(str.strip, listed))}
    files = (path for path in sorted(chosen.folder.rglob("*")) if path.suffix in (".csv", ".tsv"))
    for path in files:
        sys.stdout.write(" | ".join(judged(path, words.get(path.name, []))) + "\n")


if __name__ == "__main__":
    main()
