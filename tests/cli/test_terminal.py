"""What a terminal would obey or not show is spelled out, in text and in JSON."""

import io
import json

import pytest
from rich.text import Text

from touchline.cli import _failed, app, terminal
from touchline.cli.failures import Failure

HOSTILE = "a\x1b[2J\x9b1m\u202eb\u200bc\u2066\x07\rd\ne\x7f"


def is_harmless(text: str) -> bool:
    return not any(c in text for c in "\x1b\x9b\u202e\u200b\u2066\x07\r\x7f")


def printed(renderable: object) -> str:
    out = io.StringIO()
    console = terminal._Console(file=out, width=200, force_terminal=False)
    console.print(renderable)
    return out.getvalue()


def test_cells_titles_and_texts() -> None:
    shown = printed(terminal.table(HOSTILE, (HOSTILE,), [(HOSTILE,)]))
    assert is_harmless(shown)
    assert shown.count("\n") == 3
    assert shown.count("\\x1b[2J") == 3
    assert is_harmless(printed(terminal.shown(HOSTILE)))
    assert is_harmless(printed(Text(HOSTILE)))


def test_errors(capsys: pytest.CaptureFixture[str]) -> None:
    _failed(Failure("input", HOSTILE, "", 6), is_json=False)
    found = capsys.readouterr().err
    assert is_harmless(found)
    assert found.count("\n") == 1


def test_json_says_the_same_and_shows_nothing_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.write_json({"name": HOSTILE, "letter": "é😀\U000e0041"})
    found = capsys.readouterr().out
    assert is_harmless(found)
    assert json.loads(found) == {"name": HOSTILE, "letter": "é😀\U000e0041"}


def test_csv_ends_rows_with_a_line_feed_and_shows_nothing_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.write_csv('name\r\n"over\rwritten"\r\n\x1b[2J\r\n')
    assert capsys.readouterr().out == 'name\n"over\\rwritten"\n\\x1b[2J\n'


@pytest.mark.parametrize("text", ["1_000", "٣٤", "0x10", "nan", "inf"])
def test_numbers_of_options_have_the_digits_0_to_9(text: str) -> None:
    for words in (
        ["report", "journeys", "--limit", text],
        ["target", "set", "--roas", text],
        ["target", "set", "--cpa", text],
    ):
        with pytest.raises(Exception, match="expected a"):
            app(words, exit_on_error=False, print_error=False, result_action="return_value")
