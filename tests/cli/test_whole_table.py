"""No cell of a table is cut, however narrow the terminal is."""

import io

import pytest

from tests.quantifiers import each
from touchline.cli import terminal
from touchline.cli.plain_report import _plain_cell, _plain_column

COLUMNS = ("channel", ">conversions", ">value EUR", "what to do", ">spend", ">blended CPA")
ROWS = [
    ("Paid Search", "1,229.0", "1,231,094.83", "Add utm_campaign and utm_id to the links.", "16,442.29", "28.13"),
    ("Organic Social", "192.0", "27,078.54", "Wait.", "—", "—"),
]


def printed(width: int) -> list[list[str]]:
    """The lines of each block, without the title."""
    out = io.StringIO()
    terminal._Console(file=out, width=width, force_terminal=False).print(terminal.table("Title", COLUMNS, ROWS))
    return [block.splitlines() for block in out.getvalue().removeprefix("Title\n").split("\n\n")]


@pytest.mark.parametrize("width", [36, 44, 60, 80, 100, 160])
def test_every_amount_stands_whole_on_the_line_of_its_row(width: int) -> None:
    blocks = printed(width)
    lines = [line for block in blocks for line in block]
    assert each(len(line.rstrip()) <= width for line in lines)
    assert "…" not in "".join(lines)
    for row in ROWS:
        for cell in (row[1], row[2], row[4], row[5]):
            assert any(line.startswith(row[0]) and cell in line.split() for line in lines)
    words = " ".join(lines).split()
    assert [word for word in ROWS[0][3].split() if word not in words] == []


def test_columns_that_do_not_fit_follow_after_the_first_column_again() -> None:
    assert len(printed(160)) == 1
    blocks = printed(60)
    assert len(blocks) == 3
    assert {block[0].split()[0] for block in blocks} == {"channel"}
    assert each(block[1].startswith("Paid Search") for block in blocks)


@pytest.mark.parametrize(
    ("name", "kind", "value", "header", "cell"),
    [
        ("spend_micros", int, 1_234_567_000, ">spend EUR", "1,234.57"), ("share", float, 0.25, ">share", "25.0 %"),
        ("paid_cpa", float, 7.357, ">paid CPA", "7.36"), ("paid_roas", float, 1.559, ">paid ROAS", "1.56"),
        ("conversions", float, 12.04, ">conversions", "12.0"), ("visits", int, 12345, ">visits", "12,345"),
        ("is_whole", bool, False, "is whole", "no"), ("campaign_id", str, "007", "campaign ID", "007"),
        ("roi", float, None, ">ROI", "—"),
    ],
)  # fmt: skip
def test_columns_of_a_plain_report_are_written_as_what_they_measure(
    name: str, kind: type, value: object, header: str, cell: str
) -> None:
    assert (_plain_column(name, kind, "EUR"), _plain_cell(name, value, "EUR")) == (header, cell)  # type: ignore[arg-type]
