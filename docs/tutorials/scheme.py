"""A scheme of your own: Nyström's of order three, checked, and trained with."""

# %% [markdown]
# # A scheme of your own
#
# Any Butcher tableau makes a network. This takes an explicit one that the library does not name,
# Nyström's scheme of order three, checks it, and trains with it.
#
# The script is `docs/tutorials/scheme.py`.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

import rknet
from rknet.networks.runge_kutta import RungeKutta
from rknet.paper.section3 import commutation_error

nystrom = rknet.ButcherTableau(
    A=[[0, 0, 0], ["2/3", 0, 0], [0, "2/3", 0]],
    beta=["1/4", "3/8", "3/8"],
    c=[0, "2/3", "2/3"],
)
print(nystrom.stages, "stages, order", nystrom.order)

# %% [markdown]
# Its order can also be measured: on y' = y, halving the step divides the error by 2 to the order.

# %%
steps = 2 ** np.arange(2, 9)
schemes = {"euler": rknet.SCHEMES["euler"], "nystrom": nystrom, "rk4": rknet.SCHEMES["rk4"]}
figure, axes = plt.subplots(figsize=(5, 3.4), layout="constrained")
for name, tableau in schemes.items():
    layer, errors = RungeKutta(tableau), []
    for n in steps:
        y = 1.0
        for _ in range(n):
            y = layer.step(lambda y: y, y, 1 / n)
        errors.append(abs(y - np.e))
    axes.loglog(1 / steps, errors, marker="o", label=f"{name}, order {tableau.order}")
    print(f"{name}: errors fall by 2 to the power {np.log2(errors[-2] / errors[-1]):.2f}")
axes.set(xlabel="step size h", ylabel="error at t = 1")
axes.legend()
figure.savefig("scheme.png", dpi=120)

# %% [markdown]
# The adjoint scheme (3.23) goes with it. The gradient that it gives is the exact gradient of the
# discrete problem, up to rounding:

# %%
print(f"off by {commutation_error(nystrom, nystrom.adjoint()):.0e}, relative to the gradient")

# %% [markdown]
# So the compiled engine trains it as any other:

# %%
data = rknet.draw("spiral", seed=0)
torch.manual_seed(0)
network = rknet.RungeKuttaNet(nystrom, 2, 16, 20, 2)  # scheme, dimension, width, depth, classes
history = rknet.fit(network, data, epochs=40)
print(f"{history.epochs[-1].validation_accuracy_percent:.1f} % of the validation points are right")

# %% [markdown]
# In the workflow, the scheme gets a name, and is compared with others over many repetitions: [A
# scheme of your own](../own/scheme.md).
