"""Why a conversion has no touch with credit, or has Direct ones alone: one rule for `doctor` and for `explain`."""

from collections.abc import Mapping
from typing import Any

_WITHOUT_VISIT = "It was sent without a visit (no URL and no user agent), as servers do"
_IN_WORDS: Mapping[str, str] = {
    "outside_lookback": "All touches of its owner are older than the lookback window.",
    "only_afterwards": "All touches of its owner came after it, outside its session or beyond the clock tolerance.",
    "no_identity": f"{_WITHOUT_VISIT}, and without anonId, userId, or emailHash, so the person is unknown.",
    "unseen_visitor": f"{_WITHOUT_VISIT}, and no visit has its anonId.",
    "no_visit": f"{_WITHOUT_VISIT}, and no visit matches its userId or emailHash.",
    "no_evidence": (
        "All of its touches are Direct: those visits have no campaign tag, click id, or external referrer."
    ),
}


def cause_of(facts: Mapping[str, Any]) -> str:
    """The cause, as a code; ``""`` where a touch with a source has the credit.

    :param facts: ``status`` and ``is_counted`` of the conversion; ``has_path`` and ``has_source``, whether its path has
        a touch, and one that is not Direct; ``has_earlier`` and ``has_touch``, whether the path's owner (the person, or
        an account) has a touch before it, and one at all; ``is_known`` and ``has_visitor``, whether the person has a
        name, and a visitor's name.

    >>> facts = dict.fromkeys(("has_path", "has_source", "has_earlier", "has_touch", "is_known", "has_visitor"), 0)
    >>> cause_of(facts | {"status": "completed", "is_counted": True, "is_known": 1})
    'no_visit'
    """
    if not facts["is_counted"]:
        return str(facts["status"])
    if facts["has_path"]:
        return "" if facts["has_source"] else "no_evidence"
    if facts["has_touch"]:
        return "outside_lookback" if facts["has_earlier"] else "only_afterwards"
    if not facts["is_known"]:
        return "no_identity"
    return "unseen_visitor" if facts["has_visitor"] else "no_visit"


def cause_in_words(cause: str) -> str:
    """What a cause means, in one sentence; ``""`` where the status says it, or there is nothing to say.

    >>> cause_in_words("unseen_visitor")
    'It was sent without a visit (no URL and no user agent), as servers do, and no visit has its anonId.'
    """
    return _IN_WORDS.get(cause, "")
