"""``overlaps.csv`` says which of two rules decides where both hold; each pair that may hold at once has its row."""

import csv
from functools import lru_cache
from itertools import product
from pathlib import Path

import pytest

from tests.channels.slow_ladder import holds
from touchline.channels.evidence import Evidence
from touchline.channels.ladder import RULES, classify

_LINES = (Path(__file__).parent / "overlaps.csv").read_text(encoding="utf-8").splitlines()
OVERLAPS = list(csv.DictReader(line for line in _LINES if not line.startswith("# ")))

_SOURCES = (
    None, "google", "facebook", "youtube", "amazon", "criteo", "chatgpt.com", "mailchimp", "awin", "sms", "firebase",
    "acme", "docs.google.com",
)  # fmt: skip
_MEDIUMS = (
    None, "cpc", "display", "email", "affiliate", "sms", "ai-assistant", "social", "video", "organic", "referral",
    "audio", "push", "video-ads", "web video push",
)  # fmt: skip
_CAMPAIGNS = (None, "shop", "x cross-network")
_CLICKS = (None, "gclid", "awc", "mc_cid")


def evidence_of(row: dict[str, str]) -> Evidence:
    said = {name: text or None for name, text in row.items()}
    return Evidence(
        said["utm_source"], said["utm_medium"], said["utm_campaign"], said["click_ids"], said["referrer_host"]
    )


@lru_cache
def decided(evidence: Evidence) -> frozenset[tuple[int, int]]:
    """The rule that decides, with each of another channel that holds, too; but for the last, which always holds."""
    first, *others = (place for place, rule in enumerate(RULES) if holds(rule, evidence))
    return frozenset(
        (first, other) for other in others if other < len(RULES) - 1 and RULES[other].channel != RULES[first].channel
    )


@pytest.mark.parametrize("row", OVERLAPS, ids=lambda row: " ".join(row.values()))
def test_of_two_rules_that_hold_the_table_says_which_decides(row: dict[str, str]) -> None:
    assert classify(evidence_of(row)).channel == row["channel"]
    assert row["overruled"] in {RULES[other].channel for _, other in decided(evidence_of(row))}


def test_every_two_rules_that_may_hold_at_once_have_a_row() -> None:
    """Rules are known by their place, as one channel has several."""
    written = {pair for row in OVERLAPS for pair in decided(evidence_of(row))}
    possible = {pair for said in product(_SOURCES, _MEDIUMS, _CAMPAIGNS, _CLICKS) for pair in decided(Evidence(*said))}
    assert len(possible) > 150
    missing = [f"{RULES[one].channel} before {RULES[other].channel}" for one, other in sorted(possible - written)]
    assert missing == []
