"""The words and numbers of the tracker: what pages listen to, what the server reads, and what each limit is.

Browsers prove what the tracker does; a word of it that changes unintentionally may show in one browser, or in none.
"""

from collections import Counter
from pathlib import Path

from scripts.build_tracker import TRACKER, tokens

WORDS = {
    '"/api/track"': 1, '""': 15, '" "': 1, '"tl_q"': 1, '"-"': 1, '"$1-$2-$3-$4-"': 1, '"="': 2,
    '";path=/;samesite=lax;max-age="': 1, '";domain="': 1, '"https:"': 1, '";secure"': 1, '"; "': 2, '"."': 5,
    '"tl_vid"': 10, '"tl_sid"': 4, '"([?&])"': 1, '"=[^&#]*(&?)"': 1, '"i"': 1, '"tl_touch"': 2, '"{}"': 1, '"at"': 1,
    '"marks"': 1, '",\\"events\\":["': 1, '"]}"': 1, '"POST"': 1, '"include"': 1,
    '"keepalive"': 1, '"retry-after"': 1, '"tl_consent"': 5, '"denied"': 4, '"granted"': 3, '"required"': 1,
    '"type"': 2, '"consent"': 5, '"PAGE_VIEW"': 2, '"CONVERSION"': 2, '"sessionId"': 1, '"url"': 2,
    '"hash"': 1, '"query"': 1, '"#"': 1, '"/"': 1, '"referrer"': 1, '"title"': 1, '"tl_"': 1, '"page"': 1, '"event"': 1,
    '"CUSTOM"': 3, '"name"': 2, '"properties"': 1, '"orderId"': 1, '"survey"': 1, '"answer"': 1, '"question"': 1,
    '"SHA-256"': 1,
    '"IDENTIFY"': 1, '"userId"': 1, '"submit"': 2, '"form"': 2, '"action"': 1, '"a"': 1, '"href"': 1, '"["': 1,
    '"]"': 1, '"method"': 1, '"formdata"': 1, '"_tl"': 4, '"&"': 1, '"?"': 1, '"navigation"': 1,
    '"off"': 1, '"pushState"': 1, '"replaceState"': 1, '"popstate"': 1, '"hashchange"': 1, '"pageshow"': 1,
    '"pagehide"': 1, '"visibilitychange"': 1, '"hidden"': 1, '"online"': 1, '"click"': 1, '"auxclick"': 1,
    '"prerenderingchange"': 1, '"granted|denied"': 1, '";"': 1, '"=("': 1, '");"': 1,
    r'"[\\da-fA-F-]{36}"': 1,
}  # fmt: skip
"""Events, fields, cookies, parameters and types, as they stand in the source, and how often."""

NUMBERS = {
    '341280e5': 2, '2592e6': 1, '500': 1, '0': 25, '1': 7, '256': 1, '16': 3, '12': 1, '8': 1, '3': 2, '9': 2,
    '14': 1, '7': 3, '1e3': 3, '18e5': 2, '512': 1, '300': 1, '2': 1, '4': 2,
    '100': 1, '2e4': 2, '99': 1, '31': 1, '36': 3, '12e4': 1,
}  # fmt: skip
"""Limits, times, and places in texts."""


def found(kind: str) -> Counter[str]:
    source = Path(TRACKER / "t.js").read_text(encoding="utf-8")
    return Counter(token.text for token in tokens(source) if token.kind == kind)


def test_the_words_are_those_that_pages_and_the_server_know() -> None:
    assert found("text") == WORDS


def test_the_numbers_are_those_that_were_chosen() -> None:
    assert found("number") == NUMBERS
