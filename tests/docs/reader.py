"""Somebody who follows a page in an empty folder: makes its files, runs its commands, starts the server it starts."""

import os
import re
import runpy
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.docs.pages import EXIT_CODE, Command, File, page_of
from tests.server.whole import whole
from touchline.cli import main

SHOWN_ADDRESS = "127.0.0.1:8484"
"""Where a server is on the pages; in the tests it has a port of its own."""
_KEY = re.compile(r"\b([ps]k_)[\w-]{20,}")


class Reader:
    """Follows pages, in the working directory; a server that a page starts runs until ``held`` is closed."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], held: ExitStack) -> None:
        self._patch = patch
        self._capsys = capsys
        self._held = held
        self._said: dict[str, str] = {}
        """What stands in a command for what only the reader knows: the keys that were shown, where the server is."""

    def follow(self, page: Path, *, is_slow: bool) -> None:
        """Follow a page, through its slow blocks alone or through all others."""
        exit_code = 0
        for step in page_of(page):
            if isinstance(step, File):
                Path(step.name).write_text(step.content, encoding="utf-8")
            elif step.words == EXIT_CODE:
                assert step.shown == [str(exit_code)]
                exit_code = 0
            elif step.is_slow is is_slow:
                assert exit_code == 0, f"the command before {step.words} failed"
                exit_code = self._take(step, page)
        assert exit_code == 0

    def _take(self, step: Command, page: Path) -> int:
        exit_code = self._run([self._meant(word) for word in step.words])
        captured = self._capsys.readouterr()
        output = captured.out + captured.err
        if shown := _KEY.search(output):
            self._said[f"{shown[1]}…"] = shown[0]
        if not step.is_answered(output):
            expected = "\n".join(step.shown)
            pytest.fail(
                f"{page.name} shows below `{' '.join(step.words)}`:\n{expected}\nand it is:\n{output}", pytrace=False
            )
        return exit_code

    def _meant(self, word: str) -> str:
        for shown, meant in self._said.items():
            word = word.replace(shown, meant)
        return word

    def _run(self, words: list[str]) -> int:
        """One command, in this process if it can be; its exit code."""
        match words:
            case ["touchline", "serve", *options, "&"]:
                home = Path(os.environ["TOUCHLINE_HOME"]).resolve()
                self._said[SHOWN_ADDRESS] = f"127.0.0.1:{self._held.enter_context(whole(home, None, *options)).port}"
                return 0
            case ["touchline", *arguments]:
                return main(arguments)
            case ["curl", *arguments]:
                answer = subprocess.run(["curl", "-sS", *arguments], capture_output=True, text=True, check=False)
                print(answer.stdout, answer.stderr)  # noqa: T201 — it is what the reader sees
                return answer.returncode
            case ["python", script, *arguments]:
                self._patch.setattr(sys, "argv", [script, *arguments])
                runpy.run_path(script, run_name="__main__")
                return 0
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                self._patch.setenv(name, os.path.expandvars(value))
                return 0
        raise AssertionError(f"the pages have no other commands: {words}")
