"""Kernels in NumPy."""

import numpy as np

from problems import COUNTS, MISSING, OBSERVED, data, measure

rng = np.random.default_rng(1)


def normal():
    values = np.empty(4096)

    def run(items):
        for _ in range(-(-items // len(values))):
            rng.standard_normal(out=values)
        return (values**2).sum(), len(values)

    return run


def simulation():
    mean, sd = OBSERVED.mean(), OBSERVED.std()

    def run(items):
        accepted = 0
        for _ in range(items):
            mu, sigma = rng.normal(0, 10), rng.uniform(0, 20)
            x = rng.normal(mu, sigma, 50)
            accepted += abs(x.mean() - mean) < 0.2 and abs(x.std() - sd) < 0.8
        return accepted, items

    return run


def bivariate():
    def run(items):
        y = total = 0.0
        for _ in range(items):
            x = rng.gamma(3, 1 / (y * y + 4))
            y = rng.normal(1 / (1 + x), 1 / (2 * (1 + x)) ** 0.5)
            total += x
        return total, items

    return run


def disaster():
    counts = COUNTS.copy()
    counts[MISSING] = 1
    places = np.arange(1, len(counts) + 1)

    def run(items):
        early, late, total = 3.0, 1.0, 0.0
        for _ in range(items):
            weights = counts.cumsum() * np.log(early / late) - places * (early - late)
            cumulative = np.exp(weights - weights.max()).cumsum()
            first = np.searchsorted(cumulative, cumulative[-1] * rng.random()) + 1
            early = rng.gamma(1 + counts[:first].sum(), 1 / (1 + first))
            late = rng.gamma(1 + counts[first:].sum(), 1 / (1 + len(counts) - first))
            counts[MISSING] = rng.poisson(np.where(MISSING < first, early, late))
            total += early
        return total, items

    return run


def resamples(rows, together):
    """So many replicates in one go."""
    values = data(rows)

    def run(items):
        total, times = 0.0, -(-items // together)
        for _ in range(times):
            total += values[rng.integers(0, rows, (together, rows))].mean(axis=1).sum()
        return total, times * together

    return run


if __name__ == "__main__":
    measure({
        "normal": normal,
        "simulation": simulation,
        "bivariate": bivariate,
        "disaster": disaster,
        "mean25": lambda: resamples(25, 1000),
        "mean1e6": lambda: resamples(1_000_000, 1),
    })
