"""Runge–Kutta networks with feature space augmentation, after Giesecke and Kröner.

The library behind the workflow; every module is importable on its own, and none imports
PyTorch or Numba unless it trains.
"""

__version__ = "0.1.0"
