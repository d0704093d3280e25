"""What to do about a finding, in words."""

from typing import NamedTuple


class Advice(NamedTuple):
    """What a person should do, in order, and what kind of step that is."""

    action: str
    steps: tuple[str, ...]


_ADVICE = {
    ("no_conversions", "high"): Advice(
        "pause", ("Pause it.", "Check its targeting, creative and landing page before it runs again.")
    ),
    ("no_conversions", "medium"): Advice(
        "reduce_budget", ("Halve its budget for a week.", "Check that its landing page loads and is tagged.")
    ),
    ("high_cpa", "high"): Advice(
        "reduce_budget", ("Cut its budget.", "Lower its bids, or move the budget to campaigns that meet the target.")
    ),
    ("high_cpa", "medium"): Advice("reduce_budget", ("Lower its bids.", "Narrow its targeting to what converted.")),
    ("low_roas", "high"): Advice(
        "reduce_budget", ("Pause its weakest ads.", "Move the budget to campaigns that bring more value.")
    ),
    ("low_roas", "medium"): Advice("investigate", ("Optimize it for value, not for volume.",)),
}
_INVALID = Advice(
    "investigate",
    ("Look at where its ads are shown: hardly any of its paid visitors stays for a second, far fewer than the others'.",
     "Exclude the placements that send them, and ask the ad platform for a refund of invalid clicks.",
     "Open its landing page from the ad: one that does not load looks the same."),
)  # fmt: skip
_CUSTOMERS = Advice(
    "investigate",
    ("Exclude customers, if it is meant to win new ones: most of its paid visitors had bought before.",
     "If it is meant to bring them back, hold it out in one region: they may come again without it."),
)  # fmt: skip
_NO_OTHERS = Advice(
    "investigate",
    ("Few of its clicks arrive, but no other campaign has clicks and visits that show how many usually do.",
     "Open its landing page from the ad, and compare with the visits of the server's own log."),
)  # fmt: skip
_SHIFTED = Advice(
    "reduce_budget",
    ("Go back to its earlier budget: what was added brings conversions that cost more than the target.",),
)
_WHATEVER_SEVERITY = {
    "untagged": Advice(
        "fix_tags",
        ("Check its tags: no visit in the window names it, so its conversions cannot be told from others.",
         "Give its links utm_campaign or its campaign id. Do not pause it for this."),
    ),
    "tracking_break": Advice(
        "fix_tracking",
        ("Check that conversions and their sources are recorded: on some days nobody had any, though some were due.",
         "Judge nothing until they are."),
    ),
    "late_costs": Advice(
        "load_costs",
        ("Load the costs of the last days: clicks after the last day with costs converted.",
         "Judge it when they are in."),
    ),
    "duplicate_costs": Advice(
        "load_costs",
        ("Check its costs: two sources or accounts state the same rows, so the money is likely counted twice.",
         "Load the days again from one of them, and judge it then."),
    ),
    "click_leak": Advice(
        "fix_tracking",
        ("Check that its clicks arrive: the ad platform charges far more of them than visits that name it.",
         "Open its landing page from the ad: redirects that drop tags, slow pages or invalid clicks. Do not pause it."),
    ),
    "ambiguous_platform": Advice(
        "fix_tags",
        ("Tag its links: all visits of this platform may as well come from unpaid posts.",
         "Give its ads utm_medium=paid_social or another paid medium. Do not pause it for this."),
    ),
    "insufficient_data": Advice("wait", ("Wait: the spend is too small to tell.",)),
    "invalid_traffic": _INVALID,
    "already_customer": _CUSTOMERS,
    "efficiency_shift": _SHIFTED,
}  # fmt: skip
_WATCH = Advice("wait", ("Watch it for another window.",))
_NO_TARGET = Advice(
    "set_target",
    ("Set a target: it costs about what its siblings cost, so all of them may do well, or all badly.",),
)
_ASSISTS = Advice(
    "investigate",
    ("Do not pause it on this model alone: under another model it likely meets its target.",
     "Compare the models, or hold it out in one region, before you decide."),
)  # fmt: skip


def advice(
    reason: str, severity: str, *, does_assist: bool = False, lacks_target: bool = False, lacks_others: bool = False
) -> Advice:
    """What a person should do.

    :param lacks_target: whether only a target could tell more.
    :param lacks_others: whether few clicks arrive, and nothing shows how many usually do.

    >>> advice("high_cpa", "low").steps
    ('Watch it for another window.',)
    """
    if lacks_target:
        return _NO_TARGET
    if lacks_others:
        return _NO_OTHERS
    if reason in _WHATEVER_SEVERITY:
        return _WHATEVER_SEVERITY[reason]
    return _ASSISTS if does_assist else _ADVICE.get((reason, severity), _WATCH)
