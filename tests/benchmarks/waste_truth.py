"""How often ``tl.find_waste`` is right, on invented accounts whose truth is known, and the usual rules with it.

    python -m tests.benchmarks.waste_truth [ACCOUNTS [FIRST_SEED]]

Each line is one shape of account (see ``tests/waste/accounts.py``), 200 units × 30 days with conversion lag: the share
of good units that are found, the share of those found that are really over target, the share of the units at twice the
target that are found, and the money called wasted by what is really wasted (mean over accounts).

*True prior* is the judge that nobody can be: it knows how the costs of an account's units are spread. It finds what has
a probability of 0.9 or more, or the likeliest of these, as long as 1 % of the good units at most are expected among
them. More than that cannot be told from the counts. It is printed where conversions are plain Poisson counts.
"""

import sys

from tests.waste import measures
from tests.waste.accounts import HARD_SHAPES, SHAPES, account
from tests.waste.measures import scored

RULES = {
    "find_waste, target 50": measures.with_target,
    "true prior, 1 % of good": measures.with_true_prior_and_few_good,
    "true prior, 0.9": measures.with_true_prior,
    "find_waste, no target": measures.without_target,
    "days without conversions": measures.days_without_conversions,
    "cost above target": measures.cost_above_target,
}
_IDEAL = {measures.with_true_prior, measures.with_true_prior_and_few_good}


def main(accounts: int = 40, first_seed: int = 1000) -> None:
    """Print one table per rule."""
    for rule, judge in RULES.items():
        print(f"\n{rule:27} good found  precision  recall at 2×  money by truth  unsaid")
        for name, shape in (SHAPES | HARD_SHAPES).items():
            if judge in _IDEAL and not shape.is_plain:
                continue
            score = scored(judge, (account(shape, seed) for seed in range(first_seed, first_seed + accounts)))
            print(
                f"{name:27} {score.good_found:9.2%}  {score.precision:9.3f}  {score.recall:12.2f}"
                f"  {score.money:14.2f}  {score.unsaid:6.0%}"
            )


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:]))
