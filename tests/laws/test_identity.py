"""Who is who in parts is who is who at once, whatever comes late, is shared, merges, goes or is taken back.

Hundreds of organizations live through the same three runs of the first stage: a run costs about the same for one as for
many. Who acts for which account is judged once, at the end. What the other stages make of it is for the other laws.
"""

from collections import Counter
from contextlib import ExitStack, closing

import pytest
from hypothesis import settings

from tests.engines.servers import FRESH
from tests.oracle import accounts, people
from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot
from tests.oracle.judge import differences
from tests.oracle.lives import Life, lives, take, tell
from tests.oracle.world import Tables, reference
from touchline import attribution, identity, pipeline
from touchline.tables import ACCOUNT_MEMBERS

WORLDS, RUNS = (1_000, 10) if settings().max_examples >= 1_000 else (300, 1)
JUDGED = (
    people.identity_pairs, people.identifiers, people.identity_edges, people.identities, accounts.merged_accounts,
)  # fmt: skip

pytestmark = pytest.mark.timeout(600 + WORLDS)


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_run_says_who_is_who_as_a_rebuild_and_the_definitions_do(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "STAGES", (identity.STAGE,))
    monkeypatch.setattr(pipeline, "changes_of_run", lambda _: [])  # there are no links that could change
    lived = lives(WORLDS, seed)
    ledger = ListFeed(reference([life.world for life in lived]))
    seen: Counter[str] = Counter()
    with ExitStack() as stack:
        engines = {name: stack.enter_context(closing(fresh())) for name, fresh in FRESH.items()}
        for part in ("first", "late", "gone"):
            _comes(part, ledger, lived)
            expected = rebuilt(ledger)
            for name, engine in engines.items():
                report = pipeline.run(ledger.feed, engine)
                assert report.is_rebuild == (part == "first")
                assert changes(expected, snapshot(engine)) == "", (name, part)
            seen += _kinds(part, expected)
    left = [life.left for life in lived]
    assert differences(expected, left, JUDGED) == ""
    monkeypatch.setattr(pipeline, "STAGES", (identity.STAGE, attribution.STAGE))
    monkeypatch.setattr(attribution, "_TABLES", (ACCOUNT_MEMBERS,))  # its other tables follow from visits
    members = rebuilt(ledger)
    assert differences(members, left, (accounts.account_members,)) == ""
    seen += _kinds_of_members(members)
    assert min(seen[kind] for kind in KINDS) >= WORLDS // 100, seen


def _comes(part: str, ledger: ListFeed, lived: list[Life]) -> None:
    if part == "gone":
        take(ledger, lived)
    else:
        tell(ledger, lived, is_late=part == "late")


KINDS = (
    "two_users", "two_emails", "blocked_value", "separated", "too_many_verified", "too_many_unverified", "claim",
    "a shared device", "merged accounts", "a member by a claim", "a member of several",
    "a member of a merged account", "late", "gone",
)  # fmt: skip


def _kinds(part: str, tables: Tables) -> Counter[str]:
    """What the worlds hold: a law over worlds in which nothing happens would prove nothing."""
    found = Counter(row["reason"] for row in tables["identity_edges"])
    found["a shared device"] += sum(row["period_number"] > 0 for row in tables["identities"])
    found["merged accounts"] += len(tables["merged_accounts"])
    found[part] += len(tables["identities"])
    return found


def _kinds_of_members(tables: Tables) -> Counter[str]:
    rows = tables["account_members"]
    mains = {row["main_account_id"] for row in tables["merged_accounts"]}
    return Counter(
        {
            "a member by a claim": sum(row["claim_count"] > 0 for row in rows),
            "a member of several": sum(not row["is_only"] for row in rows),
            "a member of a merged account": sum(row["account_id"] in mains for row in rows),
        }
    )
