"""The meaning that is given here to the paper's words."""

from __future__ import annotations

from rknet.study.statistics import ALPHA

#: "Equally well", "very similar", "no significant difference", "not changing much": percentage
#: points. The standard error of an accuracy of 90 % on 1500 points is 0.8.
EQUALLY_WELL = 1.0
#: "Negligible gap", "without overfitting": percentage points of training less validation.
NEGLIGIBLE_GAP = 1.0
#: "Roughly 90 %": percent.
ROUGHLY_90 = (87.0, 93.0)
#: "Above 99 %", "never exceeds 80 %": percent, as stated.
ABOVE, NEVER_EXCEEDS = 99.0, 80.0
#: "Nearly perfectly": percent.
NEARLY_PERFECT = 98.0
#: "Drops down": percentage points.
DROP = 10.0
#: "No better than random": percentage points above the share of the larger class. Three give the
#: test of one run on 1500 points (standard error 1.3) the power to tell.
RANDOM_MARGIN = 3.0
#: "Small" standard deviation over repetitions: percentage points. 1500 points drawn afresh give
#: 1.1 by themselves at an accuracy of 75 %.
SMALL_SPREAD = 2.0
#: "Shallow" models: layers, at most.
SHALLOW = 5
#: "Converged": percentage points below the mean of the last `LAST_EPOCHS` epochs, at most.
CONVERGED_WITHIN = 1.0
LAST_EPOCHS = 5
#: "Only five epochs".
FIVE_EPOCHS = 5
#: "Converge alike": epochs, at most; "clearly more": epochs, at least.
ALIKE_EPOCHS = 2
#: "After about 6 epochs": the epochs whose mean is compared.
CATCHING_UP = (7, 10)
#: The epochs that Figures 11 and 12 show.
SHOWN_EPOCHS = 14
#: "Contracted": spread of the features relative to the input layer's.
CONTRACTED = 0.1
#: "About five percentage points" and "more than 15": how far StandardNet is behind.
ABOUT_FIVE, MORE_THAN_15 = (3.0, 7.0), 15.0
#: "Very similar", of image classification: percentage points. The paper calls 77.62 and 79.13 so.
ALIKE_ON_IMAGES = 2.0
#: The epochs that Figures 17 and 18 show.
SHOWN_IMAGE_EPOCHS = 25

#: For readers: the paper's words, and what is tested for each.
DEFINITIONS = {
    "supported": f"the hypothesis that the claim is false is rejected at the level {ALPHA}",
    "contradicted": f"the hypothesis that the claim is true is rejected at the level {ALPHA}",
    "claim in parts": "supported if every part is; contradicted if a part is, at the level "
    f"{ALPHA} divided by the number of parts (its p is shown times that number); else undecided",
    "accuracy, cost": "of the last epoch, on the validation points unless stated; runs that "
    "diverged are counted, and enter no mean",
    "difference": "paired by seed: networks of a seed see the same points; those of the same "
    "width and depth also start from the same parameters",
    "over all depths, datasets, networks, losses or optimisers": "the differences of these cells "
    "are one sample, each taken as independent of the others, from two seeds at least",
    "[low, high]": f"{100 - 200 * ALPHA:.0f} % interval, whose ends the one-sided tests at "
    f"{ALPHA} see",
    "equally well, very similar, no significant difference, not changing much": "the mean "
    f"difference is within ±{EQUALLY_WELL:g} percentage point",
    "negligible gap, without overfitting": "training less validation accuracy is within "
    f"±{NEGLIGIBLE_GAP:g} percentage point, and below {NEGLIGIBLE_GAP:g}",
    "roughly 90 %": f"{ROUGHLY_90[0]:g} to {ROUGHLY_90[1]:g} %",
    "nearly perfectly": f"more than {NEARLY_PERFECT:g} %",
    "drops down": f"by more than {DROP:g} percentage points",
    "no better than random": "a run's share of correct points exceeds the share of the larger "
    f"class by less than {RANDOM_MARGIN:g} percentage points",
    "small standard deviation": f"below {SMALL_SPREAD:g} percentage points",
    "shallow": f"at most {SHALLOW} layers",
    "best over all depths": "the highest accuracy that a network reaches at any depth, in each "
    "repetition",
    "above 99 % from about L = 10": "more than half of the runs with L ≥ 10 are",
    "epochs to converge": "the first epoch at which the validation accuracy is no more than "
    f"{CONVERGED_WITHIN:g} percentage point below the mean of the last {LAST_EPOCHS} epochs",
    "converge alike": f"epochs to converge differ by less than {ALIKE_EPOCHS}; clearly more: by "
    f"more than {ALIKE_EPOCHS}",
    "catch up after about 6 epochs": "the mean accuracy over the epochs "
    f"{CATCHING_UP[0]} to {CATCHING_UP[1]} is within ±{EQUALLY_WELL:g} percentage point of "
    "EulerNet's",
    "within the spread of repetitions": "the mean difference is within ± one standard deviation "
    "over repetitions, pooled over the networks of each dataset",
    "layers needed": "the place in the grid of depths of the first whose accuracy reaches "
    f"{ROUGHLY_90[0]:g} %; one past the last if none does",
    "contracted": "the mean distance ‖y − ȳ‖ of validation points from their mean is less than "
    f"{CONTRACTED:g} of that at the input layer. Not ‖y‖: the logistic function maps to (0, 1)",
    "about 10 % (deep StandardNet)": f"within {RANDOM_MARGIN:g} percentage points of it",
    "about five points": f"{ABOUT_FIVE[0]:g} to {ABOUT_FIVE[1]:g}",
    "very similar, of images": f"the mean difference is within ±{ALIKE_ON_IMAGES:g} percentage "
    "points; the paper calls 77.62 and 79.13 very similar",
    "significant gap (images)": f"training less validation accuracy is above {NEGLIGIBLE_GAP:g} "
    "percentage point",
    "larger standard deviation": "the distances of repetitions from their mean are larger "
    "(Levene's test)",
    "more smoothly": "an epoch's validation accuracy is nearer to the middle of the epochs before "
    f"and after it, over the epochs 1 to {SHOWN_IMAGE_EPOCHS}",
    "rounding": "runs that agree exactly are taken to differ as rounding makes them: accuracies "
    "by one of 1500 points, costs by 0.001, epochs and layers by one",
}
