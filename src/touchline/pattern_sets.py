"""Many regular expressions as one automaton, which reads a text once however many there are."""

from collections.abc import Iterable
from typing import Any

import re2

_MOST_BYTES = 64 << 20
"""What one automaton may take of memory."""


def pattern_set(patterns: Iterable[str], *, ignores_case: bool = False) -> Any:
    """An automaton whose ``Match(text)`` gives the numbers of the patterns that are in the text.

    >>> sorted(pattern_set(["bot", "crawl"], ignores_case=True).Match("A Bot that crawls"))
    [0, 1]
    """
    options = re2.Options()
    options.case_sensitive = not ignores_case
    options.log_errors = False
    options.max_mem = _MOST_BYTES
    found = re2.Set.SearchSet(options)
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return found


def encodable(text: str) -> str:
    r"""The text as an automaton can read it: half a character, which has no UTF-8, is a question mark.

    >>> encodable("a\ud800b")
    'a?b'
    """
    return text if text.isascii() else text.encode(errors="replace").decode()
