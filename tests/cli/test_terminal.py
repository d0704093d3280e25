"""What a terminal would obey or not show is spelled out, in text and in JSON."""

import io
import json

import pytest
from rich.text import Text

from touchline.cli import _failed, app, terminal
from touchline.cli.failures import Failure
from touchline.progress import ignore_progress

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


@pytest.mark.parametrize(
    ("share", "width", "drawn"),
    [
        (None, 4, ""), (0.0, 4, ""), (-1.0, 4, ""), (1.0, 4, "████"), (2.0, 4, "████"), (0.25, 4, "█"),
        (1 / 32, 4, "▏"), (7 / 32, 4, "▉"), (9 / 32, 4, "█▏"), (0.99, 4, "████"),
        (0.96, 4, "███▉"), (0.5, 20, "██████████"),
    ],
)  # fmt: skip
def test_a_share_is_drawn_in_eighths_of_a_letter(share: float | None, width: int, drawn: str) -> None:
    found = terminal.bar(share, width)
    assert (found.plain, str(found.style)) == (drawn, "cyan")


def test_parts_have_a_blank_line_between_them() -> None:
    lines = printed(terminal.stacked("one", "two", "three")).splitlines()
    assert lines == ["one", "", "two", "", "three"]
    assert printed(terminal.stacked("one")).splitlines() == ["one", ""]


def test_columns_of_numbers_are_aligned_to_the_right() -> None:
    lines = printed(terminal.table("Title", ("name", ">size"), [("a", "1"), ("long name", "1,000")])).splitlines()
    assert [line.rstrip() for line in lines] == ["Title", "name        size", "a              1", "long name  1,000"]


class _Terminal(io.StringIO):
    """What says that somebody watches, or that nobody does."""

    is_watched = True

    def isatty(self) -> bool:
        return self.is_watched


@pytest.mark.parametrize(("is_quiet", "is_watched"), [(False, True), (True, True), (False, False), (True, False)])
def test_progress_is_shown_to_who_watches_and_asked_for_no_quiet(
    is_quiet: bool, is_watched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = _Terminal()
    screen.is_watched = is_watched
    monkeypatch.setattr("sys.stderr", screen)
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with terminal.progress("Updating", is_quiet=is_quiet) as report:
        assert (report is ignore_progress) is (is_quiet or not is_watched)
        report("sessions", 1, 2)
    assert bool(screen.getvalue()) is (is_watched and not is_quiet)
    if is_watched and not is_quiet:
        assert "Updating" in screen.getvalue()
        assert "sessions" in screen.getvalue()


def test_where_there_is_no_terminal_a_line_has_160_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = _Terminal()
    pipe.is_watched = False
    monkeypatch.setattr("sys.stdout", pipe)
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    assert terminal.console().width == 160
    assert not terminal.console().stderr
    assert terminal.console(is_error=True).stderr
