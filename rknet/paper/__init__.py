"""Giesecke and Kröner, Runge–Kutta networks with feature space augmentation: all that is theirs."""
