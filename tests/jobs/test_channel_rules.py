"""Rules of the home's own go before Touchline's in the river, and what they move can be seen beforehand."""

from collections import Counter
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.channels import ladder
from touchline.engines.answers import python_rows
from touchline.errors import InputError, UnknownError
from touchline.jobs import running
from touchline.jobs.channel_diff import channel_diff
from touchline.jobs.channel_rules import reset_rules, rules_in_use, use_rules
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import CREDIT

FAIRS = """
[[rule]]
id = "fairs"
channel = "Trade fairs"
source = ["booth-*"]

[[rule]]
id = "spring"
channel = "Spring"
campaign = ["spring*"]
"""
URLS = (
    "https://shop.example/?utm_source=booth-7&utm_medium=cpc", "https://shop.example/?utm_source=booth-7&utm_medium=x",
    "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=spring-1",
    "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=spring-2", "https://shop.example/",
    "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=autumn", "https://shop.example/?gclid=Cj0KCQ",
)  # fmt: skip


@pytest.fixture
def shop(workspace: Workspace, tell: Tell) -> Workspace:
    """Seven visits, of which the even ones buy, and a run."""
    visits = [{"visitorId": f"v{n}", "eventId": f"p{n}", "url": url} for n, url in enumerate(URLS)]
    orders = [
        {"type": "CONVERSION", "visitorId": f"v{n}", "eventId": f"o{n}", "orderId": f"o{n}", "value": 10,
         "currency": "EUR", "occurredAt": "2026-03-02T10:05:00Z"}
        for n in range(0, len(URLS), 2)
    ]  # fmt: skip
    assert tell(*visits, *orders).accepted == len(URLS) + len(orders)
    running.run(workspace)
    return workspace


def rules_file(tmp_path: Path, text: str = FAIRS) -> Path:
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")
    return file


def channels(workspace: Workspace) -> dict[str, tuple[str, float]]:
    """The channel of each touch, and its conversions under the default model."""
    rows = python_rows(
        workspace.engine.select(
            "select t.touchpoint_id as id, e.channel as channel, coalesce(sum(l.credit), 0) as credit"
            " from touchpoints as t join evidence_channels as e on e.evidence_id = t.evidence_id"
            " left join attribution_links as l on l.touchpoint_id = t.touchpoint_id and l.model = 'LAST_TOUCH'"
            " group by t.touchpoint_id, e.channel"
        )
    )
    return {row["id"]: (row["channel"], int(row["credit"]) / CREDIT) for row in rows}


def test_rules_of_the_home_name_the_channels_of_the_past_in_the_next_run(shop: Workspace, tmp_path: Path) -> None:
    before = channels(shop)
    assert use_rules(shop, rules_file(tmp_path), now=NOW).own_file == "rules.toml"
    assert channels(shop) == before
    assert running.run(shop).is_rebuild
    named = Counter(channel for channel, _ in channels(shop).values())
    assert named == {"Trade fairs": 2, "Spring": 2, "Direct": 1, "Paid Search": 2}
    versions = shop.engine.select("select distinct ruleset_version from evidence_channels")
    assert versions["ruleset_version"].to_pylist() == [rules_in_use(shop).ruleset_version]
    assert not running.run(shop).is_rebuild
    reset_rules(shop)
    assert running.run(shop).is_rebuild
    assert channels(shop) == before


def test_a_changed_file_does_nothing_until_it_is_used_again(shop: Workspace, tmp_path: Path) -> None:
    file = rules_file(tmp_path)
    use_rules(shop, file, now=NOW)
    running.run(shop)
    file.write_text(FAIRS.replace("Trade fairs", "Fairs"), encoding="utf-8")
    assert not running.run(shop).is_rebuild
    use_rules(shop, file, now=NOW + 1)
    assert running.run(shop).is_rebuild
    assert {channel for channel, _ in channels(shop).values()} >= {"Fairs", "Spring"}
    assert len(shop.ledger.rows(schema.CHANNEL_RULES)) == 1


