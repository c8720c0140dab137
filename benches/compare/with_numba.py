"""Kernels in Numba."""

import numpy as np
from numba import njit

from problems import COUNTS, MISSING, OBSERVED, data, measure

rng = np.random.default_rng(1)


@njit
def simulations(rng, items, mean, sd):
    accepted = 0
    for _ in range(items):
        mu, sigma = rng.normal(0, 10), rng.uniform(0, 20)
        x = rng.normal(mu, sigma, 50)
        accepted += abs(x.mean() - mean) < 0.2 and abs(x.std() - sd) < 0.8
    return accepted


@njit
def bivariate(rng, items):
    y = total = 0.0
    for _ in range(items):
        x = rng.gamma(3, 1 / (y * y + 4))
        y = rng.normal(1 / (1 + x), 1 / np.sqrt(2 * (1 + x)))
        total += x
    return total


@njit
def disaster(rng, items, counts, missing):
    n = len(counts)
    weights = np.empty(n)
    early, late, total = 3.0, 1.0, 0.0
    for _ in range(items):
        ratio, difference, up_to_here = np.log(early / late), early - late, 0.0
        for place in range(n):
            up_to_here += counts[place]
            weights[place] = up_to_here * ratio - (place + 1) * difference
        largest, cumulative = weights.max(), 0.0
        for place in range(n):
            cumulative += np.exp(weights[place] - largest)
            weights[place] = cumulative
        first = np.searchsorted(weights, cumulative * rng.random()) + 1
        early = rng.gamma(1 + counts[:first].sum(), 1 / (1 + first))
        late = rng.gamma(1 + counts[first:].sum(), 1 / (1 + n - first))
        for place in missing:
            counts[place] = rng.poisson(early if place < first else late)
        total += early
    return total


@njit
def resamples(rng, items, values):
    total, rows = 0.0, len(values)
    for _ in range(items):
        replicate = 0.0
        for _ in range(rows):
            replicate += values[int(rng.random() * rows)]  # rng.integers takes eight times as long
        total += replicate / rows
    return total


def begin(kernel, *arguments):
    return lambda: lambda items: (kernel(rng, items, *arguments), items)


if __name__ == "__main__":
    measure({
        "simulation": begin(simulations, OBSERVED.mean(), OBSERVED.std()),
        "bivariate": begin(bivariate),
        "disaster": begin(disaster, np.where(np.isnan(COUNTS), 1.0, COUNTS), MISSING),
        "mean25": begin(resamples, data(25)),
        "mean1e6": begin(resamples, data(1_000_000)),
    })
