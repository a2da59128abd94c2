"""The paper by Giesecke and Kröner: Runge–Kutta networks with feature space augmentation."""
