"""The meaning that is given here to the paper's sentences: a file for each section that has any."""

from __future__ import annotations

from rknet.study.statistics import ALPHA, POWER

#: For readers: words that occur in many verdicts. How single sentences are read is in the files
#: beside this one, and shown with their verdicts.
DEFINITIONS = {
    "supported": f"the hypothesis that the claim is false is rejected at the level {ALPHA}",
    "contradicted": f"the hypothesis that the claim is true is rejected at the level {ALPHA}",
    "undecided": "neither is rejected",
    "not run": "no run of it is there; it does not count as tested",
    "claim in parts": "supported if every part is; contradicted if a part is, at the level "
    f"{ALPHA} divided by the number of parts (its p is shown times that number); not run if no "
    "part is; else undecided",
    "repetition": "a seed: it has one value in a test, however many networks and depths it has",
    "exact binomial test": "how many repetitions are so, against a share; its level holds for "
    "values of any distribution, also if some runs get stuck",
    "each of several": "all must be so (an intersection–union test); that one is not is shown by "
    "the smallest p times their number",
    "accuracy, cost": "of the last epoch, on the validation points unless stated; runs that "
    "diverged are counted, and enter no test",
    "difference": "paired by seed: networks of a seed see the same points; those of the same width "
    "and depth also start from the same parameters, so what is said of their likeness compares "
    "different seeds",
    "differences of repetitions": "of the seeds 0 and 1, 2 and 3 and so on: each is used once",
    "[low, high]": f"{1 - 2 * ALPHA:.0%} interval, whose ends the one-sided tests at {ALPHA} see",
    "reach": f"the smallest effect that so many repetitions find in {POWER:.0%} of cases",
    "printed": "whether the paper's own numbers meet the same reading, where they suffice; they "
    "are means of four runs",
    "epochs to converge": "the first epoch at which the validation accuracy is no more than one "
    "percentage point below the mean of the last five epochs",
    "layers needed": "the place in the grid of depths of the first whose accuracy reaches 87 %; "
    "one past the last if none does",
    "contracted": "the mean distance ‖y − ȳ‖ of validation points from their mean is less than a "
    "tenth of that at the input layer. Not ‖y‖: the logistic function maps to (0, 1)",
    "added dimensions": "those at right angles to the span of the lifted inputs, with either lift",
    "Fisher ratio": "the scatter of the classes' means over that within classes, as traces, of "
    "features of validation points",
    "longer than straight": "the mean length of the features' paths from layer to layer, over the "
    "mean distance from their start to their end, less 1",
    "CKA": "linear centred kernel alignment of the features of two networks in the output layer, "
    "at the same validation points: 1 if they differ in place, size and direction alone",
    "disagree": "predict another class, on a grid over the middle 98 % of the data on each axis",
    "nearby output features": "the nearest tenth around each of a hundred",
}
