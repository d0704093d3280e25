"""A stable site with every measure of health that is judged, as numbers by day."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

GOALS = (0.03, 0.01, 0.002)
"""Conversions of each goal, by landing."""
PARTS: dict[str, tuple[str, float]] = {
    "behavioural_coverage": ("conversions", 0.7),
    "direct_only_rate": ("conversions", 0.2),
    "no_touch_rate": ("conversions", 0.1),
    "cut_path_rate": ("conversions", 0.01),
    "repeated_conversion_rate": ("conversions", 0.05),
    "direct_landing_rate": ("landings", 0.35),
    "referred_visit_rate": ("landings", 0.3),
    "unidentified_visit_rate": ("landings", 0.01),
    "unresolved_visit_rate": ("landings", 0.9),
    "claimed_visit_rate": ("landings", 0.02),
    "several_browsers_rate": ("landings", 0.03),
    "further_browsers_rate": ("landings", 0.05),
    "merged_browsers_rate": ("landings", 0.1),
    "passed_browsers_rate": ("landings", 0.005),
    "crowded_browsers_rate": ("landings", 0.002),
    "click_id_capture_rate": ("paid", 0.95),
    "named_click_rate": ("paid", 0.85),
}
"""By measure: of what it is a share, and its rate."""
_PAID = 0.3


def volumes_and_rates(
    rng: np.random.Generator, landings: NDArray[np.float64], sites: int
) -> tuple[list[Counts], dict[str, tuple[Counts, Counts]]]:
    """The volumes of landings and goals, and each rate's numerators and denominators; shape ``(sites, n)`` each.

    The first three measures add up to one, as they do of conversions.

    :param landings: shape ``(n,)``: how many there are a day, on average.
    """
    landed = rng.poisson(landings, (sites, len(landings)))
    won = [rng.binomial(landed, share) for share in GOALS]
    sizes = {"landings": landed, "conversions": np.sum(won, axis=0), "paid": rng.binomial(landed, _PAID)}
    rates = {measure: (rng.binomial(sizes[of], rate), sizes[of]) for measure, (of, rate) in PARTS.items()}
    covered, total = rates["behavioural_coverage"]
    direct_only = rng.binomial(total - covered, 2 / 3)
    rates["direct_only_rate"] = direct_only, total
    rates["no_touch_rate"] = total - covered - direct_only, total
    return [landed, *won], rates
