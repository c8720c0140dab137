"""Simulations in NumPy, a thousand at a time."""

import numpy as np

from problems import OBSERVED, measure

TOGETHER = 1000


def accepted(rng):
    """Those parameters of a thousand simulations that are accepted."""
    mu, sigma = rng.normal(0, 10, TOGETHER), rng.uniform(0, 20, TOGETHER)
    x = rng.standard_normal((TOGETHER, len(OBSERVED))) * sigma[:, None] + mu[:, None]
    near = (abs(x.mean(axis=1) - OBSERVED.mean()) < 0.2) & (abs(x.std(axis=1) - OBSERVED.std()) < 0.8)
    return np.column_stack([mu[near], sigma[near]])


def simulation():
    rng = np.random.default_rng(1)

    def run(items):
        times = -(-items // TOGETHER)
        return sum(len(accepted(rng)) for _ in range(times)), times * TOGETHER

    return run


if __name__ == "__main__":
    measure({"simulation": simulation})