def test_the_rules_in_use_are_shown_in_their_order(workspace: Workspace, tmp_path: Path) -> None:
    alone = rules_in_use(workspace)
    assert (alone.own_file, alone.own_rules, alone.changed_at) == (None, "", None)
    assert [rule.rule for rule in alone.rules] == [rule.rule_id for rule in ladder.RULES]
    used = use_rules(workspace, rules_file(tmp_path), now=NOW)
    assert (used.own_file, used.own_rules, used.changed_at) == ("rules.toml", FAIRS, NOW)
    assert [(one.rule, one.file) for one in used.rules[:2]] == [("fairs", "rules.toml"), ("spring", "rules.toml")]
    assert used.rules[2:] == alone.rules
    assert used.ruleset_version.startswith(alone.ruleset_version + "+")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FAIRS.replace('["booth-*"]', '"booth"'), "rules.toml, line 5, rule 1, source: expected a list of texts"),
        (
            FAIRS.replace("campaign =", "campagin ="),
            "rules.toml, line 10, rule 2, campagin: there is no such condition",
        ),
        (" \n", r"rules.toml: expected one or more tables \[\[rule\]\], but it is empty."),
        ("[[rule\nid = 1", "rules.toml is not a TOML file: .*line 1"),
    ],
)
def test_a_wrong_file_is_refused_and_what_is_in_use_stays(
    workspace: Workspace, tmp_path: Path, text: str, message: str
) -> None:
    used = use_rules(workspace, rules_file(tmp_path), now=NOW)
    with pytest.raises(InputError, match=f"^{message}"):
        use_rules(workspace, rules_file(tmp_path, text), now=NOW + 1)
    assert rules_in_use(workspace) == used


def test_what_is_no_text_or_not_there_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(b"[[rule]]\nid = \xff")
    with pytest.raises(InputError, match=r"^rules\.toml is not UTF-8 text: byte 15 cannot be read"):
        use_rules(workspace, file, now=NOW)
    with pytest.raises(InputError, match=r"none.toml cannot be read: No such file"):
        use_rules(workspace, tmp_path / "none.toml", now=NOW)
    with pytest.raises(UnknownError, match=r"^There are no rules of your own\."):
        reset_rules(workspace)


@pytest.mark.parametrize(("old", "new"), [("current", "rules.toml"), ("defaults", "rules.toml")])
def test_what_a_diff_foretells_is_what_the_rules_then_move(
    shop: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    file = rules_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    foretold = channel_diff(shop, "shop", old, new)
    before = channels(shop)
    use_rules(shop, file, now=NOW)
    running.run(shop)
    after = channels(shop)
    touches: Counter[tuple[str, str]] = Counter()
    conversions: Counter[tuple[str, str]] = Counter()
    for touch, (channel, credit) in before.items():
        touches[channel, after[touch][0]] += 1
        conversions[channel, after[touch][0]] += credit  # type: ignore[assignment]  # a sum of shares
    found = {(one.old_channel, one.new_channel): one for one in (*foretold.moves, *foretold.kept)}
    assert {names: one.touches for names, one in found.items()} == touches
    assert {names: one.conversions for names, one in found.items()} == conversions
    assert {names: one.sessions for names, one in found.items()} == touches  # each visit is a session
    assert (foretold.touches, foretold.moved_touches) == (len(URLS), 4)
    assert [(one.old_channel, one.new_channel) for one in foretold.moves] == [
        ("Paid Search", "Spring"), ("Paid Other", "Trade fairs"), ("Unassigned", "Trade fairs"),
    ]  # fmt: skip
    assert tuple(sorted(foretold.moves[0].examples)) == (
        "utm_source=google utm_medium=cpc utm_campaign=spring-1 (paid-search → spring)",
        "utm_source=google utm_medium=cpc utm_campaign=spring-2 (paid-search → spring)",
    )
    assert channel_diff(shop, "shop", "current", "rules.toml").moves == ()
    assert channel_diff(shop, "shop", "current", "defaults").moved_touches == 4


def test_rulesets_are_compared_by_their_names(shop: Workspace) -> None:
    assert channel_diff(shop, "shop", "touchline", "defaults").moves == ()
    seed = channel_diff(shop, "shop", "ga4", "seed")
    assert {one.new_channel for one in seed.moves} <= set(ladder.SOURCE_CLASSES)
    assert (seed.touches, seed.moved_touches) == (7, 7)
    with pytest.raises(UnknownError, match=r"^There is no file 'rulez'\."):
        channel_diff(shop, "shop", "current", "rulez")
