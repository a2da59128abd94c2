"""How often looks decide a claim, and after how many repetitions: exact, by the law of the counts.

Prints a table. The claim is that more than one half of all repetitions are so; beside it, one test
at 5 % of as many repetitions as a single look has.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from rknet.study.sequential import LOOKS, futile_above, nominal_levels
from rknet.study.statistics import ALPHA

#: The shares of all repetitions that are as the claim says.
SHARES = (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def main() -> None:
    """Print the table."""
    print(pd.DataFrame([row(chance) for chance in SHARES]).to_markdown(index=False, floatfmt=".1%"))


def row(chance: float) -> dict[str, object]:
    """What happens if a repetition is so with this probability."""
    ends = dict.fromkeys(("supported", "contradicted", "futile"), 0.0)
    law, before, used = np.array([1.0]), 0, 0.0
    for repetitions, level, limit in zip(LOOKS, nominal_levels(), futile_above(), strict=True):
        added = stats.binom.pmf(np.arange(repetitions - before + 1), repetitions - before, chance)
        law, before = np.convolve(law, added), repetitions
        hits = np.arange(repetitions + 1)
        p_for, p_against = (
            stats.binom.sf(hits - 1, repetitions, 0.5),
            stats.binom.cdf(hits, repetitions, 0.5),
        )
        finished = {
            "supported": p_for <= level,
            "contradicted": p_against <= level,
            "futile": np.minimum(p_for, p_against) > limit,
        }
        for verdict, where in finished.items():
            ends[verdict] += law[where].sum()
            used += repetitions * law[where].sum()
            law = np.where(where, 0.0, law)
    singles = {f"one test of {n}": one_test(chance, n) for n in LOOKS}
    return {
        "share that is so": chance,
        **ends,
        "open at 64": law.sum(),
        "repetitions": f"{used + 64 * law.sum():.0f}",
        **singles,
    }


def one_test(chance: float, repetitions: int) -> float:
    """The probability that a single test at 5 % supports the claim."""
    hits = np.arange(repetitions + 1)
    significant = stats.binom.sf(hits - 1, repetitions, 0.5) <= ALPHA
    return float(stats.binom.pmf(hits, repetitions, chance)[significant].sum())


if __name__ == "__main__":
    main()
