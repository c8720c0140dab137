"""The bootstrap by SciPy. A call also makes an interval; with so many replicates that hardly counts."""

import numpy as np
from scipy.stats import bootstrap

from problems import data, measure


def resamples(rows, together):
    values, rng = data(rows), np.random.default_rng(1)

    def run(items):
        done = bootstrap((values,), np.mean, n_resamples=items, batch=together, method="percentile", rng=rng)
        return done.bootstrap_distribution.sum(), items

    return run


if __name__ == "__main__":
    measure({"mean25": lambda: resamples(25, 1000), "mean1e6": lambda: resamples(1_000_000, 1)})
