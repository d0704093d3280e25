"""What to do about a finding, in words."""

_ADVICE = {
    ("no_conversions", "high"): ("Pause it.", "Check its targeting, creative and landing page before it runs again."),
    ("no_conversions", "medium"): ("Halve its budget for a week.", "Check that its landing page loads and is tagged."),
    ("no_conversions", "low"): ("Wait: the spend is too small to tell.", "Check that its links carry its campaign id."),
    ("high_cpa", "high"): ("Cut its budget.", "Lower its bids, or move the budget to campaigns that meet the target."),
    ("high_cpa", "medium"): ("Lower its bids.", "Narrow its targeting to what converted."),
    ("high_cpa", "low"): ("Watch it for another window.",),
    ("low_roas", "high"): ("Pause its weakest ads.", "Move the budget to campaigns that bring more value."),
    ("low_roas", "medium"): ("Optimize it for value, not for volume.",),
    ("low_roas", "low"): ("Watch it for another window.",),
}
_ASSISTS = (
    "Do not pause it on this model alone: other models give it credit, so it assists other campaigns.",
    "Compare the models, or hold it out in one region, before you decide.",
)


def recommendations(reason: str, severity: str, *, does_assist: bool) -> list[str]:
    """What a person should do, in order.

    >>> recommendations("high_cpa", "low", does_assist=False)
    ['Watch it for another window.']
    """
    if does_assist and reason == "no_conversions":
        return list(_ASSISTS)
    return list(_ADVICE[reason, severity])
