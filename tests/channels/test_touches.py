"""``touches.csv`` says, touch by touch, what the ladder has to answer; a person can read it."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.channels.slow_ladder import decides
from touchline.channels.classify import classify
from touchline.channels.evidence import Evidence
from touchline.channels.ladder import CHANNELS, RULES, SOURCE_CLASSES, ruleset

_LINES = (Path(__file__).parent / "touches.csv").read_text(encoding="utf-8").splitlines()
TOUCHES = list(csv.DictReader(line for line in _LINES if not line.startswith("# ")))


@pytest.mark.parametrize("touch", TOUCHES, ids=lambda touch: f"{touch['url']} from {touch['referrer']} {touch['past']}")
def test_a_touch_is_classified_as_the_table_says(touch: dict[str, str]) -> None:
    answer = classify(
        "https://shop.example.com" + touch["url"],
        touch["referrer"] or None,
        past_click_ids=["gclid"] if touch["past"] else (),
    )
    expected = (touch["source_class"], touch["channel"], touch["platform"])
    assert (answer.source_class, answer.channel, answer.platform) == expected, answer.reason


def test_every_row_is_another_and_names_its_source() -> None:
    asked = Counter((touch["url"], touch["referrer"], touch["past"]) for touch in TOUCHES)
    assert [touch for touch, count in asked.items() if count > 1] == []
    assert [touch for touch in TOUCHES if not touch["source"]] == []


def test_the_table_reaches_every_channel_and_source_class() -> None:
    assert {touch["channel"] for touch in TOUCHES} == set(CHANNELS)
    assert {touch["source_class"] for touch in TOUCHES} == set(SOURCE_CLASSES)


def test_every_rule_decides_a_touch_of_the_table() -> None:
    deciders = {RULES.index(decides(ruleset("touchline"), _evidence(touch))) for touch in TOUCHES}
    assert [rule.channel for place, rule in enumerate(RULES) if place not in deciders] == []


def _evidence(touch: dict[str, str]) -> Evidence:
    said = classify("https://shop.example.com" + touch["url"], touch["referrer"] or None).landing
    source, medium, campaign = (said.utm.get(name) for name in ("utm_source", "utm_medium", "utm_campaign"))
    return Evidence(source, medium, campaign, ",".join(said.click_ids) or None, said.referrer_host)
