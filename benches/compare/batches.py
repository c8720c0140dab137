"""Batches of simulations of `abc`'s main problem, as processes, engines or ranks make them: numbered, each with a
generator of its own. Gives those parameters that are accepted."""

import numpy as np

from problems import OBSERVED
from with_numpy_vectorised import TOGETHER, accepted

BATCH = 2000


def batch(number):
    rng = np.random.default_rng(number)
    mean, sd = OBSERVED.mean(), OBSERVED.std()
    found = []
    for _ in range(BATCH):
        mu, sigma = rng.normal(0, 10), rng.uniform(0, 20)
        x = rng.normal(mu, sigma, 50)
        if abs(x.mean() - mean) < 0.2 and abs(x.std() - sd) < 0.8:
            found.append((mu, sigma))
    return found


def vectorised_batch(number):
    rng = np.random.default_rng(number)
    return [theta for _ in range(BATCH // TOGETHER) for theta in accepted(rng)]
